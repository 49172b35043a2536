"""The timer on a compute host: a guest thaws when its controller is lost."""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Future

import pytest

from tests.ssh.conftest import BIN, Cloud
from vnfdr.backends.libvirt import LibvirtQuiesce
from vnfdr.backends.libvirt_timer import DISARM_SECONDS_MAX
from vnfdr.errors import AlreadyFrozen, FreezeFailed, FreezeUnclear, NotQuiescable
from vnfdr.model import Guest, Server
from vnfdr.testing import check_quiesce_backend

UUID = "6695eb01-f6a4-8304-79aa-97f2502e193f"
"""The one domain of libvirt's own test driver."""

CLIENT = str(BIN / "ssh")
GUEST = Guest(UUID, "db", "test:///default", f"host qemu:///system {CLIENT}")
CONTROLLER = """
import sys
from tests.ssh.conftest import Cloud
from tests.ssh.test_host_timer import GUEST, settings
from vnfdr.backends import sessions
from vnfdr.backends.libvirt import LibvirtQuiesce
sessions.SECOND_LINE_MARGIN_SECONDS = 0.0
backend = LibvirtQuiesce(Cloud(settings("required")))
backend.prepare(GUEST, timeout_seconds=5, lease_seconds=2)
print(backend.freeze(GUEST), flush=True)
sys.stdin.read()
"""


def settings(wish, **ssh):
    """Return the settings of a site that has a timer on its one host."""
    how = {"command": [CLIENT], "address": "host", **ssh}
    return {"libvirt": {"host_timer": wish, "ssh": how}}


@pytest.fixture
def domain():
    """The guest, as somebody else at its host has it; it ends thawed."""
    libvirt = pytest.importorskip("libvirt")
    connection = libvirt.open(GUEST.address)
    domain = connection.lookupByUUIDString(UUID)
    yield domain
    domain.fsThaw()
    connection.close()


@pytest.fixture
def host(add, domain):
    """The compute host; virsh there knows the guest."""
    host = add("host")
    host.has(f"domain_{UUID}", "running")
    host.has("calls")
    return host


@pytest.fixture
def backend(host):
    """The backend under test, with a timer on the host; it ends with no session."""
    backend = LibvirtQuiesce(Cloud(settings("required")))
    yield backend
    backend.settle(GUEST)


@pytest.fixture
def prepared(backend, early_timers):
    """The backend, with the guest prepared for a lease of two seconds."""
    backend.prepare(GUEST, timeout_seconds=5, lease_seconds=2)
    return backend


def timers(host):
    """Return the files that say which timers are set."""
    return [path.name for path in host.directory.glob("timers-*/*")]


def has_rung(host):
    """Tell whether a timer has thawed the guest."""
    return f"domfsthaw {UUID}" in host.calls


def has_no_timer(host):
    """Tell whether nothing of any timer is left."""
    return not host.processes and not timers(host)


def test_it_keeps_the_promises_with_a_timer(backend, host, until):
    """All that the backend promises, and nothing is left at the host."""
    check_quiesce_backend(backend, GUEST, guest_can_tell=False)

    until(lambda: has_no_timer(host))
    assert not has_rung(host)


def test_a_timer_is_set_while_a_guest_is_frozen(prepared, host):
    """From before the freeze until the thaw is proven."""
    assert not timers(host)
    prepared.freeze(GUEST)
    assert len(timers(host)) == 1

    prepared.thaw(GUEST)
    prepared.settle(GUEST)

    assert not timers(host)


def test_a_timer_survives_its_controller(host, until):
    """It thaws the guest when the time is up, and nothing of it is left."""
    command = [sys.executable, "-c", CONTROLLER]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"2\n"
        for pid in (process.pid, *host.clients):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    until(lambda: has_rung(host))
    until(lambda: has_no_timer(host))


