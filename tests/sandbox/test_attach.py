import pytest
from openstack.exceptions import (
    BadRequestException,
    ConflictException,
    NotFoundException,
)

from vnfdr.sandbox import Effect, Fault
from vnfdr.sandbox.consistency import consistency_of
from vnfdr.sandbox.records import read_log


@pytest.fixture
def spare(a):
    return a.add_volume("spare", None)


@pytest.fixture
def attach(connection, until):
    """Attach a volume, and wait until that is done."""

    def do(server, volume):
        told = connection.compute.create_volume_attachment(
            server.id, volume_id=volume.id
        )
        until(lambda: volume.status not in {"reserved", "attaching"})
        return told

    return do


def test_a_volume_comes_and_goes(a, connection, server, spare, attach, until):
    """A volume takes the next free device, and leaves it."""
    told = attach(server, spare)
    assert (told.device, spare.status) == ("/dev/vdc", "in-use")

    connection.compute.delete_volume_attachment(server.id, spare.id)
    until(lambda: spare.status == "available")

    devices = [attached.device for attached in server.attachments]
    assert (devices, spare.attachments) == (["/dev/vda", "/dev/vdb"], [])
    done = [seen.action for seen in connection.compute.server_actions(server.id)]
    assert done == ["detach_volume", "attach_volume", "create"]


def test_a_device_that_was_left_is_used_again(connection, server, spare, attach, until):
    """Names are handed out from the front."""
    data = server.attachments[1].volume_id
    connection.compute.delete_volume_attachment(server.id, data)
    until(lambda: len(server.attachments) == 1)

    assert attach(server, spare).device == "/dev/vdb"


def test_a_guest_writes_to_what_it_was_given(server, spare, attach, until):
    """A volume that is attached to a running server is part of its moments."""
    attach(server, spare)
    until(lambda: len(read_log(spare.disk).numbers) > 2)

    server.guest.freeze()

    verdict = consistency_of({"db": server.guest.disks})
    assert (len(server.guest.disks), verdict.violations) == (3, ())


def test_a_guest_does_not_miss_what_it_has_lost(connection, server, until):
    """A guest goes on with the disks that it still has."""
    data = server.attachments[1].volume_id
    connection.compute.delete_volume_attachment(server.id, data)
    until(lambda: len(server.attachments) == 1)
    last = read_log(server.guest.disks[0]).end

    until(lambda: read_log(server.guest.disks[0]).end > last)
    assert len(server.guest.disks) == 1


def test_a_stopped_server_gets_a_volume(connection, server, spare, attach, until):
    """Its guest finds it at the next boot."""
    connection.compute.stop_server(server.id)
    until(lambda: server.vm_state == "stopped")
    attach(server, spare)
    assert read_log(spare.disk).numbers == ()

    connection.compute.start_server(server.id)

    until(lambda: len(read_log(spare.disk).numbers) > 2)


@pytest.mark.parametrize(("version", "status"), [("2.100", 200), ("2.101", 202)])
def test_the_answer_changes_with_2_101(raw, server, spare, version, status):
    """Newer microversions name no device."""
    path = f"/servers/{server.id}/os-volume_attachments"
    body = {"volumeAttachment": {"volumeId": spare.id}}

    answer = raw("POST", path, version, service="compute", json=body)

    assert (answer.status_code, bool(answer.content)) == (status, status == 200)


def test_what_is_attached_is_not_attached_again(server, volume, attach):
    """One volume is at one server."""
    with pytest.raises(BadRequestException, match="is already attached to instances"):
        attach(server, volume)


def test_what_is_busy_is_not_attached(server, spare, attach):
    """Cinder says no, and Nova tells it."""
    spare.status = "backing-up"

    with pytest.raises(BadRequestException, match="current status is backing-up"):
        attach(server, spare)


def test_what_does_not_exist_is_not_attached(connection, server):
    """A volume that is not there is not found, in either direction."""
    with pytest.raises(NotFoundException, match="Volume x could not be found"):
        connection.compute.create_volume_attachment(server.id, volume_id="x")
    with pytest.raises(NotFoundException, match="Volume x could not be found"):
        connection.compute.delete_volume_attachment(
            server.id, "x", ignore_missing=False
        )


def test_what_is_elsewhere_is_not_detached(connection, server, spare):
    """A volume that is not the server's stays where it is."""
    with pytest.raises(NotFoundException, match="is not attached to volume"):
        connection.compute.delete_volume_attachment(
            server.id, spare.id, ignore_missing=False
        )


def test_a_root_is_not_detached(connection, server, volume):
    """A server keeps what it boots from."""
    with pytest.raises(BadRequestException, match="Cannot detach a root device volume"):
        connection.compute.delete_volume_attachment(server.id, volume.id)


def test_what_is_detaching_is_not_detached(a, connection, server):
    """One thing at a time."""
    data = a.volumes[server.attachments[1].volume_id]
    data.status = "detaching"

    with pytest.raises(BadRequestException, match="Unable to detach volume"):
        connection.compute.delete_volume_attachment(server.id, data.id)


def test_a_busy_server_gets_no_volume(server, spare, attach):
    """A server that something is done to is left alone."""
    server.task_state = "pausing"

    with pytest.raises(ConflictException, match="Cannot 'attach_volume' instance"):
        attach(server, spare)


def test_an_attachment_can_fail(a, connection, server, spare, attach):
    """The volume is available again, and the instance action says so."""
    a.faults.add(Fault("attach volume", Effect.ERROR, resource="spare"))

    attach(server, spare)

    assert (spare.status, len(server.attachments)) == ("available", 2)
    (newest, *_) = connection.compute.server_actions(server.id)
    assert (newest.action, newest.message) == ("attach_volume", "Error")


def test_a_detachment_can_fail(a, connection, server, until):
    """The volume stays in use."""
    data = a.volumes[server.attachments[1].volume_id]
    a.faults.add(Fault("detach volume", Effect.ERROR))
    connection.compute.delete_volume_attachment(server.id, data.id)

    until(lambda: data.status == "in-use")

    assert len(server.attachments) == 2


def test_a_volume_is_told_to_go_with_its_server(connection, raw, server, volume):
    """Since 2.85 one may change one's mind."""
    path = f"/servers/{server.id}/os-volume_attachments/{volume.id}"
    wanted = {"volumeId": volume.id, "delete_on_termination": True}

    answer = raw(
        "PUT", path, "2.85", service="compute", json={"volumeAttachment": wanted}
    )

    assert answer.status_code == 202
    assert server.attachments[0].delete_on_termination
