import time

import pytest
from attrs import evolve

from vnfdr.backends import Stillness
from vnfdr.backends.nova import NovaQuiesce
from vnfdr.backends.pause import PauseQuiesce
from vnfdr.errors import (
    AlreadyFrozen,
    FreezeFailed,
    FreezeUnclear,
    NotQuiescable,
    ThawedItself,
    ThawFailed,
)
from vnfdr.model import Guest
from vnfdr.sandbox import Effect, Fault, Latency
from vnfdr.sandbox.guests import Agent, AgentFaults
from vnfdr.sandbox.quiesce import SandboxQuiesce
from vnfdr.testing import check_quiesce_backend


@pytest.fixture
def backend(site):
    return SandboxQuiesce(site)


@pytest.fixture
def guest(backend, site, server):
    return backend.locate(site.servers.get(server.id))


@pytest.fixture
def ready(backend, guest):
    """The guest, prepared to be frozen."""
    backend.prepare(guest, timeout_seconds=5.0, lease_seconds=60)
    return guest


@pytest.fixture
def hasty(backend, guest):
    """The guest, prepared to be frozen at once or not at all."""
    backend.prepare(guest, timeout_seconds=0.2, lease_seconds=60)
    return guest


@pytest.mark.parametrize("kind", [SandboxQuiesce, NovaQuiesce, PauseQuiesce])
def test_a_backend_keeps_its_promises(a, site, server, kind):
    """The contract of all backends is kept on the sandbox."""
    backend = kind(site)
    dead = a.add_server("dead")
    dead.guest.faults = AgentFaults(agent=Agent.DEAD)
    can_be_dead = kind is SandboxQuiesce
    unreachable = backend.locate(site.servers.get(dead.id)) if can_be_dead else None

    check_quiesce_backend(
        backend, backend.locate(site.servers.get(server.id)), unreachable
    )


def test_only_a_sandbox_has_such_guests(site, server):
    """A site that is no sandbox has no door to its guests."""
    elsewhere = evolve(site, settings={})

    with pytest.raises(NotQuiescable, match="its site is no sandbox"):
        SandboxQuiesce(elsewhere).locate(site.servers.get(server.id))


def test_a_journal_is_enough_to_thaw(backend, ready):
    """Thawing needs no cloud, only the address."""
    frozen = backend.freeze(ready)

    assert SandboxQuiesce(None).thaw(ready) == frozen == 2


def test_a_guest_that_somebody_else_froze_is_left_alone(server, backend, guest):
    """It is not ours to thaw."""
    server.guest.freeze()

    assert "frozen already" in next(backend.check(guest))
    with pytest.raises(AlreadyFrozen):
        backend.prepare(guest, timeout_seconds=1.0, lease_seconds=60)


def test_a_hung_agent_leaves_it_unclear(server, backend, hasty):
    """Nobody knows whether a hung agent freezes yet; one may wait only so long."""
    server.guest.faults = AgentFaults(agent=Agent.HUNG)

    with pytest.raises(FreezeUnclear, match="db may freeze yet"):
        backend.freeze(hasty)


def test_a_late_freeze_is_thawed(server, backend, guest):
    """A freeze that happens after its time is thawed, once it has happened."""
    backend.prepare(guest, timeout_seconds=1.0, lease_seconds=60)
    server.guest.faults = AgentFaults(late_freeze_seconds=2.0)
    with pytest.raises(FreezeUnclear):
        backend.freeze(guest)

    assert backend.thaw(guest) == 2
    assert not server.guest.is_still


def test_windows_that_held_too_long_says_so(server, backend, ready, until):
    """It is thawed, which is told together with what it says."""
    server.guest.faults = AgentFaults(holds_seconds=0.1)
    backend.freeze(ready)
    until(lambda: not server.guest.is_still)

    with pytest.raises(ThawedItself, match="guest db let go by itself: couldn't hold"):
        backend.thaw(ready)


@pytest.mark.parametrize("effect", [Effect.DROP, Effect.DROP_AFTER, Effect.ANSWER])
def test_a_lost_answer_leaves_it_unclear(a, server, backend, ready, effect):
    """What came of a freeze without an answer, nobody knows; a thaw mends it."""
    a.faults.add(Fault("freeze guest", effect))

    with pytest.raises(FreezeUnclear):
        backend.freeze(ready)
    backend.thaw(ready)

    assert not server.guest.is_still


def test_a_freeze_that_comes_too_late_does_not_come(a, server, backend, hasty, until):
    """Who stopped waiting and thawed is not frozen behind their back."""
    a.faults.add(Fault("freeze guest", Effect.DELAY, seconds=1.2))
    began = time.monotonic()
    with pytest.raises(FreezeUnclear):
        backend.freeze(hasty)
    thawed = backend.thaw(hasty)

    until(lambda: time.monotonic() - began > 1.5)

    assert (thawed, server.guest.is_still) == (0, False)


@pytest.mark.parametrize("how", ["pause", "power_off"])
def test_a_guest_that_does_not_run_is_not_frozen(server, backend, ready, how):
    """A guest that is paused or off cannot be frozen now."""
    getattr(server.guest, how)()

    with pytest.raises(FreezeFailed, match="domain is not running"):
        backend.freeze(ready)


def test_a_guest_that_is_off_is_thawed(server, backend, ready):
    """What does not run is not frozen."""
    backend.freeze(ready)
    server.guest.power_off()

    assert backend.thaw(ready) == 0


def test_a_paused_guest_may_be_frozen(monkeypatch, server, backend, ready):
    """A guest that is paused while it is frozen stays so, and is reported."""
    monkeypatch.setattr("vnfdr.backends.proven.THAW_SECONDS_MAX", 0.2)
    backend.freeze(ready)
    server.guest.pause()

    with pytest.raises(ThawFailed, match="domain is not running"):
        backend.thaw(ready)


def test_a_server_that_is_gone_is_not_frozen(backend, ready):
    """There is nothing to thaw in what does not exist."""
    gone = Guest("x", "x", ready.address.replace(ready.server_id, "x"))

    assert backend.thaw(gone) == 0
    assert backend.stillness(gone) is Stillness.UNKNOWN


def test_nobody_at_the_door(backend):
    """Without a sandbox nothing was sent, so that nothing freezes."""
    nowhere = Guest("x", "lost", "http://127.0.0.1:9/control/guests/x")

    assert "no connection" in next(backend.check(nowhere))
    with pytest.raises(FreezeFailed, match="lost cannot be frozen"):
        backend.prepare(nowhere, timeout_seconds=1.0, lease_seconds=60)


def test_a_move_and_a_reboot_are_another_witness(a, server, backend, guest):
    """A guest that moved or was booted again is not the one it was."""
    seen = [backend.witness(guest)]

    a.migrate(server, "compute-9.site-a")
    seen.append(backend.witness(guest))
    server.guest.pull_the_plug()
    server.guest.boot()
    seen.append(backend.witness(guest))

    assert len(set(seen)) == 3


def test_a_freeze_takes_its_time(a, server, backend, hasty):
    """A guest that needs longer than it is given is not frozen."""
    a.latency = Latency(freeze=0.4)

    with pytest.raises(FreezeUnclear):
        backend.freeze(hasty)

    assert not server.guest.is_still
