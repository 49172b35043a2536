import pytest
from cinderclient.exceptions import BadRequest

from vnfdr.sandbox import Latency


@pytest.fixture
def back_up(a, cinder, until):
    """Make a backup, and wait until it is there."""

    def make(volume_id, **asked):
        made = cinder.backups.create(volume_id, **asked)
        until(lambda: a.backups[made.id].status in {"available", "error"})
        return a.backups[made.id]

    return make


@pytest.fixture
def shoot(a, cinder, until):
    """Take a snapshot at a given second, and wait until it is there."""

    def take(volume_id, second=None):
        made = cinder.volume_snapshots.create(volume_id, force=True)
        until(lambda: a.snapshots[made.id].status == "available")
        if second is not None:
            a.snapshots[made.id].created_at = second
        return made.id

    return take


def test_a_backup_of_a_snapshot_leaves_the_volume_alone(a, cinder, volume, snapshot):
    """While a snapshot is backed up it is busy, and its volume is not."""
    a.latency = Latency(backup=5.0)

    made = cinder.backups.create(volume.id, snapshot_id=snapshot.id)

    assert (snapshot.status, volume.status) == ("backing-up", "in-use")
    assert cinder.backups.get(made.id).status == "creating"
    with pytest.raises(BadRequest, match='current status is "backing-up"'):
        cinder.backups.create(volume.id, snapshot_id=snapshot.id)


def test_a_volume_in_use_wants_force(back_up, cinder, volume, until):
    """Without a snapshot, a volume in use is backed up only if one insists."""
    with pytest.raises(BadRequest, match="must use the force flag"):
        cinder.backups.create(volume.id)

    assert back_up(volume.id, force=True).status == "available"
    until(lambda: volume.status == "in-use")


def test_an_increment_wants_a_parent(cinder, volume, snapshot):
    """The first backup of a volume cannot be an increment."""
    with pytest.raises(BadRequest, match="No backups available to do an incremental"):
        cinder.backups.create(volume.id, snapshot_id=snapshot.id, incremental=True)


def test_the_parent_is_the_newest_that_is_older(back_up, shoot, volume):
    """An increment builds on the newest backup whose data is older than its own."""
    snapshots = [shoot(volume.id, second) for second in (100, 200, 150)]
    first = back_up(volume.id, snapshot_id=snapshots[0])
    back_up(volume.id, snapshot_id=snapshots[1], incremental=True)

    third = back_up(volume.id, snapshot_id=snapshots[2], incremental=True)

    assert third.parent_id == first.id


def test_without_an_older_one_the_newest_is_the_parent(back_up, shoot, volume):
    """Where nothing qualifies Cinder takes the newest row, though it is too new."""
    same = [shoot(volume.id, 100) for _ in range(2)]
    first = back_up(volume.id, snapshot_id=same[0])

    second = back_up(volume.id, snapshot_id=same[1], incremental=True)

    assert second.parent_id == first.id


def test_an_increment_holds_what_changed(a, back_up, shoot, volume):
    """Blocks that are as they were are not stored again."""
    spare = a.add_volume("spare", None)
    spare.disk.write(0, b"x" * 10_000_000)
    full = back_up(spare.id, force=True)
    spare.disk.write(5_000_000, b"y")

    increment = back_up(spare.id, force=True, incremental=True)

    assert 0 < increment.stored_bytes < full.stored_bytes


def test_a_parent_is_not_deleted(back_up, cinder, shoot, volume):
    """A backup stays while increments build on it."""
    first = back_up(volume.id, snapshot_id=shoot(volume.id))
    back_up(volume.id, snapshot_id=shoot(volume.id), incremental=True)

    assert cinder.backups.get(first.id).has_dependent_backups
    with pytest.raises(BadRequest, match="Incremental backups exist for this backup"):
        cinder.backups.delete(first.id)


def test_a_snapshot_of_another_volume_is_refused(a, cinder, server, snapshot):
    """A backup's snapshot is one of its volume."""
    other = server.attachments[1].volume_id

    with pytest.raises(BadRequest, match="does not match with snapshot"):
        cinder.backups.create(other, snapshot_id=snapshot.id)


def test_without_a_backup_service_the_snapshot_stays_busy(a, back_up, volume, snapshot):
    """Cinder's scheduler fails the backup, and forgets the snapshot."""
    a.backup_service_up = False

    failed = back_up(volume.id, snapshot_id=snapshot.id)

    assert failed.fail_reason == "Service not found for creating backup."
    assert snapshot.status == "backing-up"


def test_a_backup_that_cannot_be_written_down_leaves_its_snapshot_busy(raw, snapshot):
    """MySQL has no room for four bytes, and Cinder does not tidy up after that."""
    asked = {"volume_id": snapshot.volume_id, "snapshot_id": snapshot.id}
    body = {"backup": {**asked, "metadata": {"k": "\U0001f600"}}}

    answer = raw("POST", "/backups", "3.64", json=body)

    assert answer.status_code == 500
    assert snapshot.status == "backing-up"


def test_backups_have_metadata_since_3_43(back_up, raw, volume, snapshot):
    """What an old microversion does not know it does not show."""
    made = back_up(volume.id, snapshot_id=snapshot.id)

    old = raw("GET", f"/backups/{made.id}", "3.42").json()["backup"]
    new = raw("GET", f"/backups/{made.id}", "3.43").json()["backup"]

    assert new.keys() - old.keys() == {"metadata"}


def test_a_backup_that_is_gone_is_not_found(raw, message):
    """What does not exist is refused as Cinder does it."""
    assert message(raw("GET", "/backups/x")) == "Backup x could not be found."
