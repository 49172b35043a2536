"""How long guests stay frozen, by their own records: vnfdr and its alternatives.

Run from the repository's root, with the lab up:

    python -m tests.lab.bench_window [--rounds 5] [--json FILE] [--ways NAME ...]

All ways are tried in turn in every round, so that whatever else the machine does
meets each of them. What a round leaves behind is removed outside the timing.

A figure is the longest pause between two neighbouring records that a guest wrote
while it was being protected. Records come at a steady pace, which is printed: a
figure is longer than the freeze by up to that much, and for every way alike.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import attrs
import libvirt
from attrs import field, frozen
from openstack.connection import Connection

import vnfdr
from tests.bench.script import snapshot_one_by_one
from tests.lab import cloud, guests
from tests.lab.cloud import Member
from tests.lab.place import CLOUDS, connect, hypervisor, until
from tests.lab.records import NANOSECONDS, Record, last_number
from tests.lab.upkeep import remove_images, remove_snapshots
from vnfdr.model import Keep, Strategy

IMAGE_NAME = "bench-window"
TICK_SECONDS = 0.05


@frozen
class Bench:
    """The lab as the ways of protecting a group need it."""

    site: Connection
    domains: Mapping[str, libvirt.virDomain]
    """By the member's name."""


Way = Callable[[Bench, Sequence[Member]], None]


def by_vnfdr(bench: Bench, members: Sequence[Member]) -> None:
    """Let vnfdr take a recovery point of ``members``, and back up nothing."""
    site = vnfdr.connect("site-a")
    local = vnfdr.BackupPolicy(Strategy.NONE, keep=Keep.SNAPSHOTS)
    group = vnfdr.Group.of("bench", [member.name for member in members])
    plan = vnfdr.protect(site, attrs.evolve(group, backup=local))
    with tempfile.TemporaryDirectory() as journal:
        vnfdr.run(plan, site, journal=journal).raise_for_failure()


def by_nova(bench: Bench, members: Sequence[Member]) -> None:
    """Let Nova make an image of one server after another: no group consistency."""
    for member in members:
        bench.site.compute.create_server_image(member.server_id, IMAGE_NAME)
        # The answer comes while the guest is still frozen.
        until(lambda d=bench.domains[member.name]: _is_thawed(d), TICK_SECONDS)


def by_plain_script(bench: Bench, members: Sequence[Member]) -> None:
    """Do the steps one after another, with the waits that the SDK comes with."""
    with _frozen_by_libvirt(bench, members):
        snapshot_one_by_one(bench.site.block_storage, _volume_ids(members))


def by_bare_calls(bench: Bench, members: Sequence[Member]) -> None:
    """Do what must be done and nothing around it: the least there can be."""
    storage = bench.site.block_storage
    tag = {"bench": uuid.uuid4().hex}
    volume_ids = _volume_ids(members)

    def ask_for_snapshot(volume_id: str) -> None:
        wanted = {"volume_id": volume_id, "force": True, "metadata": tag}
        storage.post("/snapshots", json={"snapshot": wanted}).raise_for_status()

    def all_available() -> bool:
        answer = storage.get("/snapshots", params={"metadata": str(tag)})
        found = [s["status"] for s in answer.json()["snapshots"]]
        return found == ["available"] * len(volume_ids)

    with (
        ThreadPoolExecutor(len(volume_ids)) as pool,
        _frozen_by_libvirt(bench, members),
    ):
        list(pool.map(ask_for_snapshot, volume_ids))
        until(all_available, TICK_SECONDS)


@contextmanager
def _frozen_by_libvirt(bench: Bench, members: Sequence[Member]) -> Iterator[None]:
    for member in members:
        bench.domains[member.name].fsFreeze()
    try:
        yield
    finally:
        for member in reversed(members):
            bench.domains[member.name].fsThaw()


def _is_thawed(domain: libvirt.virDomain) -> bool:
    return guests.frozen_status(domain) == "thawed"


def _volume_ids(members: Sequence[Member]) -> list[str]:
    return [volume_id for member in members for volume_id in member.volume_ids]


@frozen
class Trial:
    """One way of protecting the group, or only its first server."""

    name: str
    way: Way
    servers: int = 3


TRIALS = (
    Trial("vnfdr", by_vnfdr),
    Trial("createImage", by_nova),
    Trial("plain script", by_plain_script),
    Trial("bare calls", by_bare_calls),
    Trial("vnfdr, one server", by_vnfdr, servers=1),
    Trial("createImage, one server", by_nova, servers=1),
)

RATIOS = (
    ("createImage", "vnfdr"),
    ("plain script", "vnfdr"),
    ("vnfdr", "bare calls"),
    ("createImage, one server", "vnfdr, one server"),
)


