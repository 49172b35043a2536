"""The backend that freezes through libvirt: preparing, freezing, looking."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from vnfdr.backends import Stillness, libvirt, libvirt_hosts
from vnfdr.backends.libvirt import LibvirtQuiesce
from vnfdr.errors import (
    AlreadyFrozen,
    FreezeFailed,
    FreezeUnclear,
    NotQuiescable,
)
from vnfdr.model import Guest, Level
from vnfdr.testing import check_quiesce_backend

TEST = "6695eb01-f6a4-8304-79aa-97f2502e193f"
"""The one domain of libvirt's own test driver."""


@pytest.fixture
def backend(cloud, hosts):
    """The backend under test."""
    return LibvirtQuiesce(cloud)


@pytest.fixture
def prepared(backend, hosts):
    """A guest that was prepared, and its domain with its calls forgotten."""
    guest, domain = hosts.add("db")
    backend.prepare(guest, timeout_seconds=3, lease_seconds=60)
    domain.calls.clear()
    return guest, domain


def test_it_keeps_the_promises_before_libvirts_own_test_driver():
    """Which has no agent to ask, and knows counts only."""
    pytest.importorskip("libvirt")
    guest = Guest(TEST, "test", "test:///default")
    ghost = Guest(TEST.replace("6", "7"), "ghost", "test:///default")

    check_quiesce_backend(LibvirtQuiesce(None), guest, ghost, guest_can_tell=False)


def test_it_keeps_the_promises_before_an_agent(backend, hosts):
    """With a guest that answers, and one that is not there."""
    guest, _ = hosts.add("db")
    ghost = Guest("s-no", "ghost", guest.address)

    check_quiesce_backend(backend, guest, ghost)


def test_it_certifies_file_systems():
    """Whether the agent's hooks did more, libvirt does not tell."""
    assert LibvirtQuiesce.level is Level.FILESYSTEM


def test_importing_the_backend_does_not_import_libvirt():
    """A plan can be made, and the command line be read, where it is not installed."""
    code = "import sys, vnfdr.backends.libvirt; print('libvirt' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    assert done.stdout == b"False\n"


def test_without_libvirt_it_says_what_to_install(monkeypatch):
    """Not with a traceback, and not before a guest is reached."""
    monkeypatch.setitem(sys.modules, "libvirt", None)
    libvirt_hosts.libvirt.cache_clear()
    backend, guest = LibvirtQuiesce(None), Guest("s-db", "db", "qemu:///system")

    (problem,) = backend.check(guest)

    assert "install vnfdr[libvirt]" in problem
    with pytest.raises(NotQuiescable, match="install"):
        backend.prepare(guest, timeout_seconds=1, lease_seconds=60)


def test_nothing_but_the_freeze_is_in_the_window(backend, prepared):
    """Everything else was done beforehand."""
    guest, domain = prepared

    assert backend.freeze(guest) == 2

    assert domain.calls == ["fsFreeze"]


def test_preparing_limits_the_agents_time_and_settling_frees_it(backend, hosts):
    """What libvirt does by itself, to wait for ever, it does again afterwards."""
    guest, domain = hosts.add("db")

    backend.prepare(guest, timeout_seconds=2.5, lease_seconds=60)
    assert domain.limits == [3]

    backend.settle(guest)
    assert domain.limits == [3, -2]


def test_preparing_lets_the_guest_write_first(backend, hosts):
    """The freeze is the shorter for every page that is written before it."""
    guest, domain = hosts.add("db")

    backend.prepare(guest, timeout_seconds=3, lease_seconds=60)

    assert domain.calls.count("guest-exec-status") == 2


@pytest.mark.parametrize("number", [1, 86, 88])
def test_a_flush_that_fails_is_no_error(backend, hosts, number):
    """Some agents may not run programs; their freezes take longer."""
    guest, domain = hosts.add("db")
    domain.troubles["guest-exec"] = [hosts.error(number)]

    backend.prepare(guest, timeout_seconds=3, lease_seconds=60)

    assert backend.freeze(guest) == 2


