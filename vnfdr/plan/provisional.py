"""What a provisional run made is kept for good, or taken back: by word, once.

Both are facts of the run's journal. Whoever comes back to a run that is being taken
back goes on with that.
"""

from vnfdr.errors import NotProvisional
from vnfdr.plan.clock import Clock
from vnfdr.plan.elapsed import dated
from vnfdr.plan.ending import ended
from vnfdr.plan.journal import Entry, Fact, Journal, Past
from vnfdr.plan.outcome import Outcome
from vnfdr.plan.plan import Lasting, Plan
from vnfdr.plan.stage import is_provisional, is_unfinished


def confirm(plan: Plan, journal: Journal, clock: Clock) -> Outcome:
    """Record that what a run made stays; return how it ended.

    Raises:
        NotProvisional: it is not one that can be confirmed, or not any more.
        JournalError: it could not be recorded; the run is as it was.
    """
    past = Past.of(journal)
    if not past.last(Fact.CONFIRMED):
        if past.last(Fact.REVOKED):
            raise NotProvisional(
                f"run {plan.id} cannot be confirmed: it was taken back, or is being;"
                " nothing was done"
            )
        _refuse_unless_provisional(past, plan, "be confirmed")
        journal.append(Entry(plan.id, Fact.CONFIRMED, note=dated(clock)))
    outcome = ended(past, plan.id)
    assert outcome is not None, "only what has ended is confirmed"
    return outcome


def revoke(plan: Plan, journal: Journal, clock: Clock) -> None:
    """Record that a run is taken back: going on with it undoes everything.

    Raises:
        NotProvisional: it is not one that can be taken back, or not any more.
        JournalError: it could not be recorded; the run is as it was.
    """
    refuse_unless_revocable(plan, journal)
    if not Past.of(journal).last(Fact.REVOKED):
        journal.append(Entry(plan.id, Fact.REVOKED, note=dated(clock)))


def refuse_unless_revocable(plan: Plan, journal: Journal) -> None:
    """Raise `NotProvisional` if a run cannot be taken back, or not any more."""
    past = Past.of(journal)
    if confirmed := past.last(Fact.CONFIRMED):
        raise NotProvisional(
            f"run {plan.id} cannot be taken back: it was confirmed at {confirmed.note},"
            " and what it made stays; nothing was done"
        )
    if not past.last(Fact.REVOKED):
        _refuse_unless_provisional(past, plan, "be taken back")


def _refuse_unless_provisional(past: Past, plan: Plan, what: str) -> None:
    """Raise `NotProvisional` unless a run waits for its word."""
    if is_provisional(past, plan):
        return
    outcome = ended(past, plan.id)
    if plan.lasting is not Lasting.PROVISIONAL:
        why = f"what it makes is {plan.lasting.value}, and not provisional"
        if plan.lasting is Lasting.TRIAL:
            why = "it is a trial, which takes itself back"
    elif outcome:
        why = f"it did not commit: it is {outcome.verdict.value}"
    elif is_unfinished(past, plan):
        why = f"it has not ended; resume it first, with `vnfdr resume {plan.id}`"
    else:
        why = "it has touched nothing so far"
    raise NotProvisional(f"run {plan.id} cannot {what}: {why}; nothing was done")
