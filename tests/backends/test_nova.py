"""The backend for clouds that have the quiesce API of the nova-spec."""

import pytest

from vnfdr.backends import Stillness
from vnfdr.backends.nova import NO_SERVER, NovaQuiesce
from vnfdr.errors import (
    AlreadyFrozen,
    Forbidden,
    NotQuiescable,
    Retryable,
    ThawFailed,
)
from vnfdr.model import Guest, Level, Server
from vnfdr.testing import check_quiesce_backend


@pytest.fixture
def backend(cloud, nova):
    """The backend, at a cloud that has what the spec describes."""
    nova.actions["quiesce"] = ("active", "quiescing", "quiesced")
    nova.actions["unquiesce"] = ("quiesced", "unquiescing", "active")
    return NovaQuiesce(cloud)


def test_it_keeps_the_promises(backend, nova):
    """Quiescing by Nova is one way of holding a guest still."""
    check_quiesce_backend(backend, nova.add("db"), Guest("s-no", "no"))


def test_it_reaches_the_file_systems():
    """The spec's quiesce is the agent's freeze."""
    assert NovaQuiesce.level is Level.FILESYSTEM


def test_stock_nova_is_found_out(cloud, nova):
    """The spec was never merged: the sentence says so before anything is tried."""
    backend, guest = NovaQuiesce(cloud), nova.add("db")

    (problem,) = backend.check(guest)

    assert "guest db cannot be quiesced" in problem
    assert "does not offer the quiesce API" in problem


def test_the_probe_touches_no_server(backend, nova):
    """It is about a server that cannot exist."""
    nova.add("db")

    assert not tuple(backend.check(Guest("s-db", "db")))

    assert nova.asked == []
    assert NO_SERVER not in nova.all


@pytest.mark.parametrize(
    ("error", "told"),
    [(Forbidden("no"), "may not use"), (Retryable("unwell"), "is unknown")],
)
def test_a_probe_that_is_not_answered_says_why(backend, nova, error, told):
    """Not allowed is something else than not there, and than not known."""
    guest = nova.add("db")
    nova.troubles["unquiesce"] = [error]

    (problem,) = backend.check(guest)

    assert told in problem


def test_a_quiesced_server_is_somebody_elses(backend, nova):
    """The table allows quiesce for an active server only."""
    guest = nova.add("db")
    backend.prepare(guest, timeout_seconds=5, lease_seconds=60)
    nova.change(guest, vm_state="quiesced", status="UNKNOWN")

    with pytest.raises(AlreadyFrozen):
        backend.freeze(guest)


def test_a_server_on_its_way_is_neither_frozen_nor_thawed(backend, nova):
    """While a task runs, its state is not the last word."""
    guest = nova.add("db", "active", task_state="quiescing")

    assert backend.stillness(guest) is Stillness.UNKNOWN


def test_a_quiesced_server_in_error_is_not_proven_thawed(backend, nova):
    """The table allows unquiesce for a quiesced server only."""
    with pytest.raises(ThawFailed, match="it is error"):
        backend.thaw(nova.add("db", "error"))


def test_a_cloud_may_have_other_words(cloud, nova):
    """What is patched into a cloud is not a standard."""
    nova.actions["hold"] = ("active", "holding", "held")
    nova.actions["let-go"] = ("held", "going", "active")
    cloud.settings["nova"] = {
        "quiesce": "hold",
        "unquiesce": "let-go",
        "quiesced": ["HELD"],
    }

    check_quiesce_backend(NovaQuiesce(cloud), nova.add("db"))

    assert set(nova.asked) == {"hold", "let-go"}


@pytest.mark.parametrize("wrong", [{"quiesced": 3}, {"quiese": "hold"}, ["hold"]])
def test_wrong_settings_are_told_when_the_guest_is_located(cloud, wrong):
    """Not in the window."""
    cloud.settings["nova"] = wrong

    with pytest.raises(NotQuiescable, match="'nova' is wrong"):
        NovaQuiesce(cloud).locate(Server("s-db", "db"))


def test_a_server_that_is_off_cannot_be_quiesced(backend, nova):
    """The table allows quiesce for an active server only."""
    (problem,) = backend.check(nova.add("db", "stopped"))

    assert problem == "guest db cannot be held: it is stopped"


def test_without_a_cloud_the_probe_says_so():
    """A journal alone does not lead to Nova."""
    (problem,) = NovaQuiesce(None).check(Guest("s-db", "db"))

    assert "name the cloud" in problem
