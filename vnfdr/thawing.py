"""What runs left frozen is thawed before all else, and by nobody twice."""

import contextlib
import logging
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor

from attrs import frozen

from vnfdr.cloud import Site
from vnfdr.errors import JournalError
from vnfdr.failsafe.record import Record
from vnfdr.journals import KeptJournal
from vnfdr.late import LateSite
from vnfdr.plan import (
    Conditions,
    Entry,
    Fact,
    Journal,
    Past,
    Plan,
    SystemClock,
    release,
)
from vnfdr.plan.declaration import failsafe_of, may_be_frozen, thawed_by_others
from vnfdr.plan.threads import holders
from vnfdr.plan.worker import settle
from vnfdr.world import World

log = logging.getLogger(__name__)

Connect = Callable[[str], Site]


@frozen
class Taken:
    """A run that is ours now.

    Its journal may be one that can only be read; then ``problem`` says why.
    """

    plan: Plan
    journal: KeptJournal
    record: Record
    problem: str = ""


def heed(plan: Plan, journal: Journal, record: Record) -> None:
    """Record that the failsafe has thawed everything, if it says so.

    Whoever froze a guest since then is not we, and nobody shall thaw it for us.
    """
    past = Past.of(journal)
    if plan.window and _is_heard(past, record):
        journal.append(*thawed_by_others(past, plan.window))


def _is_heard(past: Past, record: Record) -> bool:
    """Tell whether a failsafe says of the window that was declared that it is over."""
    window = failsafe_of(past)
    return bool(window) and record.all_thawed(window)


def thaw_all(taken: Sequence[Taken], site: Connect) -> dict[str, tuple[str, ...]]:
    """Thaw what any of the runs may have left frozen; return what is not proven."""
    if not taken:
        return {}
    with ThreadPoolExecutor(len(taken), "vnfdr-thaw") as pool:
        frozen = pool.map(lambda each: _thaw_if_left(each, site), taken)
        return {each.plan.id: names for each, names in zip(taken, frozen, strict=True)}


def _thaw_if_left(taken: Taken, site: Connect) -> tuple[str, ...]:
    """Do the same, whatever goes wrong: no run's trouble keeps another's guests."""
    try:
        return thaw_left(taken, site)
    except Exception:
        log.exception("%s: its guests could not be thawed", taken.plan.id)
        window = taken.plan.window
        return tuple(hold.name for hold in window.holds if hold.holds) if window else ()


def thaw_left(taken: Taken, site: Connect) -> tuple[str, ...]:
    """Thaw what a run may have left frozen; return the names of what is not proven."""
    plan, journal = taken.plan, taken.journal
    past = Past.of(journal)
    keys = may_be_frozen(past, plan.window) if plan.window else frozenset()
    if plan.window is None or not keys or _is_heard(past, taken.record):
        return ()
    frozen = let_go(plan, keys, LateSite(plan.site, site))
    if not frozen and not taken.problem:
        why = "thawed before all else"
        with contextlib.suppress(JournalError):
            journal.append(Entry(plan.window.key, Fact.UNDONE, note=why))
    return frozen


def let_go(plan: Plan, keys: Collection[str], site: Site) -> tuple[str, ...]:
    """Thaw guests by their keys; return the names of what is not proven."""
    window = plan.window
    assert window is not None, "only a window has guests"
    world = World(site)
    # Nobody knows any more what was answered.
    conditions = Conditions(world, SystemClock(), unanswered=set(keys))
    with holders(window) as threads:
        frozen = release(window, keys, conditions, threads)
    settle(window, world)
    return frozen