def test_a_guest_that_is_held_already_is_left_as_it_is(backend, hosts):
    """Whoever holds it has set a time limit of their own."""
    guest, domain = hosts.add("db", frozen=True)

    with pytest.raises(AlreadyFrozen, match="db"):
        backend.prepare(guest, timeout_seconds=3, lease_seconds=60)
    backend.settle(guest)

    assert domain.limits == []
    assert domain.frozen


@pytest.mark.parametrize(
    ("number", "kind"),
    [(86, FreezeFailed), (42, FreezeFailed), (38, FreezeFailed), (74, NotQuiescable)],
)
def test_what_cannot_be_prepared_is_not_frozen(backend, hosts, number, kind):
    """Nothing was sent that could freeze it."""
    guest, domain = hosts.add("db")
    domain.troubles["guest-fsfreeze-status"] = [hosts.error(number)]

    with pytest.raises(kind, match=rf"db.*\[libvirt {number}\]"):
        backend.prepare(guest, timeout_seconds=3, lease_seconds=60)
    with pytest.raises(FreezeFailed, match="not prepared"):
        backend.freeze(guest)


def test_a_host_that_hangs_does_not_hang_us(backend, hosts, monkeypatch):
    """It lost its power: libvirt would wait for minutes."""
    monkeypatch.setattr(libvirt, "ANSWER_SECONDS_MAX", 0.01)
    guest, domain = hosts.add("db")
    power = threading.Event()
    domain.troubles["guest-fsfreeze-status"] = [power.wait]

    with pytest.raises(FreezeFailed, match="does not answer"):
        backend.prepare(guest, timeout_seconds=3, lease_seconds=60)

    power.set()


@pytest.mark.parametrize(
    ("number", "text", "kind"),
    [
        (1, "disabled: the agent is in frozen state", AlreadyFrozen),
        (113, "disabled: the agent is in frozen state", AlreadyFrozen),
        (86, "QEMU guest agent is not connected", FreezeFailed),
        (86, "Guest agent not available for now", FreezeUnclear),
        (86, "Guest agent disappeared while executing command", FreezeUnclear),
        (112, "timed out", FreezeUnclear),
        (97, "cannot sync", FreezeUnclear),
        (68, "cannot acquire state change lock", FreezeUnclear),
        (9, "too many jobs", FreezeUnclear),
        (38, "Broken pipe", FreezeUnclear),
        (39, "RPC error", FreezeUnclear),
        (4711, "an error of a later libvirt", FreezeUnclear),
        (None, None, FreezeUnclear),
        (42, "no domain with matching uuid", FreezeFailed),
        (55, "domain is not running", FreezeFailed),
        (3, "not supported by the driver", NotQuiescable),
        (29, "read only", NotQuiescable),
        (67, "not in this configuration", NotQuiescable),
        (74, "QEMU guest agent is not configured", NotQuiescable),
        (84, "unsupported", NotQuiescable),
        (88, "access denied", NotQuiescable),
    ],
)
def test_an_error_says_what_became_of_the_guest(
    backend, prepared, hosts, number, text, kind
):
    """Whether it is not frozen, or may be, or is somebody else's."""
    guest, domain = prepared
    domain.troubles["fsFreeze"] = [hosts.error(number, text)]

    with pytest.raises(kind, match="guest db") as raised:
        backend.freeze(guest)

    assert type(raised.value) is kind
    assert str(number) in str(raised.value)


def test_a_connection_that_broke_leaves_its_freeze_unclear(backend, prepared, hosts):
    """An error of any number, if it is one of the connection."""
    guest, domain = prepared
    domain.troubles["fsFreeze"] = [hosts.error(1, "client socket is closed", domain=7)]

    with pytest.raises(FreezeUnclear, match="may freeze yet"):
        backend.freeze(guest)


OLD = "The command guest-fsfreeze-freeze has been disabled for this instance"


