"""What is restored from a backup, and records that come from elsewhere."""

import base64
import json
from uuid import uuid4

import pytest

from tests.contract.cloud import NOBODY, assert_refused, content, follow, made, removed

SOURCE = {"from": "the source"}


@pytest.fixture(scope="module")
def backup_id(cloud):
    """A full backup of a volume that nothing uses, and that has metadata."""
    source_id = made(cloud.cinder, "volume", size=1, name="source", metadata=SOURCE)
    backup_id = made(cloud.cinder, "backup", volume_id=source_id, name="b-source")
    removed(cloud.cinder, "volume", source_id)
    return backup_id


@pytest.fixture(scope="module")
def targets(cloud):
    """Two blank volumes."""
    asked = {"size": 1, "metadata": {"of": "the target"}}
    return [made(cloud.cinder, "volume", name=n, **asked) for n in ("t1", "t2")]


@pytest.fixture
def restore(cloud):
    """Ask for a restore."""

    def restore(backup_id, volume_id, by=cloud.admin):
        body = {"restore": {"volume_id": volume_id}}
        return by.cinder.post(f"/backups/{backup_id}/restore", json=body)

    return restore


@pytest.fixture(scope="module")
def restored(cloud, backup_id, targets):
    """The answer to a restore, what was refused meanwhile, and how it ended.

    What takes long is done once.
    """
    first, second = ({"restore": {"volume_id": each}} for each in targets)
    path = f"/backups/{backup_id}/restore"
    answer = cloud.cinder.post(path, json=first)
    seen = {
        "statuses": [
            content(cloud.cinder.get(f"/volumes/{targets[0]}"))["status"],
            content(cloud.cinder.get(f"/backups/{backup_id}"))["status"],
        ],
        "again": cloud.cinder.post(path, json=second),
        "delete": cloud.cinder.delete(f"/volumes/{targets[0]}"),
    }
    follow(cloud.cinder, f"/volumes/{targets[0]}", "available")
    follow(cloud.cinder, f"/backups/{backup_id}", "available")
    return {"answer": answer, **seen}


@pytest.fixture
def alien(cloud, backup_id):
    """Import the record of another backup, which differs from the one there is."""

    def alien(**other):
        record = content(cloud.cinder.get(f"/backups/{backup_id}/export_record"))
        row = json.loads(base64.b64decode(record["backup_url"]))
        row |= {"id": str(uuid4()), **other}
        url = base64.b64encode(json.dumps(row).encode()).decode()
        body = {"backup-record": {**record, "backup_url": url}}
        answer = cloud.cinder.post("/backups/import_record", json=body)
        assert answer.status_code == 201, answer.text
        path = f"/backups/{row['id']}"
        assert follow(cloud.cinder, path, "available")[-1] == "available"
        return row["id"]

    return alien


def test_a_restore_is_accepted_and_seen(restored, backup_id, targets):
    """Both the volume and the backup say that they are busy with it."""
    assert restored["answer"].status_code == 202
    told = content(restored["answer"])
    assert told == {
        "backup_id": backup_id,
        "volume_id": targets[0],
        "volume_name": "t1",
    }
    assert restored["statuses"] == ["restoring-backup", "restoring"]


def test_a_backup_is_restored_once_at_a_time(restored):
    """Whoever comes second is refused; and the volume is not deleted meanwhile."""
    words = "^Invalid backup: Backup status must be available"
    assert_refused(restored["again"], 400, "badRequest", words)
    words = "^Invalid volume: Volume status must be available or error"
    assert_refused(restored["delete"], 400, "badRequest", words)


def test_a_restored_volume_has_the_metadata_of_the_source(cloud, restored, targets):
    """Its own are gone; its name stays; it says which backup it is from."""
    volume = content(cloud.cinder.get(f"/volumes/{targets[0]}"))

    backup_id = content(restored["answer"])["backup_id"]
    assert volume["metadata"] == {**SOURCE, "src_backup_id": backup_id}
    assert (volume["name"], volume["status"]) == ("t1", "available")
    assert volume["bootable"] == "false"


def test_a_volume_in_use_is_not_restored_into(cloud, restored, restore, backup_id):
    """It would change under a server."""
    answer = restore(backup_id, cloud.data_id)

    words = "^Invalid volume: Volume to be restored to must be available"
    assert_refused(answer, 400, "badRequest", words)


def test_a_volume_that_is_too_small_is_not_restored_into(alien, restore, targets):
    """Both sizes are told."""
    big = alien(size=2)

    answer = restore(big, targets[1])

    words = "volume size 1 is too small to restore backup of size 2"
    assert_refused(answer, 400, "badRequest", words)


def test_an_increment_is_imported_without_what_it_builds_on(
    cloud, alien, restore, targets
):
    """It is available, and fails when it is restored; the volume can be deleted."""
    orphan = alien(parent_id=NOBODY)

    answer = restore(orphan, targets[1])
    statuses = follow(cloud.cinder, f"/volumes/{targets[1]}", "error_restoring")

    assert (answer.status_code, statuses[-1]) == (202, "error_restoring")
    assert follow(cloud.cinder, f"/backups/{orphan}", "available")[-1] == "available"
    backup = content(cloud.cinder.get(f"/backups/{orphan}"))
    assert (backup["fail_reason"], backup["is_incremental"]) == (None, True)
    removed(cloud.cinder, "volume", targets[1])


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("backup", f"Backup {NOBODY} could not be found"),
        ("volume", f"Volume {NOBODY} could not be found"),
    ],
)
def test_a_restore_of_or_into_nothing(restored, restore, backup_id, place, words):
    """Cinder says what it looked for."""
    ids = {"backup": (NOBODY, NOBODY), "volume": (backup_id, NOBODY)}

    assert_refused(restore(*ids[place]), 404, "itemNotFound", words)
