"""Cinder's volumes: what is seen of them, and how they come and go."""

import re

import pytest

from tests.contract.cloud import (
    GONE,
    NOBODY,
    assert_refused,
    content,
    follow,
    made,
)
from tests.contract.conftest import EURO

EVERYBODY = {
    *("attachments", "availability_zone", "bootable", "consistencygroup_id"),
    *("created_at", "description", "encrypted", "group_id", "id", "links", "metadata"),
    *("multiattach", "name", "os-vol-tenant-attr:tenant_id", "replication_status"),
    *("service_uuid", "shared_targets", "size", "snapshot_id", "source_volid"),
    *("status", "updated_at", "user_id", "volume_type", "volume_type_id"),
}
ADMINISTRATORS = {
    *("cluster_name", "migration_status", "os-vol-host-attr:host"),
    *("os-vol-mig-status-attr:migstat", "os-vol-mig-status-attr:name_id"),
    "provider_id",
}
LONG = "x" * 256


@pytest.fixture
def create(cloud):
    """Ask for a volume."""
    return lambda **asked: cloud.cinder.post("/volumes", json={"volume": asked})


def test_an_administrator_sees_where_a_volume_is(cloud):
    """Cinder's host is there, and Nova's, for a volume in use."""
    seen = content(cloud.cinder.get(f"/volumes/{cloud.root_id}"))

    (attachment,) = seen["attachments"]
    assert seen.keys() == EVERYBODY | ADMINISTRATORS
    assert re.fullmatch(".+@.+#.+", seen["os-vol-host-attr:host"])
    assert attachment["host_name"]


def test_a_member_does_not(cloud):
    """But sees the same in everything else."""
    admin = content(cloud.cinder.get(f"/volumes/{cloud.root_id}"))
    member = content(cloud.member.cinder.get(f"/volumes/{cloud.root_id}"))

    assert member.keys() == EVERYBODY
    assert member["attachments"][0]["host_name"] is None
    differs = {"attachments"}
    assert {k: member[k] for k in EVERYBODY - differs} == {
        k: admin[k] for k in EVERYBODY - differs
    }


def test_a_volume_in_use_tells_its_server(cloud):
    """And its device there; only a root volume is bootable, as a word."""
    root = content(cloud.cinder.get(f"/volumes/{cloud.root_id}"))
    data = content(cloud.cinder.get(f"/volumes/{cloud.data_id}"))

    (attachment,) = root["attachments"]
    told = {"attached_at", "attachment_id", "device", "host_name", "id"}
    assert attachment.keys() == told | {"server_id", "volume_id"}
    assert attachment["server_id"] == cloud.server_id
    assert attachment["volume_id"] == attachment["id"] == cloud.root_id
    assert attachment["device"] == "/dev/vda"
    assert [v["status"] for v in (root, data)] == ["in-use", "in-use"]
    assert [v["bootable"] for v in (root, data)] == ["true", "false"]
    assert root["os-vol-tenant-attr:tenant_id"] == cloud.project_id


