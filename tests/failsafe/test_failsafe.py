"""Whatever dies or hangs inside a window, every guest is thawed."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context

import attrs
import pytest

import vnfdr
from vnfdr.errors import FailsafeFailed, FailsafeFired
from vnfdr.failsafe import guarded, processes
from vnfdr.failsafe.clouds import CloudWorld
from vnfdr.failsafe.guarded import Guarded
from vnfdr.model import Policy
from vnfdr.plan import Manner, MemoryJournal
from vnfdr.plan import run as carry_out
from vnfdr.sandbox import Effect, Fault
from vnfdr.sandbox.agents import Agent, AgentFaults
from vnfdr.world import World


@pytest.fixture
def meanwhile(site, journal, until, a, pids_of):
    """Carry a plan out in this process; do something once guests are frozen."""

    def run(plan, act):
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(vnfdr.run, plan, site, journal=journal)
            until(lambda: len(a.frozen) == 3)
            act(pids_of())
            until(lambda: not a.frozen)
            return running.result()

    return run


def test_a_window_ends_with_its_failsafe_gone(site, group, journal, helpers, deeds):
    """It was armed before, and is gone after; so is who worked the window."""
    plan = vnfdr.protect(site, group)

    outcome = vnfdr.run(plan, site, journal=journal)

    assert outcome.verdict is vnfdr.Verdict.COMMITTED
    assert outcome.certificate.consistent
    assert deeds(plan) == ["armed", "disarmed"]
    assert not helpers().pid("working")
    assert not helpers().pid("standing")


def test_a_dead_worker_is_thawed_behind(site, group, meanwhile, a, deeds):
    """Its point is worth nothing, and nothing of it remains."""
    plan = vnfdr.protect(site, group)

    outcome = meanwhile(plan, lambda pids: os.kill(pids["working"], signal.SIGKILL))

    assert outcome.verdict is vnfdr.Verdict.COMPENSATED
    assert isinstance(outcome.cause, FailsafeFired)
    assert not outcome.certificate.consistent
    assert "the failsafe fired" in "; ".join(outcome.certificate.problems)
    assert a.made == []
    assert deeds(plan) == ["armed", "thawed"]


def test_a_guest_that_somebody_else_thawed_is_let_be(site, group, meanwhile, a):
    """Our freeze of it was answered: whoever freezes it from now on is not we."""
    plan = vnfdr.protect(site, group)
    began = []

    def thaw_and_kill(pids):
        next(s for s in a.servers.values() if s.name == "app").guest.thaw()
        began.append(len(a.faults.calls))
        os.kill(pids["working"], signal.SIGKILL)

    meanwhile(plan, thaw_and_kill)

    asked = list(a.faults.calls)[began[0] :]
    assert asked.count("thaw guest") == 3
    assert "show guest" not in asked


def test_a_paused_worker_is_killed_when_the_lease_is_over(
    site, group, meanwhile, helpers, a
):
    """It cannot wake up and freeze anything again."""
    a.latency = attrs.evolve(a.latency, snapshot=12.0)
    short = attrs.evolve(group, hold_limit_seconds=10.5, lease_seconds=11.0)
    plan = vnfdr.protect(site, attrs.evolve(short, tiers=_hasty(short, 3.0)))
    plan = attrs.evolve(plan, phases=tuple(map(_with_a_short_lease, plan.phases)))

    outcome = meanwhile(plan, lambda pids: os.kill(pids["working"], signal.SIGSTOP))

    assert outcome.verdict is vnfdr.Verdict.COMPENSATED
    assert "the lease of 6 s ran out" in outcome.reason
    assert not outcome.certificate.consistent
    assert not helpers().pid("working")
    assert a.made == []


def _hasty(group, seconds):
    return tuple(
        tuple(attrs.evolve(m, freeze_timeout_seconds=seconds) for m in tier)
        for tier in group.tiers
    )


def _with_a_short_lease(phase):
    if not hasattr(phase, "lease_seconds"):
        return phase
    return attrs.evolve(phase, hold_limit_seconds=5.9, lease_seconds=6.0)


def test_without_its_failsafe_a_window_is_given_up(site, group, meanwhile, a):
    """Who works it thaws everything at once."""
    plan = vnfdr.protect(site, group)

    outcome = meanwhile(plan, lambda pids: os.kill(pids["standing"], signal.SIGKILL))

    assert outcome.verdict is vnfdr.Verdict.COMPENSATED
    assert isinstance(outcome.cause, FailsafeFailed)
    assert a.made == []


def test_without_both_the_controller_thaws(site, group, meanwhile, a):
    """Nobody else is left to do it."""
    plan = vnfdr.protect(site, group)

    def kill_both(pids):
        for pid in pids.values():
            os.kill(pid, signal.SIGSTOP)
        for pid in pids.values():
            os.kill(pid, signal.SIGKILL)

    outcome = meanwhile(plan, kill_both)

    assert outcome.verdict is vnfdr.Verdict.COMPENSATED
    assert not a.frozen
    assert a.made == []


def test_a_killed_controller_is_thawed_behind(
    site, group, controller, journal, until, a, deeds
):
    """What it left, resuming takes back."""
    plan = vnfdr.protect(site, group)
    child = controller(plan)
    until(lambda: len(a.frozen) == 3)

    child.kill()

    until(lambda: not a.frozen)
    until(lambda: deeds(plan)[-1] == "thawed")
    outcome = vnfdr.resume(plan.id, site, journal=journal)
    assert outcome.verdict is vnfdr.Verdict.COMPENSATED
    assert not a.frozen
    assert a.made == []


@pytest.mark.parametrize("frozen", [1, 2])
def test_a_controller_that_is_killed_while_it_freezes_is_thawed_behind(
    site, group, controller, until, a, frozen
):
    """Wherever it was."""
    child = controller(vnfdr.protect(site, group))
    until(lambda: len(a.frozen) >= frozen)

    child.kill()

    until(lambda: not a.frozen)
    assert all(server.guest.is_writing for server in a.servers.values())


@pytest.mark.parametrize("role", ["working", "standing"])
def test_each_of_the_three_is_enough_to_thaw(
    site, group, controller, pids_of, until, a, role
):
    """As when the machine runs out of memory: two of them die at once."""
    child = controller(vnfdr.protect(site, group))
    until(lambda: len(a.frozen) == 3)

    os.kill(pids_of(child.pid)[role], signal.SIGKILL)
    child.kill()

    until(lambda: not a.frozen)
    assert all(server.guest.is_writing for server in a.servers.values())


def test_what_a_lost_machine_left_frozen_is_recovered(
    site, group, controller, pids_of, until, a, journal
):
    """Two machines' worth of processes die; one call thaws, and takes both back."""
    a.latency = attrs.evolve(a.latency, snapshot=12.0)
    halves = [
        attrs.evolve(group, name=name, tiers=tiers)
        for name, tiers in (("one", group.tiers[:1]), ("two", group.tiers[1:]))
    ]
    children = [controller(vnfdr.protect(site, half)) for half in halves]
    until(lambda: len(a.frozen) == 3)

    pids = [pid for child in children for pid in pids_of(child.pid).values()]
    doomed = [*pids, *(child.pid for child in children)]
    for deadly in (signal.SIGSTOP, signal.SIGKILL):
        for pid in doomed:
            os.kill(pid, deadly)
    assert len(a.frozen) == 3
    for child in children:
        child.wait()
    found = vnfdr.recover_runs(journal)

    assert [each.state for each in found] == ["compensated", "compensated"]
    assert (a.frozen, a.made) == ([], [])
    assert vnfdr.recover_runs(journal) == ()


