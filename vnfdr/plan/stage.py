"""How far a run is, as its journal tells it: what others have to know of it."""

from vnfdr.errors import JournalDamaged
from vnfdr.plan.declaration import may_be_frozen
from vnfdr.plan.ending import ended
from vnfdr.plan.journal import Fact, Past
from vnfdr.plan.outcome import Verdict
from vnfdr.plan.plan import Lasting, Plan


def is_refused(past: Past) -> bool:
    """Tell whether preflight was the last that became of a run."""
    return past.last(Fact.REFUSED) is not None and not past.parts(Fact.STARTED)


def is_unfinished(past: Past, plan: Plan) -> bool:
    """Tell whether a run needs to be resumed.

    It has begun and not ended, or guests of it may be frozen.

    Raises:
        JournalDamaged: what an entry says cannot be read, at least not by this vnfdr.
    """
    try:
        if plan.window and may_be_frozen(past, plan.window):
            return True
        has_ended = ended(past, plan.id) is not None
    except (ExceptionGroup, KeyError, TypeError, ValueError) as error:
        raise JournalDamaged(
            f"run {plan.id}: what its journal says cannot be read: {error!r}"
        ) from error
    return bool(past.entries) and not is_refused(past) and not has_ended


def is_provisional(past: Past, plan: Plan) -> bool:
    """Tell whether a run is done, and waits to be confirmed, or taken back."""
    if plan.lasting is not Lasting.PROVISIONAL or past.last(Fact.CONFIRMED):
        return False
    outcome = ended(past, plan.id)
    return outcome is not None and outcome.verdict is Verdict.COMMITTED


def is_over(past: Past, plan: Plan) -> bool:
    """Tell whether a run is in nobody's way any more, or never was.

    Raises:
        JournalDamaged: what an entry says cannot be read, at least not by this vnfdr.
    """
    return not is_unfinished(past, plan) and not is_provisional(past, plan)


def is_to_begin(past: Past, plan: Plan) -> bool:
    """Tell whether a run has touched nothing so far."""
    return not is_unfinished(past, plan) and ended(past, plan.id) is None