def test_a_timer_rings_until_the_guest_answers(prepared, host, until):
    """An agent that hangs, or a libvirt that starts again, is asked once more."""
    host.has(f"stuck_{UUID}")
    prepared.freeze(GUEST)
    until(lambda: [t for t in timers(host) if t.endswith(".rings")])

    host.has_not(f"stuck_{UUID}")

    until(lambda: not timers(host))
    assert has_rung(host)


def test_a_timer_gives_up_a_guest_that_is_not_there(prepared, host, until):
    """It was moved, deleted or switched off: nobody is frozen there."""
    prepared.freeze(GUEST)

    host.has_not(f"domain_{UUID}")

    until(lambda: not timers(host))
    assert not has_rung(host)


def test_a_point_whose_timer_rang_is_not_consistent(prepared, host, domain, until):
    """The count of the thaw says so: nothing was frozen any more."""
    prepared.freeze(GUEST)
    until(lambda: has_rung(host))
    domain.fsThaw()  # What virsh does at a real host.

    assert prepared.thaw(GUEST) == 0


def test_a_timer_that_was_called_off_never_rings(backend, host, until):
    """Whatever somebody else does with the guest afterwards."""
    backend.prepare(GUEST, timeout_seconds=5, lease_seconds=30)
    backend.freeze(GUEST)
    backend.thaw(GUEST)

    backend.settle(GUEST)

    until(lambda: has_no_timer(host))
    assert not has_rung(host)


def test_a_freeze_that_is_refused_leaves_no_timer(prepared, host, domain):
    """It would thaw what somebody else froze."""
    domain.fsFreeze()

    with pytest.raises((AlreadyFrozen, FreezeFailed)):
        prepared.freeze(GUEST)

    assert not timers(host)
    assert domain.fsThaw() == 2


def test_a_freeze_that_is_unclear_keeps_its_timer(prepared, host, monkeypatch):
    """It may have happened; whoever proves that it is thawed calls it off."""
    late = Future()
    with monkeypatch.context() as patch:
        patch.setattr("vnfdr.backends.libvirt.GRACE_SECONDS", -5.0)
        patch.setattr("vnfdr.backends.libvirt.begin", lambda call: call() and late)
        with pytest.raises(FreezeUnclear):
            prepared.freeze(GUEST)
    assert len(timers(host)) == 1
    late.set_result(2)

    prepared.thaw(GUEST)
    prepared.settle(GUEST)

    assert not timers(host)


@pytest.mark.parametrize("reached", [True, False])
def test_whoever_thaws_calls_the_timer_off(prepared, host, reached):
    """The failsafe, for instance, in a session of its own; no cloud is needed."""
    prepared.freeze(GUEST)
    other = LibvirtQuiesce(Cloud(settings("required")) if reached else None)
    if reached:
        other.reach(GUEST)

    assert other.thaw(GUEST) == 2
    other.settle(GUEST)

    assert not timers(host)


def test_a_thaw_does_not_wait_for_its_timer(prepared, host):
    """A host that is lost is asked to call it off once the guest is proven thawed."""
    prepared.freeze(GUEST)
    for pid in host.clients:
        os.kill(pid, signal.SIGSTOP)
    began = time.monotonic()

    assert prepared.thaw(GUEST) == 2

    assert time.monotonic() - began < DISARM_SECONDS_MAX
    for pid in host.clients:
        os.kill(pid, signal.SIGCONT)


def test_a_plan_says_where_the_timer_is(backend):
    """So that a process with nothing but the journal can call it off."""
    server = Server(UUID, "db", host="host", hypervisor="host")
    located = backend.locate(server)

    assert located.timer == GUEST.timer
    assert LibvirtQuiesce(Cloud(settings("none"))).locate(server).timer == ""


def test_a_new_timer_replaces_the_old(prepared, host, until):
    """A run that was begun again is not thawed by the timer of the one before."""
    prepared.freeze(GUEST)
    other = LibvirtQuiesce(Cloud(settings("required")))
    other.prepare(GUEST, timeout_seconds=5, lease_seconds=600)

    with pytest.raises(FreezeFailed):
        other.freeze(GUEST)
    prepared.thaw(GUEST)
    prepared.settle(GUEST)
    other.freeze(GUEST)

    assert len(timers(host)) == 1
    other.thaw(GUEST)
    other.settle(GUEST)
    until(lambda: not timers(host))


