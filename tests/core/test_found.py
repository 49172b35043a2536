"""Scripts that once broke a promise, each cut down to what it takes."""

import pytest

from tests.core.faults import Effect, Fault
from tests.core.judge import end
from tests.core.story import Machine, Script, told
from vnfdr.model import Keep, Policy, Strategy

FOUND = {
    "a degraded guest is not thawed": Script(
        machines=(Machine(), Machine(Policy.DEGRADE)),
        faults=(Fault("thaw", 0, Effect.FAIL, times=50),),
    ),
    "a skipped guest is not thawed": Script(
        machines=(Machine(), Machine(Policy.SKIP)),
        faults=(Fault("thaw", 0, Effect.FAIL, times=50),),
    ),
    "the deletion of a snapshot is not answered": Script(
        keep=Keep.NOTHING, faults=(Fault("delete snapshot", 1, Effect.LOST_AFTER),)
    ),
    "a dead process gets its volume late": Script(
        strategy=Strategy.NONE,
        keep=Keep.BOTH,
        faults=(Fault("create volume", 1, Effect.CRASH_LATE),),
    ),
    "a backend raises what nobody expects after a crash": Script(
        faults=(
            Fault("freeze", 1, Effect.CRASH),
            Fault("stillness", 0, Effect.BUG, times=2),
        ),
    ),
    "a journal raises what nobody expects while a run is taken back": Script(
        faults=(
            Fault("create backup", 2, Effect.FAIL),
            Fault("journal", 16, Effect.BUG, times=6),
        ),
    ),
    "a run is given up, and its journal cannot be written": Script(
        machines=(Machine(),),
        strategy=Strategy.NONE,
        faults=(
            Fault("create volume", 0, Effect.STOP),
            Fault("journal", 6, Effect.FAIL, times=9),
        ),
    ),
    "a run that is taken back and not recorded as failed dies": Script(
        machines=(Machine(),),
        strategy=Strategy.NONE,
        faults=(
            Fault("create volume", 0, Effect.STOP),
            Fault("journal", 6, Effect.FAIL),
            Fault("journal", 7, Effect.CRASH),
        ),
    ),
    "a guest is not thawed, and another is refused and held by somebody else": Script(
        machines=(Machine(), Machine(), Machine(joins=True)),
        strategy=Strategy.NONE,
        hold_limit_seconds=2.0,
        preflight=False,
        faults=(
            Fault("freeze", 0, Effect.FREEZE),
            Fault("freeze", 1, Effect.RETRYABLE),
            Fault("freeze", 2, Effect.DEAD, amount=0.0),
        ),
    ),
    "a guest is not thawed, and somebody else holds another": Script(
        machines=(Machine(Policy.DEGRADE), Machine(joins=True)),
        hold_limit_seconds=2.0,
        faults=(
            Fault("journal", 0, Effect.FSFREEZE, amount=0.1),
            Fault("thaw", 0, Effect.HANG),
        ),
    ),
}


@pytest.mark.parametrize("script", FOUND.values(), ids=FOUND.keys())
def test_what_was_found_once_is_not_found_again(script):
    """None of these leaves a guest frozen, a thing unnamed or a false certificate."""
    with told(script) as story:
        assert list(end(story)) == []
        assert story.core.faults.happened
