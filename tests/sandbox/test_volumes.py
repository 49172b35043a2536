import pytest
from openstack.exceptions import BadRequestException, NotFoundException

from vnfdr.sandbox import Latency


def test_a_volume_becomes_available(a, connection, until):
    """A volume is accepted first, and there later."""
    made = connection.block_storage.create_volume(name="v", size=2)
    assert made.status == "creating"

    until(lambda: connection.block_storage.get_volume(made.id).status == "available")

    assert a.volumes[made.id].disk.size_bytes == 2 * 2**30


def test_a_volume_of_a_snapshot_has_its_bytes(a, cinder, volume, snapshot, until):
    """A volume is cut from the snapshot, not from what came after."""
    before = snapshot.image.read(0, 4096)
    made = cinder.volumes.create(1, snapshot_id=snapshot.id)

    until(lambda: a.volumes[made.id].status == "available")

    assert a.volumes[made.id].disk.read(0, 4096) == before
    assert made.bootable == "true"


def test_a_volume_that_is_gone_is_not_found(connection):
    """What does not exist is refused as Cinder does it."""
    with pytest.raises(NotFoundException, match="Volume nope could not be found"):
        connection.block_storage.get_volume("nope")


def test_a_volume_in_use_is_not_deleted(connection, volume):
    """A volume at a server stays."""
    with pytest.raises(BadRequestException, match="must be available or error or"):
        connection.block_storage.delete_volume(volume.id)


def test_a_deleted_volume_takes_its_time(a, connection, until):
    """A volume is being deleted, and then is gone, bytes and all."""
    a.latency = Latency(delete=1.0)
    spare = a.add_volume("spare", None)

    connection.block_storage.delete_volume(spare.id)

    assert a.volumes[spare.id].status == "deleting"
    until(lambda: spare.id not in a.volumes)


def test_an_unknown_key_is_refused(raw, message):
    """A key that Cinder does not know is an error since 3.53, and nothing before."""
    body = {"volume": {"size": 1, "colour": "red"}}

    strict = raw("POST", "/volumes", "3.53", json=body)
    lax = raw("POST", "/volumes", "3.52", json=body)

    assert (strict.status_code, lax.status_code) == (400, 202)
    assert "'colour' was unexpected" in message(strict)


@pytest.mark.parametrize("size", [0, -1])
def test_a_volume_has_a_size(raw, size):
    """Nothing is not a size."""
    answer = raw("POST", "/volumes", json={"volume": {"size": size}})

    assert answer.status_code == 400


def test_a_member_does_not_see_hosts(connection, member, volume):
    """Where a volume is stored is for administrators."""
    assert connection.block_storage.get_volume(volume.id).host
    assert member.block_storage.get_volume(volume.id).host is None


def test_metadata_is_added_replaced_and_removed(cinder, volume):
    """Metadata changes as its user says."""
    cinder.volumes.set_metadata(volume, {"a": "1", "b": "2"})
    cinder.volumes.delete_metadata(volume, ["a"])
    cinder.volumes.set_metadata(volume, {"c": "3"})
    assert cinder.volumes.get(volume.id).metadata == {"b": "2", "c": "3"}

    cinder.volumes.update_all_metadata(volume, {"d": "4"})

    assert cinder.volumes.get(volume.id).metadata == {"d": "4"}
