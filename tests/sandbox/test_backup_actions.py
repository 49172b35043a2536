import pytest
from openstack.exceptions import BadRequestException, ForbiddenException, HttpException

from vnfdr.sandbox import Effect, Fault, Latency


@pytest.fixture
def shot(a, cinder, spare, until):
    """An available snapshot of the spare volume."""
    made = cinder.volume_snapshots.create(spare.id)
    until(lambda: a.snapshots[made.id].status == "available")
    return a.snapshots[made.id]


@pytest.fixture
def stuck(a, cinder, spare, shot):
    """A backup of the snapshot that takes very long."""
    a.latency = Latency(backup=3.0)
    made = cinder.backups.create(spare.id, snapshot_id=shot.id)
    return a.backups[made.id]


def test_a_backup_is_given_up_by_force(a, connection, member, stuck, shot, until):
    """An administrator ends a backup that is being made; no file of it stays."""
    with pytest.raises(ForbiddenException, match="backup_admin_actions:force_delete"):
        member.block_storage.delete_backup(stuck.id, force=True)
    with pytest.raises(BadRequestException, match="must be available or error"):
        connection.block_storage.delete_backup(stuck.id)

    connection.block_storage.delete_backup(stuck.id, force=True)

    until(lambda: stuck.id not in a.backups)
    until(lambda: shot.status == "available")
    until(lambda: not any(a.backup_store.directory.glob("*")))


def test_not_every_driver_gives_a_backup_up(a, connection, stuck):
    """Where the backup driver is Ceph's, force is not supported."""
    a.cancels_backups = False

    with pytest.raises(HttpException, match="Operation not supported") as caught:
        connection.block_storage.delete_backup(stuck.id, force=True)

    assert caught.value.status_code == 405


def test_force_does_not_break_a_chain(a, cinder, connection, spare, until):
    """A backup stays while increments build on it, whoever asks."""
    first = cinder.backups.create(spare.id)
    until(lambda: a.backups[first.id].status == "available")
    second = cinder.backups.create(spare.id, incremental=True)
    until(lambda: a.backups[second.id].status == "available")

    with pytest.raises(BadRequestException, match="Incremental backups exist for this"):
        connection.block_storage.delete_backup(first.id, force=True)


def test_a_volume_that_grew_wants_a_full_backup(a, cinder, spare, until):
    """An increment on a parent that is smaller fails."""
    first = cinder.backups.create(spare.id)
    until(lambda: a.backups[first.id].status == "available")
    cinder.volumes.extend(spare, 2)
    until(lambda: spare.status == "available" and spare.size_gib == 2)

    second = cinder.backups.create(spare.id, incremental=True)

    until(lambda: a.backups[second.id].status == "error")
    assert "do a full backup" in cinder.backups.get(second.id).fail_reason


def test_a_snapshot_that_is_backed_up_stays(connection, shot, stuck):
    """Neither the snapshot nor, so, its volume goes meanwhile."""
    with pytest.raises(BadRequestException, match="must be available or error and"):
        connection.block_storage.delete_snapshot(shot.id)


def test_a_backup_of_what_is_deleted_by_force_fails(connection, shot, stuck, until):
    """It does not go on for ever."""
    connection.block_storage.delete_snapshot(shot.id, force=True)

    until(lambda: stuck.status != "creating")
    assert stuck.status == "error"


def test_the_status_of_a_backup_is_reset(connection, member, stuck, raw, message):
    """A backup is said to be available or in error, and nothing else."""
    body = {"os-reset_status": {"status": "creating"}}
    wrong = raw("POST", f"/backups/{stuck.id}/action", json=body)
    with pytest.raises(ForbiddenException, match="backup_admin_actions:reset_status"):
        member.block_storage.reset_backup_status(stuck.id, "error")

    connection.block_storage.reset_backup_status(stuck.id, "error")

    assert stuck.status == "error"
    assert message(wrong) == (
        "Backup status: creating is invalid, valid statuses are: ('available',"
        " 'error')."
    )


def test_a_backup_is_renamed_since_3_9(raw, cinder, a, spare):
    """Its name and description can be changed, and its metadata since 3.43."""
    made = cinder.backups.create(spare.id, name="b")
    body = {"backup": {"name": "c", "metadata": {"a": "1"}}}

    answers = [
        raw("PUT", f"/backups/{made.id}", version, json=body).status_code
        for version in ("3.8", "3.43")
    ]

    assert answers == [404, 200]
    changed = cinder.backups.get(made.id)
    assert (changed.name, changed.metadata) == ("c", {"a": "1"})


def test_a_stuck_snapshot_is_reset_and_deleted(a, connection, member, cinder, spare):
    """A snapshot that is made for ever is helped by an administrator."""
    a.latency = Latency(delete=5.0)
    a.faults.add(Fault("create snapshot", Effect.STUCK))
    made = cinder.volume_snapshots.create(spare.id)
    with pytest.raises(ForbiddenException, match="snapshot_admin_actions:reset_status"):
        member.block_storage.reset_snapshot_status(made.id, "error")

    connection.block_storage.reset_snapshot_status(made.id, "error")
    connection.block_storage.delete_snapshot(made.id)

    assert a.snapshots[made.id].status == "deleting"


def test_a_snapshot_is_deleted_by_force(a, connection, cinder, spare, until):
    """Force does not wait until a snapshot is made, and leaves no bytes."""
    a.latency = Latency(snapshot=0.2)
    made = cinder.volume_snapshots.create(spare.id)
    taken = a.snapshots[made.id]

    connection.block_storage.delete_snapshot(made.id, force=True)

    until(lambda: made.id not in a.snapshots)
    until(lambda: taken.image is not None and taken.image.content.gone)
    assert spare.id in a.volumes


def test_one_key_of_metadata_is_read_and_written(raw, shot, message):
    """Metadata can be had key by key."""
    path = f"/snapshots/{shot.id}/metadata/a"

    missing = raw("GET", path)
    raw("PUT", path, json={"meta": {"a": "1"}})
    other = raw("PUT", path, json={"meta": {"b": "1"}})

    assert message(missing) == f"Snapshot {shot.id} has no metadata with key a."
    assert raw("GET", path).json() == {"meta": {"a": "1"}}
    assert message(other) == "Request body and URI mismatch"


def test_snapshots_of_one_volume_are_taken_at_once(a, cinder, spare, until):
    """One volume may have several snapshots in the making, each its own instant."""
    a.latency = Latency(snapshot=2.0)

    taken = [a.snapshots[cinder.volume_snapshots.create(spare.id).id] for _ in "123"]

    assert [snapshot.status for snapshot in taken] == ["creating"] * 3
    until(lambda: all(snapshot.status == "available" for snapshot in taken))
