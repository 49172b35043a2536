"""The main job: one recovery point of three servers, on the sandbox."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from attrs import evolve

import vnfdr
from vnfdr.errors import PreflightFailed
from vnfdr.openstack import snapshots
from vnfdr.sandbox import Effect, Fault, Latency

NAMES = ("db", "app", "lb")


@pytest.fixture
def servers(a):
    return [a.add_server(name) for name in NAMES]


@pytest.fixture
def protect(servers, site, tmp_path):
    """Take a recovery point of all three servers."""

    def run(backend="sandbox", level="filesystem"):
        members = [vnfdr.Member(name, backend, level) for name in NAMES]
        plan = vnfdr.protect(site, vnfdr.Group.of("ims", members))
        return vnfdr.run(plan, site, journal=tmp_path / "journal")

    return run


def volumes_of(a, outcome):
    """The disks of the volumes that a run left, by the volume each was taken of."""
    point = outcome.recovery_point.id
    return {
        volume.name.rsplit(":", 1)[1]: volume.disk
        for volume in a.volumes.values()
        if volume.name.startswith(point)
    }


def test_a_group_is_protected(a, protect):
    """The run commits, the point is consistent, and the bytes agree."""
    outcome = protect()

    assert outcome.verdict is vnfdr.Verdict.COMMITTED
    assert outcome.recovery_point.certificate.consistent
    taken = volumes_of(a, outcome)
    verdict = a.judge(taken)
    assert (len(taken), verdict.violations, verdict.needs_recovery) == (6, (), ())
    assert a.frozen == []


def test_the_second_run_is_incremental(a, protect):
    """What is backed up a second time builds on the first."""
    protect()
    full = set(a.backups)

    protect()

    later = [backup for key, backup in a.backups.items() if key not in full]
    assert len(later) == 6
    assert {backup.parent_id for backup in later} == full


@pytest.mark.parametrize(
    "fault",
    [
        Fault("create snapshot", Effect.ERROR, resource="app"),
        Fault("create backup", Effect.ERROR, resource="db"),
        Fault("freeze guest", Effect.DROP_AFTER, resource="app"),
    ],
    ids=lambda fault: f"{fault.call} {fault.effect.name}",
)
def test_a_run_that_fails_leaves_nothing(a, protect, fault):
    """Whatever fails, no guest is frozen and nothing is left."""
    a.faults.add(fault)

    outcome = protect()

    assert outcome.verdict is vnfdr.Verdict.COMPENSATED
    assert (a.frozen, a.made) == ([], [])


def test_a_run_lives_through_hiccups(a, protect):
    """Lost answers to what may be repeated cost time, and nothing else."""
    a.faults.add(
        Fault("create snapshot", Effect.DROP_AFTER, resource="lb"),
        Fault("list *", Effect.ANSWER, skip=2),
        Fault("delete snapshot", Effect.DROP_AFTER),
        Fault("thaw guest", Effect.DROP),
    )

    assert protect().recovery_point.certificate.consistent


def test_guests_that_are_not_held_are_seen_in_the_bytes(a, protect):
    """Without a freeze the bytes prove that the point is no single moment."""
    a.latency = Latency(snapshot=0.6)

    outcome = protect("none", level="crash")

    assert not outcome.recovery_point.certificate.consistent
    verdict = a.judge(volumes_of(a, outcome))
    assert verdict.violations or verdict.needs_recovery


def test_nova_can_hold_the_guests(a, protect):
    """The spec's API does as well as libvirt would."""
    outcome = protect("nova")

    assert outcome.recovery_point.certificate.consistent
    assert a.judge(volumes_of(a, outcome)).consistent


def test_a_cloud_without_the_spec_is_told_of_before(a, protect):
    """Stock Nova is found out before anything is touched."""
    a.offers_quiesce = False

    outcome = protect("nova")

    assert isinstance(outcome.cause, PreflightFailed)
    assert "does not offer the quiesce API" in str(outcome.cause)
    assert (a.frozen, a.made) == ([], [])


@pytest.mark.parametrize("call", ["create snapshot", "create volume", "create backup"])
def test_a_token_that_ends_under_way_costs_nothing(a, protect, call):
    """All threads go on with a new one, in the window and after it."""
    a.faults.add(Fault(call, Effect.EXPIRE))

    outcome = protect()

    assert outcome.verdict is vnfdr.Verdict.COMMITTED
    assert outcome.recovery_point.certificate.consistent


def test_a_token_that_is_revoked_is_renewed_for_every_thread(a, servers, site):
    """The library below renews it for one of them; the others ask again."""
    volume_id = servers[0].attachments[0].volume_id
    a.faults.add(Fault("issue token", Effect.DELAY, seconds=0.2))
    for _ in range(3):
        a.tokens.clear()
        with ThreadPoolExecutor(6) as pool:
            seen = list(pool.map(site.volumes.get, [volume_id] * 6))

        assert {volume.id for volume in seen} == {volume_id}


def test_a_snapshot_that_is_never_made_is_named_until_it_is_reset(
    a, servers, site, connection, tmp_path, monkeypatch
):
    """As when an API dies before it has asked anybody to make it."""
    monkeypatch.setattr(snapshots, "BUSY_SECONDS_MAX", 0.5)
    members = [
        vnfdr.Member(name, "sandbox", freeze_timeout_seconds=2.0) for name in NAMES
    ]
    group = evolve(vnfdr.Group.of("ims", members), hold_limit_seconds=4.0)
    a.faults.add(Fault("create snapshot", Effect.STUCK))
    journal = tmp_path / "journal"

    outcome = vnfdr.run(vnfdr.protect(site, group), site, journal=journal)
    (left,) = outcome.leftovers
    connection.block_storage.reset_snapshot_status(left.receipt.id, "error")
    resumed = vnfdr.resume(outcome.run, site, journal=journal)

    assert outcome.verdict is vnfdr.Verdict.STRANDED
    assert "have an administrator set its status to error" in left.reason
    assert resumed.verdict is vnfdr.Verdict.COMPENSATED
    assert (a.frozen, a.made) == ([], [])
