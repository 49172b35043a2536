"""Cinder's backups: full ones and increments, and their records for another site."""

import base64
import json
import re

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
from vnfdr.retry import wait_until

SHORT = {"id", "links", "name"}
OLD = SHORT | {
    *("availability_zone", "container", "created_at", "data_timestamp", "description"),
    *("fail_reason", "has_dependent_backups", "is_incremental", "object_count", "size"),
    *("snapshot_id", "status", "updated_at", "volume_id"),
}
EVERYBODY = OLD | {"metadata"}
ADMINISTRATORS = {"os-backup-project-attr:project_id", "user_id"}
LONG = "x" * 256


@pytest.fixture
def create(cloud, snapshot_id):
    """Ask for a backup of the snapshot, unless something else is said."""

    def create(version=CINDER, **asked):
        asked = {"volume_id": cloud.root_id, "snapshot_id": snapshot_id, **asked}
        body = {"backup": {k: v for k, v in asked.items() if v is not None}}
        return cloud.cinder.post("/backups", json=body, microversion=version)

    return create


@pytest.fixture(scope="module")
def full(cloud, snapshot_id):
    """The answer to a request for a full backup, what was refused meanwhile, its end.

    What takes long is done once.
    """
    asked = {"volume_id": cloud.root_id, "snapshot_id": snapshot_id}
    wanted = {"backup": {**asked, "name": " b1 ", "metadata": {"p": EURO}}}
    no_parent = {"backup": {**asked, "incremental": True}}
    early = cloud.cinder.post("/backups", json=no_parent)
    answer = cloud.cinder.post("/backups", json=wanted)
    path = f"/backups/{content(answer)['id']}"
    seen = {
        "snapshot": cloud.cinder.get(f"/snapshots/{snapshot_id}"),
        "again": cloud.cinder.post("/backups", json=wanted),
        "delete snapshot": cloud.cinder.delete(f"/snapshots/{snapshot_id}"),
        "delete": cloud.cinder.delete(path),
        "export": cloud.cinder.get(f"{path}/export_record"),
    }
    statuses = follow(cloud.cinder, path, "available")
    return {"early": early, "answer": answer, "statuses": statuses, **seen}


@pytest.fixture(scope="module")
def full_id(full):
    """The full backup."""
    return content(full["answer"])["id"]


@pytest.fixture(scope="module")
def increment_id(cloud, full_id):
    """An increment on it, of a snapshot that is a second newer at least."""
    wanted = {"volume_id": cloud.root_id, "force": True}
    later = made(cloud.cinder, "snapshot", **wanted, name="s1 later")
    asked = {"volume_id": cloud.root_id, "snapshot_id": later, "incremental": True}
    return made(cloud.cinder, "backup", **asked, name="b2")


def test_a_backup_is_made(cloud, full, full_id):
    """It is accepted at once, and available later."""
    backup = content(cloud.cinder.get(f"/backups/{full_id}"))

    assert full["answer"].status_code == 202
    assert content(full["answer"]).keys() == SHORT
    assert full["statuses"] in (["creating", "available"], ["available"])
    assert (backup["name"], backup["metadata"]) == ("b1", {"p": EURO})
    assert (backup["is_incremental"], backup["fail_reason"]) == (False, None)
    assert (backup["volume_id"], backup["size"]) == (cloud.root_id, 1)
    assert re.fullmatch(f"../../{full_id}", backup["container"])


def test_a_backup_is_as_old_as_its_snapshot(cloud, full_id, snapshot_id):
    """That, and not when it was made, says what is in it."""
    backup = content(cloud.cinder.get(f"/backups/{full_id}"))
    snapshot = content(cloud.cinder.get(f"/snapshots/{snapshot_id}"))

    assert backup["snapshot_id"] == snapshot_id
    assert backup["data_timestamp"] == snapshot["created_at"]
    assert backup["data_timestamp"].endswith(".000000")


def test_what_one_may_see_of_a_backup(cloud, full_id):
    """Administrators see whose it is; an old microversion has no metadata."""
    path = f"/backups/{full_id}"
    versions = {"admin": ADMINISTRATORS, "member": set()}
    for who, more in versions.items():
        service = getattr(cloud, who).cinder

        assert content(service.get(path)).keys() == EVERYBODY | more
        assert content(service.get(path, microversion="3.0")).keys() == OLD


