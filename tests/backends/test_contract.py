"""The contract check of `vnfdr.testing` can fail: once for each promise."""

import pytest
from attrs import define, field

from tests.fakes import FakeQuiesce, FakeSite
from vnfdr.backends import Stillness, get_backend, installed_backends
from vnfdr.errors import AlreadyFrozen, FreezeFailed, QuiesceError
from vnfdr.model import Guest, Level
from vnfdr.testing import check_quiesce_backend

GUEST, DEAD = Guest("s-db", "db"), Guest("s-dead", "dead")


@define
class Broken:
    """A backend in memory that keeps every promise but one."""

    flaw: str = ""
    holds: bool = True
    level: Level = Level.FILESYSTEM
    frozen: bool = False
    boots: int = 0
    asked: list[str] = field(factory=list)

    def locate(self, server):
        return Guest(server.id, server.name)

    def check(self, guest):
        if self.flaw == "check freezes":
            self.frozen = True
        if guest == DEAD and self.flaw != "check is blind":
            yield "dead has no agent"
        if guest == GUEST and self.flaw == "check sees ghosts":
            yield "it looks bad"

    def prepare(self, guest, *, timeout_seconds, lease_seconds):
        if self.flaw == "prepare freezes":
            self.frozen = True

    def freeze(self, guest):
        if self.flaw == "freezes nothing":
            return 0
        if self.flaw == "cannot freeze":
            raise FreezeFailed("db did not")
        if guest == DEAD:
            if self.flaw == "freezes the dead":
                return 2
            raise FreezeFailed(
                "no" if self.flaw == "names nobody" else "dead: no agent"
            )
        if self.frozen and self.flaw != "freezes twice":
            if self.flaw == "thaws what it refuses":
                self.frozen = False
            wrong = self.flaw == "refuses wrongly"
            raise (FreezeFailed if wrong else AlreadyFrozen)("db is frozen")
        self.frozen = self.flaw != "only says frozen"
        return 2

    def thaw(self, guest):
        if self.flaw == "cannot thaw":
            raise QuiesceError("db did not")
        count = 2 if self.frozen or self.flaw == "thaws the thawed" else 0
        if self.flaw == "counts wrongly":
            count = min(count, 1)
        if self.flaw != "only says thawed":
            self.frozen = False
        return count

    def stillness(self, guest):
        if guest == DEAD and self.flaw != "guesses":
            return Stillness.UNKNOWN
        return Stillness.FROZEN if self.frozen else Stillness.THAWED

    def witness(self, guest):
        self.boots += self.flaw == "witness wavers"
        return f"boot {self.boots}"

    def reach(self, guest):
        if self.flaw == "reaching freezes":
            self.frozen = True

    def settle(self, guest):
        if self.flaw == "settling freezes":
            self.frozen = True


def test_a_backend_that_keeps_its_promises_passes():
    """The flaws below are the only ones of the backend that has them."""
    check_quiesce_backend(Broken(), GUEST, DEAD)


@pytest.mark.parametrize(
    "flaw",
    [
        "check freezes",
        "check is blind",
        "check sees ghosts",
        "prepare freezes",
        "freezes nothing",
        "cannot freeze",
        "freezes the dead",
        "names nobody",
        "freezes twice",
        "thaws what it refuses",
        "refuses wrongly",
        "only says frozen",
        "cannot thaw",
        "thaws the thawed",
        "counts wrongly",
        "only says thawed",
        "guesses",
        "witness wavers",
        "reaching freezes",
        "settling freezes",
    ],
)
def test_a_broken_promise_is_told(flaw):
    """In a sentence, and as the failure of a test."""
    with pytest.raises(AssertionError, match=r"\w+ \w+"):
        check_quiesce_backend(Broken(flaw), GUEST, DEAD)


@pytest.mark.parametrize(
    "flaw", ["only says frozen", "thaws the thawed", "freezes twice"]
)
def test_one_that_holds_nothing_may_not_claim_to(flaw):
    """Whatever it counts is a claim."""
    with pytest.raises(AssertionError):
        check_quiesce_backend(Broken(flaw, holds=False), GUEST)


def test_a_freeze_that_takes_too_long_is_told(monkeypatch):
    """The other guests of the group are frozen meanwhile."""
    backend, seconds = Broken(), iter(range(0, 1000, 7))
    monkeypatch.setattr("vnfdr.testing.quiesce.time.monotonic", lambda: next(seconds))

    with pytest.raises(AssertionError, match="at most 5 seconds and one more"):
        check_quiesce_backend(backend, GUEST)

    assert not backend.frozen


def test_a_guest_that_cannot_tell_has_to_say_so():
    """Its backend may not answer from memory instead."""
    with pytest.raises(AssertionError, match="should be unknown"):
        check_quiesce_backend(Broken(), GUEST, guest_can_tell=False)


def test_what_somebody_else_froze_is_not_thawed_by_a_check():
    """It is refused before anything is done to it."""
    backend = Broken(frozen=True)

    with pytest.raises(AssertionError, match="to begin with"):
        check_quiesce_backend(backend, GUEST)

    assert backend.frozen


def test_a_check_that_fails_leaves_the_guest_thawed():
    """Whatever it was that failed."""
    backend = Broken("refuses wrongly")

    with pytest.raises(AssertionError):
        check_quiesce_backend(backend, GUEST)

    assert not backend.frozen


def test_the_fake_of_our_other_tests_keeps_the_promises():
    """What they prove of it holds for the real ones."""
    site = FakeSite()
    server = site.add_server("db")
    backend = FakeQuiesce(site)

    check_quiesce_backend(backend, backend.locate(server))


@pytest.mark.parametrize("name", ["libvirt", "nova", "none", "pause", "ssh"])
def test_the_backends_we_ship_are_announced(cloud, name):
    """They take the same door as everybody else's."""
    if name not in installed_backends():
        pytest.skip("vnfdr is not installed here")

    assert isinstance(get_backend(name, cloud).level, Level)