def test_a_volume_is_made_and_deleted(cloud, create):
    """Each is accepted at once and done later; then it is not there any more."""
    answer = create(size=1, name=" v2 ", metadata={"p": EURO})
    new = content(answer)
    path = f"/volumes/{new['id']}"
    making = follow(cloud.cinder, path, "available")
    whole = content(cloud.cinder.get(path))
    deleted = cloud.cinder.delete(path)
    ending = follow(cloud.cinder, path, GONE)

    assert (answer.status_code, deleted.status_code) == (202, 202)
    assert (new["status"], new["updated_at"]) == ("creating", None)
    assert not any(key.startswith("os-vol-") for key in new)
    assert (new["name"], new["metadata"]) == ("v2", {"p": EURO})
    assert making in (["creating", "available"], ["available"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000000", whole["created_at"])
    assert ending in (["deleting", GONE], [GONE])
    assert_refused(cloud.cinder.get(path), 404, "itemNotFound", "could not be found")


def test_a_volume_from_a_snapshot_is_like_its_source(cloud, snapshot_id):
    """It has its size, its type and whether it boots, but none of its metadata."""
    copy_id = made(cloud.cinder, "volume", snapshot_id=snapshot_id, name="copy")

    copy = content(cloud.cinder.get(f"/volumes/{copy_id}"))
    source = content(cloud.cinder.get(f"/volumes/{cloud.root_id}"))
    same = ("size", "volume_type", "bootable")
    assert [copy[key] for key in same] == [source[key] for key in same]
    assert (copy["snapshot_id"], copy["metadata"]) == (snapshot_id, {})


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"size": 0}, "attribute size. Value: 0. 0 is less than the minimum of 1"),
        ({"size": "big"}, r"attribute size. Value: big. 'big' does not match"),
        ({"size": 1, "nonsense": 1}, r"'nonsense' was unexpected"),
        ({"size": 1, "name": LONG}, "name has 256 characters, more than 255"),
        ({"snapshot_id": "nonsense"}, "snapshot_id. Value: nonsense."),
        ({"size": 1, "metadata": "nonsense"}, "is not of type 'object', 'null'"),
        ({"size": 1, "metadata": {"k": 1}}, "Value: 1. 1 is not of type 'string'"),
        ({"size": 1, "metadata": {"k": LONG}}, "attribute k. .* is too long"),
        ({"size": 1, "metadata": {LONG: "v"}}, "does not match any of the regexes"),
        ({"size": 1, "metadata": {"": "v"}}, "does not match any of the regexes"),
        ({"size": 1, "metadata": {"a\u20ac": "v"}}, "does not match any of the"),
    ],
)
def test_a_wrong_volume_is_refused(create, asked, words):
    """Cinder says which field is wrong, and why."""
    assert_refused(create(**asked), 400, "badRequest", words)


def test_a_request_for_nothing_is_refused(cloud):
    """What must be there is named."""
    answer = cloud.cinder.post("/volumes", json={})

    assert_refused(answer, 400, "badRequest", "'volume' is a required property")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"snapshot_id": NOBODY}, f"Snapshot {NOBODY} could not be found"),
        ({"size": 1, "volume_type": "nonsense"}, "Volume type with name nonsense"),
    ],
)
def test_a_volume_of_what_is_not_there_is_not_made(create, asked, words):
    """Cinder says what it looked for."""
    assert_refused(create(**asked), 404, "itemNotFound", words)


@pytest.mark.parametrize("asked", [{"name": "\U0001f600"}, {"metadata": {"k": "𝄞"}}])
def test_characters_of_four_bytes_are_too_much(cloud, create, asked):
    """They do not fit into the database, and nobody looked before; nothing is made."""
    before = content(cloud.cinder.get("/volumes"))

    answer = create(size=1, **asked)

    assert_refused(answer, 500, "computeFault", "erred or is incapable of performing")
    assert content(cloud.cinder.get("/volumes")) == before


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_volume_that_is_not_there_is_not_found(cloud, method):
    """Whatever one wants of it."""
    body = {"json": {"volume": {"name": "x"}}} if method == "PUT" else {}

    answer = cloud.cinder.request(f"/volumes/{NOBODY}", method, **body)

    assert_refused(answer, 404, "itemNotFound", f"Volume {NOBODY} could not be found")


def test_a_volume_in_use_is_not_deleted(cloud):
    """Cinder says what all could be the reason."""
    answer = cloud.cinder.delete(f"/volumes/{cloud.root_id}")

    words = "^Invalid volume: Volume status must be available or error .*attached"
    assert_refused(answer, 400, "badRequest", words)


def test_a_volume_with_a_snapshot_is_not_deleted(cloud, volume_id):
    """It says the same."""
    made(cloud.cinder, "snapshot", volume_id=volume_id, name="holds it")

    answer = cloud.cinder.delete(f"/volumes/{volume_id}")

    assert_refused(answer, 400, "badRequest", "must not be .* have snapshots")


def test_a_volume_is_renamed(cloud, volume_id):
    """Spaces around a name are dropped; too long a name is refused."""
    path = f"/volumes/{volume_id}"

    renamed = content(cloud.cinder.put(path, json={"volume": {"name": " v1b "}}))
    long = cloud.cinder.put(path, json={"volume": {"name": LONG}})
    nothing = cloud.cinder.put(path, json={"volume": {}})

    assert renamed["name"] == "v1b"
    assert_refused(long, 400, "badRequest", "name has 256 characters")
    assert_refused(nothing, 400, "badRequest", "under any of the given schemas")