def test_while_it_is_saved_a_snapshot_is_busy(full):
    """It is neither saved twice nor deleted, and its volume goes on as it was."""
    words = 'Snapshot to be backed up must be available, .* is "backing-up"'
    assert content(full["snapshot"])["status"] == "backing-up"
    assert_refused(full["again"], 400, "badRequest", words)
    words = "^Invalid snapshot: Snapshot status must be available or error and must"
    assert_refused(full["delete snapshot"], 400, "badRequest", words)


def test_while_it_is_made_a_backup_is_busy(full):
    """It is neither deleted nor exported."""
    words = "^Invalid backup: Backup status must be available or error"
    assert_refused(full["delete"], 400, "badRequest", words)
    words = "^Invalid backup: Backup status must be available and not creating"
    assert_refused(full["export"], 400, "badRequest", words)


def test_afterwards_the_snapshot_is_as_before(cloud, full, snapshot_id):
    """And so is its volume, which did not take part."""
    assert full["statuses"][-1] == "available"
    statuses = [
        content(cloud.cinder.get(path))["status"]
        for path in (f"/snapshots/{snapshot_id}", f"/volumes/{cloud.root_id}")
    ]
    assert statuses == ["available", "in-use"]


def test_without_a_full_backup_there_is_no_increment(full):
    """By these words vnfdr knows that it has to begin anew."""
    words = "No backups available to do an incremental backup"
    assert_refused(full["early"], 400, "badRequest", words)


def depended_on(cloud, backup_id, wanted):
    """Return a backup that says whether others build on it; they are there before."""

    def look():
        backup = content(cloud.cinder.get(f"/backups/{backup_id}"))
        return backup if backup["has_dependent_backups"] is wanted else None

    return wait_until(look, what=f"dependents: {wanted}", seconds_max=60.0)


def test_an_increment_holds_its_parent(cloud, full_id, increment_id):
    """The parent says so, and cannot be deleted."""
    increment = content(cloud.cinder.get(f"/backups/{increment_id}"))
    parent = depended_on(cloud, full_id, True)
    refused = cloud.cinder.delete(f"/backups/{full_id}")

    assert increment["is_incremental"] is True
    assert increment["data_timestamp"] > parent["data_timestamp"]
    words = "^Invalid backup: Incremental backups exist for this backup"
    assert_refused(refused, 400, "badRequest", words)


def test_backups_are_found_by_volume_and_by_name(cloud, full_id, increment_id):
    """The newest first; the name in any case."""
    for user in (cloud.admin, cloud.member):
        service, query = user.cinder, {"volume_id": cloud.root_id}
        of_volume = content(service.get("/backups/detail", params=query))
        named = content(service.get("/backups", params={**query, "name": "B1"}))

        assert [b["id"] for b in of_volume] == [increment_id, full_id]
        assert [b["id"] for b in named] == [full_id]
        assert all(b.keys() == SHORT for b in named)


def test_members_may_not_look_for_metadata(cloud):
    """Backups have some, and cannot be found by it."""
    refused = cloud.member.cinder.get("/backups", params={"metadata": "{'p': ''}"})

    words = "Invalid filters metadata are found in query options"
    assert_refused(refused, 400, "badRequest", words)


def test_the_record_of_a_backup_is_exported(cloud, full_id):
    """It is a driver's name, and opaque; members do not get it."""
    path = f"/backups/{full_id}/export_record"

    record = content(cloud.cinder.get(path))
    refused = cloud.member.cinder.get(path)

    assert record.keys() == {"backup_service", "backup_url"}
    assert record["backup_service"].startswith("cinder.backup.drivers.")
    words = "Policy doesn't allow backup:export-import to be performed"
    assert_refused(refused, 403, "forbidden", words)


