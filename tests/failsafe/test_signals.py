"""Whoever asks a run to stop, and whenever: it thaws at once, takes back, and tells."""

import contextlib
import os
import random
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest

import vnfdr
from vnfdr.errors import ListenerFailed
from vnfdr.groupfile import dump_group
from vnfdr.plan import Happening
from vnfdr.sandbox import Effect, Fault

SEED = 20261122
HAPPENINGS = {
    "show quotas": 1,
    "show guest": 9,
    "freeze guest": 3,
    "create snapshot": 6,
    "list snapshots": 12,
    "thaw guest": 3,
    "stamp snapshot": 6,
    "create volume": 6,
    "create backup": 6,
}
"""What a run asks for from its beginning to its end, and how often at least."""


def instants():
    """Yield an instant of each part of a run, and what is done to whom then."""
    chance = random.Random(SEED)  # noqa: S311 - no secret
    for call, times in HAPPENINGS.items():
        number = chance.choice((signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
        yield pytest.param(call, chance.randint(1, times), number, id=call)


@pytest.fixture
def backed_up(group, a):
    """The same group with backups, which take a while."""
    slow = [Fault(f"create {what}", Effect.DELAY) for what in ("volume", "backup")]
    a.faults.add(*(attrs.evolve(f, seconds=1.0, times=None) for f in slow))
    return attrs.evolve(group, backup=vnfdr.BackupPolicy())


@pytest.fixture
def shell(start, tmp_path, journal):
    """Let a shell take a recovery point of a group."""

    def protect(group):
        path = tmp_path / "group.yaml"
        path.write_text(dump_group(group))
        words = ("protect", path, "--os-cloud", "site-a", "--journal", journal)
        return start("-m", "vnfdr", *words)

    return protect


@pytest.fixture
def asked_for(a, until):
    """Wait until a call has been made so many times more."""

    def wait(call, times=1):
        before = list(a.faults.calls).count(call)
        return lambda: until(lambda: list(a.faults.calls).count(call) >= before + times)

    return wait


def longest_still(a):
    """For how long the guest that stood still the longest did so."""
    guests = [server.guest for server in a.servers.values()]
    stills = [still for guest in guests for still in guest.stills]
    return max(((s.ended_ns - s.began_ns) / 1e9 for s in stills), default=0.0)


@pytest.mark.parametrize(("call", "times", "number"), [*instants()])
def test_a_signal_at_any_time_takes_a_run_back(
    shell, backed_up, a, asked_for, helpers, call, times, number
):
    """Nothing is frozen and nothing remains; the exit status names the signal."""
    comes = asked_for(call, times)
    child = shell(backed_up)
    comes()

    child.send_signal(number)

    told, _ = child.communicate(timeout=300)
    assert child.returncode == 128 + number
    assert "compensated" in told
    assert "asked to stop" in told
    assert (a.frozen, a.made) == ([], [])
    assert not helpers(child.pid).pid("working")
    assert not helpers(child.pid).pid("standing")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_before_there_is_a_plan_ends_it(shell, group, a, asked_for, number):
    """There is nothing to take back, and the exit status is the same."""
    a.faults.add(Fault("show server", Effect.DELAY, seconds=3.0))
    comes = asked_for("show server")
    child = shell(group)
    comes()

    child.send_signal(number)

    child.communicate(timeout=300)
    assert child.returncode == 128 + number
    assert a.made == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_the_window_does_not_wait_for_the_snapshots(
    shell, group, a, until, number
):
    """They take six seconds; guests go on long before."""
    a.latency = attrs.evolve(a.latency, snapshot=6.0)
    child = shell(group)
    until(lambda: len(a.frozen) == 3)

    child.send_signal(number)

    child.communicate(timeout=300)
    assert longest_still(a) < 4.0
    assert (a.frozen, a.made) == ([], [])


@pytest.mark.parametrize("where", ["script", "shell"])
def test_an_impatient_operator_tears_nothing_apart(
    shell, controller, site, group, a, until, journal, where
):
    """Ctrl-C again and again, until the process ends: by then all is taken back.

    A script may be interrupted once more before it has printed the outcome.
    """
    plan = vnfdr.protect(site, group)
    child = shell(group) if where == "shell" else controller(plan)
    until(lambda: len(a.frozen) == 3)
    pressed = threading.Event()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(press_until, child, pressed)
        until(lambda: child.poll() is not None)
        pressed.set()

    told, _ = child.communicate(timeout=300)
    assert (a.frozen, a.made) == ([], [])
    assert vnfdr.recover_runs(journal) == ()
    if where == "script" and not told:
        told = vnfdr.resume(plan.id, site, journal=journal).verdict.value
    assert "compensated" in told


def press_until(child, over):
    """Press Ctrl-C some ten times a second."""
    while not over.wait(0.1) and child.poll() is None:
        os.killpg(child.pid, signal.SIGINT)


def test_a_service_manager_tells_every_process_of_a_run(
    shell, group, a, until, pids_of
):
    """As systemd does: all three get SIGTERM, and the run is taken back."""
    child = shell(group)
    until(lambda: len(a.frozen) == 3)
    pids = pids_of(child.pid)

    for pid in (child.pid, *pids.values()):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)

    child.communicate(timeout=300)
    assert child.returncode == 128 + signal.SIGTERM
    assert (a.frozen, a.made) == ([], [])


def test_a_signal_that_is_ignored_stays_so(start, group, tmp_path, journal, a, until):
    """Under nohup a run survives its terminal."""
    (tmp_path / "group.yaml").write_text(dump_group(group))
    words = ["protect", f"{tmp_path}/group.yaml", "--os-cloud", "site-a"]
    code = (
        "import signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        f"sys.argv = ['vnfdr', *{words!r}, '--journal', {str(journal)!r}]\n"
        "from vnfdr.cli import main; main()"
    )
    child = start("-c", code)
    until(lambda: len(a.frozen) == 3)

    child.send_signal(signal.SIGHUP)

    child.communicate(timeout=300)
    assert child.returncode == 0


def test_a_program_stops_its_own_run(site, group, journal, a, until):
    """A service that shuts down sets an event, from whichever thread."""
    a.latency = attrs.evolve(a.latency, snapshot=6.0)
    plan, stop = vnfdr.protect(site, group), threading.Event()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(vnfdr.run, plan, site, journal=journal, stop=stop)
        until(lambda: len(a.frozen) == 3)
        stop.set()
        outcome = running.result()

    assert outcome.verdict is vnfdr.Verdict.COMPENSATED
    assert "asked to stop" in outcome.reason
    assert longest_still(a) < 4.0
    assert (a.frozen, a.made) == ([], [])


@pytest.mark.parametrize("error", [ZeroDivisionError, SystemExit])
@pytest.mark.parametrize("failsafe", [True, False])
def test_a_listener_that_raises_in_the_window_ends_it(
    site, group, journal, a, error, failsafe
):
    """Whatever it raises: guests go on at once, and the outcome names the error."""
    a.latency = attrs.evolve(a.latency, snapshot=6.0)

    def clumsy(event):
        if event.happening is Happening.STARTED and "holding" in event.text:
            raise error

    plan = vnfdr.protect(site, group)
    outcome = vnfdr.run(
        plan, site, journal=journal, listeners=(clumsy,), failsafe=failsafe
    )

    assert outcome.verdict is vnfdr.Verdict.COMPENSATED
    assert isinstance(outcome.cause, ListenerFailed)
    assert error.__name__ in outcome.reason
    assert longest_still(a) < 4.0
    assert (a.frozen, a.made) == ([], [])
