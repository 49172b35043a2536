"""The backend that freezes over ssh: a guest thaws when nobody is left to thaw it."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from attrs import frozen

from tests.ssh.conftest import BIN
from vnfdr.backends.ssh import SshQuiesce
from vnfdr.errors import FreezeFailed, FreezeUnclear, Gone, QuiesceError, ThawFailed
from vnfdr.model import Server

PATIENT_SLEEP = """#!/bin/sh
# What the script gives a freeze to find something out is no time on a busy machine.
[ "$1" != 0.05 ] || set -- 1
exec {} "$@"
"""
WORKER = """
import sys
from tests.ssh.conftest import Cloud
from vnfdr.backends.ssh import SshQuiesce
from vnfdr.model import Guest
guest, client = Guest("s-db", "db", "db"), sys.argv[1]
backend = SshQuiesce(Cloud({"ssh": {"command": [client]}}))
backend.prepare(guest, timeout_seconds=5, lease_seconds=60)
print(backend.freeze(guest), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def worker():
    """A process that has frozen a guest, and waits."""
    command = [sys.executable, "-c", WORKER, str(BIN / "ssh")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        yield process
        process.kill()


def cut(machine, how):
    """Do something to the connection with a machine."""
    for pid in machine.clients:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)


def test_a_guest_thaws_when_its_session_is_lost(backend, frozen_, until):
    """At once; whoever thaws it then finds nothing frozen, and that is the verdict."""
    cut(frozen_, signal.SIGKILL)

    until(lambda: not frozen_.frozen)

    assert backend.thaw(frozen_.guest) == 0


def test_a_guest_thaws_when_its_worker_is_killed(machine, worker, until):
    """By itself: nobody has to log in for it."""
    assert worker.stdout.readline() == b"3\n"
    assert len(machine.frozen) == 3

    worker.kill()

    until(lambda: not machine.frozen)
    until(lambda: not machine.processes)


def test_a_guest_thaws_in_the_middle_of_a_freeze(backend, prepared, until):
    """What hangs is thawed as soon as it comes, the rest before."""
    prepared.has("hang_vm")
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(backend.freeze, prepared.guest)
        until(lambda: len(prepared.frozen) == 2)

        cut(prepared, signal.SIGKILL)
        until(lambda: not prepared.frozen)
        prepared.has_not("hang_vm")

    until(lambda: not prepared.processes)
    assert not prepared.frozen
    assert isinstance(asked.exception(), QuiesceError)


def test_a_session_that_ends_thaws_nothing_of_somebody_elses(backend, prepared, until):
    """Not even while it is finding out that it came too late."""
    (prepared.directory / "frozen_vm_data").mkdir()
    prepared.has("slow_vm_data")
    patient = prepared.directory / "bin" / "sleep"
    patient.write_text(PATIENT_SLEEP.format(shutil.which("sleep")))
    patient.chmod(0o755)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(backend.freeze, prepared.guest)
        until(lambda: "--freeze /vm/data" in prepared.calls)

        cut(prepared, signal.SIGKILL)

    until(lambda: not prepared.processes)
    assert prepared.frozen == {"_vm_data"}
    assert isinstance(asked.exception(), QuiesceError)


@pytest.fixture
def out_of_reach(backend, machine, early_timers):
    """A machine that is frozen, and can be told nothing; its timer runs."""
    backend.prepare(machine.guest, timeout_seconds=3, lease_seconds=4)
    backend.freeze(machine.guest)
    cut(machine, signal.SIGSTOP)
    return machine


def test_a_guest_thaws_when_its_time_is_up(backend, out_of_reach, until):
    """Though the session looks alive; the count says that it did not hold."""
    until(lambda: not out_of_reach.frozen)
    cut(out_of_reach, signal.SIGCONT)

    assert backend.thaw(out_of_reach.guest) == 0


def test_what_freezes_after_its_timer_has_rung_is_thawed(
    backend, machine, early_timers, until
):
    """It hung until then, and nobody else would come for it any more."""
    backend.prepare(machine.guest, timeout_seconds=3, lease_seconds=4)
    machine.has("hang_vm_data")
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(backend.freeze, machine.guest)
        until(lambda: machine.frozen == {"_vm_data_with_space"})
        cut(machine, signal.SIGSTOP)
        until(lambda: not machine.frozen)

        machine.has_not("hang_vm_data")

        # The first of the two was the timer's.
        until(lambda: machine.calls.count("--unfreeze /vm/data") == 2)
        until(lambda: not machine.frozen)
        cut(machine, signal.SIGCONT)
    assert isinstance(asked.exception(), QuiesceError)


def test_a_timer_that_ran_out_is_not_called_off(backend, out_of_reach, until):
    """Nor does it end what comes after it."""
    until(lambda: not out_of_reach.frozen)
    cut(out_of_reach, signal.SIGCONT)
    backend.thaw(out_of_reach.guest)
    backend.prepare(out_of_reach.guest, timeout_seconds=3, lease_seconds=30)

    assert (backend.freeze(out_of_reach.guest), backend.thaw(out_of_reach.guest)) == (
        3,
        3,
    )


def test_a_timer_does_not_thaw_what_was_thawed(backend, machine, early_timers, until):
    """What somebody else froze since stays frozen."""
    backend.prepare(machine.guest, timeout_seconds=3, lease_seconds=4)
    backend.freeze(machine.guest)
    backend.thaw(machine.guest)
    (machine.directory / "frozen_vm_data").mkdir()

    backend.settle(machine.guest)

    until(lambda: not machine.processes)
    assert machine.frozen == {"_vm_data"}


def test_a_session_that_ended_before_freezes_nothing(backend, prepared, until):
    """That is certain: nothing was sent."""
    cut(prepared, signal.SIGKILL)
    until(lambda: not prepared.clients)
    until(lambda: not prepared.processes)

    with pytest.raises((FreezeFailed, FreezeUnclear), match=r"guest db .*(ended|exit)"):
        backend.freeze(prepared.guest)

    assert not prepared.frozen


@frozen
class Nova:
    """A Nova that knows one server, or none."""

    status: str

    def get(self, server_id):
        if not self.status:
            raise Gone(f"no server {server_id!r}", status=404)
        return Server(server_id, "db", status=self.status)


@frozen
class CloudWithNova:
    """A cloud that can be asked for servers."""

    servers: Nova
    settings: dict[str, object]


@pytest.mark.parametrize("status", ["", "SHUTOFF"])
def test_a_guest_that_is_off_is_not_frozen(cloud, machine, status):
    """Deleted, or without power: nothing there can be frozen."""
    machine.has("no-key")
    backend = SshQuiesce(CloudWithNova(Nova(status), cloud.settings))

    assert backend.thaw(machine.guest) == 0


def test_a_guest_that_runs_and_is_not_reached_may_be_frozen(
    cloud, machine, monkeypatch
):
    """Not to get in is no proof."""
    monkeypatch.setattr("vnfdr.backends.proven.THAW_SECONDS_MAX", 0.1)
    machine.has("no-key")
    backend = SshQuiesce(CloudWithNova(Nova("ACTIVE"), cloud.settings))

    with pytest.raises(ThawFailed, match=r"may be frozen: .*Permission denied"):
        backend.thaw(machine.guest)
