"""Backups on the wire, where cinderclient is the one that asks."""

import json

import pytest
from responses.matchers import query_param_matcher

from vnfdr.cloud import BackupRequest
from vnfdr.errors import (
    CloudError,
    Conflict,
    Forbidden,
    Gone,
    QuotaExceeded,
    Retryable,
    Unsupported,
    WaitedTooLong,
)
from vnfdr.model import Backup, BackupRecord
from vnfdr.steps import ImportRecord
from vnfdr.world import World

INCREMENT = BackupRequest("p1:a", "v1", "s1", incremental=True, metadata={"k": "v"})
WHOLE = BackupRequest("p1:a", "v2", "", incremental=False, metadata={})


def seen(status="available", backup_id="b1", **more):
    """What Cinder says of a backup."""
    return {
        "id": backup_id,
        "volume_id": "v1",
        "status": status,
        "is_incremental": True,
        "data_timestamp": "2026-01-02T00:00:00",
        "size": 3,
        "fail_reason": None,
        "metadata": {"vnfdr-key": "p1:a"},
        **more,
    }


def made(backup):
    """What Cinder answers to a creation."""
    return {"backup": {"id": backup["id"], "name": "p1:a", "links": []}}


def test_an_increment_is_asked_for_as_one(site, cinder):
    """Of the original volume, as of its snapshot, under the step's key."""
    cinder.post("/backups", json=made(seen()), status=202)
    for status in ("creating", "available"):
        cinder.get("/backups/b1", json={"backup": seen(status)})

    backup_id = site.backups.create(INCREMENT, timeout_seconds=60)

    assert backup_id == "b1"
    request = cinder.requests("POST")[0]
    sent = json.loads(request.body)["backup"]
    assert (sent["volume_id"], sent["snapshot_id"]) == ("v1", "s1")
    assert (sent["incremental"], sent["force"]) == (True, False)
    assert (sent["name"], sent["metadata"]) == ("p1:a", {"k": "v", "vnfdr-key": "p1:a"})
    assert request.headers["OpenStack-API-Version"] == "volume 3.64"
    assert request.headers["User-Agent"].startswith("vnfdr/")


def test_a_volume_is_backed_up_whole(site, cinder):
    """Without a snapshot it is the volume as it is, and all of it."""
    cinder.post("/backups", json=made(seen()), status=202)
    cinder.get("/backups/b1", json={"backup": seen(is_incremental=False)})

    site.backups.create(WHOLE, timeout_seconds=60)

    sent = json.loads(cinder.requests("POST")[0].body)["backup"]
    assert (sent["volume_id"], sent["snapshot_id"]) == ("v2", None)
    assert sent["incremental"] is False


def test_an_increment_never_turns_into_a_full_backup_silently(site, cinder):
    """A driver that cannot, and says nothing, is found out."""
    cinder.post("/backups", json=made(seen()), status=202)
    cinder.get("/backups/b1", json={"backup": seen(is_incremental=False)})

    with pytest.raises(Unsupported, match="is a full one, although an increment was"):
        site.backups.create(INCREMENT, timeout_seconds=60)


def test_an_increment_of_nothing_is_planned_again(site, cinder):
    """When the chain is gone, the error says that the next backup must be full."""
    message = "Invalid backup: No backups available to do an incremental backup."
    cinder.refuse("POST", "/backups", 400, message)

    with pytest.raises(Conflict, match="plan again: the next one must be full"):
        site.backups.create(INCREMENT, timeout_seconds=60)


