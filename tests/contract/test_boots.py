"""New servers that boot from volumes that are there, as a recovery asks for them."""

from contextlib import contextmanager

import pytest

from tests.contract.cloud import (
    GONE,
    NOBODY,
    assert_refused,
    content,
    follow,
    made,
    removed,
)

HOSTNAME = "2.90"
LABELS = {"vnfdr-key": "r:server:s", "role": "db"}


@pytest.fixture(scope="module")
def volume_ids(cloud):
    """A volume to boot from, and one for data."""
    volume_ids = [made(cloud.cinder, "volume", size=1, name=n) for n in ("root", "log")]
    flag = {"os-set_bootable": {"bootable": True}}
    assert cloud.cinder.post(f"/volumes/{volume_ids[0]}/action", json=flag).ok
    yield volume_ids
    for volume_id in volume_ids:
        follow(cloud.cinder, f"/volumes/{volume_id}", "available")
        removed(cloud.cinder, "volume", volume_id)


@pytest.fixture(scope="module")
def network(cloud):
    """A network with addresses; what there is of it goes at the end."""
    asked = {"network": {"name": "boots"}}
    network = content(cloud.neutron.post("/v2.0/networks", json=asked))
    about = {"network_id": network["id"], "cidr": "192.0.2.0/28", "ip_version": 4}
    asked = {"subnet": {**about, "gateway_ip": None, "enable_dhcp": False}}
    assert cloud.neutron.post("/v2.0/subnets", json=asked).status_code == 201
    yield network["id"]
    assert cloud.neutron.delete(f"/v2.0/networks/{network['id']}").status_code == 204


@pytest.fixture(scope="module")
def port_id(cloud, network):
    """A port for the new server."""
    asked = {"port": {"network_id": network}}
    port = content(cloud.neutron.post("/v2.0/ports", json=asked))
    yield port["id"]
    assert cloud.neutron.delete(f"/v2.0/ports/{port['id']}").status_code == 204


def disks(*volume_ids):
    """How a request says what a server boots from, and what else it has."""
    return [
        {
            "boot_index": -1 if place else 0,
            "uuid": volume_id,
            "source_type": "volume",
            "destination_type": "volume",
            "delete_on_termination": False,
            "tag": f"disk{place}",
        }
        for place, volume_id in enumerate(volume_ids)
    ]


def ask(cloud, volume_ids, version=HOSTNAME, **other):
    """Ask for a server."""
    asked = {
        "name": "boots",
        "flavorRef": content(cloud.nova.get("/flavors"))[0]["id"],
        "networks": "none",
        "block_device_mapping_v2": disks(*volume_ids),
    }
    body = {"server": asked | other}
    return cloud.nova.post("/servers", json=body, microversion=version)


@pytest.fixture(scope="module")
def server(cloud, volume_ids, port_id):
    """A server with both volumes and the port, active; afterwards it is gone."""
    about = {
        "networks": [{"port": port_id}],
        "metadata": LABELS,
        "description": "came back",
        "hostname": "db-1",
        "tags": ["blue"],
        "config_drive": True,
        "user_data": "I2Nsb3VkLWNvbmZpZw==",
    }
    server = content(ask(cloud, volume_ids, **about))
    path = f"/servers/{server['id']}"
    assert follow(cloud.nova, path, "ACTIVE")[-1] == "ACTIVE"
    yield content(cloud.nova.get(path, microversion=HOSTNAME))
    cloud.nova.delete(path)
    follow(cloud.nova, path, GONE)


def test_volumes_get_their_devices_in_the_order_of_the_request(
    cloud, server, volume_ids
):
    """Their tags are theirs, and none is deleted with the server."""
    path = f"/servers/{server['id']}/os-volume_attachments"

    seen = {each["volumeId"]: each for each in content(cloud.nova.get(path))}

    found = [seen[volume_id] for volume_id in volume_ids]
    assert [each["device"] for each in found] == ["/dev/vda", "/dev/vdb"]
    assert [each["tag"] for each in found] == ["disk0", "disk1"]
    assert [each["delete_on_termination"] for each in found] == [False, False]


def test_a_server_is_what_was_asked_for(server):
    """All of it is shown to an administrator."""
    assert (server["metadata"], server["tags"]) == (LABELS, ["blue"])
    assert (server["description"], server["config_drive"]) == ("came back", "True")
    assert server["OS-EXT-SRV-ATTR:hostname"] == "db-1"
    assert server["OS-EXT-SRV-ATTR:user_data"] == "I2Nsb3VkLWNvbmZpZw=="


