"""What a window declares, durably, before it opens."""

from collections.abc import Collection, Mapping

from attrs import frozen

from vnfdr.plan.codec import dump_value, load_value
from vnfdr.plan.journal import Entry, Fact, Past
from vnfdr.plan.phase import Window
from vnfdr.plan.worker import Prepared


@frozen
class Declaration:
    """What a window may touch, and who its guests are.

    Args:
        holds: the keys of everything to which a freeze may be sent.
        cuts: the keys of everything that may be cut.
        witnesses: who each guest is, by key.
        failsafe: by what its failsafe calls the window; empty where it has none.
    """

    holds: tuple[str, ...]
    cuts: tuple[str, ...]
    witnesses: Mapping[str, str]
    failsafe: str = ""


def declare(window: Window, prepared: Prepared) -> tuple[Entry, ...]:
    """Return the entries that must be durable before the first freeze."""
    holds = [
        h.key for h in window.holds if h.holds and h.key not in prepared.unprepared
    ]
    cuts = [cut.key for cut in window.cuts]
    declaration = Declaration(
        tuple(holds), tuple(cuts), prepared.witnesses, prepared.failsafe
    )
    return (
        Entry(window.key, Fact.DECLARED, note=dump_value(declaration)),
        *(Entry(key, Fact.STARTED) for key in cuts),
    )


def declare_left(window: Window, names: Collection[str], failsafe: str) -> Entry:
    """Return the entry that says what may be frozen still, after the window.

    What somebody else froze is not among it, and is not thawed with it.
    """
    holds = tuple(hold.key for hold in window.holds if hold.name in names)
    cuts = tuple(cut.key for cut in window.cuts)
    left = Declaration(holds, cuts, {}, failsafe)
    return Entry(window.key, Fact.DECLARED, note=dump_value(left))


def may_be_frozen(past: Past, window: Window) -> frozenset[str]:
    """Return the keys of all guests that may be frozen, as far as is recorded."""
    declared = past.last(Fact.DECLARED)
    if declared is None or past.last(Fact.CLOSED) is not None:
        return frozenset()
    if window.key in past.parts(Fact.UNDONE):
        return frozenset()
    return frozenset(load_value(declared.note, Declaration).holds)


def failsafe_of(past: Past) -> str:
    """Return by what its failsafe calls the window; empty where it has none."""
    declared = past.last(Fact.DECLARED)
    return load_value(declared.note, Declaration).failsafe if declared else ""


def thawed_by_others(past: Past, window: Window) -> tuple[Entry, ...]:
    """Return what to record when somebody else proved that everything is thawed."""
    if not may_be_frozen(past, window):
        return ()
    return (Entry(window.key, Fact.UNDONE, note="proven thawed by the failsafe"),)
