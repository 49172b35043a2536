import pytest
from cinderclient.exceptions import BadRequest, OverLimit
from openstack.exceptions import (
    BadRequestException,
    ForbiddenException,
    NotFoundException,
)

from vnfdr.sandbox import Effect, Fault, Latency

GIB = 2**30


def test_a_volume_grows(a, connection, spare, until):
    """A volume that was extended has zeros at its end, and what it had before."""
    a.latency = Latency(volume=1.0)
    connection.block_storage.extend_volume(spare.id, 2)

    assert spare.status == "extending"
    until(lambda: spare.status == "available")
    assert connection.block_storage.get_volume(spare.id).size == 2
    assert spare.disk.read(0, 5) == b"spare"
    assert spare.disk.read(2 * GIB - 4, 4) == bytes(4)


def test_a_volume_does_not_shrink(connection, spare):
    """A size that is not greater is refused."""
    words = "must be greater than current size. \\(current: 1, extended: 1\\)"

    with pytest.raises(BadRequestException, match=words):
        connection.block_storage.extend_volume(spare.id, 1)


def test_a_volume_in_use_grows_since_3_42(a, raw, volume, until, message):
    """Older microversions want the volume to be available."""
    path, body = f"/volumes/{volume.id}/action", {"os-extend": {"new_size": 2}}

    old = raw("POST", path, "3.41", json=body)
    new = raw("POST", path, "3.42", json=body)

    assert (old.status_code, new.status_code) == (400, 202)
    assert message(old) == (
        f"Invalid volume: Volume {volume.id} status must be '{{'status':"
        " 'available'}' to extend, currently in-use."
    )
    until(lambda: volume.status == "in-use" and volume.size_gib == 2)


@pytest.mark.parametrize(
    ("quota", "limit", "words"),
    [
        ("gigabytes", 1, "Requested 2G, quota is 1G and 1G has been consumed"),
        ("per_volume_gigabytes", 2, "3G is larger than maximum allowed limit 2G"),
    ],
)
def test_growing_is_limited(a, cinder, spare, quota, limit, words):
    """What a project may have counts for growth, too; the volume stays available."""
    a.quotas[quota] = limit

    with pytest.raises(OverLimit, match=words):
        cinder.volumes.extend(spare, 3)

    assert spare.status == "available"


def test_growth_that_fails_is_told(a, connection, cinder, spare, until):
    """A volume that could not grow is in error, and a message says why."""
    a.faults.add(Fault("os-extend volume", Effect.ERROR))

    connection.block_storage.extend_volume(spare.id, 2)

    until(lambda: spare.status == "error_extending")
    (told,) = cinder.messages.list(search_opts={"resource_uuid": spare.id})
    assert "failed to extend" in told.user_message


def test_a_volume_is_made_bootable(connection, spare):
    """One may boot from a volume if its user says so."""
    connection.block_storage.set_volume_bootable_status(spare.id, bootable=True)

    assert connection.block_storage.get_volume(spare.id).is_bootable


def test_a_word_that_is_no_boolean_is_refused(raw, spare, message):
    """Cinder's schema lists what it takes for true and for false."""
    body = {"os-set_bootable": {"bootable": "perhaps"}}

    answer = raw("POST", f"/volumes/{spare.id}/action", json=body)

    assert answer.status_code == 400
    assert "'perhaps' is not one of [True, 'True'" in message(answer)


def test_the_readonly_flag_is_shown_as_metadata(cinder, spare):
    """The flag is seen among the metadata of a volume, and is none of it."""
    cinder.volumes.update_readonly_flag(spare, flag=True)

    assert cinder.volumes.get(spare.id).metadata == {"readonly": "True"}
    assert spare.metadata == {}


def test_a_volume_in_use_does_not_become_readonly(connection, volume):
    """Only an available volume takes the flag."""
    with pytest.raises(BadRequestException, match="to update readonly flag, but curr"):
        connection.block_storage.set_volume_readonly(volume.id, readonly=True)


def test_image_metadata_is_set_shown_and_unset(connection, cinder, spare):
    """What a volume knows of its image can be written, read and taken away."""
    cinder.volumes.set_image_metadata(spare, {"os_type": "linux", "hw_x": "1"})
    cinder.volumes.delete_image_metadata(spare, ["hw_x"])

    _, shown = cinder.volumes.show_image_metadata(spare)

    assert shown["metadata"] == {"os_type": "linux"}
    seen = connection.block_storage.get_volume(spare.id)
    assert seen.volume_image_metadata == {"os_type": "linux"}


def test_image_metadata_may_be_long(cinder, spare):
    """What an image says may be longer than what users say of a volume."""
    cinder.volumes.set_image_metadata(spare, {"kernel_options": "x" * 256})

    assert len(spare.image_metadata["kernel_options"]) == 256
    with pytest.raises(BadRequest, match="is too long"):
        cinder.volumes.set_metadata(spare, {"kernel_options": "x" * 256})


def test_a_volume_without_image_metadata_has_none_to_show(raw, spare, message):
    """Where there is none, Cinder finds none, and shows no key for it."""
    body = {"os-show_image_metadata": None}

    answer = raw("POST", f"/volumes/{spare.id}/action", json=body)

    assert answer.status_code == 404
    assert message(answer) == (
        f"Glance metadata for volume/snapshot {spare.id} cannot be found."
    )
    shown = raw("GET", f"/volumes/{spare.id}").json()["volume"]
    assert "volume_image_metadata" not in shown


