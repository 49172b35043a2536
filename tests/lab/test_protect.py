"""The main job, on a real cloud: what a recovery point is worth, seen in its data."""

import hashlib
import subprocess
import sys

import attrs
import pytest

import vnfdr
from tests.lab import guests
from tests.lab.aftermath import Watcher
from tests.lab.disks import as_cut, copied, read_cut
from tests.lab.place import STATE, until
from tests.lab.records import NANOSECONDS, gaps, last_number, violations
from tests.lab.upkeep import inventory, remove_leftovers
from vnfdr.model import BackupPolicy, Keep, Strategy


@attrs.frozen
class Taken:
    """A recovery point, and what the guests saw of its window."""

    outcome: vnfdr.Outcome
    members: tuple
    pauses: dict
    """By server name: the gap of the window, from and to, on the host's clock."""
    stuck: dict
    """By guest id: the number of the last record before the gap."""
    frozen_at: dict
    """By server name: when its own hook saw the freeze come, on the host's clock."""

    @property
    def snapshots(self):
        volumes = self.outcome.recovery_point.volumes
        return {volume.volume_id: volume.snapshot_id for volume in volumes}


def take(vnf, site, members, domains, journal):
    """Protect the group, and ask its guests what they saw."""
    began = {g: last_number(guests.recent(domains[g], count=1)) for g in domains}
    watcher, plan = Watcher(domains), vnfdr.protect(site, vnf)
    outcome = vnfdr.run(plan, site, journal=journal, listeners=(watcher,))
    outcome.raise_for_failure()
    pauses, frozen_at = {}, {}
    for member in members:
        domain = domains[member.guest]
        clock = guests.clock(domain)
        records = guests.recent(domain, count=4000)
        since = [r for r in records if r.number >= began[member.guest]]
        last = watcher.stuck[member.guest]
        gap = next(g for g in gaps(since, 0.0) if g.after.number == last)
        ends = (clock.to_host_ns(gap.after.at_ns), clock.to_host_ns(gap.before.at_ns))
        pauses[member.name] = ends
        hooks = [at_ns for what, at_ns in guests.hook_log(domain) if what == "freeze"]
        frozen_at[member.name] = clock.to_host_ns(hooks[-1])
    return Taken(outcome, members, pauses, watcher.stuck, frozen_at)


@pytest.fixture(scope="module")
def since(site_a, group):
    """What was there before; what this module made is removed at its end."""
    assert group
    before = inventory(site_a)
    yield before
    remove_leftovers(site_a, before)


