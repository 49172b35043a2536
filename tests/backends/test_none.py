"""The backend that holds nothing."""

from vnfdr.backends import Stillness
from vnfdr.backends.none import NoQuiesce
from vnfdr.model import Guest, Level, Server
from vnfdr.testing import check_quiesce_backend

GUEST = Guest("s-db", "db")


def test_it_keeps_the_promises_of_a_backend_that_holds_nothing():
    """Holding nothing on purpose is a promise too."""
    check_quiesce_backend(NoQuiesce(None), GUEST)


def test_it_claims_nothing():
    """It never says frozen, counts nothing and certifies no more than a crash."""
    backend = NoQuiesce(None)

    assert not backend.holds
    assert backend.level is Level.CRASH
    assert backend.stillness(GUEST) is Stillness.UNKNOWN
    assert (backend.freeze(GUEST), backend.thaw(GUEST)) == (0, 0)


def test_any_server_will_do():
    """There is no server whose guest cannot be left running."""
    backend = NoQuiesce(None)

    guest = backend.locate(Server("s-db", "db", status="SHUTOFF"))

    assert guest == GUEST
    assert not tuple(backend.check(guest))
    assert backend.witness(guest) == backend.witness(guest)
