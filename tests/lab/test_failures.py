"""Whatever fails, guests are thawed at once and nothing is left. On a real cloud."""

import threading
from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest

import vnfdr
from tests.lab import cloud, guests, upkeep
from tests.lab.aftermath import PACE_SECONDS, is_rolled_back
from tests.lab.conftest import LOCAL
from tests.lab.place import lab, until
from vnfdr.model import Member
from vnfdr.plan import Happening


@pytest.fixture
def run(site, tmp_path):
    """Run a plan without looking first, unless asked to."""

    def run(plan, *, preflight=False, listeners=()):
        journal = tmp_path / "runs"
        return vnfdr.run(
            plan, site, journal=journal, preflight=preflight, listeners=listeners
        )

    return run


def test_an_agent_that_is_gone(local, site, run, site_a, before, domains, pauses):
    """The third guest's agent is killed: the first two are thawed at once."""
    plan = vnfdr.protect(site, local)
    guests.agent_goes_away(domains[13], for_seconds=45)
    until(lambda: has_no_agent(domains[13]))

    outcome = run(plan)

    assert "not connected" in outcome.reason
    assert max(pauses.longest(11), pauses.longest(12)) < 1.0 + PACE_SECONDS
    until(lambda: guests.frozen_status(domains[13]) == "thawed")
    assert is_rolled_back(outcome, site_a, before, domains)


def has_no_agent(domain):
    try:
        guests.ask(domain, "guest-ping")
    except guests.libvirt.libvirtError:
        return True
    return False


def test_an_agent_that_hangs(local, site, run, site_a, before, domains, pauses, ledger):
    """The third guest's agent hangs: its time limit ends the window, not its return."""
    impatient = tuple(
        tuple(attrs.evolve(m, freeze_timeout_seconds=2.0) for m in tier)
        for tier in local.tiers
    )
    plan = vnfdr.protect(site, attrs.evolve(local, tiers=impatient))

    guests.agent_hangs(domains[13], for_seconds=45)
    outcome = run(plan)

    assert outcome.failed.endswith(plan.window.holds[2].guest.server_id)
    # The limit of the freeze, the grace for its answer, and a second to thaw.
    assert max(pauses.longest(11), pauses.longest(12)) < 2.0 + 0.8 + 1.0 + PACE_SECONDS
    ledger.note("agent hung before its freeze", pauses.worst(), outcome)
    assert is_rolled_back(outcome, site_a, before, domains)


def test_a_quota_that_is_too_small_is_seen_first(
    local, site, run, site_a, before, domains
):
    """Preflight says which quota, and by how much; no guest is asked to freeze."""
    with upkeep.quota(site_a, snapshots=3):
        plan = vnfdr.protect(site, local)

        outcome = run(plan, preflight=True)

    assert "quota for snapshots leaves 3 free" in outcome.reason
    assert outcome.certificate is None
    assert is_rolled_back(outcome, site_a, before, domains)


def test_a_quota_that_fills_up_in_the_window(
    local, site, run, site_a, before, domains, pauses
):
    """The fourth snapshot is refused: everybody is thawed, the others deleted."""
    plan = vnfdr.protect(site, local)
    with upkeep.quota(site_a, snapshots=3):
        outcome = run(plan)

    assert isinstance(outcome.cause, vnfdr.errors.QuotaExceeded)
    assert pauses.worst() < 4.0
    assert is_rolled_back(outcome, site_a, before, domains)


def test_a_volume_in_a_wrong_state(local, site, run, site_a, before, domains, group):
    """It is found first; without looking, the window gives up and cleans up."""
    plan = vnfdr.protect(site, local)
    storage = site_a.block_storage
    storage.reset_volume_status(group[1].data_id, "maintenance", "attached", None)
    try:
        refused = run(plan, preflight=True)
        outcome = run(vnfdr.load_plan(vnfdr.dump_plan(plan)))
    finally:
        storage.reset_volume_status(group[1].data_id, "in-use", "attached", None)

    assert "is maintenance" in refused.reason
    assert outcome.failed.endswith(group[1].data_id)
    assert is_rolled_back(outcome, site_a, before, domains)


def test_a_server_that_is_gone(site, run, site_a, before, domains):
    """It was deleted between planning and running: told by name, nothing touched."""
    image_id = cloud.image(site_a)
    root_id = cloud.volume(site_a, "gone-1-root", image_id)
    server_id = cloud.boot(site_a, "gone-1", [root_id], None, image_id)
    members = [Member("db-1"), Member("gone-1")]
    group = attrs.evolve(vnfdr.Group.of("short-lived", members), backup=LOCAL)
    plan = vnfdr.protect(site, group)
    site_a.compute.delete_server(server_id)
    until(lambda: not site_a.compute.find_server(server_id))

    refused = run(plan, preflight=True)
    outcome = run(plan)

    assert "gone-1" in refused.reason
    assert outcome.failed.endswith(server_id)
    site_a.block_storage.delete_volume(root_id)
    until(lambda: not site_a.block_storage.find_volume(root_id))
    assert is_rolled_back(outcome, site_a, before, domains)


def test_a_backup_service_that_dies(site, run, site_a, before, domains):
    """Its backups end in error, and the whole point is taken back."""
    plan = vnfdr.protect(site, vnfdr.Group.of("one", ["lb-1"]))
    begun = threading.Event()

    def notice(event):
        if event.happening is Happening.STARTED and ":backup:" in event.key:
            begun.set()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run, plan, listeners=(notice,))
        until(lambda: begun.is_set() or running.done(), 0.01)
        assert begun.is_set(), running.result()
        until(lambda: any(site_a.block_storage.backups(status="creating")))
        lab("kill", "cinder-backup-a")  # Asked to end, it would first end its work.
        with upkeep.stopped("cinder-backup-a"):
            """What it was at is lost."""
        outcome = running.result()

    upkeep.wait_for_service(site_a, "cinder-backup")
    # Cinder tidies up its own temporary volumes in its own time.
    until(lambda: not has_temporary_volumes(site_a))
    assert ":backup:" in outcome.failed
    assert is_rolled_back(outcome, site_a, before, domains)


def has_temporary_volumes(site_a):
    names = [volume.name or "" for volume in site_a.block_storage.volumes()]
    return any(name.startswith("backup-vol-") for name in names)


def test_storage_that_hangs(local, site, run, site_a, before, domains, pauses):
    """No snapshot comes: the hold limit thaws everybody; late snapshots are deleted."""
    plan = vnfdr.protect(site, attrs.evolve(local, hold_limit_seconds=10.0))
    done = threading.Event()
    lab("pause", "cinder-volume-a")
    try:
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(run, plan)
            until(lambda: running.done() or has_undone(site_a, before, domains, done))
            lab("resume", "cinder-volume-a")
            outcome = running.result()
    finally:
        lab("resume", "cinder-volume-a")

    assert "limit of 10 s" in outcome.reason
    assert pauses.worst() < 10.0 + 1.0 + PACE_SECONDS
    assert is_rolled_back(outcome, site_a, before, domains)


def has_undone(site_a, before, domains, seen_frozen):
    """Tell whether the window was open, and is closed again."""
    states = {guests.frozen_status(d) for d in domains.values()}
    if "frozen" in states:
        seen_frozen.set()
    return seen_frozen.is_set() and states == {"thawed"}
