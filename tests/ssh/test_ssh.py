"""The backend that freezes over ssh: preparing, freezing, thawing."""

import pytest

from tests.ssh.conftest import BIN
from vnfdr.backends import Stillness, ssh
from vnfdr.backends.sessions import script
from vnfdr.backends.ssh import SshQuiesce
from vnfdr.errors import (
    AlreadyFrozen,
    FreezeFailed,
    FreezeUnclear,
    NotQuiescable,
    ThawFailed,
)
from vnfdr.model import Guest, Level
from vnfdr.retry import wait_until
from vnfdr.testing import check_quiesce_backend

ALL = {"_vm", "_vm_data", "_vm_data_with_space"}


@pytest.mark.parametrize("shell", ["dash", "busybox", "bash"])
def test_it_keeps_the_promises(backend, add, shell):
    """With the shell of every guest; only counts are looked at: it cannot tell."""
    machine = add(shell=shell)

    check_quiesce_backend(
        backend, machine.guest, Guest("s-no", "ghost", "ghost"), guest_can_tell=False
    )

    assert not machine.frozen


def test_it_certifies_file_systems():
    """It asks no application for anything."""
    assert SshQuiesce.level is Level.FILESYSTEM


def test_what_was_mounted_last_is_frozen_first(backend, prepared, until):
    """A disk may be a file on another one, which must not be frozen before it."""
    guest, before = prepared.guest, prepared.processes

    assert backend.freeze(guest) == 3
    # It answers just before it ends; a thaw that came in between would have no order.
    until(lambda: prepared.only_a_timer_since(before))
    assert backend.thaw(guest) == 3

    assert prepared.calls == [
        *(
            "--freeze /vm/data/with space",
            "--freeze /vm/data",
            "--freeze /vm/efi",
            "--freeze /vm",
        ),
        *("--unfreeze /vm", "--unfreeze /vm/efi", "--unfreeze /vm/data"),
        "--unfreeze /vm/data/with space",
    ]


def test_only_what_is_named_is_frozen(backend, add):
    """By whatever path it is mounted at."""
    machine = add()
    guest = Guest("s-db", "db", "db /vm/bind '/vm/data/with space'")
    backend.prepare(guest, timeout_seconds=3, lease_seconds=30)

    assert backend.freeze(guest) == 2

    assert machine.frozen == {"_vm_bind", "_vm_data_with_space"}
    assert backend.thaw(guest) == 2


@pytest.mark.parametrize("path", ["/nowhere", "/vm/snap", "/vm/dat"])
def test_what_is_named_has_to_be_there(backend, machine, path):
    """To freeze less than was asked for would be a false promise."""
    guest = Guest("s-db", "db", f"db /vm {path}")

    (problem,) = backend.check(guest)

    assert problem.startswith("guest db cannot be frozen: not a writable file system")
    assert problem.endswith(path)


def test_what_is_named_has_to_freeze(backend, machine):
    """The others are thawed again."""
    guest = Guest("s-db", "db", "db /vm /vm/efi")
    backend.prepare(guest, timeout_seconds=3, lease_seconds=30)

    with pytest.raises(FreezeFailed, match=r"/vm/efi: .*Operation not supported"):
        backend.freeze(guest)

    assert not machine.frozen


def test_a_key_may_be_good_for_nothing_else(backend, machine):
    """The guest's own copy of the script runs, and freezes what the guest says."""
    program = machine.directory / "vnfdr-guest"
    own = script("ssh_guest.sh").replace(
        "/proc/self/mountinfo", str(machine.directory / "mountinfo")
    )
    program.write_text(f"#!/bin/sh\n{own}")
    program.chmod(0o755)
    machine.has("forced", f"sudo -n {program} /vm/data")
    backend.prepare(machine.guest, timeout_seconds=3, lease_seconds=30)

    assert backend.freeze(machine.guest) == 1

    assert machine.frozen == {"_vm_data"}
    assert backend.thaw(machine.guest) == 1


def test_nobody_is_asked_whether_it_is_frozen(backend, frozen_):
    """There is no such question: memory is no answer to it."""
    assert backend.stillness(frozen_.guest) is Stillness.UNKNOWN


def test_a_guest_that_was_not_prepared_is_not_frozen(backend, machine):
    """Not even when there is a session with it."""
    backend.reach(machine.guest)

    with pytest.raises(FreezeFailed, match="not prepared"):
        backend.freeze(machine.guest)


def test_what_somebody_else_froze_stays_as_it_is(backend, prepared, until):
    """What of it we froze ourselves is thawed, and nothing else, ever."""
    (prepared.directory / "frozen_vm_data").mkdir()

    with pytest.raises(AlreadyFrozen, match="/vm/data is frozen already"):
        backend.freeze(prepared.guest)
    backend.settle(prepared.guest)

    until(lambda: not prepared.processes)
    assert prepared.frozen == {"_vm_data"}


def test_a_freeze_that_fails_leaves_nothing_frozen(backend, prepared):
    """All file systems of a guest, or none."""
    prepared.has("refuse_vm", "Input/output error")

    with pytest.raises(FreezeFailed, match=r"guest db did not freeze: .*Input/output"):
        backend.freeze(prepared.guest)

    assert not prepared.frozen


def test_a_freeze_that_cannot_be_undone_may_be_one(backend, prepared):
    """It has to be thawed, and proven, as one whose answer was lost."""
    prepared.has("refuse_vm", "Input/output error")
    prepared.has("stuck_vm_data")

    with pytest.raises(FreezeUnclear, match="/vm/data"):
        backend.freeze(prepared.guest)
    prepared.has_not("stuck_vm_data")

    assert backend.thaw(prepared.guest) == 1
    assert not prepared.frozen


