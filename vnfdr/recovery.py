"""After a crash: thaw what is left frozen, then go on with runs or take them back."""

import contextlib
import logging
from collections.abc import Sequence

from attrs import evolve, frozen

from vnfdr.cloud import Site
from vnfdr.errors import (
    JournalBusy,
    JournalDamaged,
    JournalError,
    JournalUnwritable,
    PlanError,
)
from vnfdr.failsafe.record import Record
from vnfdr.journals import Journals, Place, Summary, open_journals
from vnfdr.late import LateSite
from vnfdr.plan import (
    Listener,
    Manner,
    Outcome,
    Stop,
)
from vnfdr.plan.undo import FROZEN_GUEST
from vnfdr.runs import connect, go_on, manner_of, refuse_elsewhere
from vnfdr.thawing import Connect, Taken, heed, let_go, thaw_all, thaw_left
from vnfdr.world import Gatekeeper, World

log = logging.getLogger(__name__)

RUNNING, DAMAGED, NOT_RESUMED = "running", "damaged", "not resumed"


@frozen
class Recovered:
    """What became of one unfinished run.

    Args:
        run: its name.
        plan: what it does.
        state: its verdict; or ``running`` when its process lives, ``damaged`` when
            its journal cannot be trusted, ``not resumed`` when it could not be
            taken up. Those three are left as they are.
        detail: why.
        frozen: the names of the guests that are not proven thawed.
        outcome: how it ended, if it was resumed.
    """

    run: str
    plan: str
    state: str
    detail: str = ""
    frozen: tuple[str, ...] = ()
    outcome: Outcome | None = None


def resume(  # noqa: PLR0913 - each is something an operator may want to say
    run: str,
    site: Site | None = None,
    *,
    journal: Place = None,
    listeners: Sequence[Listener] = (),
    stop: Stop | None = None,
    gatekeeper: Gatekeeper | None = None,
    renamed: bool = False,
) -> Outcome:
    """Go on with a run whose process is gone, or take it back if it broke.

    If its window was open, every guest is thawed first, and the rest undone.

    Args:
        run: its name.
        site: where it ran; by default the cloud that its plan names. That is
            connected to when every guest is thawed, or when a thaw needs it.
        journal: where it is recorded.
        listeners: who is told what happens, as it happens.
        stop: asks it to stop, as in `run`.
        gatekeeper: who is asked at gates, as in `run`.
        renamed: whether ``site`` is the one of the plan under another name.

    Raises:
        UnknownRun: the journal knows no such run.
        InputError: ``site`` is not that of the plan, or there is nobody to open a gate
            that is to come; nothing was touched but that guests were thawed.
        GroupBusy: it has yet to begin, and another run of the group is not over.
        JournalError: the journal cannot be trusted or written; nothing was done.
        UnknownCloud: the cloud is out of reach; the guests were thawed all the same,
            or tried, and the run can be resumed again.
    """
    journals = open_journals(journal)
    kept, plan = journals.resume(run)
    with kept:
        record = _record(journals, run)
        heed(plan, kept, record)
        if site is None:
            thaw_left(Taken(plan, kept, record), connect)
            site = connect(plan.site)
        elif not renamed:
            refuse_elsewhere(plan, site)
        world = World(site, gatekeeper=gatekeeper)
        return go_on(plan, world, kept, record, manner_of(listeners, stop))


def recover_runs(
    journal: Place = None,
    *,
    site: Connect = connect,
    listeners: Sequence[Listener] = (),
    stop: Stop | None = None,
    gatekeeper: Gatekeeper | None = None,
) -> tuple[Recovered, ...]:
    """Resume every unfinished run whose process is gone, the oldest first.

    Before any of them is taken back or gone on with, every guest that any of them may
    have left frozen is thawed, all at once, and without the cloud where the quiesce
    backend needs none. A run that cannot be resumed does not keep the others.

    Args:
        journal: where runs are recorded; by default as for `run`.
        site: connects to the cloud that a plan names; called once for each cloud.
        listeners: who is told what happens, as it happens.
        stop: asks each of them to stop, as in `run`.
        gatekeeper: who is asked at gates, as in `run`. Without it, a run that has one
            to come is left as it is.

    Returns:
        What became of each, the oldest first; empty when there was nothing to do.

    Raises:
        JournalError: the place cannot be read at all.
    """
    journals = open_journals(journal)
    with contextlib.ExitStack() as stack:
        unfinished = [s for s in journals.summaries() if s.unfinished]
        taken = [_take(journals, summary, stack) for summary in unfinished]
        thawed = thaw_all([t for t in taken if isinstance(t, Taken)], site)
        known, manner = _Known(site, {}, gatekeeper), manner_of(listeners, stop)
        return tuple(
            found
            if isinstance(found, Recovered)
            else _recover(found, thawed[found.plan.id], known, manner)
            for found in taken
        )


