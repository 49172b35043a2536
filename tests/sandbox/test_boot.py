import base64

import pytest
from attrs import evolve
from openstack.exceptions import (
    BadRequestException,
    ConflictException,
    ForbiddenException,
    HttpException,
    NotFoundException,
)

from tests.sandbox.conftest import devices
from vnfdr.sandbox import Effect, Fault, Latency

NOWHERE = "00000000-0000-0000-0000-000000000000"
NO_DISK = {"vcpus": 1, "ram": 512, "disk": 0}


def test_a_new_server_builds_and_is_active(a, boot, volumes, connection):
    """A request is accepted, and the server is there a little later."""
    a.latency = evolve(Latency(), boot=2.0)

    made = boot("app", volumes)

    seen = connection.compute.get_server(made.id)
    assert (seen.status, seen.vm_state, seen.launched_at) == ("BUILD", "building", None)
    assert a.volumes[volumes[0].id].status in {"reserved", "attaching"}
    seen = connection.compute.wait_for_server(seen, interval=0.02, wait=60)
    assert (seen.status, seen.power_state, seen.task_state) == ("ACTIVE", 1, None)
    assert seen.launched_at is not None
    assert {volume.status for volume in volumes} == {"in-use"}


def test_devices_are_named_in_the_order_of_the_request(connection, booted, volumes):
    """The root is first, whatever comes after it is as asked for."""
    seen = connection.compute.volume_attachments(booted.id)

    names = {attached.volume_id: attached.device for attached in seen}
    assert [names[volume.id] for volume in volumes] == [
        "/dev/vda",
        "/dev/vdb",
        "/dev/vdc",
    ]


def test_the_root_is_what_boots_first(a, boot, volumes, until):
    """Boot index 0 makes the root, wherever it is in the request."""
    items = devices(*volumes)
    made = boot("app", volumes, block_device_mapping=[*items[1:], items[0]])
    until(lambda: a.servers[made.id].vm_state == "active")

    server = a.servers[made.id]

    assert server.attachments[0].volume_id == volumes[0].id
    assert server.guest.disks[-1] is volumes[0].disk
    assert server.guest.is_writing


def test_a_server_is_shown_as_it_was_asked_for(a, boot, volumes, connection, until):
    """Whoever looks sees what the request said; user data is for administrators."""
    data = base64.b64encode(b"#cloud-config").decode()
    connection.compute.create_keypair(name="k", public_key="ssh-rsa AAAA me")
    made = boot(
        "My App",
        volumes,
        block_device_mapping=devices(*volumes, tag="disk", delete_on_termination=True),
        metadata={"role": "app"},
        tags=["blue"],
        description="it works",
        user_data=data,
        key_name="k",
        has_config_drive=True,
        availability_zone="nova",
    )
    until(lambda: a.servers[made.id].vm_state == "active")

    seen = connection.compute.get_server(made.id)

    assert (seen.metadata, seen.tags) == ({"role": "app"}, ["blue"])
    assert (seen.description, seen.key_name) == ("it works", "k")
    assert (seen.user_data, seen.has_config_drive) == (data, "True")
    assert (seen.hostname, seen.root_device_name) == ("my-app", "/dev/vda")
    assert all(v["delete_on_termination"] for v in seen.attached_volumes)
    (attached, *_) = connection.compute.volume_attachments(made.id)
    assert (attached.tag, attached.delete_on_termination) == ("disk", True)


def test_a_member_sees_no_user_data(member, boot, volumes):
    """What a guest was told at its first boot may be a secret."""
    data = base64.b64encode(b"secret").decode()

    made = boot("app", volumes, by=member, user_data=data)

    assert member.compute.get_server(made.id).user_data is None


