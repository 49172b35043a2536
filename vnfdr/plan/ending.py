"""How a run's end is written down, and read again."""

from attrs import frozen

from vnfdr.plan.codec import dump_value, load_value
from vnfdr.plan.events import Happening
from vnfdr.plan.journal import Entry, Fact, Past
from vnfdr.plan.outcome import Leftover, Outcome, Verdict
from vnfdr.plan.run import Run
from vnfdr.plan.step import Receipts
from vnfdr.point import Certificate


@frozen
class Ending:
    """An outcome as the journal keeps it."""

    verdict: Verdict
    failed: str = ""
    reason: str = ""
    leftovers: tuple[Leftover, ...] = ()


def end(run: Run, outcome: Outcome) -> Outcome:
    """Record how a run ended, tell it, and return it."""
    ending = Ending(outcome.verdict, outcome.failed, outcome.reason, outcome.leftovers)
    run.record(Entry(run.plan.id, Fact.ENDED, note=dump_value(ending)))
    run.tell(Happening.ENDED, run.plan.id, str(outcome))
    return outcome


def ended(past: Past, run: str) -> Outcome | None:
    """Return how a run ended, if it did."""
    entry = past.last(Fact.ENDED)
    if entry is None:
        return None
    ending = load_value(entry.note, Ending)
    committed = ending.verdict is Verdict.COMMITTED
    return Outcome(
        run,
        ending.verdict,
        ending.failed,
        ending.reason,
        leftovers=ending.leftovers,
        receipts=Receipts(past.receipts if committed else {}),
        certificate=certificate_of(past),
    )


def certificate_of(past: Past) -> Certificate | None:
    """Return the certificate of the window, if it was closed."""
    closed = past.last(Fact.CLOSED)
    return load_value(closed.note, Certificate) if closed else None
