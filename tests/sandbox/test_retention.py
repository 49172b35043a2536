"""Protecting and pruning in any order, over real HTTP: what is kept can be restored."""

from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from tests.sandbox.life import Life
from vnfdr.sandbox import Effect, Fault

DAYS = some.integers(0, 20)
COUNTS = some.tuples(*[some.integers(0, 2)] * 4).filter(any)
TURNS = some.one_of(
    some.tuples(some.just("protect"), DAYS),
    some.tuples(some.just("protect"), DAYS),
    some.tuples(some.just("prune"), COUNTS),
    some.tuples(some.just("grow"), some.just(1)),
)
LIVES = some.lists(TURNS, min_size=3, max_size=6)
FAULTS = some.builds(
    Fault,
    some.sampled_from(["delete backup", "delete snapshot", "delete volume", "list *"]),
    some.sampled_from([Effect.DROP, Effect.DROP_AFTER, Effect.ANSWER, Effect.EXPIRE]),
    status=some.sampled_from([400, 403, 409, 503]),
    skip=some.integers(0, 3),
)
bounded = settings(
    max_examples=4,
    deadline=None,
    print_blob=True,
    # A failure is told as it was found: to make it smaller would take minutes.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def begin(monkeypatch, tmp_path_factory):
    """Begin a life at new sites, and end the one before it."""
    with ExitStack() as stack:

        def begin():
            stack.close()
            directory = tmp_path_factory.mktemp("life")
            return Life.begin(stack, monkeypatch, directory)

        yield begin


@bounded
@given(LIVES)
def test_whatever_was_pruned_what_is_kept_can_be_restored(begin, turns):
    """To its very bytes; and no quota is charged with anything else."""
    life = begin()
    life.protect(0)

    for turn, how in (*turns, ("prune", (1, 0, 0, 1))):
        getattr(life, turn)(how)

    assert life.unlike() == []
    assert life.used() == life.owed()


@bounded
@given(LIVES.filter(lambda turns: turns[0][0] == "protect"), FAULTS)
def test_whatever_fails_no_kept_chain_is_broken(begin, turns, fault):
    """And what is charged and not needed is named."""
    life = begin()
    for turn, how in (("protect", 0), *turns):
        getattr(life, turn)(how)
    life.a.faults.add(fault)

    outcome = life.prune((1, 0, 0, 0))

    life.a.faults.clear()
    assert life.unlike() == []
    named = "\n".join(map(str, outcome.leftovers))
    assert [each for each in life.left() if each not in named] == []
