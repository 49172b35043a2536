"""How long guests stay frozen after the process that began a run is killed.

    python -m tests.bench.failsafe [--kills 60] [--seed 1]

Each kill is of a new run, at an instant of its window that the seed draws. The witness
is the sandbox, whose guests keep when they stood still. What their agents take is their
own: it is the cloud's, whoever thaws.
"""

import argparse
import contextlib
import math
import os
import random
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import attrs
from attrs import frozen

import vnfdr
from tests.bench.goals import Goal
from tests.bench.latencies import CLOUDS
from tests.bench.ours import LOCAL
from tests.bench.sandbox import NANOSECONDS, Keeper, connected, sandbox
from tests.processes import Helpers, start_controller
from vnfdr.plan import Plan
from vnfdr.retry import wait_until

CLOUD = CLOUDS["fast"].latency
NAMES = ("member-1", "member-2", "member-3")
WINDOW_SECONDS = 0.8
"""About how long a window is here; a kill that comes after it counts for nothing."""

QUIET_SECONDS = 2.0
"""Whatever comes late has come after so long: the sandbox's agents are quick."""

START_SECONDS_MAX, THAW_SECONDS_MAX = 60.0, 90.0
MEDIAN_MS_MAX, LAST_MS_MAX = 50.0, 1000.0
LAST_PERCENT = 99


@frozen
class Kill:
    """One kill inside a window.

    Args:
        after_ms: how long after the first freeze it came.
        frozen: how many guests stood still then, or did so later.
        thawed_ms: from the kill until no guest stood still any more.
        agents_ms: what the agents took of that.
    """

    after_ms: float
    frozen: int
    thawed_ms: float
    agents_ms: float

    @property
    def own_ms(self) -> float:
        """What the failsafe took."""
        return max(0.0, self.thawed_ms - self.agents_ms)


def main() -> None:
    """Kill, and report."""
    asked = _arguments()
    chance = random.Random(asked.seed)  # noqa: S311 - no secret
    with sandbox(CLOUD, len(NAMES)) as keeper:
        site = connected(keeper)
        members = [vnfdr.Member(name, "sandbox") for name in NAMES]
        group = attrs.evolve(vnfdr.Group.of("killed", members), backup=LOCAL)
        plan = vnfdr.protect(site, group)
        kills: list[Kill] = []
        while len(kills) < asked.kills:
            kill = _one(keeper, plan, chance.uniform(0.0, WINDOW_SECONDS))
            if kill is not None:
                kills.append(kill)
                _say(f"{len(kills):3}  {_line(kill)}")
    for goal in goals(kills):
        verdict = "pass" if goal.reached else "FAIL"
        _say(f"{verdict}  {goal.name}: {goal.figure} (wanted: {goal.wanted})")


def goals(kills: Sequence[Kill]) -> tuple[Goal, ...]:
    """Return what is hoped for, and whether these kills reached it."""
    own = sorted(kill.own_ms for kill in kills)
    last = own[math.ceil(len(own) * LAST_PERCENT / 100) - 1]
    figures = {
        "median": (statistics.median(own), MEDIAN_MS_MAX),
        f"{LAST_PERCENT}th percentile": (last, LAST_MS_MAX),
    }
    return tuple(
        Goal(
            f"kill to all thawed, without the agents' time, {name} of {len(own)}",
            f"{figure:.0f} ms",
            f"at most {most:g} ms",
            figure <= most,
        )
        for name, (figure, most) in figures.items()
    )


def _one(keeper: Keeper, plan: Plan, after_seconds: float) -> Kill | None:
    """Kill one run in its window; return nothing if that was over."""
    keeper.clear()
    with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
        home = Path(place)
        controller = start_controller(plan, home, home / "runs", keeper.clouds_yaml())
        stack.callback(controller.communicate)
        stack.callback(controller.kill)
        _until(keeper.stills, START_SECONDS_MAX, "the first freeze")
        for role in ("working", "standing"):
            with contextlib.suppress(OSError):  # The window may be over by now.
                opened = os.pidfd_open(Helpers(controller.pid).pid(role))
                # It looks long for what comes late: the next run must not meet it.
                stack.callback(_end, opened)
        threading.Event().wait(after_seconds)
        killed_ns = time.time_ns()
        controller.kill()
        _until(lambda: not keeper.frozen(), THAW_SECONDS_MAX, "the last thaw")
        threading.Event().wait(QUIET_SECONDS)
        _until(lambda: not keeper.frozen(), THAW_SECONDS_MAX, "what comes late")
    return _seen(keeper, killed_ns)


def _seen(keeper: Keeper, killed_ns: int) -> Kill | None:
    """Return what the guests tell of a kill."""
    stills = [s for s in keeper.stills() if s.ended_ns and s.ended_ns > killed_ns]
    if not stills:
        return None
    late_ns = max(0, *(still.began_ns - killed_ns for still in stills))
    return Kill(
        after_ms=_ms(killed_ns - min(still.began_ns for still in keeper.stills())),
        frozen=len(stills),
        thawed_ms=_ms(max(still.ended_ns or 0 for still in stills) - killed_ns),
        # One after another they thaw, behind a freeze that was on its way.
        agents_ms=_ms(late_ns) + 1000 * CLOUD.thaw * len(stills),
    )


def _end(process: int) -> None:
    """End a process that may be gone."""
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(process, signal.SIGKILL)
    os.close(process)


def _until(look: Callable[[], object], seconds: float, what: str) -> None:
    wait_until(
        lambda: look() or None,
        what=what,
        seconds_max=seconds,
        first_wait_seconds=0.005,
        wait_seconds_max=0.01,
    )


def _ms(nanoseconds: int) -> float:
    return 1000 * nanoseconds / NANOSECONDS


def _line(kill: Kill) -> str:
    return (
        f"killed after {kill.after_ms:4.0f} ms with {kill.frozen} to thaw:"
        f" {kill.thawed_ms:5.0f} ms, of which agents {kill.agents_ms:3.0f} ms"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How soon a failsafe thaws.")
    parser.add_argument("--kills", type=int, default=60, help="how many (60)")
    parser.add_argument("--seed", type=int, default=1, help="of their instants (1)")
    return parser.parse_args()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
