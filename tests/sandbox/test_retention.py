"""Protecting and pruning in any order, over real HTTP: what is kept can be restored."""

from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

import vnfdr
from tests.sandbox.life import Life
from vnfdr.errors import CloudError, ManifestError
from vnfdr.manifests import DirectoryStore
from vnfdr.sandbox import Effect, Fault
from vnfdr.sweeping import Fate

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
    """And what is charged and not needed is named, and swept once it can be."""
    life = begin()
    for turn, how in (("protect", 0), *turns):
        getattr(life, turn)(how)
    life.a.faults.add(fault)

    try:
        leftovers = life.prune((1, 0, 0, 0)).leftovers
    except CloudError:
        leftovers = ()  # It could not take stock, and touched nothing.

    life.a.faults.clear()
    assert life.unlike() == []
    named = "\n".join(map(str, leftovers))
    assert [each for each in life.left() if each not in named] == []
    vnfdr.sweep(life.site, journal=life.directory / "runs", delete=True)
    assert (life.left(), life.used()) == (set(), life.owed())


@pytest.fixture
def pruned(begin):
    """Prune four points down to one, where a backup cannot be deleted."""
    life = begin()
    for _ in range(4):
        life.protect(1)

    def prune():
        return life, life.prune((1, 0, 0, 0))

    life.a.faults.add(Fault("delete backup", Effect.ANSWER, status=403))
    return prune


def test_what_a_prune_could_not_delete_is_swept(pruned):
    """It was named, and no recovery point wants it any more."""
    life, outcome = pruned()
    stuck = life.left()
    assert all(each in str(outcome) for each in stuck)

    swept = vnfdr.sweep(life.site, journal=life.directory / "runs", delete=True)

    assert {found.thing.id for found in swept.of(Fate.SWEPT)} == stuck != set()
    assert (life.left(), life.unlike()) == (set(), [])


def test_what_is_still_promised_is_not_swept(pruned, monkeypatch):
    """A manifest that could not be deleted keeps all that it promises."""

    def refuse(store, name):
        raise ManifestError(f"{store.place} is read-only")

    monkeypatch.setattr(DirectoryStore, "delete", refuse)
    life, outcome = pruned()

    swept = vnfdr.sweep(life.site, journal=life.directory / "runs", delete=True)

    assert len(outcome.leftovers) == 3
    assert (swept.of(Fate.SWEPT), life.unlike()) == ((), [])
    assert life.used() == life.owed()
