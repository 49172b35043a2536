"""The faults of the sandbox's calls, each in every phase, over real HTTP."""

import os
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

import vnfdr
from tests.matrix.cells import REFUSED, Cell, Phase
from tests.sandbox.promises import broken
from vnfdr.plan import Outcome
from vnfdr.sandbox import Effect, Fault, Latency, Site, two_sites

NANOSECONDS = 10**9
CONFIG = "OS_CLIENT_CONFIG_FILE"
ANSWER_SECONDS_MAX, DELAY_SECONDS = 3, 0.5
NAMES = ("db", "app")
GROUP = vnfdr.Group(
    "ims",
    tuple(
        (vnfdr.Member(name, "sandbox", freeze_timeout_seconds=3.0),) for name in NAMES
    ),
    hold_limit_seconds=6.0,
    lease_seconds=20.0,
)


@frozen
class Place:
    """A call of a run: its name, how many go well first, what brought the run there."""

    call: str
    skip: int = 0
    before: tuple[Fault, ...] = ()


FAILS_LATE = (Fault("create backup", Effect.ANSWER, status=400, times=None),)
PLACES: Mapping[Phase, Place] = {
    Phase.PREFLIGHT: Place("show volume"),
    Phase.PREPARE: Place("show guest", 2),
    Phase.FREEZE: Place("freeze guest", 1),
    Phase.SNAPSHOT: Place("create snapshot", 1),
    Phase.WAIT: Place("list snapshots", 3),
    Phase.THAW: Place("thaw guest"),
    Phase.VOLUMES: Place("create volume", 1),
    Phase.BACKUPS: Place("create backup", 1),
    Phase.TIDY: Place("delete snapshot", 1),
    Phase.UNDO: Place("delete volume", 0, FAILS_LATE),
}

RESUMED = "a run that is resumed makes the calls of the other phases"
NOT_ASKED = "guests are reached without a token here"
NOTHING_MADE = "nothing is made or deleted here"
MINUTES = "vnfdr waits for half an hour, rightly: see `stuck` in the first table"
MAKING = frozenset(
    {Phase.SNAPSHOT, Phase.VOLUMES, Phase.BACKUPS, Phase.TIDY, Phase.UNDO}
)
GUESTS = frozenset({Phase.PREPARE, Phase.FREEZE, Phase.THAW})

ROWS: Mapping[str, Effect] = {
    effect.name.lower().replace("_", "-"): effect for effect in Effect
}


def why_not(effect: Effect, phase: Phase) -> str:
    """Return why an effect is not tried in a phase; empty if it is."""
    if phase is Phase.RESUME:
        return RESUMED
    if effect in {Effect.ERROR, Effect.STUCK} and phase not in MAKING:
        return NOTHING_MADE
    if effect is Effect.STUCK:
        return MINUTES
    return NOT_ASKED if effect is Effect.EXPIRE and phase in GUESTS else ""


def try_out(effect: Effect, phase: Phase) -> tuple[Cell, list[str]]:
    """Return what came of an effect in a phase, and all that was broken."""
    place = PLACES[phase]
    with a_site() as (a, site, _), tempfile.TemporaryDirectory() as journal:
        plan = vnfdr.protect(site, GROUP)
        fault = Fault(place.call, effect, skip=place.skip, seconds=DELAY_SECONDS)
        a.faults.add(fault, *place.before)
        outcome = vnfdr.run(plan, site, journal=journal, failsafe=False)
        complaints = list(broken(a, outcome))
        if fault in a.faults.pending:
            complaints.append(f"{place} was never come to")
        return seen(a, outcome), complaints


def seen(a: Site, outcome: Outcome) -> Cell:
    """Return what is seen of a run that has ended."""
    stills = [still for s in a.servers.values() for still in s.guest.stills]
    longest = max((s.ended_ns - s.began_ns for s in stills if s.ended_ns), default=0)
    left = {leftover.receipt.kind for leftover in outcome.leftovers}
    refused = outcome.failed == "preflight"
    verdict = REFUSED if refused else outcome.verdict.value
    seconds = float("inf") if a.frozen else longest / NANOSECONDS
    return Cell((verdict,), seconds, tuple(sorted(left)))


_environment = threading.Lock()


@contextmanager
def a_site() -> Iterator[tuple[Site, vnfdr.cloud.Site, Path]]:
    """Yield a sandbox with a group, for its operator and for vnfdr, and the way in."""
    with two_sites(latency=Latency(snapshot=0.3), pace_seconds=0.02) as sites:
        text = sites.clouds_yaml.read_text()
        impatient = f"    api_timeout: {ANSWER_SECONDS_MAX}\n    region_name:"
        sites.clouds_yaml.write_text(text.replace("    region_name:", impatient))
        for name in NAMES:
            sites.a.add_server(name, volumes=1)
        with _environment:
            os.environ[CONFIG] = str(sites.clouds_yaml)
            site = vnfdr.connect("site-a")
        try:
            yield sites.a, site, sites.clouds_yaml
        finally:
            site.connection.close()
