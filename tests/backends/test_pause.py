"""The backend that pauses servers, and with it what all server actions share."""

import pytest

from vnfdr.backends import Stillness
from vnfdr.backends.pause import PauseQuiesce
from vnfdr.errors import (
    AlreadyFrozen,
    AnswerLost,
    CloudError,
    Conflict,
    Forbidden,
    FreezeFailed,
    FreezeUnclear,
    Gone,
    NotQuiescable,
    QuiesceError,
    Retryable,
    ThawFailed,
    Unsupported,
)
from vnfdr.model import Guest, Level, Server
from vnfdr.testing import check_quiesce_backend


@pytest.fixture
def backend(cloud):
    """The backend under test."""
    return PauseQuiesce(cloud)


@pytest.fixture
def guest(nova, backend):
    """A running guest, prepared."""
    guest = nova.add("db")
    backend.prepare(guest, timeout_seconds=5, lease_seconds=60)
    return guest


def test_it_keeps_the_promises(backend, nova):
    """Pausing is one way of holding a guest still."""
    check_quiesce_backend(backend, nova.add("db"), Guest("s-no", "no"))


def test_it_is_worth_a_crash():
    """Nothing of a paused guest was flushed."""
    assert PauseQuiesce.level is Level.CRASH


def test_a_freeze_waits_until_nova_says_paused(backend, guest, nova):
    """An accepted request is not yet a paused guest."""
    nova.looks = 5

    assert backend.freeze(guest) == 1

    assert nova.all[guest.server_id].vm_state == "paused"


def test_states_are_read_from_the_status_too(backend, nova):
    """Where no vm_state is known, the status has to do."""
    guest = nova.add("db", state="", status="PAUSED")

    assert backend.stillness(guest) is Stillness.FROZEN


@pytest.mark.parametrize("state", ["paused", "stopped", "error"])
def test_what_does_not_run_is_not_prepared(backend, nova, state):
    """Only a running guest can be held; a paused one is somebody else's."""
    guest = nova.add("db", state)

    with pytest.raises(
        AlreadyFrozen if state == "paused" else FreezeFailed, match=state
    ):
        backend.prepare(guest, timeout_seconds=5, lease_seconds=60)


def test_what_was_not_prepared_is_not_frozen(backend, nova):
    """Nobody said how long it may take."""
    with pytest.raises(FreezeFailed, match="not prepared"):
        backend.freeze(nova.add("db"))

    assert nova.asked == []


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (Conflict, FreezeFailed),
        (Unsupported, NotQuiescable),
        (Forbidden, NotQuiescable),
        (Gone, FreezeFailed),
        (Retryable, FreezeFailed),
        (CloudError, FreezeUnclear),
    ],
)
def test_a_refused_request_says_what_became_of_the_guest(
    backend, guest, nova, refusal, kind
):
    """What Nova refused has not been done; what it did not explain may have been."""
    nova.troubles["pause"] = [refusal("no")]

    with pytest.raises(kind, match="db"):
        backend.freeze(guest)


def test_what_somebody_else_paused_is_left_alone(backend, guest, nova):
    """A guest paused after it was prepared is not ours."""
    nova.change(guest, vm_state="paused")

    with pytest.raises(AlreadyFrozen):
        backend.freeze(guest)

    assert backend.stillness(guest) is Stillness.FROZEN


def test_a_lost_answer_is_looked_for(backend, guest, nova):
    """The request had its effect, and is not made again."""
    nova.troubles["pause after"] = [AnswerLost("read timeout")]

    assert backend.freeze(guest) == 1

    assert nova.asked == ["pause"]


def test_a_lost_request_is_unclear(backend, guest, nova):
    """It may yet arrive: nobody can say that the guest stays as it is."""
    nova.troubles["pause"] = [AnswerLost("read timeout")]

    with pytest.raises(FreezeUnclear, match="may freeze yet"):
        backend.freeze(guest)

    assert nova.asked == []


def test_a_freeze_that_takes_too_long_is_unclear(backend, guest, nova, clock):
    """Nova is still at it when the time is over."""
    nova.looks = 1000

    with pytest.raises(FreezeUnclear, match="not within 5 seconds"):
        backend.freeze(guest)

    assert clock.slept < 10


def test_a_server_in_error_may_be_frozen(backend, guest, nova):
    """Nova gives up on the server, not the hypervisor on its guest."""
    nova.ends_in = "error"

    with pytest.raises(FreezeUnclear, match="error"):
        backend.freeze(guest)