def thaw(
    run: str, site: Site | None = None, *, journal: Place = None
) -> tuple[str, ...]:
    """Thaw every guest of a run's window, whatever its journal says of them.

    Needs the journal alone where the quiesce backend reaches its guests without
    the cloud, as libvirt's does. Writes nothing.

    Args:
        run: its name.
        site: where it ran; by default the cloud that its plan names, which is
            connected to when a thaw needs it: where a guest has moved.
        journal: where it is recorded.

    Returns:
        The names of the guests that are not proven thawed; empty when all are.

    Raises:
        UnknownRun: the journal knows no such run.
        JournalDamaged: its plan cannot be trusted.
    """
    kept, plan = open_journals(journal).read(run)
    kept.close()
    if plan.window is None:
        return ()
    keys = {hold.key for hold in plan.window.holds if hold.holds}
    return let_go(plan, keys, site or LateSite(plan.site, connect))


@frozen
class _Known:
    """Connects to each cloud once."""

    connect: Connect
    sites: dict[str, Site]
    gatekeeper: Gatekeeper | None

    def __call__(self, name: str) -> World:
        if name not in self.sites:
            self.sites[name] = self.connect(name)
        return World(self.sites[name], gatekeeper=self.gatekeeper)


def _take(
    journals: Journals, summary: Summary, stack: contextlib.ExitStack
) -> Taken | Recovered:
    """Take a run up; or tell why not, and leave it."""
    run, left = summary.run, Recovered(summary.run, summary.plan, NOT_RESUMED)
    try:
        problem = ""
        try:
            kept, plan = journals.resume(run)
        except (JournalBusy, JournalDamaged):
            raise
        except JournalError as error:
            # Its guests are thawed all the same.
            problem = str(error)
            kept, plan = journals.read(run)
        stack.enter_context(kept)
        record = _record(journals, run)
        with contextlib.suppress(JournalError):
            heed(plan, kept, record)
        return Taken(plan, kept, record, problem)
    except JournalBusy as error:
        return evolve(left, state=RUNNING, detail=str(error))
    except (JournalDamaged, PlanError) as error:
        advice = f"if its window was open: `vnfdr thaw {run}`"
        return evolve(left, state=DAMAGED, detail=f"{error}; {advice}")
    except Exception as error:
        log.exception("%s cannot be taken up", run)
        return evolve(left, detail=str(error))


def _record(journals: Journals, run: str) -> Record:
    """Return what a run's failsafe wrote; without a place for it, that is nothing.

    Its guests are thawed all the same: again, at worst.
    """
    try:
        return Record(journals.failsafe(run))
    except JournalUnwritable as error:
        log.warning("%s: there is no record of its failsafe: %s", run, error)
        return Record()


def _recover(
    taken: Taken,
    still_frozen: tuple[str, ...],
    site: _Known,
    manner: Manner,
) -> Recovered:
    """Go on with a run, or take it back; whatever happens is its own affair."""
    plan = taken.plan
    left = Recovered(plan.id, plan.name, NOT_RESUMED, taken.problem, still_frozen)
    if taken.problem:
        return left
    try:
        where = site(plan.site)
        outcome = go_on(plan, where, taken.journal, taken.record, manner)
    except Exception as error:
        log.exception("%s cannot be resumed", plan.id)
        return evolve(left, detail=str(error))
    finally:
        taken.journal.close()
    left_behind = [leftover.receipt for leftover in outcome.leftovers]
    still = tuple(left.id for left in left_behind if left.kind == FROZEN_GUEST)
    verdict = outcome.verdict.value
    return Recovered(plan.id, plan.name, verdict, outcome.reason, still, outcome)
