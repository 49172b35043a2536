"""The faults of a call, a guest or a journal, each in every phase, in virtual time."""

import math
from collections.abc import Iterator, Mapping

from attrs import evolve, frozen

from tests.core.faults import CRASHES, Effect, Fault
from tests.core.judge import end
from tests.core.story import Machine, Script, Story, told
from tests.matrix.cells import REFUSED, Cell, Phase
from vnfdr.plan import Verdict

NANOSECONDS = 10**9
ALWAYS = 999
GROUP = Script(machines=(Machine(), Machine()), has_history=True)

FAILS_LATE = (Fault("create backup", 1, Effect.FAIL),)
DIES_IN_WINDOW = (Fault("request snapshot", 1, Effect.CRASH_AFTER),)
DIES_LATER = (Fault("create volume", 1, Effect.CRASH_AFTER),)


@frozen
class Place:
    """A call of a run: its name, which of them, and what brought the run there."""

    call: str
    nth: int = 0
    before: tuple[Fault, ...] = ()


PLACES: Mapping[Phase, tuple[Place, ...]] = {
    # Its calls are made side by side: only the first of a name is always the same.
    Phase.PREFLIGHT: (Place("show server"),),
    Phase.PREPARE: (Place("prepare", 1), Place("witness")),
    Phase.FREEZE: (Place("freeze", 1),),
    Phase.SNAPSHOT: (Place("request snapshot", 1),),
    Phase.WAIT: (Place("look", 1),),
    Phase.THAW: (Place("thaw"),),
    Phase.VOLUMES: (Place("create volume", 1), Place("wait volume", 1)),
    Phase.BACKUPS: (Place("create backup", 1), Place("wait backup", 1)),
    Phase.TIDY: (Place("delete snapshot", 1),),
    Phase.UNDO: (
        Place("delete backup", 0, FAILS_LATE),
        Place("delete snapshot", 0, FAILS_LATE),
    ),
    Phase.RESUME: (
        Place("thaw", 0, DIES_IN_WINDOW),
        Place("delete snapshot", 0, DIES_IN_WINDOW),
        Place("find volume", 0, DIES_LATER),
    ),
}
"""Of the calls of a phase, those that matter, when the run is in the midst of it."""

JOURNAL: Mapping[Phase, tuple[Place, ...]] = {
    Phase.PREPARE: (Place("journal"),),
    Phase.THAW: (Place("journal", 1),),
    Phase.VOLUMES: (Place("journal", 8), Place("journal", 9)),
    Phase.BACKUPS: (Place("journal", 12), Place("journal", 13)),
    Phase.TIDY: (Place("journal", 16), Place("journal", 17)),
    Phase.UNDO: (Place("journal", 13, FAILS_LATE), Place("journal", 15, FAILS_LATE)),
    Phase.RESUME: (
        Place("journal", 1, DIES_IN_WINDOW),
        Place("journal", 9, DIES_LATER),
    ),
}
"""When something is written down."""

MAKING = {"request snapshot", "create volume", "create backup"}
ENDING = {"delete snapshot", "delete volume", "delete backup"}
NOTHING_MADE = "nothing is made or deleted here"
NOT_REPEATED = "no transport repeats such a request"
NOTHING_WRITTEN = "nothing is written here: before the window is declared there is \
nothing to tell, and while a guest is frozen nobody waits for a disk"


@frozen
class Row:
    """A fault, whatever the phase.

    Args:
        effect: what happens.
        words: the same for people.
        times: how often.
        of_journal: whether it happens to the journal, and not to a call.
    """

    effect: Effect
    words: str
    times: int = 1
    of_journal: bool = False

    def places(self, phase: Phase) -> tuple[Place, ...]:
        """Return where it can happen in a phase; nowhere, if it cannot."""
        places = (JOURNAL if self.of_journal else PLACES).get(phase, ())
        if self.effect in {Effect.ERROR, Effect.STUCK}:
            return tuple(p for p in places if p.call in MAKING | ENDING)
        if self.effect is Effect.TWICE:
            return tuple(p for p in places if p.call not in {*MAKING, "freeze"})
        return places

    def why_nowhere(self, phase: Phase) -> str:
        """Return why there is no place for it in a phase."""
        if self.of_journal:
            return NOTHING_WRITTEN
        return NOT_REPEATED if self.effect is Effect.TWICE else NOTHING_MADE