def test_a_record_says_what_its_backup_builds_on(cloud, full_id, increment_id):
    """It is a row of Cinder's database, and has nothing of the volume's metadata."""
    rows = []
    for backup_id in (full_id, increment_id):
        record = content(cloud.cinder.get(f"/backups/{backup_id}/export_record"))
        rows.append(json.loads(base64.b64decode(record["backup_url"])))

    assert [row["id"] for row in rows] == [full_id, increment_id]
    assert [row["parent_id"] for row in rows] == [None, full_id]
    assert {"size", "volume_id", "data_timestamp", "display_name"} <= rows[0].keys()
    assert not any("source" in name for name in rows[0])


def test_a_record_is_not_imported_where_it_is_from(cloud, full_id):
    """The backup is there already; and members import nothing."""
    record = cloud.cinder.get(f"/backups/{full_id}/export_record").json()

    again = cloud.cinder.post("/backups/import_record", json=record)
    refused = cloud.member.cinder.post("/backups/import_record", json=record)

    words = "^Invalid backup: Backup already exists in database"
    assert_refused(again, 400, "badRequest", words)
    words = "Policy doesn't allow backup:backup-import to be performed"
    assert_refused(refused, 403, "forbidden", words)


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({}, "'backup_service' is a required property"),
        ({"backup_service": "x", "backup_url": "!!notbase64"}, "is not a 'base64'"),
        ({"backup_service": "x", "backup_url": "eA=="}, "Can't parse backup record"),
        ({"backup_service": "x", "backup_url": "e30="}, "record is missing an id"),
    ],
    ids=["empty", "not base64", "not JSON", "no id"],
)
def test_what_is_no_record_is_not_imported(cloud, record, words):
    """Cinder says how far it came."""
    body = {"backup-record": record}

    answer = cloud.cinder.post("/backups/import_record", json=body)

    assert_refused(answer, 400, "badRequest", words)


def test_a_backup_is_deleted(cloud, increment_id, full_id):
    """Once is enough; then its parent is free again."""
    path = f"/backups/{increment_id}"

    deleted = cloud.cinder.delete(path)
    ending = follow(cloud.cinder, path, GONE)

    assert deleted.status_code == 202
    assert ending in (["deleting", GONE], [GONE])
    depended_on(cloud, full_id, False)
    words = f"Backup {increment_id} could not be found"
    assert_refused(cloud.cinder.delete(path), 404, "itemNotFound", words)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"volume_id": "nonsense"}, "'nonsense' is not a 'uuid'"),
        ({"nonsense": 1}, "'nonsense' was unexpected"),
        ({"incremental": "perhaps"}, "attribute incremental. .* is not one of"),
        ({"name": LONG}, "attribute name. .* is too long"),
        ({"metadata": {"k": LONG}}, "attribute k. .* is too long"),
        ({"metadata": {"k": 1}}, "Value: 1. 1 is not of type 'string'"),
        ({"snapshot_id": None}, "Backing up an in-use volume must use the force flag"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_wrong_backup_is_refused(create, asked, words):
    """Cinder says which field is wrong, and why."""
    assert_refused(create(**asked), 400, "badRequest", words)


def test_a_backup_of_another_volumes_snapshot_is_refused(cloud, create):
    """Both are named."""
    words = rf"^Invalid volume: Volume {cloud.data_id} does not match with snapshot"
    assert_refused(create(volume_id=cloud.data_id), 400, "badRequest", words)


def test_backups_have_no_metadata_before_3_43(create):
    """It is refused, not dropped."""
    answer = create("3.42", metadata={"p": "v"})

    assert_refused(answer, 400, "badRequest", "'metadata' was unexpected")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"volume_id": NOBODY}, f"Volume {NOBODY} could not be found"),
        ({"snapshot_id": NOBODY}, f"Snapshot {NOBODY} could not be found"),
    ],
)
def test_what_is_not_there_is_not_saved(create, asked, words):
    """Cinder says what it looked for."""
    assert_refused(create(**asked), 404, "itemNotFound", words)


@pytest.mark.parametrize("path", ["", "/export_record"])
def test_a_backup_that_is_not_there_is_not_found(cloud, path):
    """Whatever one wants of it."""
    answer = cloud.cinder.get(f"/backups/{NOBODY}{path}")

    assert_refused(answer, 404, "itemNotFound", f"Backup {NOBODY} could not be found")
