"""What waits for answers hears of a stop at once, without looking again and again."""

import contextlib
import os
import signal
import threading
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.fakes import FakeJournal, setting
from vnfdr.discovery import discover
from vnfdr.model import Group, Member
from vnfdr.plan import Manner, StopEvent, Verdict, course, run, runner
from vnfdr.plan.stopping import wait_for_all
from vnfdr.recipes import protect_plan
from vnfdr.signals import stop_on_signals

HOURS = 3 * 3600.0


@pytest.fixture
def waiting():
    """Wait for two answers, for hours if need be; nobody waits after the test."""
    answers, stop = [Future(), Future()], StopEvent()
    with ThreadPoolExecutor(1) as pool:
        ended = pool.submit(wait_for_all, answers, stop, HOURS)
        yield answers, stop, ended
        stop.set()


def test_the_wait_ends_with_the_last_answer(waiting):
    """And not with the first."""
    answers, _, ended = waiting

    answers[1].set_result(None)
    with pytest.raises(TimeoutError):
        ended.result(0.1)
    answers[0].set_result(None)

    assert ended.result(30) is None


@pytest.mark.parametrize("how", ["a failure", "a stop"])
def test_the_wait_ends_early_with(waiting, how):
    """Whatever is still to come."""
    answers, stop, ended = waiting

    if how == "a failure":
        answers[1].set_exception(OSError())
    else:
        stop.set()

    assert ended.result(30) is None
    assert not answers[0].done()


def test_nobody_waits_who_was_asked_to_stop_before(waiting):
    """Nor for what came before."""
    stop, answered = StopEvent(), Future()
    answered.set_result(None)

    wait_for_all([answered], StopEvent(), HOURS)
    stop.set()
    wait_for_all([Future()], stop, HOURS)

    assert stop.is_set()


def test_the_time_may_be_over():
    """It is for the asker to say so."""
    answer, stop = Future(), StopEvent()

    wait_for_all([answer], stop, -1.0)

    assert not answer.done()
    assert not stop.is_set()


@contextlib.contextmanager
def stop_by(what):
    """Yield what asks a run to stop, and how it is brought to do that."""
    if what != "a signal":
        stop = StopEvent() if what == "an event that rings" else threading.Event()
        yield stop, stop.set
        return
    with stop_on_signals() as heard:
        yield heard, lambda: os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.parametrize("what", ["a signal", "an event that rings", "an event"])
def test_a_run_hears_at_once_that_it_is_to_stop(site, world, clock, monkeypatch, what):
    """A freeze hangs until those that were frozen before are thawed."""
    for module in (runner, course):
        monkeypatch.setattr(module, "UNHEARD_SECONDS_MAX", HOURS)
    group = Group.of("vnf", [[Member(name, "fake") for name in ("db", "app")]])
    plan = protect_plan(discover(world, group), point="p1")
    held, thawed, waited = (threading.Event() for _ in range(3))

    with stop_by(what) as (stop, ask):

        def hang(call):
            if call == "freeze app":
                assert held.wait(10)
                ask()
                if thawed.wait(30):
                    waited.set()

        site.wire.before = hang
        site.wire.after = setting({"freeze db": held, "thaw db": thawed})
        manner = Manner(False, clock=clock, stop=stop)
        outcome = run(plan, world, FakeJournal(site.wire), manner)

    assert waited.is_set()
    assert outcome.verdict is Verdict.COMPENSATED
    assert site.frozen == []