@pytest.mark.parametrize(
    ("trouble", "told"), [("no-key", "Permission denied"), ("", "failed to get domain")]
)
def test_no_guest_is_frozen_without_a_timer_that_is_required(
    host, domain, trouble, told
):
    """It is found before the window: by the preflight, and by preparing."""
    if trouble:
        host.has(trouble)
    else:
        host.has_not(f"domain_{UUID}")
    backend = LibvirtQuiesce(Cloud(settings("required")))

    (problem,) = backend.check(GUEST)

    assert "guest db has no timer on its host" in problem
    assert told in problem
    with pytest.raises(FreezeFailed, match=told):
        backend.prepare(GUEST, timeout_seconds=5, lease_seconds=2)
    with pytest.raises(FreezeFailed):
        backend.freeze(GUEST)
    assert domain.fsThaw() == 0


def test_a_host_that_is_lost_before_the_freeze_prevents_it(prepared, host, domain):
    """A timer that may not be set is none."""
    for pid in host.clients:
        os.kill(pid, signal.SIGKILL)

    with pytest.raises(FreezeFailed, match="no timer on its host"):
        prepared.freeze(GUEST)

    assert domain.fsThaw() == 0


def test_a_timer_that_is_wanted_is_missed_with_a_warning(host, caplog):
    """Its guest is frozen all the same."""
    host.has("no-key")
    backend = LibvirtQuiesce(Cloud(settings("wanted")))

    assert not list(backend.check(GUEST))
    backend.prepare(GUEST, timeout_seconds=5, lease_seconds=2)

    assert (backend.freeze(GUEST), backend.thaw(GUEST)) == (2, 2)
    assert "guest db has no timer on its host" in caplog.text


def test_a_timer_that_cannot_be_called_off_is_told(prepared, host, caplog, until):
    """With where it is, and what to do; the guest is thawed."""
    prepared.freeze(GUEST)
    for pid in host.clients:
        os.kill(pid, signal.SIGKILL)

    assert prepared.thaw(GUEST) == 2
    prepared.settle(GUEST)

    (record,) = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert "the timer of guest db may be set" in record.getMessage()
    assert f"remove /tmp/vnfdr-*/{UUID}.* at host" in record.getMessage()
    until(lambda: has_rung(host))


def test_nobody_else_may_keep_the_timers(prepared, host):
    """What anybody can take away calls nothing off for certain."""
    (directory,) = host.directory.glob("timers-*")
    assert directory.stat().st_mode & 0o777 == 0o700

    directory.rmdir()
    directory.symlink_to(host.directory)

    (problem,) = LibvirtQuiesce(Cloud(settings("required"))).check(GUEST)
    assert "is not ours: remove it" in problem


def test_a_host_is_called_as_in_its_uri(domain):
    """The name of the host is in the URI of its libvirt, where there is one."""
    backend = LibvirtQuiesce(Cloud(settings("required", address="root@{host}")))

    (problem,) = backend.check(GUEST)

    assert "'test:///default' names no host" in problem


def test_by_default_there_is_no_timer(host):
    """Nobody's hosts are logged in to unasked."""
    backend = LibvirtQuiesce(Cloud({"libvirt": {}}))
    backend.prepare(GUEST, timeout_seconds=5, lease_seconds=2)

    assert (backend.freeze(GUEST), backend.thaw(GUEST)) == (2, 2)

    assert not host.processes


def test_a_wish_that_makes_no_sense_is_told():
    """With what it may be."""
    backend = LibvirtQuiesce(Cloud(settings("perhaps")))

    with pytest.raises(NotQuiescable, match="'libvirt' is wrong"):
        backend.locate(Server(UUID, "db"))