def _of(effect: Effect, words: str = "", **more: object) -> Row:
    return Row(effect, words or effect.value, **more)


CALL_ROWS: Mapping[str, Row] = {
    **{
        effect.name.lower().replace("_", "-"): _of(effect)
        for effect in (
            Effect.RETRYABLE,
            Effect.CONFLICT,
            Effect.QUOTA,
            Effect.FORBIDDEN,
            Effect.FAIL,
            Effect.BUG,
            Effect.LOST,
            Effect.LOST_AFTER,
            Effect.LATE,
            Effect.HANG,
            Effect.HANG_AFTER,
            Effect.TWICE,
            Effect.SLOW,
            Effect.ERROR,
            Effect.STUCK,
        )
    },
    "fail-always": _of(
        Effect.FAIL, "it fails from then on, and has no effect", times=ALWAYS
    ),
    "lost-always": _of(
        Effect.LOST_AFTER,
        "its answers are lost from then on, and it has its effect",
        times=ALWAYS,
    ),
}
"""What goes wrong with a call."""

GUEST_ROWS: Mapping[str, Row] = {
    effect.name.lower().replace("_", "-"): _of(effect)
    for effect in (
        Effect.FREEZE,
        Effect.FSFREEZE,
        Effect.THAW,
        Effect.REBOOT,
        Effect.MIGRATE,
        Effect.DEAD,
        Effect.HUNG,
        Effect.LATE_FREEZE,
        Effect.MISCOUNT,
    )
}
"""What befalls a guest."""

RUN_ROWS: Mapping[str, Row] = {
    **{
        effect.name.lower().replace("_", "-"): _of(effect)
        for effect in (*CRASHES, Effect.STOP)
    },
    "journal-full": _of(
        Effect.FAIL, "the journal cannot be written once", of_journal=True
    ),
    "journal-full-always": _of(
        Effect.FAIL,
        "the journal cannot be written from then on",
        times=ALWAYS,
        of_journal=True,
    ),
    "journal-slow": _of(
        Effect.HANG_AFTER,
        "the journal is written, and nobody hears of it",
        of_journal=True,
    ),
    "journal-crash": _of(
        Effect.CRASH, "the process dies before it writes", of_journal=True
    ),
    "journal-crash-after": _of(
        Effect.CRASH_AFTER, "the process dies when it has written", of_journal=True
    ),
}
"""What befalls the run itself, without a failsafe."""

TABLES: Mapping[str, Mapping[str, Row]] = {
    "call": CALL_ROWS,
    "guest": GUEST_ROWS,
    "run": RUN_ROWS,
}


def try_out(row: Row, phase: Phase) -> Iterator[tuple[Cell, list[str]]]:
    """Yield what came of a fault at each of its places, and all that was broken."""
    for place in row.places(phase):
        fault = Fault(place.call, place.nth, row.effect, row.times)
        with told(evolve(GROUP, faults=(*place.before, fault))) as story:
            happened = fault in story.core.faults.happened
            story.settle()
            cell = Cell((_verdict(story),), _longest_freeze(story), _leftovers(story))
            broken = list(end(story))
            if not happened:
                broken.append(f"{place} was never come to")
            yield cell, broken


def _verdict(story: Story) -> str:
    if story.refused is not None or story.outcome.failed == "preflight":
        return REFUSED
    if story.outcome.verdict is Verdict.COMMITTED:
        assert story.outcome.certificate.consistent, "every member is required"
    return story.outcome.verdict.value


def _leftovers(story: Story) -> tuple[str, ...]:
    left = story.outcome.leftovers if story.outcome else ()
    return tuple(sorted({leftover.receipt.kind for leftover in left}))


def _longest_freeze(story: Story) -> float:
    """Return how long a guest stood still; holds of others that go on do not count."""
    others = story.core.others.hold
    longest = 0.0
    for server in story.core.site.servers.values():
        for still in server.guest.stills:
            if still.ended_ns is not None:
                seconds = (still.ended_ns - still.began_ns) / NANOSECONDS
                longest = max(longest, seconds)
            elif server.name not in others:
                longest = math.inf
    return longest