def test_a_hypervisor_that_cannot_is_told_from_one_that_is_slow(backend, guest, nova):
    """The state goes back to what it was: only the action's result tells why."""
    nova.ends_in, nova.message = "active", "not implemented by this driver"

    with pytest.raises(NotQuiescable, match="not implemented by this driver"):
        backend.freeze(guest)


def test_a_server_that_is_deleted_meanwhile_is_not_frozen(backend, guest, nova):
    """What is gone holds no data back."""
    nova.troubles["get"] = [Gone("no server")]

    with pytest.raises(FreezeFailed, match="gone"):
        backend.freeze(guest)


def test_a_thaw_waits_until_nova_says_active(backend, guest, nova):
    """An accepted request is not yet a running guest."""
    backend.freeze(guest)
    nova.looks = 5

    assert backend.thaw(guest) == 1

    assert backend.stillness(guest) is Stillness.THAWED


def test_a_thaw_waits_for_a_late_freeze(backend, guest, nova):
    """What was being paused when the freeze was given up is paused first."""
    nova.looks = 1000
    with pytest.raises(FreezeUnclear):
        backend.freeze(guest)
    nova.pending[guest.server_id][0], nova.looks = 3, 2

    assert backend.thaw(guest) == 1

    assert nova.asked == ["pause", "unpause"]


def test_a_thaw_whose_answer_was_lost_is_looked_for(backend, guest, nova):
    """The request had its effect, and is not made again."""
    backend.freeze(guest)
    nova.troubles["unpause after"] = [AnswerLost("read timeout")]

    backend.thaw(guest)

    assert nova.asked == ["pause", "unpause"]


def test_a_thaw_that_was_not_heard_is_asked_for_again(backend, guest, nova):
    """Nova is busy, then unwell, then does it."""
    backend.freeze(guest)
    nova.troubles["unpause"] = [Conflict("busy"), Retryable("unwell")]

    assert backend.thaw(guest) == 1


@pytest.mark.parametrize("state", ["stopped", "shelved_offloaded"])
def test_what_is_off_is_not_frozen(backend, nova, state):
    """A guest that does not run holds nothing back."""
    assert backend.thaw(nova.add("db", state)) == 0


def test_a_deleted_server_is_not_frozen(backend):
    """There is nothing left to thaw."""
    assert backend.thaw(Guest("s-no", "no")) == 0


def test_a_server_that_is_deleted_during_its_thaw_is_not_frozen(backend, guest, nova):
    """There is nothing left to thaw, but what was accepted counts."""
    backend.freeze(guest)
    nova.troubles["get"] = [Gone("no server")]

    assert backend.thaw(guest) == 1


@pytest.mark.parametrize("name", ["get", "unpause"])
def test_a_thaw_that_nova_refuses_is_not_proven(backend, guest, nova, name):
    """Nobody claims that a guest is thawed who has not seen it."""
    backend.freeze(guest)
    nova.troubles[name] = [Forbidden("no")]

    with pytest.raises(ThawFailed, match="db"):
        backend.thaw(guest)


def test_a_thaw_that_ends_in_error_is_not_proven(backend, guest, nova):
    """Nova does not know how its guest is any more."""
    backend.freeze(guest)
    nova.ends_in = "error"

    with pytest.raises(ThawFailed, match="error"):
        backend.thaw(guest)


def test_a_thaw_does_not_wait_for_ever(backend, guest, nova, clock):
    """Who called may want to try again, or tell somebody."""
    backend.freeze(guest)
    nova.looks = 1000

    with pytest.raises(ThawFailed, match="unpausing"):
        backend.thaw(guest)

    assert clock.slept < 60


def test_the_witness_is_the_servers_incarnation(backend, nova):
    """It changes with a rebuild, a move or a power cycle."""
    guest = nova.add("db", incarnation="host-1 boot-1")

    assert backend.witness(guest) == "host-1 boot-1"


def test_without_a_cloud_nothing_can_be_held_or_let_go():
    """A journal alone does not lead to Nova."""
    backend, guest = PauseQuiesce(None), Guest("s-db", "db")

    assert backend.stillness(guest) is Stillness.UNKNOWN
    assert "name the cloud" in next(iter(backend.check(guest)))
    with pytest.raises(QuiesceError, match="db"):
        backend.thaw(guest)


def test_a_guest_needs_no_address(backend):
    """Nova finds a server by its id."""
    assert backend.locate(Server("s-db", "db")) == Guest("s-db", "db")
