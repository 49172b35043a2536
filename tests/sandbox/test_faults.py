import time

import pytest
from attrs import evolve

from vnfdr.errors import AnswerLost, CloudError, Conflict, QuotaExceeded, Retryable
from vnfdr.sandbox import Effect, Fault


@pytest.fixture
def shoot(site, volume):
    """Ask for a snapshot, through vnfdr."""
    return lambda tag="s": site.snapshots.request(volume.id, tag=tag, metadata={})


@pytest.mark.parametrize(
    ("fault", "error", "left"),
    [
        (Fault("create snapshot", Effect.DROP), AnswerLost, 0),
        (Fault("create snapshot", Effect.DROP_AFTER), AnswerLost, 1),
        (Fault("create snapshot", Effect.ANSWER), AnswerLost, 0),
        (Fault("create snapshot", Effect.ANSWER_AFTER), AnswerLost, 1),
        (Fault("create snapshot", Effect.ANSWER_AFTER, status=502), AnswerLost, 1),
        (Fault("create snapshot", Effect.ANSWER, status=409), Conflict, 0),
        (Fault("create snapshot", Effect.ANSWER, status=413), QuotaExceeded, 0),
        (
            Fault("create snapshot", Effect.ANSWER, status=429, retry_after="1"),
            Retryable,
            0,
        ),
    ],
    ids=lambda case: (
        f"{case.effect.name} {case.status}" if hasattr(case, "call") else ""
    ),
)
def test_a_create_that_fails_is_asked_for_once(a, shoot, fault, error, left):
    """Whatever befalls a create, it was asked for once, and its effect is as told."""
    a.faults.add(evolve(fault))

    with pytest.raises(error):
        shoot()

    assert a.faults.calls.count("create snapshot") == 1
    assert len(a.snapshots) == left


def test_a_call_that_hangs_is_given_up_by_its_caller(a, site, volume):
    """A request that is never answered has no effect, and holds nobody else up."""
    site.volumes.get(volume.id)
    a.faults.add(Fault("show volume", Effect.HANG))
    began = time.monotonic()

    with pytest.raises(CloudError, match="no answer"):
        site.cinder.get_once(f"/volumes/{volume.id}", "look", within_seconds=0.1)

    assert time.monotonic() - began < 1.0
    assert site.volumes.get(volume.id).id == volume.id


def test_a_call_can_be_slow(a, site, volume):
    """A delay is one."""
    a.faults.add(Fault("show *", Effect.DELAY, seconds=0.2))
    began = time.monotonic()

    site.volumes.get(volume.id)

    assert time.monotonic() - began >= 0.2


def test_an_expired_token_is_renewed(a, site, volume):
    """A token that expires in the middle costs one more request, and no error."""
    a.faults.add(Fault("show volume", Effect.EXPIRE))

    site.volumes.get(volume.id)

    assert list(a.faults.calls).count("show volume") == 2
    assert a.faults.calls[-2] == "issue token"


def test_a_snapshot_can_end_in_error(a, shoot, site, until):
    """A snapshot that fails says why in a message."""
    a.faults.add(Fault("create snapshot", Effect.ERROR))

    snapshot_id = shoot()

    until(lambda: a.snapshots[snapshot_id].status == "error")
    until(lambda: a.messages)
    assert [m.resource_id for m in a.messages] == [snapshot_id]


def test_a_snapshot_can_be_stuck(a, shoot, until):
    """A snapshot that is stuck does not hold up the others."""
    a.faults.add(Fault("create snapshot", Effect.STUCK))
    stuck, well = shoot("stuck"), shoot("well")

    until(lambda: a.snapshots[well].status == "available")

    assert a.snapshots[stuck].status == "creating"


@pytest.mark.parametrize("resource", ["db", "db-1", "db-*"])
def test_a_fault_can_be_about_one_thing(a, shoot, server, site, resource):
    """A resource is named by its id, its name or its server's."""
    other = a.add_server("app")
    a.faults.add(Fault("create snapshot", Effect.ANSWER, resource=resource, status=409))

    site.snapshots.request(other.attachments[0].volume_id, tag="o", metadata={})
    with pytest.raises(Conflict):
        shoot()


def test_a_fault_comes_when_it_is_due(a, shoot):
    """Some calls may go well first, and it happens as often as it is told."""
    a.faults.add(Fault("create snapshot", Effect.ANSWER, status=409, skip=1, times=1))

    shoot("first")
    with pytest.raises(Conflict):
        shoot("second")
    shoot("third")

    assert a.faults.pending == []


def test_chance_is_seeded(a):
    """The same seed brings the same luck."""

    def luck(seed):
        a.faults.random.seed(seed)
        fault = Fault("show volume", Effect.DELAY, times=None, chance=0.5)
        a.faults.clear()
        a.faults.add(fault)
        return [a.faults.pick("show volume", ()) is fault for _ in range(20)]

    assert luck(1) == luck(1)
    assert luck(1) != luck(2)


def test_a_fault_of_no_call_is_refused(a):
    """A name that is misspelt would never happen, and nobody would know."""
    with pytest.raises(ValueError, match="no call is named 'make snapshot'; there are"):
        a.faults.add(Fault("make snapshot", Effect.ERROR))

    assert {"create snapshot", "pause server", "freeze guest"} <= a.faults.known


@pytest.mark.parametrize(
    "call",
    [
        "attach volume",
        "create image",
        "create keypair",
        "create network",
        "create port",
        "create server",
        "delete server",
        "detach volume",
        "lock server",
        "os-migrateLive server",
        "upload image",
    ],
)
def test_what_a_recovery_calls_has_a_name(a, call):
    """Each call of a recovery can be made to go wrong."""
    a.faults.add(Fault(call, Effect.ERROR))

    assert len(a.faults.pending) == 1