def test_the_instance_action_tells_of_the_creation(connection, booted):
    """The first of a server's actions is that it was made."""
    (seen,) = connection.compute.server_actions(booted.id)
    detail = connection.compute.get_server_action(seen.request_id, booted.id)

    assert (seen.action, detail.events[0].result) == ("create", "Success")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"flavor_id": NOWHERE}, f"Flavor {NOWHERE} could not be found"),
        ({"key_name": "nobody's"}, "Invalid key_name provided"),
        ({"networks": [{"uuid": NOWHERE}]}, f"Network {NOWHERE} could not be found"),
        ({"networks": [{"port": NOWHERE}]}, f"Port id {NOWHERE} could not be found"),
        ({"networks": [{}]}, "Bad network format: missing 'uuid'"),
        ({"networks": None}, "'networks' is a required property"),
        ({"networks": "all"}, "is not valid under any of the given schemas"),
        (
            {"networks": [{"port": NOWHERE, "fixed_ip": "10.0.0.9"}]},
            "the two cannot be specified together",
        ),
        ({"availability_zone": "mars"}, "requested availability zone is not available"),
        ({"user_data": "no base 64!"}, "is not a 'base64'"),
        ({"user_data": "A" * 65536}, "is too long"),
        ({"security_groups": [{"name": "x"}]}, "Unable to find security_group"),
        ({"scheduler_hints": {"group": NOWHERE}}, f"Instance group {NOWHERE}"),
        ({"block_device_mapping": []}, "Missing imageRef attribute"),
        ({"image_id": NOWHERE}, "boots from volumes alone"),
        ({"name": ""}, "'' should be non-empty"),
        ({"max_count": 2}, "one server with one request"),
    ],
)
def test_a_request_that_cannot_be_is_refused(a, boot, volumes, asked, words):
    """What does not exist, or makes no sense, is said at once; nothing is made."""
    with pytest.raises(BadRequestException, match=words):
        boot("app", volumes, **asked)

    assert a.servers == {}
    assert {volume.status for volume in volumes} == {"available"}


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({"uuid": NOWHERE}, f"failed to get volume {NOWHERE}"),
        ({"source_type": "image"}, "boots from volumes alone"),
        ({"boot_index": None}, "Boot sequence for the instance"),
        ({"boot_index": 1}, "Boot sequence for the instance"),
        ({"boot_index": "first"}, "does not match"),
    ],
)
def test_a_root_that_is_none_is_refused(boot, volumes, item, words):
    """A server boots from a volume that there is, and just from one."""
    first, *others = devices(*volumes)

    with pytest.raises(BadRequestException, match=words):
        boot("app", volumes, block_device_mapping=[first | item, *others])


def test_a_volume_that_does_not_boot_is_refused(boot, volumes):
    """The first volume has to be bootable."""
    volumes[0].bootable = False

    with pytest.raises(BadRequestException, match="is not bootable"):
        boot("app", volumes)


@pytest.mark.parametrize("status", ["creating", "in-use", "restoring-backup", "error"])
def test_a_volume_that_is_busy_is_refused(boot, volumes, status):
    """Nova waits for no volume: it is available, or the request is refused."""
    volumes[1].status = status

    with pytest.raises(BadRequestException, match=f"current status is {status}"):
        boot("app", volumes)

    assert volumes[0].status == "available"


def test_one_volume_twice_is_refused(boot, volumes):
    """A volume is one device of one server."""
    with pytest.raises(BadRequestException, match="current status is reserved"):
        boot("app", [*volumes, volumes[1]])


@pytest.mark.parametrize(
    ("quota", "words"),
    [
        ("instances", "Quota exceeded for instances: Requested 1, but already used 0"),
        ("cores", "Quota exceeded for cores"),
        ("ram", "Requested 512, but already used 0 of 0 ram"),
    ],
)
def test_a_quota_that_is_used_up_refuses(a, boot, volumes, quota, words):
    """Nova answers 403, and nothing is made."""
    a.compute_quotas[quota] = 0

    with pytest.raises(ForbiddenException, match=words):
        boot("app", volumes)

    assert a.servers == {}


def test_no_valid_host_leaves_it_in_error(a, boot, volumes, connection, until):
    """A server that fits nowhere says why, and holds its volumes until it is gone."""
    a.faults.add(Fault("create server", Effect.ERROR, resource="app"))
    made = boot("app", volumes)
    until(lambda: a.servers[made.id].vm_state == "error")

    seen = connection.compute.get_server(made.id)

    assert (seen.status, seen.compute_host) == ("ERROR", None)
    assert seen.fault["message"].startswith("No valid host was found.")
    assert {volume.status for volume in volumes} == {"reserved"}
    connection.compute.delete_server(made.id)
    until(lambda: not a.servers)
    assert {volume.status for volume in volumes} == {"available"}


def test_a_server_that_never_comes(a, boot, volumes, connection):
    """A server that is stuck is building for ever, and can be deleted."""
    a.faults.add(Fault("create server", Effect.STUCK))

    made = boot("app", volumes)

    assert connection.compute.get_server(made.id).status == "BUILD"


