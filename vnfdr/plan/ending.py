"""How a run's end is written down, and read again."""

from collections.abc import Iterator

from attrs import evolve, frozen

from vnfdr.plan.codec import dump_value, load_value
from vnfdr.plan.elapsed import dated, phases_of
from vnfdr.plan.events import Happening
from vnfdr.plan.journal import Entry, Fact, Past
from vnfdr.plan.outcome import Leftover, Outcome, Verdict
from vnfdr.plan.run import Run
from vnfdr.plan.step import Receipts
from vnfdr.point import Certificate


@frozen
class Ending:
    """An outcome as the journal keeps it.

    Args:
        verdict: how the run ended.
        failed: what failed, if something did.
        reason: why.
        leftovers: what it left behind.
        at: when it ended, for people.
    """

    verdict: Verdict
    failed: str = ""
    reason: str = ""
    leftovers: tuple[Leftover, ...] = ()
    at: str = ""


def end(run: Run, outcome: Outcome) -> Outcome:
    """Record how a run ended, tell it, and return it."""
    at = dated(run.clock)
    ending = Ending(
        outcome.verdict, outcome.failed, outcome.reason, outcome.leftovers, at
    )
    run.record(Entry(run.plan.id, Fact.ENDED, note=dump_value(ending)))
    # Whatever became of the record.
    dates = (*_dates(Past.of(run.journal)), ("", at))
    told = evolve(outcome, phases=phases_of(dates))
    run.tell(Happening.ENDED, run.plan.id, str(told))
    return told


def ended(past: Past, run: str) -> Outcome | None:
    """Return how a run ended, if it did, and is not being taken back since."""
    ending = _ending(past)
    if ending is None:
        return None
    stays = ending.verdict is Verdict.COMMITTED and past.last(Fact.ACHIEVED) is None
    return Outcome(
        run,
        ending.verdict,
        ending.failed,
        ending.reason,
        leftovers=ending.leftovers,
        receipts=Receipts(past.receipts if stays else {}),
        certificate=certificate_of(past),
        phases=phases_of(_dates(past)),
    )


def _ending(past: Past) -> Ending | None:
    """Return the newest end, other than one that was revoked."""
    revoked = past.last(Fact.REVOKED) is not None
    for entry in reversed(past.entries):
        if entry.fact is Fact.ENDED:
            ending = load_value(entry.note, Ending)
            if not (revoked and ending.verdict is Verdict.COMMITTED):
                return ending
    return None


def certificate_of(past: Past) -> Certificate | None:
    """Return the certificate of the window, if it was closed."""
    closed = past.last(Fact.CLOSED)
    return load_value(closed.note, Certificate) if closed else None


def _dates(past: Past) -> Iterator[tuple[str, str]]:
    """Yield what began, and when: a phase, or after an end nothing."""
    for entry in past.entries:
        if entry.fact is Fact.REACHED:
            yield entry.part, entry.note
        elif entry.fact is Fact.ENDED:
            yield "", load_value(entry.note, Ending).at