def test_a_port_that_was_there_is_the_servers(cloud, server, port_id):
    """And no other server gets it."""
    port = content(cloud.neutron.get(f"/v2.0/ports/{port_id}"))

    assert (port["device_id"], port["device_owner"]) == (server["id"], "compute:nova")


@contextmanager
def nothing_of(cloud, answer):
    """See that a server comes to nothing, and let it go."""
    path = f"/servers/{content(answer)['id']}"
    follow(cloud.nova, path, "ERROR")
    try:
        yield content(cloud.nova.get(path))
    finally:
        cloud.nova.delete(path)
        follow(cloud.nova, path, GONE)


def test_a_server_that_fits_nowhere_says_so(cloud):
    """It ends in error, with a fault; its volume is free again when it is gone."""
    volume_id = made(cloud.cinder, "volume", size=1, name="lost")
    flag = {"os-set_bootable": {"bootable": True}}
    assert cloud.cinder.post(f"/volumes/{volume_id}/action", json=flag).ok

    answer = ask(cloud, [volume_id], availability_zone="nova:nowhere")

    with nothing_of(cloud, answer) as seen:
        assert seen["status"] == "ERROR"
        assert seen["fault"]["message"].startswith("No valid host was found.")
    follow(cloud.cinder, f"/volumes/{volume_id}", "available")
    removed(cloud.cinder, "volume", volume_id)


def test_a_server_cannot_boot_from_just_any_volume(cloud, volume_id):
    """It has to be bootable, not in use, and there."""
    flag = {"os-set_bootable": {"bootable": False}}
    assert cloud.cinder.post(f"/volumes/{volume_id}/action", json=flag).ok
    blank = ask(cloud, [volume_id])
    in_use = ask(cloud, [cloud.root_id])
    missing = ask(cloud, [NOBODY])

    words = f"Block Device {volume_id} is not bootable"
    assert_refused(blank, 400, "badRequest", words)
    words = "status must be available .*but the current status is in-use"
    assert_refused(in_use, 400, "badRequest", words)
    assert_refused(missing, 400, "badRequest", f"failed to get volume {NOBODY}")


def test_a_port_in_use_is_nobody_elses(cloud, server, port_id, volume_id):
    """Nova says whose status forbids it."""
    flag = {"os-set_bootable": {"bootable": True}}
    assert cloud.cinder.post(f"/volumes/{volume_id}/action", json=flag).ok

    answer = ask(cloud, [volume_id], networks=[{"port": port_id}])

    words = f"Port {port_id} is still in use"
    assert_refused(answer, 409, "conflictingRequest", words)


def test_no_server_beyond_the_quota(cloud, volume_id):
    """Nova's status for that is 403, and its words begin like this."""
    path = f"/os-quota-sets/{cloud.project_id}"
    before = content(cloud.nova.get(path))["instances"]
    flag = {"os-set_bootable": {"bootable": True}}
    assert cloud.cinder.post(f"/volumes/{volume_id}/action", json=flag).ok
    assert cloud.nova.put(path, json={"quota_set": {"instances": 0, "force": True}}).ok

    answer = ask(cloud, [volume_id])

    assert cloud.nova.put(path, json={"quota_set": {"instances": before}}).ok
    words = "^Quota exceeded for instances: Requested 1, but already used"
    assert_refused(answer, 403, "forbidden", words)


def test_nova_repeats_what_it_does_not_take(cloud):
    """User data too: an error of Nova's is not fit to be shown as it is."""
    answer = ask(cloud, [NOBODY], user_data="!!secret")

    assert_refused(answer, 400, "badRequest", "attribute user_data. Value: !!secret")


def test_a_hostname_is_not_known_before_2_90(cloud):
    """It is refused, not dropped."""
    answer = ask(cloud, [NOBODY], version="2.89", hostname="db-1")

    assert_refused(answer, 400, "badRequest", "'hostname' was unexpected")


def test_a_hostname_has_no_domain_before_2_94(cloud):
    """Afterwards it may have one."""
    about = {"hostname": "db-1.example.org"}
    early = ask(cloud, [NOBODY], version="2.93", **about)
    later = ask(cloud, [NOBODY], version="2.94", **about)

    assert_refused(early, 400, "badRequest", "attribute hostname. Value: db-1.example")
    assert_refused(later, 400, "badRequest", f"failed to get volume {NOBODY}")
