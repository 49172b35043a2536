"""A provisional run's word: keep what it made, or take all of it back."""

from collections.abc import Sequence

from vnfdr.cloud import Site
from vnfdr.failsafe.record import Record
from vnfdr.journals import Place, open_journals
from vnfdr.plan import Listener, Outcome, Stop, SystemClock
from vnfdr.plan import provisional as engine
from vnfdr.runs import connect, go_on, manner_of, refuse_elsewhere
from vnfdr.world import World


def confirm(run: str, *, journal: Place = None) -> Outcome:
    """Keep what a provisional run made, for good: it cannot be taken back any more.

    Needs the journal alone. To confirm a run once more changes nothing.

    Args:
        run: its name.
        journal: where it is recorded.

    Returns:
        How the run ended.

    Raises:
        UnknownRun: the journal knows no such run.
        NotProvisional: it is not provisional, did not commit, or was taken back.
        JournalError: the journal cannot be trusted or written, or somebody carries the
            run out, or takes it back; nothing was done.
    """
    kept, plan = open_journals(journal).resume(run)
    with kept:
        return engine.confirm(plan, kept, SystemClock())


def take_back(  # noqa: PLR0913 - each is something an operator may want to say
    run: str,
    site: Site | None = None,
    *,
    journal: Place = None,
    listeners: Sequence[Listener] = (),
    stop: Stop | None = None,
    renamed: bool = False,
) -> Outcome:
    """Undo all that a provisional run made, newest first, as if it had failed.

    When the process that does it dies, `resume` goes on with it, and so does a second
    call; a call too many changes nothing.

    Args:
        run: its name.
        site: where it ran; by default the cloud that its plan names.
        journal: where it is recorded.
        listeners: who is told what happens, as it happens.
        stop: as in `run`, where it asks for just this; so what has begun is seen
            through.
        renamed: whether ``site`` is the one of the plan under another name.

    Returns:
        How it ended, compensated or stranded, with the leftovers named.

    Raises:
        UnknownRun: the journal knows no such run.
        NotProvisional: it is not provisional, did not commit, or was confirmed.
        InputError: ``site`` is not that of the plan; nothing was done.
        UnknownCloud: the cloud is out of reach; nothing was done.
        JournalError: the journal cannot be trusted or written, or somebody carries the
            run out; nothing was done.
    """
    journals = open_journals(journal)
    kept, plan = journals.resume(run)
    with kept:
        if site is not None and not renamed:
            refuse_elsewhere(plan, site)
        engine.refuse_unless_revocable(plan, kept)
        world = World(site or connect(plan.site))
        record = Record(journals.failsafe(run))
        engine.revoke(plan, kept, SystemClock())
        return go_on(plan, world, kept, record, manner_of(listeners, stop))
