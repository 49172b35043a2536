"""The backend that freezes through libvirt: thawing, wherever the guest is by now."""

import threading

import pytest

from vnfdr.backends import libvirt, proven
from vnfdr.backends.libvirt import LibvirtQuiesce
from vnfdr.errors import FreezeUnclear, Retryable, ThawedItself, ThawFailed

HERE, THERE = "qemu://a/system", "qemu://b/system"


@pytest.fixture
def backend(cloud, hosts):
    """The backend under test."""
    cloud.settings["libvirt"] = {"uri": "qemu://{host}/system"}
    return LibvirtQuiesce(cloud)


@pytest.fixture
def frozen(backend, hosts, nova):
    """A guest that was frozen, and its domain with its calls forgotten."""
    nova.add("db", host="a")
    guest, domain = hosts.add("db", HERE)
    backend.prepare(guest, timeout_seconds=3, lease_seconds=60)
    backend.freeze(guest)
    domain.calls.clear()
    return guest, domain


def test_a_thaw_is_one_call(backend, frozen):
    """The agent's count is the proof: nothing else is waited for."""
    guest, domain = frozen

    assert backend.thaw(guest) == 2

    assert domain.calls == ["fsThaw"]


@pytest.mark.parametrize("site", ["with a site", "without"])
def test_whoever_has_the_journal_can_thaw(frozen, cloud, site):
    """Another process than the one that froze; it limits the agent's time itself."""
    guest, domain = frozen
    other = LibvirtQuiesce(cloud if site == "with a site" else None)

    assert other.thaw(guest) == 2

    assert domain.limits == [3, 5]


@pytest.mark.parametrize(
    ("number", "domain_of_error"),
    [(9, 10), (68, 10), (86, 10), (97, 10), (112, 10), (38, 38), (39, 0), (1, 7)],
)
def test_a_thaw_is_tried_again(backend, frozen, hosts, number, domain_of_error):
    """Whatever it is that may pass: the agent's restart, another's job, the wire."""
    guest, domain = frozen
    trouble = hosts.error(number, domain=domain_of_error)
    domain.troubles["fsThaw"] = [trouble, trouble]

    assert backend.thaw(guest) == 2


def test_an_agent_that_refuses_is_tried_again(backend, frozen, hosts):
    """It still says frozen."""
    guest, domain = frozen
    domain.troubles["fsThaw"] = [hosts.error(113, "no mounts")]

    assert backend.thaw(guest) == 2


def test_windows_thaws_with_an_error(backend, frozen, hosts):
    """It held too long and let go by itself, and what it says of that is told."""
    guest, domain = frozen
    domain.frozen = False
    domain.troubles["fsThaw"] = [hosts.error(1, "couldn't hold writes")]

    with pytest.raises(ThawedItself, match="let go by itself: couldn't hold writes"):
        backend.thaw(guest)


def test_a_thaw_that_cannot_work_is_told_at_once(backend, frozen, hosts, clock):
    """Trying again would not help."""
    guest, domain = frozen
    domain.troubles["fsThaw"] = [hosts.error(88, "access denied")]
    before = clock.slept

    with pytest.raises(ThawFailed, match="access denied"):
        backend.thaw(guest)

    assert clock.slept == before


def test_a_thaw_does_not_wait_for_ever(backend, frozen, hosts, clock):
    """Who called may want to try again, or tell somebody."""
    guest, domain = frozen
    domain.troubles["fsThaw"] = [hosts.error(86, "not connected")] * 99

    with pytest.raises(ThawFailed, match="may be frozen: not connected"):
        backend.thaw(guest)

    assert clock.slept < 60


def test_a_host_that_hangs_does_not_hang_the_thaw(backend, frozen, hosts, monkeypatch):
    """The call is left behind; the next thaw has a connection of its own."""
    guest, domain = frozen
    power = threading.Event()
    domain.troubles["fsThaw"] = [power.wait]

    with monkeypatch.context() as patch:
        patch.setattr(libvirt, "ONE_THAW_SECONDS_MAX", 0.02)
        patch.setattr(proven, "THAW_SECONDS_MAX", 0.02)
        with pytest.raises(ThawFailed, match="does not answer"):
            backend.thaw(guest)
    power.set()

    assert backend.thaw(guest) == 2
    assert len(hosts.opened) == 2


