"""The first test of the runner: a crash at every call, and a second one after it."""

import pytest
from attrs import evolve

from tests.core.faults import CRASHES, Effect, Fault
from tests.core.judge import end
from tests.core.story import Machine, Script, told
from vnfdr.model import Keep, Strategy
from vnfdr.plan import Fact, Lasting, Verdict

SCRIPTS = {
    "backups": Script(machines=(Machine(), Machine())),
    "whole volumes": Script(
        machines=(Machine(), Machine()), strategy=Strategy.VOLUME, keep=Keep.NOTHING
    ),
    "snapshots only": Script(
        machines=(Machine(), Machine()), strategy=Strategy.NONE, keep=Keep.SNAPSHOTS
    ),
}
UNDONE = {
    "taken back": Script(machines=(Machine(),), lasting=Lasting.PROVISIONAL),
    "trial": Script(machines=(Machine(),), lasting=Lasting.TRIAL),
}
every_script = pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS.keys())
every_undone = pytest.mark.parametrize("script", UNDONE.values(), ids=UNDONE.keys())
every_crash = pytest.mark.parametrize("crash", CRASHES, ids=lambda crash: crash.name)


def number_of_calls(script):
    with told(script) as story:
        assert story.outcome.verdict is verdict_of(script)
        return len(story.core.faults.calls)


def verdict_of(script):
    """How the run of a script ends if nothing goes wrong."""
    taken_back = script.lasting is Lasting.PROVISIONAL
    return Verdict.COMPENSATED if taken_back else Verdict.COMMITTED


def with_crashes(script, *places):
    """Return the script with a crash at each place: the number of a call, and how."""
    crashes = tuple(Fault("*", at, crash) for at, crash in places)
    return evolve(script, faults=crashes)


@every_crash
@every_script
def test_no_crash_breaks_a_promise(script, crash):
    """Wherever a run dies, resuming it leaves all of its work or none of it."""
    for at in range(number_of_calls(script)):
        with told(with_crashes(script, (at, crash))) as story:
            assert list(end(story)) == [], at
            assert story.deaths == 1, at
            assert story.outcome.verdict is not Verdict.STRANDED, at
            assert story.outcome.leftovers == (), at


@every_crash
@every_script
def test_no_second_crash_breaks_a_promise(script, crash):
    """Recovery that dies too is recovered from: wherever, and however long after."""
    calls = number_of_calls(script)
    for at in range(calls):
        # A different distance each time: all of them together are every place.
        again = at + 1 + at * 7 % 23
        twice = with_crashes(script, (at, crash), (again, Effect.CRASH_AFTER))
        with told(evolve(twice, absences=(0.0, 100.0))) as story:
            assert list(end(story)) == [], (at, again)
            assert story.outcome.verdict is not Verdict.STRANDED, (at, again)


@every_script
def test_a_crash_outside_the_window_loses_nothing(script):
    """A run that dies after its window goes on; one that dies inside gives up."""
    verdicts = set()
    for at in range(number_of_calls(script)):
        with told(with_crashes(script, (at, Effect.CRASH))) as story:
            first = facts_before_the_crash(story)
            in_window = Fact.DECLARED in first and Fact.CLOSED not in first
            expected = Verdict.COMPENSATED if in_window else Verdict.COMMITTED
            assert story.outcome.verdict is expected, at
            verdicts.add(expected)
    assert verdicts == {Verdict.COMPENSATED, Verdict.COMMITTED}


def facts_before_the_crash(story):
    return {entry.fact for entry in story.entries[: story.died_at[0]]}


@every_crash
@every_undone
def test_no_crash_leaves_something_of_what_is_undone(script, crash):
    """Whenever a run dies that is done and is undone, nothing of it remains."""
    for at in range(number_of_calls(script)):
        with told(with_crashes(script, (at, crash))) as story:
            assert list(end(story)) == [], at
            assert story.deaths == 1, at
            assert (story.core.made, story.outcome.leftovers) == ({}, ()), at


@every_undone
def test_no_second_crash_leaves_something_of_what_is_undone(script):
    """Whoever takes up the undoing may die too, at once or later."""
    calls = number_of_calls(script)
    for at in range(calls // 2, calls):
        again = at + 1 + at * 7 % 23
        twice = with_crashes(script, (at, Effect.CRASH), (again, Effect.CRASH_AFTER))
        with told(evolve(twice, absences=(0.0, 100.0))) as story:
            assert list(end(story)) == [], (at, again)
            assert story.core.made == {}, (at, again)


@every_undone
def test_a_crash_while_all_is_undone_does_not_change_the_verdict(script):
    """A trial that had succeeded has; what was taken back by word stays so."""
    seen = set()
    for at in range(number_of_calls(script)):
        with told(with_crashes(script, (at, Effect.CRASH))) as story:
            first = facts_before_the_crash(story)
            if first & {Fact.ACHIEVED, Fact.REVOKED}:
                assert story.outcome.verdict is verdict_of(script), at
                assert story.outcome.failed == "", at
                seen.add(at)
    assert len(seen) > 5