@pytest.mark.parametrize(
    ("text", "now", "kind"),
    [
        (OLD, "frozen", AlreadyFrozen),
        (OLD, "thawed", FreezeFailed),
        (OLD, "gone", FreezeUnclear),
        ("hook failed", "thawed", FreezeFailed),
        ("hook failed", "frozen", FreezeUnclear),
    ],
)
def test_an_agent_that_refuses_is_asked_how_it_is(
    backend, prepared, hosts, text, now, kind
):
    """Before QEMU 6.0 a frozen agent calls a freeze disabled, like a forbidden one."""
    guest, domain = prepared
    domain.troubles["fsFreeze"] = [hosts.error(1, text)]
    domain.frozen = now == "frozen"
    if now == "gone":
        domain.troubles["guest-fsfreeze-status"] = [hosts.error(86)]

    with pytest.raises(kind) as raised:
        backend.freeze(guest)

    assert type(raised.value) is kind


def test_freezing_nothing_is_a_failure(backend, prepared):
    """An agent that froze no file system has thawed itself again."""
    guest, domain = prepared
    domain.file_systems = 0

    with pytest.raises(FreezeFailed, match="no file system"):
        backend.freeze(guest)


def test_a_freeze_that_hangs_is_given_up_in_time(backend, prepared, monkeypatch):
    """Behind somebody else's agent command libvirt lets it wait for 30 seconds."""
    monkeypatch.setattr(libvirt, "GRACE_SECONDS", -2.99)
    guest, domain = prepared
    behind = threading.Event()
    domain.troubles["fsFreeze"] = [behind.wait]

    with pytest.raises(FreezeUnclear, match="did not answer in time"):
        backend.freeze(guest)
    with pytest.raises(FreezeUnclear, match="asked before"):
        backend.freeze(guest)

    behind.set()


def test_a_host_is_connected_to_once(backend, hosts):
    """Whatever number of guests it has, and of threads."""
    guests = [hosts.add(name)[0] for name in ("db", "app", "lb")]

    with ThreadPoolExecutor(3) as threads:
        stills = list(threads.map(backend.stillness, guests))

    assert stills == [Stillness.THAWED] * 3
    assert hosts.opened == ["qemu://a/system"]


def test_a_dead_connection_is_opened_again(backend, hosts):
    """The host's daemon restarted."""
    guest, _ = hosts.add("db")
    backend.stillness(guest)
    hosts.alive = False

    assert backend.stillness(guest) is Stillness.THAWED

    assert len(hosts.opened) == 2


def test_a_connection_that_fails_a_call_is_opened_again(backend, hosts):
    """It looks alive, but what it carries is lost."""
    guest, domain = hosts.add("db")
    domain.troubles["guest-fsfreeze-status"] = [hosts.error(39)]

    assert backend.stillness(guest) is Stillness.UNKNOWN
    assert backend.stillness(guest) is Stillness.THAWED

    assert len(hosts.opened) == 2


def test_the_witness_changes_with_a_power_cycle_and_with_a_move(backend, hosts):
    """Both end a freeze, or take it away."""
    guest, domain = hosts.add("db")
    before = backend.witness(guest)

    domain.id = 2
    cycled = backend.witness(guest)
    hosts.remove(guest)
    moved = backend.witness(guest)

    assert len({before, cycled, moved}) == 3


def test_a_witness_that_nobody_can_give_is_an_error(backend):
    """Not one that happens to be the same as the last."""
    with pytest.raises(FreezeFailed, match="unable to connect"):
        backend.witness(Guest("s-db", "db", "qemu://nowhere/system"))


def test_a_check_names_every_obstacle(backend, hosts):
    """Held by somebody, not allowed by its owner, without an agent."""
    held, _ = hosts.add("held", frozen=True)
    owned, _ = hosts.add("owned", forbidden=frozenset({"guest-fsfreeze-freeze"}))
    deaf, domain = hosts.add("deaf")
    domain.troubles["guest-fsfreeze-status"] = [hosts.error(74)]

    assert "frozen already" in next(backend.check(held))
    assert "does not allow guest-fsfreeze-freeze" in next(backend.check(owned))
    assert "hw_qemu_guest_agent=yes" in next(backend.check(deaf))


def test_a_check_touches_nothing(backend, hosts):
    """Not even the agent's time limit."""
    guest, domain = hosts.add("db")

    assert not tuple(backend.check(guest))

    assert domain.calls == ["guest-fsfreeze-status", "guest-info"]
