"""Backups against plain bytes: what is stored, and what comes back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vnfdr.sandbox.backups import BackupMissingError, BackupRefusedError, BackupStore
from vnfdr.sandbox.consistency import consistency_of
from vnfdr.sandbox.disks import BLOCK_BYTES, DiskStore
from vnfdr.sandbox.guests import GuestNetwork

SIZE = 6 * BLOCK_BYTES


@pytest.fixture
def disk(store):
    """A disk with three blocks of content, of which two are neighbours."""
    disk = store.create(1)
    for block in (0, 1, 5):
        disk.write(block * BLOCK_BYTES, b"old")
    return disk


@pytest.fixture
def backups(tmp_path):
    """The store that both sites share."""
    return BackupStore(tmp_path / "backups")


def test_a_full_backup_has_every_block_that_is_not_zeros(backups, disk):
    """Neighbouring blocks are one object; what is stored is compressed."""
    saved = backups.save(disk, "full")

    assert saved.object_count == 2
    assert 0 < saved.stored_bytes < BLOCK_BYTES


def test_an_increment_has_only_what_changed(backups, store, disk):
    """Nothing is stored for what is as it was, and something for every change."""
    backups.save(disk, "full")
    same = backups.save(disk, "same", parent="full")
    disk.write(BLOCK_BYTES, b"new")

    changed = backups.save(store.image(disk), "changed", parent="same")

    assert (same.object_count, same.stored_bytes) == (0, 0)
    assert changed.object_count == 1


def test_a_chain_is_restored_on_another_site(tmp_path, backups, disk):
    """What one site saved in three links, the other one restores."""
    backups.save(disk, "1")
    disk.write(0, b"second")
    backups.save(disk, "2", parent="1")
    disk.write(5 * BLOCK_BYTES, b"third")
    backups.save(disk, "3", parent="2")

    with DiskStore(tmp_path / "other") as other:
        restored = other.create(1)
        BackupStore(tmp_path / "backups").restore("3", restored)

        assert list(restored.blocks()) == list(disk.blocks())


def test_a_block_that_became_zeros_comes_back_as_zeros(backups, store, disk):
    """Zeros overwrite what the parent, or the disk, had in their place."""
    backups.save(disk, "full")
    disk.write(0, bytes(BLOCK_BYTES))
    assert backups.save(disk, "zeros", parent="full").object_count == 1
    target = store.create(1)
    target.write(0, b"x" * SIZE)

    backups.restore("zeros", target)

    assert list(target.blocks()) == list(disk.blocks())


def test_a_new_disk_gets_no_zeros(backups, store, disk):
    """Cinder's drivers leave zeros out for a new disk: an increment's are lost."""
    backups.save(disk, "full")
    disk.zero_blocks(range(1))
    backups.save(disk, "increment", parent="full")

    new = store.create(1)
    backups.restore("increment", new, is_new=True)

    assert new.read(0, 3) == b"old"


def test_the_end_of_a_bigger_disk_stays(backups, store, disk):
    """A restore touches nothing beyond the size of the backup."""
    backups.save(disk, "full")
    bigger = store.create(2)
    bigger.write(2**30, b"mine")

    backups.restore("full", bigger)

    assert bigger.read(2**30, 4) == b"mine"
    assert bigger.read(0, 3) == b"old"


def test_a_missing_link_is_named_and_nothing_is_written(backups, store, disk):
    """Deleting at one site loses the other's data; a restore then says what is lost."""
    backups.save(disk, "full")
    backups.save(disk, "half", parent="full")
    backups.delete("full")
    backups.delete("full")
    target = store.create(1)

    with pytest.raises(
        BackupMissingError,
        match="half cannot be restored: backup full, the parent of half, is not in",
    ):
        backups.restore("half", target)
    assert list(target.blocks()) == []