def test_no_thaw_proves_anything_while_a_freeze_is_under_way(
    backend, frozen, monkeypatch
):
    """It overtook the freeze at the host, and thawed nothing."""
    monkeypatch.setattr(libvirt, "GRACE_SECONDS", -2.99)
    guest, domain = frozen
    domain.frozen = False
    behind, froze = threading.Event(), threading.Event()
    domain.troubles["fsFreeze"] = [
        lambda: behind.wait() and domain.freeze() and froze.set()
    ]
    with pytest.raises(FreezeUnclear):
        backend.freeze(guest)

    with pytest.raises(ThawFailed, match="under way"):
        backend.thaw(guest)
    behind.set()
    froze.wait()
    backend.thaw(guest)

    assert not domain.frozen


def test_a_thaw_follows_a_guest_that_moved(backend, frozen, hosts, nova):
    """Its freeze moved with it; its agent's time limit did not."""
    guest, _ = frozen
    domain = hosts.move(guest, THERE)
    nova.change(guest, host="b")

    assert backend.thaw(guest) == 2

    assert backend.witness(guest).startswith(THERE)
    assert domain.limits == [3, 5]


def test_a_guest_that_was_located_anew_is_sought_there(backend, frozen, hosts, nova):
    """It moved during one window, and back before the next."""
    guest, _ = frozen
    hosts.move(guest, THERE)
    nova.change(guest, host="b")
    backend.thaw(guest)
    back, _ = hosts.add("db", "qemu://c/system")

    assert backend.witness(back).startswith("qemu://c/system")


def test_a_thaw_follows_a_guest_that_was_evacuated(backend, frozen, hosts, nova):
    """Its host is dead; it began anew on another, and is not frozen there."""
    guest, domain = frozen
    del hosts.domains[HERE]
    domain.troubles["fsThaw"] = [hosts.error(38, "No route to host", domain=7)]
    hosts.add("db", THERE)
    nova.change(guest, host="b")

    assert backend.thaw(guest) == 0


def test_a_thaw_waits_for_a_guest_on_its_way(backend, frozen, hosts, nova):
    """It has left one host, and Nova does not say yet that it is at another."""
    guest, _ = frozen
    hosts.move(guest, THERE)
    nova.change(guest, task_state="migrating")

    with pytest.raises(ThawFailed, match="Nova is migrating"):
        backend.thaw(guest)
    nova.change(guest, task_state="", host="b")

    assert backend.thaw(guest) == 2


def test_a_deleted_server_is_not_frozen(backend, frozen, hosts, nova):
    """There is nothing left to thaw."""
    guest, _ = frozen
    hosts.remove(guest)
    nova.all.clear()

    assert backend.thaw(guest) == 0


def test_a_deleted_server_on_a_dead_host_is_not_frozen(backend, frozen, hosts, nova):
    """Nobody needs the host to know that."""
    guest, domain = frozen
    nova.all.clear()
    domain.troubles["fsThaw"] = [hosts.error(38, domain=7)]

    assert backend.thaw(guest) == 0


@pytest.mark.parametrize("site", ["with a site", "without"])
def test_a_guest_that_is_off_is_not_frozen(frozen, hosts, cloud, site):
    """Its power was cut where it was; a freeze does not outlive that."""
    guest, domain = frozen
    domain.active = False
    domain.troubles["fsThaw"] = [hosts.error(55, "domain is not running")]
    backend = LibvirtQuiesce(cloud if site == "with a site" else None)
    cloud.settings["libvirt"] = {"uri": HERE}

    assert backend.thaw(guest) == 0


def test_a_paused_guest_may_be_frozen(backend, frozen, hosts):
    """It cannot be asked before somebody resumes it."""
    guest, domain = frozen
    domain.troubles["fsThaw"] = [hosts.error(55, "domain is not running")] * 99

    with pytest.raises(ThawFailed, match="paused; resume it"):
        backend.thaw(guest)


def test_a_guest_that_left_cannot_be_followed_without_a_site(frozen, hosts):
    """It may be frozen anywhere: only Nova knows where it is."""
    guest, _ = frozen
    hosts.remove(guest)

    with pytest.raises(ThawFailed, match="nobody can be asked"):
        LibvirtQuiesce(None).thaw(guest)


def test_a_guest_that_left_is_not_given_up_while_nova_is_unwell(
    backend, frozen, hosts, nova
):
    """Not to know where it is, is no proof."""
    guest, domain = frozen
    domain.troubles["fsThaw"] = [hosts.error(42)]
    nova.troubles["get"] = [Retryable("unwell")]

    assert backend.thaw(guest) == 2