def test_a_paused_controller_holds_nobody(site, group, controller, until, a):
    """The window is worked without it; it finds the result when it wakes up."""
    child = controller(vnfdr.protect(site, group))
    until(lambda: len(a.frozen) == 3)

    child.send_signal(signal.SIGSTOP)

    until(lambda: not a.frozen)
    child.send_signal(signal.SIGCONT)
    told, _ = child.communicate(timeout=300)
    assert told == "committed\n"


def test_who_was_let_go_and_frozen_by_somebody_else_stays_frozen(
    site, group, controller, until, a, journal, deeds
):
    """A failsafe thaws what its own window froze, and nothing else."""
    plan = vnfdr.protect(site, attrs.evolve(group, early_thaw=True))
    servers = {server.name: server for server in a.servers.values()}
    a.faults.add(Fault("create snapshot", Effect.DELAY, resource="lb", seconds=6.0))
    child = controller(plan)
    until(lambda: a.frozen == ["app", "db", "lb"])
    until(lambda: a.frozen == ["lb"])
    looks = list(a.faults.calls).count("list snapshots")
    # By then the worker has heard that the other two are thawed, and said so.
    until(lambda: list(a.faults.calls).count("list snapshots") > looks + 2)

    servers["db"].guest.freeze()
    child.kill()

    until(lambda: a.frozen == ["db"])
    until(lambda: deeds(plan)[-1] == "thawed")
    vnfdr.resume(plan.id, site, journal=journal)
    assert a.frozen == ["db"]


