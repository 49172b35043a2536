"""What a sweep reads in lists, and the deletions that only a sweep asks for."""

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

MARK = {"vnfdr-key": "p:server:s", "vnfdr-point": "p", "vnfdr-group": "g"}
CALLED = "marked"


@pytest.fixture
def network_id(cloud):
    """A network without any subnet."""
    asked = {"network": {"name": CALLED}}
    answer = cloud.neutron.post("/v2.0/networks", json=asked)
    network = content(answer)
    yield network["id"]
    cloud.neutron.delete(f"/v2.0/networks/{network['id']}")


@pytest.fixture
def bootable_id(cloud):
    """A volume to boot from, though nothing is on it."""
    volume_id = made(cloud.cinder, "volume", size=1, name=CALLED)
    bootable = {"os-set_bootable": {"bootable": True}}
    assert cloud.cinder.post(f"/volumes/{volume_id}/action", json=bootable).ok
    yield volume_id
    follow(cloud.cinder, f"/volumes/{volume_id}", "available")
    removed(cloud.cinder, "volume", volume_id)


@pytest.mark.parametrize(
    ("noun", "wanted"),
    [
        ("volume", {"attachments", "snapshot_id"}),
        ("snapshot", {"volume_id"}),
    ],
)
def test_lists_have_what_a_mark_is_told_by(cloud, noun, wanted, snapshot_id, volume_id):
    """The name, the metadata and the date, for administrators and for others."""
    for user in (cloud.admin, cloud.member):
        seen = content(user.cinder.get(f"/{noun}s/detail"))

        common = {"id", "name", "metadata", "created_at", "size", "status"}
        assert {volume_id, snapshot_id} & {each["id"] for each in seen}
        assert all(common | wanted <= each.keys() for each in seen)


def test_a_volume_remembers_the_snapshot_it_was_made_from(cloud):
    """Though that is gone: it tells a copy from a volume that was restored into."""
    asked = {"volume_id": cloud.data_id, "force": True, "name": CALLED}
    snapshot_id = made(cloud.cinder, "snapshot", **asked)
    volume_id = made(cloud.cinder, "volume", snapshot_id=snapshot_id, size=1)

    removed(cloud.cinder, "snapshot", snapshot_id)
    seen = content(cloud.cinder.get(f"/volumes/{volume_id}"))
    removed(cloud.cinder, "volume", volume_id)

    assert seen["snapshot_id"] == snapshot_id


def test_a_server_is_listed_with_its_mark_and_deleted(cloud, bootable_id):
    """Its volume stays, unless the server was told to take it along."""
    flavor = content(cloud.nova.get("/flavors"))[0]["id"]
    disk = {
        "boot_index": 0,
        "uuid": bootable_id,
        "source_type": "volume",
        "destination_type": "volume",
        "delete_on_termination": False,
    }
    asked = {
        "name": CALLED,
        "flavorRef": flavor,
        "networks": "none",
        "metadata": MARK,
        "block_device_mapping_v2": [disk],
    }
    server = content(cloud.nova.post("/servers", json={"server": asked}))
    path = f"/servers/{server['id']}"
    assert follow(cloud.nova, path, "ACTIVE")[-1] == "ACTIVE"

    for user in (cloud.admin, cloud.member):
        listed = content(user.nova.get("/servers/detail"))
        (seen,) = (each for each in listed if each["id"] == server["id"])
        volumes = seen["os-extended-volumes:volumes_attached"]
        assert (seen["metadata"], seen["created"][-1]) == (MARK, "Z")
        assert volumes == [{"id": bootable_id, "delete_on_termination": False}]

    assert cloud.nova.delete(path).status_code == 204
    assert follow(cloud.nova, path, GONE)[-1] == GONE
    assert content(cloud.cinder.get(f"/volumes/{bootable_id}"))["id"] == bootable_id


def test_deleting_a_server_that_is_not_there(cloud):
    """It was deleted before."""
    answer = cloud.nova.delete(f"/servers/{NOBODY}")

    words = f"Instance {NOBODY} could not be found"
    assert_refused(answer, 404, "itemNotFound", words)


def test_a_port_is_made_with_its_mark_found_and_deleted(cloud, network_id):
    """One request makes it and marks it; an administrator asks for one project's."""
    mark = "vnfdr-key=p:port:1"
    asked = {"port": {"network_id": network_id, "description": mark}}
    port = content(cloud.neutron.post("/v2.0/ports", json=asked))

    query = {"project_id": cloud.project_id}
    listed = content(cloud.neutron.get("/v2.0/ports", params=query))

    (seen,) = (each for each in listed if each["id"] == port["id"])
    assert (seen["description"], seen["device_id"]) == (mark, "")
    assert {each["project_id"] for each in listed} == {cloud.project_id}
    assert {"name", "status", "created_at"} <= seen.keys()
    gone = [cloud.neutron.delete(f"/v2.0/ports/{port['id']}") for _ in range(2)]
    assert [answer.status_code for answer in gone] == [204, 404]