@pytest.fixture(scope="module")
def first(since, vnf, site, group, all_domains, tmp_path_factory):
    """The first recovery point: its snapshots are kept, to look at."""
    whole = attrs.evolve(vnf, backup=BackupPolicy(keep=Keep.BOTH))
    return take(whole, site, group, all_domains, tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def second(first, vnf, site, group, all_domains, tmp_path_factory):
    """The second recovery point, which goes on with the chain."""
    whole = attrs.evolve(vnf, backup=BackupPolicy(keep=Keep.BOTH))
    return take(whole, site, group, all_domains, tmp_path_factory.mktemp("runs"))


def test_a_point_is_certified_and_saved(first):
    """Every volume has a snapshot, a copy and a backup, and the verdict says so."""
    point = first.outcome.recovery_point

    assert point.certificate.consistent, point.certificate
    assert len(point.volumes) == 6
    assert all(v.snapshot_id and v.copy_id and v.backup_id for v in point.volumes)


def test_guests_freeze_in_order_and_thaw_in_reverse(first):
    """The journal's certificate and the guests' own hooks agree on the order."""
    evidence = first.outcome.certificate.guests
    began = [first.frozen_at[guest.name] for guest in evidence]
    frozen_at = [guest.frozen_at for guest in evidence]
    thaws = [guest.thaw_asked_at for guest in evidence]
    released = [guest.thawed_at for guest in evidence]

    assert [guest.name for guest in evidence] == ["db-1", "app-1", "lb-1"]
    assert began == sorted(began)
    assert frozen_at == sorted(frozen_at)
    assert thaws == sorted(thaws, reverse=True)
    assert released[2] < thaws[1] < released[1] < thaws[0]


def test_all_guests_stood_still_together(first):
    """By their own records, there is a time in which none of them wrote."""
    starts, ends = zip(*first.pauses.values(), strict=True)
    overlap_seconds = (min(ends) - max(starts)) / NANOSECONDS

    assert overlap_seconds >= first.outcome.certificate.overlap_seconds


def test_every_snapshot_falls_into_the_window(first, group):
    """Each holds its guest's records up to the pause, and none from after it."""
    disks = read_cut(group, first.snapshots)

    for guest, pair in disks.items():
        stuck = first.stuck[guest]
        assert {last_number(disk.records) for disk in pair} <= {stuck - 1, stuck}


def test_no_snapshot_needs_recovery_and_no_record_lacks_its_cause(first, group):
    """File systems are clean, and the group's records are one moment of it."""
    disks = read_cut(group, first.snapshots)

    assert not any(disk.needs_recovery for pair in disks.values() for disk in pair)
    assert violations(as_cut(disks)) == []


def test_snapshots_carry_their_verdict(first, site_a):
    """Whoever finds a snapshot knows what it belongs to, and what it is worth."""
    storage = site_a.block_storage
    for snapshot_id in first.snapshots.values():
        metadata = storage.get_snapshot(snapshot_id).metadata

        assert metadata["vnfdr-verdict"] == "consistent"
        assert metadata["vnfdr-point"] == first.outcome.run


def test_backups_and_copies_carry_it_too(first, site_a):
    """The snapshots may go; what stays still tells what it is worth."""
    storage = site_a.block_storage
    for saved in first.outcome.recovery_point.volumes:
        copy = storage.get_volume(saved.copy_id).metadata
        path, version = f"/backups/{saved.backup_id}", "3.64"
        answer = storage.get(path, microversion=version).json()

        assert copy["vnfdr-verdict"] == "consistent"
        assert answer["backup"]["metadata"]["vnfdr-verdict"] == "consistent"


def stored_bytes(point):
    """Count what the backups of a point put into the store, hash lists left out."""
    files = (f for f in (STATE / "backups").rglob("*") if f.is_file())
    ids = [volume.backup_id for volume in point.volumes]
    return sum(
        file.stat().st_size
        for file in files
        if any(i in str(file) for i in ids) and "sha256" not in file.name
    )


def test_the_second_point_is_an_increment(first, second, site_a):
    """Only what changed is stored: a small fraction of the first."""
    backups = [
        site_a.block_storage.get_backup(volume.backup_id)
        for volume in second.outcome.recovery_point.volumes
    ]
    full = stored_bytes(first.outcome.recovery_point)
    increment = stored_bytes(second.outcome.recovery_point)

    assert all(backup.is_incremental for backup in backups)
    assert 0 < increment < full / 10, (increment, full)


def test_a_chain_restores_to_the_bytes_of_its_snapshot(second, group, site_a):
    """The increment, restored into a volume made beforehand, is what was cut."""
    saved = next(
        volume
        for volume in second.outcome.recovery_point.volumes
        if volume.volume_id == group[0].data_id
    )
    storage = site_a.block_storage
    target = storage.create_volume(name="restored", size=1)
    until(lambda: storage.get_volume(target.id).status == "available")

    storage.restore_backup(saved.backup_id, volume_id=target.id)
    until(lambda: storage.get_volume(target.id).status == "available", 1.0)

    snapshot = digest(saved.volume_id, saved.snapshot_id)
    assert digest(target.id) == snapshot


def digest(volume_id, snapshot_id=None):
    with copied(volume_id, snapshot_id) as image:
        # A copy ends with its last byte that is not zero.
        return hashlib.sha256(image.read_bytes().rstrip(b"\0")).hexdigest()


def test_an_early_thaw_is_one_moment_too(
    second, vnf, site, group, all_domains, tmp_path
):
    """Guests go on when their own snapshots are there; the data is one moment."""
    assert second, "its window is over"
    local = BackupPolicy(Strategy.NONE, keep=Keep.SNAPSHOTS)
    whole = attrs.evolve(vnf, backup=local, early_thaw=True)

    taken = take(whole, site, group, all_domains, tmp_path)

    disks = read_cut(group, taken.snapshots)
    assert taken.outcome.certificate.consistent
    assert not any(disk.needs_recovery for pair in disks.values() for disk in pair)
    assert violations(as_cut(disks)) == []


def test_the_script_of_the_readme_works(second):
    """Eight lines protect a group, and print what that is worth."""
    assert second, "the chain goes on from here"

    done = subprocess.run(
        [sys.executable, "examples/protect_a_group.py"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "consistent, level filesystem, 6 snapshots" in done.stdout
    assert done.stdout.count("incrementally") == 6
