"""A plan is a value: a name and some phases, checked once, when it is made."""

import enum
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

from attrs import frozen

from vnfdr.errors import PlanError, VnfdrError
from vnfdr.plan.phase import Phase, Window, lines
from vnfdr.plan.preview import Preview, Timings, preview_of
from vnfdr.plan.step import Part, Requirement, Step
from vnfdr.text import printable

CHECKS_AT_ONCE = 8


class Lasting(enum.Enum):
    """What becomes of all that a plan made, once everything in it is done."""

    KEPT = "kept"
    """It stays."""

    PROVISIONAL = "provisional"
    """It stays, and until it is confirmed one call takes all of it back."""

    TRIAL = "trial"
    """It is taken back at once: whether it could be done was all there was to know."""


@frozen
class Plan:
    """Phases, in the order they run and the reverse of the order they undo.

    Args:
        id: the run's name, unique for all time; every key begins with it.
        name: what the plan does, for people.
        site: the name of the site it was made for.
        phases: its parts in time.
        requirements: what must be true before anything is touched.
        remarks: what the user should know before running it.
        group: the group that it is about, where it has no window that says so. One run
            of a group at a site is under way, or to be confirmed, at a time; a plan
            that is in no other's way names none.
        lasting: what becomes of what it made, once it is done.

    Raises:
        PlanError: it could not run as it is; all reasons at once.
    """

    id: str
    name: str
    site: str
    phases: tuple[Phase, ...]
    requirements: tuple[Requirement[Any], ...] = ()
    remarks: tuple[str, ...] = ()
    group: str = ""
    lasting: Lasting = Lasting.KEPT

    def __attrs_post_init__(self) -> None:
        problems = (
            *_empty(self),
            *_repeated(self),
            *_foreign(self),
            *_windows(self),
            *_resurrections(self),
            *_unsourced(self),
        )
        if problems:
            raise PlanError(f"plan {self.name!r} cannot run", problems)

    def __str__(self) -> str:
        number = count(1)
        text = [f"{self.name}", f"  run {self.id}"]
        for phase in self.phases:
            text.append(f"  {phase.name}{_manner(phase)}")
            text.extend(f"  {next(number):>5}  {line}" for line in lines(phase))
        text.extend(f"  note: {remark}" for remark in self.remarks)
        return "\n".join(map(printable, text))

    @property
    def parts(self) -> tuple[Part[Any], ...]:
        """Every part: requirements first, then phase by phase."""
        in_phases = (part for phase in self.phases for part in phase.parts)
        return (*self.requirements, *in_phases)

    @property
    def steps(self) -> tuple[Step[Any], ...]:
        """Every step that leaves something behind, in order."""
        return tuple(step for phase in self.phases for step in phase.steps)

    @property
    def window(self) -> Window | None:
        """The window, if the plan has one."""
        return next((p for p in self.phases if isinstance(p, Window)), None)

    def preview(self, timings: Timings | None = None) -> Preview:
        """Tell what running it would do, and how long each guest would be held.

        ``timings`` are what the calls are expected to take, in seconds.
        """
        return preview_of(self.phases, timings or Timings())

    def preflight(self, world: object) -> tuple[str, ...]:
        """Ask every part whether it would work now; touch nothing.

        Returns a sentence for each thing to mend, none when all is well.
        """
        parts = self.parts
        too_long = _too_long(self)
        with ThreadPoolExecutor(CHECKS_AT_ONCE, "vnfdr-check") as pool:
            found = pool.map(lambda part: _checked(part, world), parts)
            problems = [problem for told in found for problem in told]
            return tuple(dict.fromkeys([*too_long, *problems]))


def _checked(part: Part[Any], world: object) -> tuple[str, ...]:
    """Return what a part finds; what it cannot find out is a problem too."""
    try:
        return tuple(part.check(world))
    except VnfdrError as error:
        return (f"{part.title}: {error}",)


def _too_long(plan: Plan) -> Iterator[str]:
    """Yield a sentence if the window is expected to outlive its limit."""
    seconds = plan.preview().window_seconds
    if plan.window and seconds > plan.window.hold_limit_seconds:
        yield (
            f"the window would last about {seconds:.0f} s, over its limit of"
            f" {plan.window.hold_limit_seconds:g} s; freeze members in tiers, or raise"
            " the limit"
        )


def _manner(phase: Phase) -> str:
    if isinstance(phase, Window) or phase.at_once == 1 or len(phase.steps) == 1:
        return ""
    return f", {phase.at_once} at a time"


def _empty(plan: Plan) -> Iterator[str]:
    if not plan.steps:
        yield "it has no steps"


def _repeated(plan: Plan) -> Iterator[str]:
    for key, times in Counter(part.key for part in plan.parts).items():
        if times > 1:
            yield f"{times} parts are called {key!r}"


def _foreign(plan: Plan) -> Iterator[str]:
    for part in plan.parts:
        if not part.key.startswith(f"{plan.id}:"):
            yield f"{part.key!r} does not begin with the run's name {plan.id!r}"


def _windows(plan: Plan) -> Iterator[str]:
    windows = [phase for phase in plan.phases if isinstance(phase, Window)]
    if len(windows) > 1:
        yield f"it has {len(windows)} windows; a run has one"
    for window in windows:
        if not window.holds:
            yield "its window holds nothing"
        if not 0 < window.hold_limit_seconds < window.lease_seconds:
            yield "its hold limit is not above 0 and below its lease"
        yield from _unlimited(window)
        held = {hold.key for hold in window.holds}
        for cut in window.cuts:
            for missing in set(cut.held_by) - held:
                yield f"{cut.key!r} needs {missing!r}, which is not held"


def _unlimited(window: Window) -> Iterator[str]:
    """Yield which of its holds do not fit into a window's limit."""
    limit = window.hold_limit_seconds
    for hold in window.holds:
        if not hold.holds:
            continue
        if not 0 < hold.timeout_seconds < limit:
            yield (
                f"holding {hold.name!r} may take {hold.timeout_seconds:g} s, which is"
                f" not above 0 and below its hold limit of {limit:g} s"
            )
        if hold.held_seconds_max is not None and limit > hold.held_seconds_max:
            yield (
                f"its hold limit is {limit:g} s, and {hold.name!r} can be held for"
                f" {hold.held_seconds_max:g} s at most"
            )


def _unsourced(plan: Plan) -> Iterator[str]:
    made = {window.key for window in plan.phases if isinstance(window, Window)}
    for step in plan.steps:
        for source in step.sources:
            if source not in made:
                yield f"{step.key!r} works on {source!r}, which does not come before it"
        made.add(step.key)


def _resurrections(plan: Plan) -> Iterator[str]:
    ended = False
    for phase in plan.phases:
        if ended and not phase.final:
            yield f"{phase.name!r} comes after a final phase, and is not final"
        ended = ended or phase.final
