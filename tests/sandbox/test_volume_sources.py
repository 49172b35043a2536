import pytest
from cinderclient.exceptions import BadRequest, NotFound

from vnfdr.sandbox import Effect, Fault


@pytest.fixture
def made(a, cinder, until):
    """Make a volume, and wait until it is there."""

    def make(size=None, **asked):
        volume = cinder.volumes.create(size, **asked)
        until(lambda: a.volumes[volume.id].status in {"available", "error"})
        return a.volumes[volume.id]

    return make


@pytest.fixture
def back_up(a, cinder, until):
    """Make a backup, and wait until it is there."""

    def make(volume_id, **asked):
        backup = cinder.backups.create(volume_id, **asked)
        until(lambda: a.backups[backup.id].status == "available")
        return backup.id

    return make


def test_a_clone_has_the_bytes_of_its_source(made, connection, spare):
    """A volume made from another one is it, and goes its own way."""
    clone = made(source_volid=spare.id)
    spare.disk.write(0, b"later")

    assert clone.disk.read(0, 5) == b"spare"
    seen = connection.block_storage.get_volume(clone.id)
    assert (seen.source_volume_id, seen.size) == (spare.id, 1)


def test_a_volume_in_use_can_be_cloned(made, volume):
    """A volume at a server is a source as well."""
    assert made(2, source_volid=volume.id).status == "available"


@pytest.mark.parametrize("through_snapshot", [False, True])
def test_what_one_boots_from_is_copied(a, made, cinder, spare, until, through_snapshot):
    """A bootable volume hands its image metadata on, and keeps its own."""
    spare.bootable, spare.image_metadata = True, {"os_type": "linux"}
    spare.metadata = {"owner": "me"}
    source = {"source_volid": spare.id}
    if through_snapshot:
        snapshot = cinder.volume_snapshots.create(spare.id)
        until(lambda: a.snapshots[snapshot.id].status == "available")
        source = {"snapshot_id": snapshot.id}

    copy = made(1, **source)

    assert (copy.bootable, copy.image_metadata) == (True, {"os_type": "linux"})
    assert copy.metadata == {}


def test_a_volume_is_made_from_a_backup(made, back_up, spare):
    """A backup becomes a volume without another one being there first."""
    backup_id = back_up(spare.id)

    copy = made(2, backup_id=backup_id)

    assert copy.disk.read(0, 5) == b"spare"
    assert copy.metadata == {"src_backup_id": backup_id}


def test_zeros_of_an_increment_are_lost_on_a_new_volume(
    made, back_up, cinder, a, spare, until
):
    """Cinder writes no zeros to a volume that it makes: old data shows through."""
    back_up(spare.id)
    spare.disk.zero_blocks(range(1))
    increment = back_up(spare.id, incremental=True)

    wrong = made(1, backup_id=increment)
    right = made(1)
    cinder.restores.restore(increment, volume_id=right.id)
    until(lambda: right.status == "available" and right.metadata)

    assert wrong.disk.read(0, 5) == b"spare"
    assert right.disk.read(0, 5) == bytes(5)


def test_a_backup_of_a_bootable_image_is_bootable(made, back_up, spare, cinder, until):
    """A restore sets the flag only if there is image metadata."""
    spare.bootable, spare.image_metadata = True, {"os_type": "linux"}
    backup_id = back_up(spare.id)

    copy = made(1, backup_id=backup_id)

    assert (copy.bootable, copy.image_metadata) == (True, {"os_type": "linux"})


@pytest.mark.parametrize("source", ["snapshot_id", "source_volid", "backup_id"])
def test_a_volume_is_not_smaller_than_its_source(
    a, made, back_up, cinder, until, source
):
    """Each kind of source says it in its own words."""
    big = made(2)
    ids = {"source_volid": big.id}
    if source == "backup_id":
        ids[source] = back_up(big.id)
    if source == "snapshot_id":
        ids[source] = cinder.volume_snapshots.create(big.id).id
        until(lambda: a.snapshots[ids[source]].status == "available")

    with pytest.raises(BadRequest, match=r"cannot be smaller than .* 2GB"):
        cinder.volumes.create(1, **{source: ids[source]})


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("source_volid", "Originating source volume status must be one of 'available,"),
        ("backup_id", "Invalid backup: Originating backup status must be one of"),
    ],
)
def test_a_source_is_ready(a, cinder, back_up, spare, source, words):
    """From what is not ready nothing is made."""
    ids = {"source_volid": spare.id, "backup_id": back_up(spare.id)}
    spare.status = a.backups[ids["backup_id"]].status = "error"

    with pytest.raises(BadRequest, match=words):
        cinder.volumes.create(1, **{source: ids[source]})


def test_a_volume_has_one_source(cinder, back_up, spare):
    """Two sources are one too many."""
    backup_id = back_up(spare.id)

    with pytest.raises(BadRequest, match="May specify only one of backup, imageRef"):
        cinder.volumes.create(1, source_volid=spare.id, backup_id=backup_id)


def test_a_source_whose_bytes_are_gone_makes_no_volume(a, made, cinder, spare, until):
    """A snapshot that is said to be available but is not leads to a volume in error."""
    a.faults.add(Fault("create snapshot", Effect.ERROR))
    snapshot = cinder.volume_snapshots.create(spare.id)
    until(lambda: a.snapshots[snapshot.id].status == "error")
    cinder.volume_snapshots.reset_state(snapshot, "available")

    assert made(1, snapshot_id=snapshot.id).status == "error"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"imageRef": "cirros"}, "Invalid image identifier or unable to access"),
        ({"availability_zone": "mars"}, "Availability zone 'mars' is invalid."),
        ({"multiattach": True}, "multiattach parameter has been removed"),
    ],
)
def test_a_wrong_wish_is_told(raw, asked, words, message):
    """What there is not, no volume is made from or put into."""
    answer = raw("POST", "/volumes", json={"volume": {"size": 1, **asked}})

    assert answer.status_code == 400
    assert words in message(answer)


def test_a_type_that_there_is_not_is_not_found(cinder):
    """A name and an id are missed in different words."""
    unknown = "11111111-2222-4333-8444-555555555555"

    with pytest.raises(NotFound, match="Volume type with name gold could not be f"):
        cinder.volumes.create(1, volume_type="gold")
    with pytest.raises(NotFound, match=f"Volume type {unknown} could not be found"):
        cinder.volumes.create(1, volume_type=unknown)


def test_a_copy_is_of_the_type_of_its_source(a, made, spare):
    """A type that is not given is the source's, not the default."""
    a.types.add_volume_type("fast")
    fast = made(1, volume_type="fast")

    assert made(source_volid=fast.id).type == "fast"
    assert made(1).type == "sandbox"