def test_an_administrator_resets_a_status(connection, member, spare):
    """A stuck volume is helped by administrators, and by nobody else."""
    spare.status = "error_extending"
    with pytest.raises(ForbiddenException, match="volume_admin_actions:reset_status"):
        member.block_storage.reset_volume_status(spare.id, status="available")

    connection.block_storage.reset_volume_status(spare.id, status="available")

    assert spare.status == "available"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"status": "lost"}, "Volume status: lost is invalid, valid statuses are: ("),
        ({"status": "deleting"}, "Cannot reset-state to deleting"),
        ({"status": "in-use"}, "because volume does not have any attachments"),
        ({}, "Must specify 'status', 'attach_status' or 'migration_status'"),
    ],
)
def test_not_every_status_is_one(raw, spare, asked, words, message):
    """A status that cannot be is refused."""
    answer = raw("POST", f"/volumes/{spare.id}/action", json={"os-reset_status": asked})

    assert answer.status_code == 400
    assert words in message(answer)


def test_attachments_can_be_forgotten(connection, volume, server):
    """Cinder forgets what Nova still has."""
    connection.block_storage.reset_volume_status(
        volume.id, status="available", attach_status="detached"
    )

    assert connection.block_storage.get_volume(volume.id).attachments == []
    assert server.attachments[0].volume_id == volume.id


def test_a_volume_is_deleted_by_force(a, connection, spare, until):
    """Force does not ask for the status."""
    spare.status = "creating"

    connection.block_storage.delete_volume(spare.id, force=True)

    until(lambda: spare.id not in a.volumes)
    assert spare.id not in {v.id for v in connection.block_storage.volumes()}


def test_force_does_not_delete_what_has_snapshots(cinder, spare, a, until):
    """What else holds a volume holds it still."""
    snapshot = cinder.volume_snapshots.create(spare.id)
    until(lambda: a.snapshots[snapshot.id].status == "available")

    with pytest.raises(Exception, match="Volume  must not be migrating, attached"):
        cinder.volumes.force_delete(spare)


def test_snapshots_go_with_their_volume(a, cinder, spare, until):
    """A volume is deleted with its snapshots if so asked."""
    snapshot = cinder.volume_snapshots.create(spare.id)
    until(lambda: a.snapshots[snapshot.id].status == "available")

    cinder.volumes.delete(spare.id, cascade=True)

    until(lambda: spare.id not in a.volumes)
    assert a.snapshots == {}


def test_a_busy_snapshot_keeps_its_volume(a, cinder, spare, until):
    """While a snapshot is backed up its volume does not go with it."""
    snapshot = cinder.volume_snapshots.create(spare.id)
    until(lambda: a.snapshots[snapshot.id].status == "available")
    a.snapshots[snapshot.id].status = "backing-up"

    with pytest.raises(Exception, match="have snapshots"):
        cinder.volumes.delete(spare.id, cascade=True)


def test_a_volume_changes_its_type(a, connection, spare, until):
    """A volume of another type has the bytes that it had."""
    a.types.add_volume_type("fast")

    connection.block_storage.retype_volume(spare.id, "fast")

    until(lambda: spare.status == "available" and spare.type == "fast")
    assert spare.disk.read(0, 5) == b"spare"
    with pytest.raises(BadRequestException, match="has to be different"):
        connection.block_storage.retype_volume(spare.id, "fast")


def test_a_volume_goes_back_to_its_latest_snapshot(a, connection, cinder, spare, until):
    """What was written since is gone."""
    snapshot = cinder.volume_snapshots.create(spare.id)
    until(lambda: a.snapshots[snapshot.id].status == "available")
    spare.disk.write(0, b"later")

    connection.block_storage.revert_volume_to_snapshot(spare.id, snapshot.id)

    until(lambda: spare.status == "available")
    assert spare.disk.read(0, 5) == b"spare"


def test_a_volume_does_not_go_back_further(a, cinder, raw, spare, until, message):
    """Only the latest snapshot is one to go back to."""
    taken = [cinder.volume_snapshots.create(spare.id) for _ in range(2)]
    until(lambda: all(a.snapshots[s.id].status == "available" for s in taken))

    body = {"revert": {"snapshot_id": taken[0].id}}
    answer = raw("POST", f"/volumes/{spare.id}/action", "3.40", json=body)

    assert answer.status_code == 400
    assert "is None or not the latest one of volume" in message(answer)


@pytest.mark.parametrize(
    ("action", "status", "words"),
    [
        ("os-dance", 400, "There is no such action: os-dance. Verify the request body"),
        ("os-migrate_volume", 501, "The sandbox does not serve the action os-migrate_"),
        ("revert", 404, "The resource could not be found."),
    ],
)
def test_an_action_that_is_not_there_is_refused(
    raw, spare, action, status, words, message
):
    """What Cinder has not, what the sandbox has not and what came later differ."""
    answer = raw("POST", f"/volumes/{spare.id}/action", "3.39", json={action: None})

    assert answer.status_code == status
    assert words in message(answer)


def test_an_action_of_a_volume_that_is_gone_is_not_found(connection):
    """First the volume is looked up."""
    with pytest.raises(NotFoundException, match="Volume nope could not be found"):
        connection.block_storage.extend_volume("nope", 2)
