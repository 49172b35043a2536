"""How long the phases of a run took: for people, and across crashes."""

from datetime import timedelta

import pytest
from attrs import define, evolve

from tests.dead import plan_without_window
from tests.fakes import FakeClock
from vnfdr.discovery import discover
from vnfdr.plan import (
    Fact,
    Lasting,
    Manner,
    MemoryJournal,
    PhaseTime,
    SystemClock,
    Together,
    Verdict,
    run,
)
from vnfdr.plan.provisional import revoke
from vnfdr.recipes import protect_plan

MORNING = SystemClock().date().replace(hour=6)


@define
class WallClock(FakeClock):
    """A clock on the wall, which jumps when it is told to."""

    minutes: float = 0.0

    def date(self):
        return MORNING + timedelta(minutes=self.minutes)


@pytest.fixture
def wall():
    """The clock on the wall."""
    return WallClock()


@pytest.fixture
def plan(site):
    """Two phases: one snapshots a volume, the next another."""
    plan = plan_without_window(site, "p1", "db")
    one, two = plan.steps
    return evolve(plan, phases=(Together("one", (one,)), Together("two", (two,))))


@pytest.fixture
def carry_out(world, wall):
    """Run a plan, or resume it, on a journal."""

    def carry_out(plan, journal):
        return run(plan, world, journal, Manner(clock=wall))

    return carry_out


def minutes_for_each_snapshot(site, wall, *minutes):
    """Let each request for a snapshot in turn take so long."""
    left = list(minutes)

    def hook(call):
        if call == "request snapshot" and left:
            wall.minutes += left.pop(0)

    site.wire.before = hook


def test_each_phase_has_its_time(site, plan, wall, carry_out):
    """In order; the same is told whenever the run is looked at again."""
    minutes_for_each_snapshot(site, wall, 2, 3)
    journal = MemoryJournal()

    outcome = carry_out(plan, journal)

    assert outcome.phases == (PhaseTime("one", 120.0), PhaseTime("two", 180.0))
    assert carry_out(plan, journal).phases == outcome.phases
    assert "two: 180.0 s" in str(outcome)


def test_the_time_in_which_nobody_was_there_counts(site, plan, wall, carry_out):
    """It is part of how long the phase took."""
    minutes_for_each_snapshot(site, wall, 2, 3)
    whole, journal = MemoryJournal(), MemoryJournal()
    carry_out(plan, whole)
    at = [e.fact for e in whole].index(Fact.DONE) + 3
    journal.append(*whole.entries[:at])
    assert [e.fact for e in journal][-2:] == [Fact.REACHED, Fact.STARTED]

    wall.minutes = 60
    outcome = carry_out(plan, journal)

    assert outcome.phases == (PhaseTime("one", 120.0), PhaseTime("two", 58 * 60.0))


def test_a_clock_that_is_put_back_makes_no_time_negative(site, plan, wall, carry_out):
    """The phase took no time, as far as that clock can tell."""
    minutes_for_each_snapshot(site, wall, -600, 3)

    outcome = carry_out(plan, MemoryJournal())

    assert outcome.phases == (PhaseTime("one", 0.0), PhaseTime("two", 180.0))


def test_taking_back_has_a_time_of_its_own(site, plan, wall, carry_out):
    """What lies between the end and the word that revoked it is nobody's."""
    minutes_for_each_snapshot(site, wall, 2, 3)
    journal = MemoryJournal()
    carry_out(plan, journal)
    wall.minutes = 1000
    revoke(plan, journal, wall)

    outcome = carry_out(plan, journal)

    assert outcome.verdict is Verdict.COMPENSATED
    assert [(phase.name, phase.seconds) for phase in outcome.phases] == [
        ("one", 120.0),
        ("two", 180.0),
        ("take everything back", 0.0),
    ]


def test_taking_a_trial_down_is_no_part_of_what_it_took(site, plan, wall, carry_out):
    """Its phases are as long as those of the real thing."""
    minutes_for_each_snapshot(site, wall, 2, 3)
    trial = evolve(plan, lasting=Lasting.TRIAL)

    outcome = carry_out(trial, MemoryJournal())

    assert [phase.name for phase in outcome.phases][2:] == ["take everything back"]
    assert [phase.seconds for phase in outcome.phases][:2] == [120.0, 180.0]


def test_nothing_is_written_for_the_time_alone(world, group, wall, carry_out):
    """Each phase's begin is recorded with its first entry, and none in the window."""

    class Counting(MemoryJournal):
        def append(self, *entries):
            written.append([entry.fact for entry in entries])
            super().append(*entries)

    written = []
    plan = protect_plan(discover(world, group), point="p1")

    carry_out(plan, Counting())

    begun = [facts for facts in written if Fact.REACHED in facts]
    assert [facts[0] for facts in begun] == [Fact.REACHED] * len(plan.phases)
    assert all(len(facts) > 1 for facts in begun)
    assert sum(Fact.DECLARED in facts for facts in begun) == 1