def test_what_was_never_saved_is_missing(backups, store, disk):
    """Neither restore nor increment is made of a backup that is not there."""
    with pytest.raises(BackupMissingError, match="backup nothing is not in the store"):
        backups.restore("nothing", disk)
    with pytest.raises(BackupMissingError):
        backups.save(disk, "half", parent="nothing")


def test_a_grown_disk_needs_a_full_backup(backups, store, disk):
    """An increment of a disk that grew is refused."""
    backups.save(disk, "full")
    grown = store.create(2, store.image(disk))

    with pytest.raises(BackupRefusedError, match="do a full backup"):
        backups.save(grown, "half", parent="full")


def test_a_small_disk_is_refused(backups, store):
    """A backup is not restored to a disk that is too small for it."""
    backups.save(store.create(2), "big")

    with pytest.raises(BackupRefusedError, match="too small for backup big"):
        backups.restore("big", store.create(1))


def test_a_backup_that_failed_is_not_there(backups, store, disk):
    """A backup whose disk vanished leaves no files, and its id can be used again."""
    store.delete(disk)

    with pytest.raises(Exception, match="was deleted"):
        backups.save(disk, "full")

    assert list(backups.directory.iterdir()) == []


@pytest.mark.parametrize("backup_id", ["", "..", "../disks", "/etc"])
def test_a_backup_stays_in_its_directory(backups, disk, backup_id):
    """An id, which may come from an imported record, is no path."""
    with pytest.raises(ValueError, match="cannot be the id"):
        backups.delete(backup_id)


def test_a_consistent_cut_survives_backup_and_restore(backups, store):
    """Frozen images of two runs, saved as a chain, come back as the second cut."""
    network = GuestNetwork()
    guests = [network.add(n, n, (store.create(1), store.create(1))) for n in ("a", "b")]
    for guest in guests:
        guest.boot()
    for run, parent in ((1, None), (2, 1)):
        network.turn()
        for guest in guests:
            guest.freeze()
            for place, disk in enumerate(guest.disks):
                above = parent and f"{guest.name}-{place}-{parent}"
                backups.save(store.image(disk), f"{guest.name}-{place}-{run}", above)
        for guest in guests:
            guest.thaw()

    restored = {guest.name: (store.create(1), store.create(1)) for guest in guests}
    for name, disks in restored.items():
        for place, disk in enumerate(disks):
            backups.restore(f"{name}-{place}-2", disk)

    verdict = consistency_of(restored)
    assert (verdict.violations, verdict.needs_recovery) == ((), ())


writes = st.tuples(
    st.integers(0, SIZE - 1),
    st.binary(max_size=3)
    | st.sampled_from([bytes(BLOCK_BYTES), bytes(2 * BLOCK_BYTES), b"x" * BLOCK_BYTES]),
)
runs = st.lists(st.tuples(st.booleans(), st.lists(writes, max_size=4)), max_size=6)


@given(runs=runs, restored=st.integers(0, 5), aligned=st.booleans())
@settings(max_examples=60, deadline=None)
def test_every_backup_restores_the_bytes_that_were_there(
    tmp_path_factory, runs, restored, aligned
):
    """Whatever was written between backups, each gives back its own moment."""
    directory = tmp_path_factory.mktemp("site")
    backups, moments = BackupStore(directory / "backups"), []
    with DiskStore(directory / "disks") as store:
        disk = store.create(1)
        for number, (is_full, changes) in enumerate(runs):
            for at, data in changes:
                start = at // BLOCK_BYTES * BLOCK_BYTES if aligned else at
                disk.write(start, data[: SIZE - start])
            moments.append(disk.read(0, SIZE))
            parent = None if is_full or not number else str(number - 1)
            backups.save(disk, str(number), parent)
        for number, moment in enumerate(moments):
            target = store.create(1)
            target.write(0, b"y" * restored * BLOCK_BYTES)
            backups.restore(str(number), target)
            assert target.read(0, SIZE) == moment
