"""How far a run is, as its journal tells it: what others have to know of it."""

from vnfdr.errors import JournalDamaged
from vnfdr.plan.declaration import may_be_frozen
from vnfdr.plan.ending import ended
from vnfdr.plan.journal import Fact, Past
from vnfdr.plan.plan import Plan


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


def is_to_begin(past: Past, plan: Plan) -> bool:
    """Tell whether a run has touched nothing so far, and has its window to come."""
    return not is_unfinished(past, plan) and ended(past, plan.id) is None
