"""Protect a group with TaskFlow, over the same calls that vnfdr makes."""

import uuid
from concurrent.futures import ThreadPoolExecutor

from taskflow import engines, task
from taskflow.flow import Flow
from taskflow.patterns import linear_flow, unordered_flow

from tests.bench.meter import MeteredQuiesce, MeteredSnapshots
from tests.bench.ways import Done, Go, Job, look_until
from vnfdr.cloud import POINT
from vnfdr.model import Guest
from vnfdr.recipes.protect import SNAPSHOTS_AT_ONCE

FREEZE_SECONDS_MAX = 10.0


def by_taskflow(job: Job) -> Go:
    """Build the flow, and let TaskFlow's parallel engine run it."""
    backend = MeteredQuiesce(job.site, job.meter)
    snapshots = MeteredSnapshots(job.site.cinder, job.meter)
    guests = {m.name: Guest(m.server_id, m.name, m.door) for m in job.members}
    for guest in guests.values():
        backend.prepare(guest, timeout_seconds=FREEZE_SECONDS_MAX, lease_seconds=60)
    point = uuid.uuid4().hex
    whole = linear_flow.Flow("protect")
    for tier in job.tiers:
        whole.add(_side_by_side([Freeze(backend, guests[m.name]) for m in tier]))
    volumes = [volume_id for m in job.members for volume_id in m.volume_ids]
    whole.add(_side_by_side([Snapshot(snapshots, point, v) for v in volumes]))
    whole.add(Available(snapshots, point, len(volumes)))
    for tier in reversed(job.tiers):
        whole.add(_side_by_side([Thaw(backend, guests[m.name]) for m in tier]))

    def go() -> Done:
        threads = max(SNAPSHOTS_AT_ONCE, *map(len, job.tiers))
        job.site.warm(SNAPSHOTS_AT_ONCE)
        # Its own threads would be waited for, for a second after the last task.
        with ThreadPoolExecutor(threads) as pool:
            engines.run(whole, engine="parallel", executor=pool)
        return Done()

    return go


def _side_by_side(tasks: list[task.Task]) -> Flow:
    flow = unordered_flow.Flow(f"{len(tasks)} from {tasks[0].name}")
    return flow.add(*tasks)


class Freeze(task.Task):
    """Freezes one guest, and thaws it when the flow fails."""

    def __init__(self, backend: MeteredQuiesce, guest: Guest) -> None:
        super().__init__(f"freeze {guest.name}")
        self.backend, self.guest = backend, guest

    def execute(self) -> int:
        return self.backend.freeze(self.guest)

    def revert(self, **_: object) -> None:
        self.backend.thaw(self.guest)


class Snapshot(task.Task):
    """Requests one snapshot, and deletes it when the flow fails."""

    def __init__(self, snapshots: MeteredSnapshots, point: str, volume_id: str) -> None:
        super().__init__(f"snapshot {volume_id}")
        self.snapshots, self.point, self.volume_id = snapshots, point, volume_id

    def execute(self) -> str:
        return self.snapshots.request(
            self.volume_id, tag=self.tag, metadata={POINT: self.point}
        )

    def revert(self, **_: object) -> None:
        found = self.snapshots.find(self.tag)
        if found is not None:
            self.snapshots.delete(found.id)

    @property
    def tag(self) -> str:
        """What it is found by."""
        return f"{self.point}:{self.volume_id}"


class Available(task.Task):
    """Waits until all snapshots are available."""

    def __init__(self, snapshots: MeteredSnapshots, point: str, count: int) -> None:
        super().__init__("available")
        self.snapshots, self.point, self.count = snapshots, point, count

    def execute(self) -> None:
        def look() -> bool:
            seen = [snapshot.status for snapshot in self.snapshots.look(self.point)]
            return seen.count("available") == self.count

        look_until(look)


class Thaw(task.Task):
    """Thaws one guest."""

    def __init__(self, backend: MeteredQuiesce, guest: Guest) -> None:
        super().__init__(f"thaw {guest.name}")
        self.backend, self.guest = backend, guest

    def execute(self) -> int:
        return self.backend.thaw(self.guest)
