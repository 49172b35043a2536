"""Wherever a recovery dies, or is not answered, it ends as if it had not been."""

import itertools

import pytest

from tests.fakes import Crash, Wire
from vnfdr.errors import AnswerLost
from vnfdr.plan import Verdict
from vnfdr.recipes import recover_plan, rehearse_plan

CREATING = ("create volume", "create port", "create server", "import backup")


def dying(at, *, after):
    """The wire of a process that dies before its ``at``-th call, or right after it."""
    calls = itertools.count()

    def die(call):
        if next(calls) >= at:
            wire.before = wire.after = over
            raise Crash(call)

    def over(call):
        raise Crash(call)

    wire = Wire(after=die) if after else Wire(before=die)
    return wire


def there_is(site):
    """How much there is of each: servers, volumes, ports, backups."""
    wiring = site.wiring
    things = (site.all_servers, site.all_volumes, wiring.ports, site.all_backups)
    return tuple(map(len, things))


WHOLE = (2, 3, 2, 4)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("part", range(4))
def test_a_recovery_that_dies_is_gone_on_with(asking, fresh, after, part):
    """At whichever call: resumed, it has made each thing once, and all of them."""
    plan = recover_plan(asking())
    total = fresh().calls(plan)

    for at in range(part, total, 4):
        place = fresh()
        with pytest.raises(Crash):
            place.run(plan, dying(at, after=after))

        outcome = place.run(plan)

        assert outcome.verdict is Verdict.COMMITTED, (at, outcome)
        assert there_is(place.site) == WHOLE, at


@pytest.mark.parametrize("call", [*CREATING, "restore backup"])
def test_answers_that_are_lost_are_looked_for(asking, fresh, call):
    """Every one of them: nothing is made twice, and nothing is missing."""

    def lose(made):
        if made == call:
            raise AnswerLost(f"no answer to {made}")

    place = fresh()
    outcome = place.run(recover_plan(asking()), Wire(after=lose))

    assert outcome.verdict is Verdict.COMMITTED
    assert there_is(place.site) == WHOLE


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_recovery_that_dies_while_it_is_taken_back_leaves_nothing(
    asking, fresh, after
):
    """Its last server never comes up; the taking back dies, and is gone on with."""
    plan = recover_plan(asking())
    total = fresh(app="ERROR").calls(plan)

    for at in range(total // 2, total, 3):
        place = fresh(app="ERROR")
        with pytest.raises(Crash):
            place.run(plan, dying(at, after=after))

        outcome = place.run(plan)

        assert outcome.verdict is Verdict.COMPENSATED, (at, outcome)
        assert there_is(place.site) == (0, 0, 0, 4), at


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("part", range(4))
def test_a_rehearsal_that_dies_leaves_nothing(asking, fresh, after, part):
    """At whichever call: gone on with, all of it is done, and undone."""
    plan = rehearse_plan(asking(prefix="rehearsal-", isolated=True))
    total = fresh().calls(plan)

    for at in range(part, total, 4):
        place = fresh()
        with pytest.raises(Crash):
            place.run(plan, dying(at, after=after))

        outcome = place.run(plan)

        assert outcome.verdict is Verdict.COMMITTED, (at, outcome)
        assert there_is(place.site) == (0, 0, 0, 4), at
        assert place.site.wiring.networks == {}, at