def see(what):
    """Wait until something is so: nobody says how soon."""
    wait_until(lambda: what() or None, what="the change", seconds_max=300.0)


def test_a_freeze_that_hangs_is_thawed_behind(backend, prepared, monkeypatch):
    """The others at once, the one that hangs once it comes; only that is the proof."""
    prepared.has("hang_vm_data")

    with monkeypatch.context() as hasty:
        hasty.setattr(ssh, "GRACE_SECONDS", -2.5)
        hasty.setattr(ssh, "ONE_THAW_SECONDS_MAX", 0.5)
        hasty.setattr("vnfdr.backends.proven.THAW_SECONDS_MAX", 0.5)
        with pytest.raises(FreezeUnclear, match="did not end in time"):
            backend.freeze(prepared.guest)
        see(lambda: prepared.frozen == {"_vm_data_with_space"})
        with pytest.raises(ThawFailed, match="did not end in time"):
            backend.thaw(prepared.guest)
        see(lambda: not prepared.frozen)
    prepared.has_not("hang_vm_data")

    backend.thaw(prepared.guest)

    assert not prepared.frozen
    assert "--freeze /vm" not in prepared.calls


def test_a_second_freeze_waits_for_no_first(backend, prepared, monkeypatch):
    """Nobody knows what the first comes to."""
    monkeypatch.setattr(ssh, "GRACE_SECONDS", -2.9)
    prepared.has("hang_vm_data")
    for _ in range(2):
        with pytest.raises(FreezeUnclear):
            backend.freeze(prepared.guest)
    prepared.has_not("hang_vm_data")

    backend.thaw(prepared.guest)

    assert not prepared.frozen


def test_a_thaw_that_fails_is_tried_again(backend, frozen_, monkeypatch):
    """A file system that may be frozen is not called thawed."""
    monkeypatch.setattr("vnfdr.backends.proven.THAW_SECONDS_MAX", 0.3)
    frozen_.has("stuck_vm_data")

    with pytest.raises(ThawFailed, match=r"may be frozen: /vm/data: .*Input/output"):
        backend.thaw(frozen_.guest)
    frozen_.has_not("stuck_vm_data")

    assert backend.thaw(frozen_.guest) == 1
    assert not frozen_.frozen


@pytest.mark.parametrize("site", ["with a site", "without"])
def test_whoever_has_the_journal_can_thaw(frozen_, cloud, monkeypatch, site):
    """Another process than the one that froze, in a session of its own."""
    monkeypatch.setattr("vnfdr.backends.ssh_address.CLIENT", ("ssh",))
    monkeypatch.setenv("PATH", str(BIN), prepend=":")
    other = SshQuiesce(cloud if site == "with a site" else None)

    assert other.thaw(frozen_.guest) == 3

    assert not frozen_.frozen
    other.settle(frozen_.guest)


def test_nothing_runs_in_a_guest_that_was_settled(backend, frozen_, until):
    """Neither its timer nor what the timer sleeps with."""
    backend.thaw(frozen_.guest)

    backend.settle(frozen_.guest)

    until(lambda: not frozen_.processes)
    assert not frozen_.clients


def test_a_witness_is_of_one_boot(backend, machine):
    """It is the same before and after, in whatever session."""
    before = backend.witness(machine.guest)
    backend.settle(machine.guest)

    assert backend.witness(machine.guest) == before
    assert len(before.split()) == 3


def test_a_guest_that_nobody_reaches_is_told(backend):
    """In ssh's own words, with what to try."""
    ghost = Guest("s-no", "ghost", "ghost")

    (problem,) = backend.check(ghost)

    assert "guest ghost is not reached: ssh to ghost exited with 255" in problem
    assert "No route to host" in problem
    assert "`ssh -o BatchMode=yes ghost`" in problem
    with pytest.raises(FreezeFailed, match="No route"):
        backend.prepare(ghost, timeout_seconds=1, lease_seconds=30)


def test_a_wrong_key_is_told(backend, machine):
    """Before anything is touched."""
    machine.has("no-key")

    with pytest.raises(FreezeFailed, match="Permission denied"):
        backend.reach(machine.guest)


def test_a_client_that_is_not_there_is_told(backend, machine, cloud):
    """It is the operator's own."""
    cloud.settings["ssh"]["command"] = ["/nowhere/ssh"]

    (problem,) = backend.check(machine.guest)

    assert "'/nowhere/ssh' cannot be started" in problem


def test_a_guest_without_file_systems_is_told(backend, machine):
    """A freeze that stops nothing proves nothing."""
    (machine.directory / "mountinfo").write_text("")

    with pytest.raises(NotQuiescable, match="there is no writable file system"):
        backend.prepare(machine.guest, timeout_seconds=1, lease_seconds=30)


def test_a_guest_whose_file_systems_cannot_freeze_is_told(backend, prepared):
    """None of them is of a kind that can."""
    for name in ("_vm", "_vm_data", "_vm_data_with_space"):
        prepared.has(f"refuse{name}", "Operation not supported")

    with pytest.raises(NotQuiescable, match="no file system can be frozen"):
        backend.freeze(prepared.guest)


def test_a_guest_without_fsfreeze_is_told(backend, machine):
    """With what to install in it."""
    machine.has("no-fsfreeze")

    problems = list(backend.check(machine.guest))

    assert problems == [
        "guest db cannot be frozen: there is no fsfreeze: install util-linux"
    ]