def test_faults_find_new_calls_by_their_names(a, boot, volumes):
    """A new call can be refused like any other."""
    a.faults.add(Fault("create server", Effect.ANSWER, resource="app", status=500))

    with pytest.raises(HttpException, match="The sandbox was told to fail"):
        boot("app", volumes)

    assert a.servers == {}


def test_an_administrator_chooses_the_host(a, boot, volumes, member, until):
    """The host is named behind the zone; users may not do that."""
    made = boot("app", volumes, availability_zone="nova:compute-1")
    until(lambda: a.servers[made.id].host)

    assert a.servers[made.id].host == "compute-1.site-a"
    with pytest.raises(ForbiddenException, match="forced_host"):
        boot("app", volumes, by=member, availability_zone="nova:compute-1")


def test_a_host_that_there_is_not(a, boot, volumes, until):
    """A server that may run nowhere else ends in error."""
    made = boot("app", volumes, availability_zone="nova:mars")

    until(lambda: a.servers[made.id].vm_state == "error")

    assert a.servers[made.id].fault.startswith("No valid host was found.")


def test_a_data_volume_that_there_is_not(boot, volumes):
    """It is missed in other words than the root is."""
    items = devices(*volumes)
    items[1]["uuid"] = NOWHERE

    with pytest.raises(BadRequestException, match=f"Volume {NOWHERE} could not be"):
        boot("app", volumes, block_device_mapping=items)


def test_a_deleted_server_is_gone(a, booted, connection, volumes, until):
    """It is deleting, then not found; its volumes are available, its guest is off."""
    a.latency = evolve(Latency(), delete=2.0)
    connection.compute.delete_server(booted.id)
    seen = connection.compute.get_server(booted.id)
    assert (seen.status, seen.task_state) == ("ACTIVE", "deleting")

    until(lambda: not a.servers)

    with pytest.raises(NotFoundException, match="could not be found"):
        connection.compute.get_server(booted.id)
    assert {volume.status for volume in volumes} == {"available"}
    assert [volume.attachments for volume in volumes] == [[], [], []]
    assert booted.guest.power.value == "off"


def test_volumes_that_go_with_their_server(a, boot, volumes, connection, until):
    """What is to be deleted on termination is, unless it has snapshots."""
    items = devices(*volumes, delete_on_termination=True)
    items[1]["delete_on_termination"] = False
    made = boot("app", volumes, block_device_mapping=items)
    until(lambda: a.servers[made.id].vm_state == "active")
    connection.block_storage.create_snapshot(volume_id=volumes[2].id, is_forced=True)

    connection.compute.delete_server(made.id)
    until(lambda: not a.servers)

    assert [v.id in a.volumes for v in volumes] == [False, True, True]
    assert {volume.status for volume in volumes[1:]} == {"available"}


def test_a_volume_of_a_group_outlives_its_server(a, booted, volumes, connection, until):
    """Cinder deletes no volume out of a group, whatever Nova wants."""
    volumes[1].group_id = "g"
    for attached in booted.attachments:
        attached.delete_on_termination = True

    connection.compute.delete_server(booted.id)
    until(lambda: not a.servers)

    assert [v.id in a.volumes for v in volumes] == [False, True, False]


def test_a_server_is_deleted_while_it_builds(a, boot, volumes, connection, until):
    """A server that is not wanted any more never becomes active."""
    a.latency = evolve(Latency(), boot=0.2, delete=0.05)
    made = boot("app", volumes)

    connection.compute.delete_server(made.id)
    until(lambda: not a.servers)

    assert {volume.status for volume in volumes} == {"available"}


def test_a_server_can_resist(a, booted, connection, until):
    """A deletion that fails leaves it in error, with its volumes."""
    a.faults.add(Fault("delete server", Effect.ERROR))
    connection.compute.delete_server(booted.id)
    until(lambda: booted.vm_state == "error")

    assert connection.compute.get_server(booted.id).status == "ERROR"
    assert a.volumes[booted.attachments[0].volume_id].status == "in-use"


def test_a_deletion_by_force(a, booted, connection, until):
    """The action does the same."""
    connection.compute.delete_server(booted.id, force=True)

    until(lambda: not a.servers)
    assert list(connection.compute.servers()) == []


def test_a_server_that_is_building_is_not_acted_on(a, boot, volumes, connection):
    """One thing at a time."""
    a.latency = evolve(Latency(), boot=5.0)
    made = boot("app", volumes)

    with pytest.raises(ConflictException, match="vm_state building"):
        connection.compute.stop_server(made.id)
