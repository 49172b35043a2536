"""What Hypothesis draws: groups, and what goes wrong with their protection."""

from hypothesis import strategies as st

from tests.core.faults import CRASHES, MEDDLING, Effect, Fault
from tests.core.story import Machine, Script
from vnfdr.model import Keep, Policy, Strategy
from vnfdr.plan import Lasting

CALLS = (
    "freeze",
    "thaw",
    "request snapshot",
    "look",
    "journal",
    "stamp",
    "create volume",
    "wait volume",
    "create backup",
    "wait backup",
    "find snapshot",
    "find volume",
    "find backup",
    "delete snapshot",
    "delete volume",
    "delete backup",
    "witness",
    "prepare",
    "settle",
    "stillness",
    "show server",
    "check",
    "token",
)
"""The calls of a run that matter, those of its window first."""

WINDOW_CALLS = CALLS[:5]
ANSWERS = tuple(e for e in Effect if e not in MEDDLING and e not in CRASHES)

CALLS_MAX = 150
amounts = st.floats(0.0, 1.0, width=16)


def _faults(calls, nth_max, effects, times=(1, 1, 2, 50)):
    return st.builds(
        Fault,
        st.sampled_from(calls),
        st.integers(0, nth_max),
        st.sampled_from(effects),
        st.sampled_from(times),
        amounts,
    )


faults = st.one_of(
    _faults(CALLS, 6, ANSWERS),
    _faults(WINDOW_CALLS, 4, ANSWERS),
    _faults(WINDOW_CALLS, 4, MEDDLING, (1,)),
    _faults(("*",), CALLS_MAX, ANSWERS, (1, 2)),
    _faults(("*",), CALLS_MAX, tuple(CRASHES), (1,)),
    _faults(CALLS, 6, (*CRASHES, Effect.STOP), (1,)),
)

machines = st.builds(
    Machine,
    st.sampled_from((Policy.REQUIRE, Policy.REQUIRE, Policy.DEGRADE, Policy.SKIP)),
    st.integers(1, 2),
    st.booleans(),
)


def scripts_with(strategy: Strategy) -> st.SearchStrategy[Script]:
    """Return what draws whole scripts, with backups taken in one way."""
    return st.builds(
        Script,
        seed=st.integers(0, 2**16),
        machines=st.lists(machines, min_size=1, max_size=5).map(tuple),
        strategy=st.just(strategy),
        keep=st.sampled_from(Keep),
        has_history=st.booleans(),
        hold_limit_seconds=st.sampled_from((2.0, 8.0, 30.0)),
        early_thaw=st.booleans(),
        at_once=st.booleans(),
        preflight=st.booleans(),
        faults=st.lists(faults, min_size=1, max_size=6).map(tuple),
        absences=st.lists(
            st.sampled_from((0.0, 1.0, 100.0)), min_size=1, max_size=3
        ).map(tuple),
        clumsy_at=st.none() | st.integers(0, 60),
        lasting=st.sampled_from((Lasting.KEPT, Lasting.KEPT, *Lasting)),
    )
