"""The instruments can fail and can pass: shown with a bad cut and a good one.

Made with the SDK and libvirt alone, so that a green test of vnfdr means something.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.lab import guests
from tests.lab.disks import as_cut, read_cut
from tests.lab.place import until
from tests.lab.records import gaps, last_number, violations
from tests.lab.upkeep import inventory, leftovers, remove_snapshots


@pytest.fixture
def volume_ids(group):
    """All volumes of the group."""
    return [volume_id for member in group for volume_id in member.volume_ids]


@pytest.fixture
def snapshot(site_a, volume_ids):
    """Take one snapshot of a volume; all are gone when the test ends."""
    storage = site_a.block_storage

    def take(volume_id):
        made = storage.create_snapshot(volume_id=volume_id, is_forced=True)
        until(lambda: storage.get_snapshot(made.id).status == "available", 0.1)
        return made.id

    yield take
    remove_snapshots(site_a, volume_ids)


def test_an_unfrozen_group_is_torn_apart(group, volume_ids, snapshot):
    """Snapshots one after another, nobody frozen: effects without their causes."""
    disks = read_cut(group, {v: snapshot(v) for v in volume_ids})

    assert any("has heard" in sentence for sentence in violations(as_cut(disks)))
    assert all(disk.needs_recovery for pair in disks.values() for disk in pair)


def test_a_frozen_group_is_one_moment(group, volume_ids, domains, snapshot):
    """Freeze all, snapshot all, thaw all: what is on disk is one moment."""
    began = {g: last_number(guests.recent(domains[g], count=1)) for g in domains}
    for domain in domains.values():
        assert domain.fsFreeze() == 2
    with ThreadPoolExecutor(len(volume_ids)) as pool:
        taken = dict(zip(volume_ids, pool.map(snapshot, volume_ids), strict=True))
    for domain in reversed(domains.values()):
        assert domain.fsThaw() == 2
    stuck = {g: until(lambda g=g: stuck_record(domains[g], began[g])) for g in domains}

    disks = read_cut(group, taken)

    assert violations(as_cut(disks)) == []
    assert not any(disk.needs_recovery for pair in disks.values() for disk in pair)
    for guest, pair in disks.items():
        # The record that was being written when the freeze came is the last one
        # before the gap: it may have reached both volumes, one, or none.
        assert {last_number(disk.records) for disk in pair} <= {
            stuck[guest] - 1,
            stuck[guest],
        }


def stuck_record(domain, after):
    """Return the number of the record before the longest gap since ``after``."""
    since = [r for r in guests.recent(domain) if r.number >= after]
    found = gaps(since, least_seconds=0.3)
    longest = max(found, key=lambda gap: gap.seconds, default=None)
    return longest and longest.after.number


def test_what_a_test_leaves_behind_is_named(site_a, group, snapshot):
    """What is new is a leftover, and what is old is not."""
    since = inventory(site_a)

    snapshot_id = snapshot(group[0].data_id)

    assert leftovers(site_a, since) == [f"snapshot None ({snapshot_id})"]