def test_another_conflict_is_told_as_it_is(site, cinder):
    """One backup of a snapshot at a time, Cinder says."""
    message = "Invalid snapshot: the current status is 'backing-up'."
    cinder.refuse("POST", "/backups", 400, message)

    with pytest.raises(Conflict, match="the current status is 'backing-up'"):
        site.backups.create(INCREMENT, timeout_seconds=60)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, Forbidden),
        (403, Forbidden),
        (404, Gone),
        (413, QuotaExceeded),
        (418, CloudError),
        (429, Retryable),
        (501, Unsupported),
    ],
)
def test_refusals_to_cinderclient_are_told_like_all_others(site, cinder, status, kind):
    """One table for both libraries."""
    cinder.refuse("POST", "/backups", status, "Not so")

    with pytest.raises(CloudError) as refusal:
        site.backups.create(INCREMENT, timeout_seconds=60)

    assert type(refusal.value) is kind
    assert str(refusal.value).startswith("cannot back up volume 'v1': Not so")
    assert refusal.value.request_id.startswith("req-")


def test_a_backup_that_failed_says_why(site, cinder):
    """The reason is Cinder's own."""
    cinder.post("/backups", json=made(seen()), status=202)
    failed = seen("error", fail_reason="rados module required")
    cinder.get("/backups/b1", json={"backup": failed})

    with pytest.raises(CloudError, match=r"'b1' .* 'error': rados module required"):
        site.backups.create(INCREMENT, timeout_seconds=60)


def test_a_backup_has_the_time_it_is_given(site, cinder, clock):
    """A backup service that hangs is given up when its time is over."""
    cinder.post("/backups", json=made(seen()), status=202)
    cinder.get("/backups/b1", json={"backup": seen("creating")})

    with pytest.raises(WaitedTooLong, match="backup 'b1' available: not within 600"):
        site.backups.create(INCREMENT, timeout_seconds=600)

    assert 600 <= clock.slept < 620


def test_a_backup_that_was_found_is_waited_for(site, cinder):
    """A backup whose maker died goes on by itself."""
    for status in ("creating", "available"):
        cinder.get("/backups/b1", json={"backup": seen(status)})

    site.backups.wait("b1", timeout_seconds=60)

    assert len(cinder.requests("GET")) == 2


def test_backups_are_in_the_order_of_their_data(site, cinder):
    """The chain is in the order of what was backed up, not of when."""
    listed = [
        seen(backup_id="late", data_timestamp="2026-01-03T00:00:00"),
        seen(backup_id="new", data_timestamp=None, status="creating"),
        seen(backup_id="early", data_timestamp="2026-01-01T00:00:00", metadata=None),
        seen(backup_id="other", volume_id="v2"),
    ]
    match = [query_param_matcher({"volume_id": "v1"})]
    cinder.get("/backups/detail", json={"backups": listed}, match=match)

    found = site.backups.of_volume("v1")

    assert [backup.id for backup in found] == ["new", "early", "late"]
    assert found[1] == Backup(
        id="early",
        volume_id="v1",
        status="available",
        incremental=True,
        data_timestamp="2026-01-01T00:00:00",
        size_gib=3,
    )


def test_of_two_backups_of_one_second_the_newer_is_the_newer(site, cinder):
    """Cinder's times are whole seconds, and its lists begin with the newest."""
    listed = [seen(backup_id=backup_id) for backup_id in ("third", "second", "first")]
    cinder.get("/backups/detail", json={"backups": listed})

    found = site.backups.of_volume("v1")

    assert [backup.id for backup in found] == ["first", "second", "third"]


@pytest.mark.parametrize("tag", ["p1:a", "it's\n[b]a/b[/b] & c", "日本", " p1 "])
def test_a_backup_is_found_by_its_key(site, cinder, tag):
    """Cinder can only look by name; the metadata decides."""
    impostor = seen(backup_id="b0", metadata={})
    mine = seen(metadata={"vnfdr-key": tag})
    match = [query_param_matcher({"name": tag.strip()})]
    cinder.get("/backups/detail", json={"backups": [impostor, mine]}, match=match)

    found = site.backups.find(tag)

    assert (found.id, found.tag) == ("b1", tag)


