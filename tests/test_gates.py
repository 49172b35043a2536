"""Gates: a run waits for a person's word, and for nothing else."""

import io
import os
import pty
import sys
import threading

import pytest

import vnfdr
from tests.dead import plan_without_window
from vnfdr.backends.bounded import begin
from vnfdr.errors import InputError
from vnfdr.plan import Fact, Lasting, Verdict
from vnfdr.steps import Gate
from vnfdr.terminal import gatekeeper_at_terminal


@pytest.fixture
def plan(site):
    """A plan that asks first, and then makes snapshots."""
    gate = Gate("p1:gate:first", "does the network look right?")
    return plan_without_window(site, "p1", "db", lasting=Lasting.KEPT, before=(gate,))


def test_a_yes_lets_the_run_go_on(site, plan, journals):
    """The question is asked once, before anything that comes after it."""
    asked = []

    def yes(question):
        asked.append((question, site.made))
        return True

    outcome = vnfdr.run(plan, site, journal=journals, gatekeeper=yes)

    assert asked == [("does the network look right?", [])]
    assert outcome.verdict is Verdict.COMMITTED
    assert len(site.made) == 2


def test_a_no_takes_the_run_back(site, plan, journals):
    """The reason names the question."""
    outcome = vnfdr.run(plan, site, journal=journals, gatekeeper=lambda _: False)

    assert outcome.verdict is Verdict.COMPENSATED
    assert "the answer was no at the gate 'does the network" in outcome.reason
    assert site.made == []


def test_a_gatekeeper_who_fails_takes_the_run_back(site, plan, journals):
    """Nobody said yes."""

    def broken(question):
        raise ZeroDivisionError("no pager")

    outcome = vnfdr.run(plan, site, journal=journals, gatekeeper=broken)

    assert (outcome.verdict, outcome.reason) == (Verdict.COMPENSATED, "no pager")


def test_without_a_gatekeeper_preflight_refuses_a_plan_with_gates(site, plan, journals):
    """Whoever looks first hears of it, too."""
    outcome = vnfdr.run(plan, site, journal=journals)

    assert "nobody is here to open the gate 'does the network" in outcome.reason
    assert outcome.failed == "preflight"
    assert vnfdr.preflight(plan, site) != ()
    assert vnfdr.preflight(plan, site, gatekeeper=lambda _: True) == ()


def test_without_preflight_such_a_plan_is_refused_all_the_same(site, plan, journals):
    """To come to the gate would take everything back."""
    with pytest.raises(InputError, match="nobody is here to open the gate"):
        vnfdr.run(plan, site, journal=journals, preflight=False)


@pytest.fixture
def left_at_the_gate(site, plan, journals):
    """Its process died while it waited for an answer."""
    with journals.begin(plan) as journal:
        journal.append(vnfdr.plan.Entry("p1:gate:first", Fact.STARTED))
    return plan


def test_a_run_that_waits_at_a_gate_is_left_there_when_nobody_can_be_asked(
    site, left_at_the_gate, journals
):
    """A timer that resumes runs takes none of them back for want of a person."""
    with pytest.raises(InputError, match="nothing was touched"):
        vnfdr.resume("p1", site, journal=journals)

    (found,) = vnfdr.recover_runs(journals, site=lambda _: site)

    assert (found.state, found.outcome) == ("not resumed", None)
    assert "nobody is here" in found.detail


def test_a_run_that_waited_at_a_gate_asks_again(site, left_at_the_gate, journals):
    """Whoever resumes it is asked."""
    outcome = vnfdr.resume("p1", site, journal=journals, gatekeeper=lambda _: True)

    assert outcome.verdict is Verdict.COMMITTED


def test_a_stop_is_not_kept_waiting_by_a_person(site, plan, journals):
    """Nobody answers; the run is taken back all the same, and its threads end."""
    stop, never = threading.Event(), threading.Event()

    def stop_instead(question):
        stop.set()
        never.wait(60)
        return True

    outcome = vnfdr.run(
        plan, site, journal=journals, stop=stop, gatekeeper=stop_instead
    )
    never.set()

    assert outcome.verdict is Verdict.COMPENSATED
    assert "asked to stop" in outcome.reason
    assert site.made == []


class Screen(io.StringIO):
    """What somebody sees at a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def screen():
    """The screen of a terminal."""
    return Screen()


@pytest.fixture
def sit_down(monkeypatch, screen):
    """Sit down at a terminal; return what to type on."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "r") as stdin, os.fdopen(ours, "wb", 0) as keys:

        def sit_down():
            # Only now: between a fixture and its test pytest puts back its own.
            monkeypatch.setattr(sys, "stdin", stdin)
            monkeypatch.setattr(sys, "stderr", screen)
            return keys

        yield sit_down


@pytest.mark.parametrize(
    ("typed", "answer"),
    [(b"yes\n", True), (b"Y\n", True), (b"no\n", False), (b"\nwhat\nn\n", False)],
)
def test_at_a_terminal_a_word_is_asked_for_until_it_is_one(
    sit_down, screen, until, typed, answer
):
    """Only yes and no are answers."""
    keys = sit_down()
    ask = gatekeeper_at_terminal(threading.Event(), open_gates=False)
    answered = begin(lambda: ask("go on?"))
    shown = until(screen.getvalue)

    keys.write(typed)

    assert shown == "go on? [yes/no, and no takes everything back]: "
    assert answered.result(timeout=300) is answer


def test_at_a_terminal_nobody_has_to_answer_a_run_that_stops(sit_down):
    """The question ends by itself."""
    sit_down()
    stop = threading.Event()
    stop.set()

    assert gatekeeper_at_terminal(stop, open_gates=False)("go on?") is False


def test_without_a_terminal_nobody_is_asked(monkeypatch):
    """Unless every gate is to be opened."""
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    stop = threading.Event()

    assert gatekeeper_at_terminal(stop, open_gates=False) is None
    assert gatekeeper_at_terminal(stop, open_gates=True)("go on?") is True