def test_without_a_failsafe_nothing_is_frozen(site, group, a):
    """One that cannot reach the guests is none."""
    plan = vnfdr.protect(site, group)
    manner = Manner(guard=Guarded(CloudWorld("no-such-cloud")))

    outcome = carry_out(plan, World(site), MemoryJournal(), manner)

    assert outcome.verdict is vnfdr.Verdict.COMPENSATED
    assert "no cloud is named 'no-such-cloud'" in outcome.reason
    assert not any(call == "freeze guest" for call in a.faults.calls)


def test_a_guest_that_it_does_not_reach_is_missed_where_policy_allows(
    site, group, journal, a
):
    """The others are frozen; the certificate says why that one was not."""
    tiers = tuple(
        tuple(attrs.evolve(m, policy=Policy.DEGRADE) for m in tier)
        for tier in group.tiers
    )
    plan = vnfdr.protect(site, attrs.evolve(group, tiers=tiers))
    servers = {server.name: server for server in a.servers.values()}
    servers["lb"].guest.faults = AgentFaults(agent=Agent.DEAD)

    outcome = vnfdr.run(plan, site, journal=journal)

    assert outcome.verdict is vnfdr.Verdict.COMMITTED
    assert [bool(g.problem) for g in outcome.certificate.guests] == [False, False, True]


def test_it_can_be_done_without_when_that_is_asked_for(site, group, journal, helpers):
    """A run without a failsafe starts no processes."""
    plan = vnfdr.protect(site, group)

    outcome = vnfdr.run(plan, site, journal=journal, failsafe=False)

    assert outcome.verdict is vnfdr.Verdict.COMMITTED
    assert not (journal / f"{plan.id}.failsafe").exists()


def test_a_failsafe_that_is_at_work_is_left_to_it(
    site, group, pids_of, until, a, journal, monkeypatch, helpers, deeds
):
    """Its guest cannot be thawed: the run ends and says so, and it goes on to try."""
    monkeypatch.setattr(guarded, "ANSWER_SECONDS_MAX", 0.5)
    monkeypatch.setattr(processes, "END_SECONDS_MAX", 0.5)
    a.latency = attrs.evolve(a.latency, snapshot=12.0)
    plan = vnfdr.protect(site, attrs.evolve(group, tiers=_hasty(group, 3.0)))
    plan = attrs.evolve(plan, phases=tuple(map(_with_a_short_lease, plan.phases)))

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(vnfdr.run, plan, site, journal=journal)
        until(lambda: len(a.frozen) == 3)
        pids = pids_of()
        refuse = Fault("thaw guest", Effect.ANSWER, resource="db", status=503)
        a.faults.add(attrs.evolve(refuse, times=None))
        os.kill(pids["working"], signal.SIGKILL)
        outcome = running.result()

    assert outcome.verdict is vnfdr.Verdict.STRANDED
    assert "the failsafe goes on to thaw db" in outcome.reason
    assert [left.receipt.id for left in outcome.leftovers] == ["db"]
    a.faults.clear()
    until(lambda: not a.frozen)
    until(lambda: not helpers().pid("standing"))
    assert deeds(plan) == ["armed", "thawed"]


def test_a_process_forked_meanwhile_holds_nothing_up(
    site, group, journal, helpers, monkeypatch
):
    """It has our ends of all lines; who was started for the window leaves all the same.

    Nobody would be killed within the time that a test has.
    """
    monkeypatch.setattr(processes, "END_SECONDS_MAX", 3600.0)
    forked = []

    def fork(event):
        if event.happening is vnfdr.plan.Happening.THAWED and not forked:
            forked.append(get_context("fork").Process(target=signal.pause, daemon=True))
            forked[0].start()

    plan = vnfdr.protect(site, group)
    outcome = vnfdr.run(plan, site, journal=journal, listeners=(fork,))

    assert forked[0].is_alive()
    forked[0].kill()
    forked[0].join()
    assert outcome.verdict is vnfdr.Verdict.COMMITTED
    assert not helpers().pid("working")
    assert not helpers().pid("standing")


def test_what_lies_in_the_current_directory_is_not_run(
    site, group, journal, tmp_path, monkeypatch
):
    """By whatever name it lies there."""
    (tmp_path / "queue.py").write_text("raise SystemExit('not ours')\n")
    monkeypatch.chdir(tmp_path)
    plan = vnfdr.protect(site, group)

    assert vnfdr.run(plan, site, journal=journal).verdict is vnfdr.Verdict.COMMITTED