@frozen
class Figures:
    """What the guests saw of one trial, in all its rounds."""

    rounds_seconds: list[dict[str, float]] = field(factory=list)
    """The longest pause of each guest, by the member's name."""

    @property
    def median_seconds(self) -> dict[str, float]:
        """The median of each guest, in the order in which they are frozen."""
        return {
            name: statistics.median(one[name] for one in self.rounds_seconds)
            for name in self.rounds_seconds[0]
        }

    @property
    def worst_seconds(self) -> float:
        """The median of the guest which was worst off in each round."""
        return statistics.median(max(one.values()) for one in self.rounds_seconds)


def measure(
    bench: Bench, trial: Trial, members: Sequence[Member]
) -> dict[str, list[Record]]:
    """Try one way, and return what each guest recorded meanwhile."""
    chosen = members[: trial.servers]
    began = {m.name: _last(bench.domains[m.name]) for m in chosen}
    trial.way(bench, chosen)
    ended = {m.name: _last(bench.domains[m.name]) for m in chosen}
    seen = {}
    for name, domain in bench.domains.items():
        if name in began:
            # Two more, so that the pause which may still be on is seen to its end.
            until(lambda d=domain, e=ended[name]: _last(d) > e + 2)
            seen[name] = [
                r for r in guests.recent(domain, count=1000) if r.number >= began[name]
            ]
    return seen


def _last(domain: libvirt.virDomain) -> int:
    return last_number(guests.recent(domain, count=1))


def pauses(records: Sequence[Record]) -> list[float]:
    """Return the time between neighbouring records, in seconds."""
    return [(b.at_ns - a.at_ns) / NANOSECONDS for a, b in pairwise(records)]


def run(
    bench: Bench, members: Sequence[Member], trials: Sequence[Trial], rounds: int
) -> tuple[dict[str, Figures], float]:
    """Try everything ``rounds`` times; return figures and the records' usual pace."""
    figures = {trial.name: Figures() for trial in trials}
    usual = []
    for number in range(1, rounds + 1):
        for trial in trials:
            seen = measure(bench, trial, members)
            longest = {name: max(pauses(records)) for name, records in seen.items()}
            usual += (statistics.median(pauses(records)) for records in seen.values())
            figures[trial.name].rounds_seconds.append(longest)
            remove_images(bench.site, IMAGE_NAME)
            remove_snapshots(bench.site, _volume_ids(members))
            shown = " / ".join(f"{s:.2f}" for s in longest.values())
            say(f"round {number}: {trial.name}: {shown}")
    return figures, statistics.median(usual)


def ratios(figures: Mapping[str, Figures]) -> dict[str, float]:
    """Compare the guests that were worst off."""
    return {
        f"{one} : {other}": figures[one].worst_seconds / figures[other].worst_seconds
        for one, other in RATIOS
        if {one, other} <= figures.keys()
    }


def report(figures: Mapping[str, Figures], pace_seconds: float) -> None:
    """Print the table, the ratios, and how far to trust them."""
    say("\nLongest pause of each guest, medians, seconds, first frozen first:\n")
    say(f"{'way':26}{'per guest':24}{'worst guest':>12}")
    for name, figure in figures.items():
        each = " / ".join(f"{s:.2f}" for s in figure.median_seconds.values())
        say(f"{name:26}{each:24}{figure.worst_seconds:12.2f}")
    say("")
    for name, ratio in ratios(figures).items():
        say(f"{name:52}{ratio:10.2f}")
    say(f"\nRecords came every {pace_seconds:.3f} s: pauses are up to that too long.")


def as_json(figures: Mapping[str, Figures], pace_seconds: float) -> str:
    """Write everything down for a machine."""
    ways = {
        name: {
            "median_seconds": figure.median_seconds,
            "worst_seconds": figure.worst_seconds,
            "rounds_seconds": figure.rounds_seconds,
        }
        for name, figure in figures.items()
    }
    whole = {
        "resolution_seconds": pace_seconds,
        "ways": ways,
        "ratios": ratios(figures),
    }
    return json.dumps(whole, indent=2)


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Measure, and report."""
    names = [trial.name for trial in TRIALS]
    parser = argparse.ArgumentParser(description="How long guests stay frozen.")
    parser.add_argument("--rounds", type=int, default=5, help="how often (5)")
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    parser.add_argument("--ways", nargs="+", choices=names, default=names)
    wanted = parser.parse_args()
    os.environ["OS_CLIENT_CONFIG_FILE"] = str(CLOUDS)
    site = connect("site-a")
    members = cloud.group(site)
    trials = [trial for trial in TRIALS if trial.name in wanted.ways]
    with hypervisor("site-a") as connection:
        domains = {m.name: guests.domain_of(connection, m.server_id) for m in members}
        try:
            bench = Bench(site, domains)
            figures, pace_seconds = run(bench, members, trials, wanted.rounds)
        finally:
            guests.thaw_everything(domains.values())
    report(figures, pace_seconds)
    if wanted.json:
        wanted.json.write_text(as_json(figures, pace_seconds))


if __name__ == "__main__":
    main()
