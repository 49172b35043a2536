"""Cinder's snapshots: how they come and go, and what is refused."""

import pytest

from tests.contract.cloud import (
    CINDER,
    GONE,
    NOBODY,
    assert_refused,
    content,
    follow,
    made,
)
from tests.contract.conftest import EURO

SHORT = {
    *("created_at", "description", "id", "metadata", "name", "size", "status"),
    *("updated_at", "volume_id"),
}
NEW = SHORT | {"group_snapshot_id", "user_id"}
WHOLE = NEW | {
    f"os-extended-snapshot-attributes:{name}" for name in ("progress", "project_id")
}
LONG = "x" * 256


@pytest.fixture
def create(cloud):
    """Ask for a snapshot of the server's first volume, unless of another one."""

    def create(version=CINDER, *, by=cloud.admin, **asked):
        asked = {"volume_id": cloud.root_id, **asked}
        body = {"snapshot": asked}
        return by.cinder.post("/snapshots", json=body, microversion=version)

    return create


@pytest.mark.parametrize("who", ["admin", "member"])
def test_a_snapshot_is_made_and_deleted(cloud, create, who):
    """Of a volume in use, several at a time, by anybody in the project."""
    service = getattr(cloud, who).cinder
    asked = {"force": True, "name": " s2 ", "description": "d", "metadata": {"p": EURO}}

    answer = create(by=getattr(cloud, who), **asked)
    new = content(answer)
    path = f"/snapshots/{new['id']}"
    making = follow(service, path, "available")
    whole = content(service.get(path))
    deleted = service.delete(path)
    ending = follow(service, path, GONE)

    assert (answer.status_code, deleted.status_code) == (202, 202)
    assert (new["status"], new["updated_at"]) == ("creating", None)
    assert (new["name"], new["description"]) == ("s2", "d")
    assert (new["metadata"], new["volume_id"]) == ({"p": EURO}, cloud.root_id)
    assert making in (["creating", "available"], ["available"])
    assert ending in (["deleting", GONE], [GONE])
    assert (new.keys(), whole.keys()) == (NEW, WHOLE)
    assert whole["os-extended-snapshot-attributes:progress"] == "100%"
    assert whole["os-extended-snapshot-attributes:project_id"] == cloud.project_id


@pytest.mark.parametrize(
    ("version", "later"),
    [
        ("3.0", set()),
        ("3.14", {"group_snapshot_id"}),
        ("3.65", {"group_snapshot_id", "user_id", "consumes_quota"}),
    ],
)
def test_a_later_microversion_tells_more(cloud, snapshot_id, version, later):
    """To administrators and members the same."""
    path = f"/snapshots/{snapshot_id}"
    admin, member = (
        content(user.cinder.get(path, microversion=version))
        for user in (cloud.admin, cloud.member)
    )

    assert admin.keys() == member.keys() == (WHOLE - NEW) | SHORT | later


@pytest.mark.parametrize("force", [{}, {"force": False}, {"force": "no"}], ids=str)
def test_a_volume_in_use_wants_force(create, force):
    """Without it Cinder says which status the volume has."""
    words = "^Invalid volume: Volume .* status must be available, but current status"
    assert_refused(create(**force), 400, "badRequest", f"{words} is: in-use")


def test_since_3_66_there_is_no_force(cloud, create):
    """None is needed, and to say no to it is refused."""
    snapshot_id = content(create("3.66", name="no force"))["id"]
    refused = create("3.66", force=False)

    assert follow(cloud.cinder, f"/snapshots/{snapshot_id}", "available")
    words = "Since microversion 3.66 the 'force' flag is invalid for this request."
    assert_refused(refused, 400, "badRequest", words)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"volume_id": "nonsense"}, "attribute volume_id. Value: nonsense."),
        ({"nonsense": 1}, "'nonsense' was unexpected"),
        ({"force": "perhaps"}, "attribute force. Value: perhaps. .* is not one of"),
        ({"name": LONG}, "attribute name. .* is too long"),
        ({"metadata": {"k": LONG}}, "attribute k. .* is too long"),
        ({"metadata": {"k": 1}}, "Value: 1. 1 is not of type 'string'"),
        ({"metadata": {"": "v"}}, "does not match any of the regexes"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_wrong_snapshot_is_refused(create, asked, words):
    """Cinder says which field is wrong, and why."""
    assert_refused(create(**{"force": True, **asked}), 400, "badRequest", words)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "^'snapshot' is a required property"),
        ({"snapshot": {}}, "'volume_id' is a required property"),
    ],
)
def test_a_request_for_nothing_is_refused(cloud, body, words):
    """What must be there is named."""
    answer = cloud.cinder.post("/snapshots", json=body)

    assert_refused(answer, 400, "badRequest", words)


def test_a_volume_that_is_not_there_has_no_snapshot(create):
    """Cinder says that it is the volume which is missing."""
    words = f"Volume {NOBODY} could not be found"
    assert_refused(create(volume_id=NOBODY), 404, "itemNotFound", words)


def test_characters_of_four_bytes_are_too_much(cloud, create, snapshot_id):
    """Neither a new snapshot nor an old one can have them; nothing changes."""
    before, metadata = content(cloud.cinder.get("/snapshots")), {"k": "\U0001f600"}
    path = f"/snapshots/{snapshot_id}/metadata"

    new = create(force=True, metadata=metadata)
    old = cloud.cinder.post(path, json={"metadata": metadata})

    for answer in (new, old):
        assert_refused(answer, 500, "computeFault", "erred or is incapable of")
    assert content(cloud.cinder.get("/snapshots")) == before


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_snapshot_that_is_not_there_is_not_found(cloud, method):
    """Whatever one wants of it."""
    body = {"json": {"snapshot": {"name": "x"}}} if method == "PUT" else {}

    answer = cloud.cinder.request(f"/snapshots/{NOBODY}", method, **body)

    assert_refused(answer, 404, "itemNotFound", f"Snapshot {NOBODY} could not be")


def test_a_snapshot_outlives_the_volume_made_from_it(cloud):
    """And the volume the snapshot: neither waits for the other to go."""
    snapshot_id = made(cloud.cinder, "snapshot", volume_id=cloud.data_id, force=True)
    copy_id = made(cloud.cinder, "volume", snapshot_id=snapshot_id)

    assert cloud.cinder.delete(f"/snapshots/{snapshot_id}").status_code == 202
    assert follow(cloud.cinder, f"/snapshots/{snapshot_id}", GONE)[-1] == GONE
    assert content(cloud.cinder.get(f"/volumes/{copy_id}"))["status"] == "available"
