"""The phases of a plan: how their steps run, and what a failure in them means."""

from collections.abc import Iterator
from typing import Any, TypeAlias

from attrs import frozen

from vnfdr.plan.step import Cut, Hold, Part, Step, Watch


@frozen
class Together:
    """Steps that run side by side, a bounded number at a time.

    Args:
        name: what the phase does, as a heading.
        steps: what is done.
        at_once: how many run together; 1 is strictly in order.
        final: the run is committed already: what fails here is left over and told,
            and takes nothing back.
    """

    name: str
    steps: tuple[Step[Any], ...]
    at_once: int = 1
    final: bool = False

    @property
    def parts(self) -> tuple[Part[Any], ...]:
        """Everything in it, in the order it is written."""
        return self.steps


@frozen
class Window:
    """Hold in order, cut together, release in the exact reverse order, or early.

    It is plain data: everything that the window will touch is named here before
    anything is touched.

    Args:
        key: the window's name, unique for all time.
        group: what people call that which is held.
        tiers: what is held, tier by tier; a tier at once, before the next.
        cuts: what is asked for while everything is held.
        watch: how to see that the cuts are there.
        hold_limit_seconds: how long it may last before it is given up.
        lease_seconds: how long letting go may be tried before it is reported.
        cuts_at_once: how many cuts are asked for together.
        expected_cut_seconds: when the first look at the cuts is worth its cost.
        early_thaw: let each go as soon as the cuts that need it are there. All
            were held at one instant, and what is cut stays as it was then until
            its own release; so what is cut belongs together all the same.
        keep_inconsistent: go on when all the cuts are there, and not all was held
            while they were made; the certificate says so. Otherwise that fails.
    """

    key: str
    group: str
    tiers: tuple[tuple[Hold[Any], ...], ...]
    cuts: tuple[Cut[Any], ...]
    watch: Watch[Any]
    hold_limit_seconds: float
    lease_seconds: float
    cuts_at_once: int = 16
    expected_cut_seconds: float = 0.3
    early_thaw: bool = False
    keep_inconsistent: bool = False

    @property
    def name(self) -> str:
        """The heading of the phase."""
        return f"window of at most {self.hold_limit_seconds:g} s"

    @property
    def holds(self) -> tuple[Hold[Any], ...]:
        """Everything that is held, in the order it is held."""
        return tuple(hold for tier in self.tiers for hold in tier)

    @property
    def steps(self) -> tuple[Step[Any], ...]:
        """What is left behind by the window: the cuts."""
        return self.cuts

    @property
    def parts(self) -> tuple[Part[Any], ...]:
        """Everything in it, in the order it is written."""
        return (*self.holds, *self.cuts, self.watch)

    @property
    def final(self) -> bool:
        """A window that fails is always taken back."""
        return False


Phase: TypeAlias = Together | Window


def lines(phase: Phase) -> Iterator[str]:
    """Yield what a phase does, one line for each thing, in the order of time."""
    if isinstance(phase, Together):
        yield from (step.title for step in phase.steps)
        return
    yield from (hold.title for hold in phase.holds)
    yield from (cut.title for cut in phase.cuts)
    when = " once its own snapshots are there" if phase.early_thaw else ""
    held = (hold for hold in reversed(phase.holds) if hold.holds)
    yield from (f"thaw {hold.name}{when}" for hold in held)
