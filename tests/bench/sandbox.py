"""The sandbox in a process of its own, so that the client's is measured alone.

It is the witness of every measurement: its guests keep the times for which they stood
still, whoever froze them, and its sites the calls that were made.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context
from multiprocessing.managers import BaseManager
from pathlib import Path

from attrs import frozen

import vnfdr
from tests.bench.latencies import VOLUMES_EACH
from vnfdr.openstack.site import OpenStackSite
from vnfdr.sandbox import Latency, two_sites
from vnfdr.sandbox.guest import Still

NANOSECONDS = 10**9
KIB_PER_MIB = 1024
PEAK = "VmHWM:"


@frozen
class Member:
    """One server of the group."""

    name: str
    server_id: str
    volume_ids: tuple[str, ...]
    door: str
    """The URL at which its guest is frozen and thawed."""


@frozen
class Witnessed:
    """What the sandbox saw since it was last cleared.

    Args:
        window_seconds: from when the first guest stood still to when the last did not.
        worst_seconds: how long the guest stood still that was worst off.
        mean_seconds: how long a guest stood still, on average.
        calls: how often each call was made, from the first freeze to the last thaw.
    """

    window_seconds: float
    worst_seconds: float
    mean_seconds: float
    calls: Counter[str]


class Keeper:
    """Keeps a sandbox with servers that work; it lives in the sandbox's process."""

    def __init__(self, latency: Latency, servers: int) -> None:
        began = time.perf_counter()
        self._stack = ExitStack()
        self._sites = self._stack.enter_context(two_sites(latency=latency))
        for number in range(servers):
            self._sites.a.add_server(f"member-{number + 1}", volumes=VOLUMES_EACH)
        self._started_seconds = time.perf_counter() - began

    def members(self) -> tuple[Member, ...]:
        """Return the servers."""
        site = self._sites.a
        return tuple(
            Member(
                server.name,
                server.id,
                tuple(attached.volume_id for attached in server.attachments),
                f"{site.url}/control/guests/{server.id}",
            )
            for server in site.servers.values()
        )

    def clouds_yaml(self) -> Path:
        """Return the file by which clients find it."""
        return self._sites.clouds_yaml

    def set_latency(self, latency: Latency) -> None:
        """Be so slow from now on."""
        self._sites.a.latency = latency

    def clear(self) -> None:
        """Remove all snapshots, and forget what was seen."""
        site = self._sites.a
        while site.snapshots:
            _, snapshot = site.snapshots.popitem()
            if snapshot.image is not None:
                site.disks.delete(snapshot.image)
        site.faults.calls.clear()
        for server in site.servers.values():
            server.guest.stills.clear()

    def witnessed(self) -> Witnessed:
        """Tell what was seen of the guests, each of which stood still once."""
        stills = self.stills()
        ends = [still.ended_ns or time.time_ns() for still in stills]
        seconds = [
            (end - still.began_ns) / NANOSECONDS
            for end, still in zip(ends, stills, strict=True)
        ]
        window_ns = max(ends) - min(still.began_ns for still in stills)
        return Witnessed(
            window_ns / NANOSECONDS,
            max(seconds),
            sum(seconds) / len(seconds),
            _in_the_window(list(self._sites.a.faults.calls)),
        )

    def frozen(self) -> tuple[str, ...]:
        """Return the names of the guests that stand still now."""
        return tuple(self._sites.a.frozen)

    def stills(self) -> tuple[Still, ...]:
        """Return when guests stood still since they were last cleared."""
        servers = self._sites.a.servers.values()
        return tuple(still for server in servers for still in server.guest.stills)

    def is_consistent(self) -> bool:
        """Tell whether the bytes of all snapshots are one moment of all guests."""
        site = self._sites.a
        taken = {s.volume_id: s.image for s in site.snapshots.values() if s.image}
        whole = len(taken) == VOLUMES_EACH * len(site.servers)
        return whole and site.judge(taken).consistent

    def cost(self) -> tuple[float, float]:
        """Return how long it took to start, and the most memory it had, in MiB."""
        return self._started_seconds, peak_mib()

    def close(self) -> None:
        """Stop it, and remove what it left on the disk."""
        self._stack.close()


def peak_mib() -> float:
    """Return the most memory that this process had since it began, in MiB."""
    # Not from getrusage, which begins with the peak of the process that forked it.
    lines = Path("/proc/self/status").read_text().splitlines()
    peak = next(line for line in lines if line.startswith(PEAK))
    return int(peak.split()[1]) / KIB_PER_MIB


def _in_the_window(calls: list[str]) -> Counter[str]:
    first = calls.index("freeze guest")
    last = len(calls) - calls[::-1].index("thaw guest")
    return Counter(calls[first:last])


class _Manager(BaseManager):
    """Runs a keeper in another process; every method of it is a call."""


_Manager.register("Keeper", Keeper)


@contextmanager
def sandbox(latency: Latency, servers: int) -> Iterator[Keeper]:
    """Yield the keeper of a sandbox in a new process, which ends with the block."""
    with _Manager(ctx=get_context("spawn")) as manager:
        keeper: Keeper = manager.Keeper(latency, servers)  # type: ignore[attr-defined]  # because: registered by name
        try:
            yield keeper
        finally:
            keeper.close()


def connected(keeper: Keeper) -> OpenStackSite:
    """Connect to a sandbox as any user would."""
    os.environ["OS_CLIENT_CONFIG_FILE"] = str(keeper.clouds_yaml())
    site = vnfdr.connect("site-a")
    assert isinstance(site, OpenStackSite)
    return site