def test_all_pages_of_backups_are_read(site, cinder):
    """A long history is a whole history."""
    link = {"rel": "next", "href": "http://elsewhere/v3/x?volume_id=v1&marker=b1"}
    first = {"backups": [seen()], "backups_links": [link]}
    for page, query in (
        (first, {"volume_id": "v1"}),
        ({"backups": [seen(backup_id="b2")]}, {"volume_id": "v1", "marker": "b1"}),
    ):
        match = [query_param_matcher(query)]
        cinder.get("/backups/detail", json=page, match=match)

    assert len(site.backups.of_volume("v1")) == 2


NOTHING = "00000000-0000-0000-0000-000000000000"
RECORD = BackupRecord("b1", "v1", "", 3, "", "cinder.backup.drivers.s3", "e30=")


def unread(status, **more):
    """What Cinder says of a backup whose record no driver has read."""
    return seen(status, volume_id=NOTHING, size=None, data_timestamp=None, **more)


def test_a_record_that_is_being_read_is_waited_for(site, cinder):
    """Until then Cinder says of which volume it is in zeros."""
    for row in (unread("creating"), unread("creating"), unread("creating"), seen()):
        cinder.get("/backups/b1", json={"backup": row})
    step, world = ImportRecord("r1", RECORD, "db"), World(site)

    found = step.find(world)
    step.adopt(world, found)

    assert found.id == "b1"
    assert cinder.requests("POST") == []


def test_a_record_that_is_being_read_may_be_imported(site, cinder):
    """Another run has begun it: that is no other backup."""
    cinder.get("/backups/b1", json={"backup": unread("creating")})

    assert tuple(ImportRecord("r1", RECORD, "db").check(World(site))) == ()


def test_a_record_that_no_driver_could_read_says_why(site, cinder):
    """It is not another backup, and it is not to be deleted for one."""
    cinder.refuse("GET", "/backups/b1", 404, "Backup b1 could not be found.")
    cinder.post("/backups/import_record", json=made(seen()), status=201)
    failed = unread("error", fail_reason="cannot find backup service s3")
    for row in (unread("creating"), failed):
        cinder.get("/backups/b1", json={"backup": row})

    with pytest.raises(CloudError, match="cannot find backup service s3") as told:
        site.backups.take_in(RECORD)

    assert "to delete it could delete the other site's data" in str(told.value)
    (problem,) = ImportRecord("r1", RECORD, "db").check(World(site))
    assert "cannot find backup service s3" in problem
    assert "do not delete it" in problem


def test_another_backup_of_that_id_is_not_taken_for_it(site, cinder):
    """Once it was read, it says of which volume it is."""
    cinder.get("/backups/b1", json={"backup": seen(volume_id="v9")})

    with pytest.raises(Conflict, match="is another one, of volume 'v9'"):
        site.backups.take_in(RECORD)

    (problem,) = ImportRecord("r1", RECORD, "db").check(World(site))
    assert "is known here already, and is another: of volume v9" in problem


def test_deleting_a_backup_waits_for_what_works_on_it(site, cinder):
    """A backup that is still being made is deleted once it is made."""
    for status in ("creating", "available"):
        cinder.get("/backups/b1", json={"backup": seen(status)})
    cinder.delete("/backups/b1")
    cinder.get("/backups/b1", json={"backup": seen("deleting")})
    cinder.refuse("GET", "/backups/b1", 404, "Backup b1 could not be found.")

    site.backups.delete("b1")

    assert len(cinder.requests("DELETE")) == 1


def test_a_backup_that_others_build_on_is_not_deleted(site, cinder):
    """A chain is deleted from its end."""
    cinder.get("/backups/b1", json={"backup": seen()})
    message = "Invalid backup: Incremental backups exist for this backup."
    cinder.refuse("DELETE", "/backups/b1", 400, message)
    cinder.get("/backups/b1", json={"backup": seen()})

    with pytest.raises(Conflict, match="Incremental backups exist"):
        site.backups.delete("b1")
