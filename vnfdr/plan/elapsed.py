"""How long each phase of a run took, as its journal tells it.

By wall clocks, since a run may have had several processes: for people and reports,
never for a decision.
"""

from collections.abc import Iterable
from datetime import datetime

from attrs import frozen

from vnfdr.plan.clock import Clock
from vnfdr.plan.journal import Entry, Fact

TAKING_BACK = "take everything back"


@frozen
class PhaseTime:
    """How long one phase took.

    Args:
        name: the phase's name; ``take everything back`` for all of the undoing.
        seconds: from its begin to that of the next, or to the end of the run, with
            the time in which no process was there. A clock that was put back in
            between makes it 0.
    """

    name: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.name}: {self.seconds:.1f} s"


def reached(phase: str, clock: Clock) -> Entry:
    """Return the entry that says that a phase begins now."""
    return Entry(phase, Fact.REACHED, note=dated(clock))


def dated(clock: Clock) -> str:
    """Return the date, as notes have it."""
    return clock.date().isoformat(timespec="milliseconds")


def phases_of(dates: Iterable[tuple[str, str]]) -> tuple[PhaseTime, ...]:
    """Return how long each phase took, in the order in which they began.

    Args:
        dates: what began, and when; nothing begins with a name that is empty.

    Raises:
        ValueError: something is no date.
    """
    seconds: dict[str, float] = {}
    phase, since = "", ""
    for name, at in dates:
        if phase:
            seconds[phase] = seconds.get(phase, 0.0) + _seconds_between(since, at)
        phase, since = name, at
    return tuple(PhaseTime(name, took) for name, took in seconds.items())


def _seconds_between(earlier: str, later: str) -> float:
    passed = datetime.fromisoformat(later) - datetime.fromisoformat(earlier)
    return max(0.0, passed.total_seconds())
