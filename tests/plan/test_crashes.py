"""The first test of the runner: a crash at every call."""

import itertools

import pytest
from attrs import evolve

from tests.fakes import (
    Crash,
    FakeClock,
    FakeJournal,
    FakeSite,
    Wire,
    violations,
    world_of,
)
from vnfdr.discovery import discover
from vnfdr.model import BackupPolicy, Group, Keep, Member, Strategy
from vnfdr.plan import Manner, Together, Verdict, run
from vnfdr.recipes import protect_plan

POLICIES = {
    "backups": BackupPolicy(at_once=1),
    "whole volumes": BackupPolicy(Strategy.VOLUME, at_once=1, keep=Keep.NOTHING),
    "snapshots only": BackupPolicy(Strategy.NONE, keep=Keep.SNAPSHOTS),
}


class Attempt:
    """A site, and a run on it whose process dies at its ``crash_at``-th call.

    A call counts twice: before it takes effect, and after.
    """

    def __init__(self, policy, crash_at=None):
        self.site = FakeSite()
        for name in ("db", "app", "lb"):
            self.site.add_server(name, volumes=1)
        self.journal = FakeJournal(self.site.wire)
        members = [Member(name, "fake") for name in ("db", "app", "lb")]
        group = evolve(Group.of("vnf", members), backup=policy)
        plan = protect_plan(discover(world_of(self.site), group), point="p1")
        self.plan = evolve(plan, phases=tuple(map(one_at_a_time, plan.phases)))
        calls = itertools.count()
        dead = False

        def tick(call):
            nonlocal dead
            dead = dead or next(calls) == crash_at
            if dead:
                raise Crash(call)

        self.site.wire.before = self.site.wire.after = tick
        self.calls = calls

    def run(self):
        return run(
            self.plan,
            world_of(self.site),
            self.journal,
            Manner(preflight=False, clock=FakeClock()),
        )

    def come_back(self):
        """Let a new process take over."""
        self.site.wire.before = self.site.wire.after = Wire().before


def one_at_a_time(phase):
    """Make the order of calls the same in every run."""
    if isinstance(phase, Together):
        return evolve(phase, at_once=1)
    return evolve(phase, cuts_at_once=1)


def number_of_calls(policy):
    attempt = Attempt(policy)
    assert attempt.run().verdict is Verdict.COMMITTED
    return next(attempt.calls)


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())
def test_no_crash_leaves_half_a_recovery_point(policy):
    """Wherever a run dies, resuming it leaves all of its work or none of it."""
    whole = Attempt(policy)
    whole.run()
    for crash_at in range(number_of_calls(policy)):
        attempt = Attempt(policy, crash_at)
        with pytest.raises(Crash):
            attempt.run()
        attempt.come_back()

        outcome = attempt.run()

        committed = outcome.verdict is Verdict.COMMITTED
        assert attempt.site.frozen == [], crash_at
        assert len(attempt.site.made) == (len(whole.site.made) if committed else 0)
        assert outcome.leftovers == (), crash_at
        if committed and outcome.certificate.consistent:
            assert violations(attempt.site.pictures.values()) == [], crash_at


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())
def test_a_crash_outside_the_window_loses_nothing(policy):
    """A run that dies after its window goes on; one that dies inside gives up."""
    verdicts = set()
    for crash_at in range(number_of_calls(policy)):
        attempt = Attempt(policy, crash_at)
        with pytest.raises(Crash):
            attempt.run()
        facts = {entry.fact.value for entry in attempt.journal}
        attempt.come_back()

        verdict = attempt.run().verdict

        in_window = "declared" in facts and "closed" not in facts
        assert verdict is (Verdict.COMPENSATED if in_window else Verdict.COMMITTED)
        verdicts.add(verdict)
    assert verdicts == {Verdict.COMPENSATED, Verdict.COMMITTED}
