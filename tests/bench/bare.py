"""Protect a group with the calls that it takes, and nothing around them.

Requests are put together before, connections are open, and of an answer no more is
read than must be. Nothing is journalled, nothing is proven, and a failure leaves
guests frozen: it is there to be compared with.
"""

import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from urllib.parse import quote, urlsplit

from attrs import frozen

from tests.bench.sandbox import Member
from tests.bench.ways import Done, Go, Job, look_until
from tests.bench.wires import Prepared, Wires, all_of, opened
from vnfdr.openstack.api import CINDER_VERSION
from vnfdr.recipes.protect import SNAPSHOTS_AT_ONCE

NEVER = 10.0**10


def by_bare_calls(job: Job) -> Go:
    """Work the window as vnfdr does, as fast as the standard library can."""

    def go() -> Done:
        # Thawed early, any number of guests may go on at once.
        widest = len(job.members) if job.early_thaw else max(map(len, job.tiers))
        doors = urlsplit(job.members[0].door).netloc
        cinder, path, headers = _cinder(job)
        at_once = min(SNAPSHOTS_AT_ONCE, len(_volumes(job.members)))
        with ExitStack() as stack:
            loop = _Loop(
                job,
                _Requests.of(job, path),
                doors=stack.enter_context(opened(doors, widest)),
                cuts=stack.enter_context(opened(cinder, at_once, headers)),
                looks=stack.enter_context(opened(cinder, 1, headers)),
            )
            with job.meter.around():
                loop.work()
        return Done()

    return go


@frozen
class _Requests:
    """Every request that there will be."""

    freeze: Mapping[str, Prepared]
    thaw: Mapping[str, Prepared]
    snapshot: Mapping[str, Prepared]
    look: Prepared

    @classmethod
    def of(cls, job: Job, path: str) -> "_Requests":
        """Prepare them."""
        tag = {"bench": uuid.uuid4().hex}
        until = json.dumps({"until": NEVER}).encode()
        doors = {m.name: urlsplit(m.door).path for m in job.members}

        def snapshot(volume_id: str) -> Prepared:
            wanted = {"volume_id": volume_id, "force": True, "metadata": tag}
            body = json.dumps({"snapshot": wanted}).encode()
            return Prepared("POST", f"{path}/snapshots", body)

        return cls(
            {n: Prepared("POST", f"{door}/freeze", until) for n, door in doors.items()},
            {n: Prepared("POST", f"{door}/thaw", until) for n, door in doors.items()},
            {v: snapshot(v) for v in _volumes(job.members)},
            Prepared("GET", f"{path}/snapshots?metadata={quote(repr(tag))}"),
        )


@frozen
class _Loop:
    """One window."""

    job: Job
    requests: _Requests
    doors: Wires
    cuts: Wires
    looks: Wires

    def work(self) -> None:
        for tier in self.job.tiers:
            all_of([self.doors.ask(self.requests.freeze[m.name]) for m in tier])
        asked = [self.cuts.ask(request) for request in self.requests.snapshot.values()]
        if self.job.early_thaw:
            self.thaw_early()
            all_of(asked)
            return
        all_of(asked)
        self.until(lambda there: len(there) == len(asked))
        for tier in reversed(self.job.tiers):
            all_of([self.doors.ask(self.requests.thaw[m.name]) for m in tier])

    def thaw_early(self) -> None:
        """Thaw each guest as soon as its own snapshots are there."""
        waiting, thaws = list(self.job.members), []

        def all_thawed(there: set[str]) -> bool:
            for member in [m for m in waiting if there.issuperset(m.volume_ids)]:
                waiting.remove(member)
                thaws.append(self.doors.ask(self.requests.thaw[member.name]))
            return not waiting

        self.until(all_thawed)
        all_of(thaws)

    def until(self, enough: Callable[[set[str]], bool]) -> None:
        """Look until there are enough volumes whose snapshots are there."""

        def look() -> bool:
            self.job.meter.looks += 1
            seen = json.loads(self.looks.ask(self.requests.look).result())["snapshots"]
            return enough({s["volume_id"] for s in seen if s["status"] == "available"})

        look_until(look)


def _cinder(job: Job) -> tuple[str, str, dict[str, str]]:
    """Return where Cinder is, and what it wants to hear with each request."""
    adapter = job.site.cinder.adapter
    where = urlsplit(adapter.get_endpoint())
    headers = {
        **adapter.session.get_auth_headers(),
        "OpenStack-API-Version": f"volume {CINDER_VERSION}",
        "Content-Type": "application/json",
    }
    return where.netloc, where.path.rstrip("/"), headers


def _volumes(members: Iterable[Member]) -> list[str]:
    return [volume_id for member in members for volume_id in member.volume_ids]
