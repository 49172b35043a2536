"""The fakes keep the promises of a recovery that recipes are tested with."""

import pytest

from tests.fakes import FakeSite, Picture, Violation
from vnfdr.cloud import KEY, BackupRequest, BootVolume, ServerRequest, VolumeRequest
from vnfdr.errors import CloudError, Conflict
from vnfdr.model import VolumeBlueprint

TAG = "r1:volume:v-db-0"


@pytest.fixture
def home():
    """The site that is lost: a volume with a full backup and an increment on it."""
    home = FakeSite()
    home.add_server("db")
    home.pictures["v-db-0"] = Picture("s-db", 7, {})
    for tag, incremental in (("p1", False), ("p2", True)):
        request = BackupRequest(tag, "v-db-0", "", incremental, {})
        home.backups.create(request, timeout_seconds=1.0)
    return home


@pytest.fixture
def records(home):
    return [home.backups.export(backup_id) for backup_id in home.all_backups]


@pytest.fixture
def away(home):
    """The other site, which shares the store of the backups."""
    return FakeSite(name="site-b", vault=home.vault)


@pytest.fixture
def blank(away):
    return away.volumes.create_blank(VolumeRequest(TAG, 1, "", "", {}))


def test_a_server_comes_back_from_an_increment(away, records, blank):
    """It has the bytes, and its volume is found by its name all the while."""
    for record in records:
        away.backups.take_in(record)
    away.backups.restore(records[-1].id, blank, timeout_seconds=1.0)
    assert KEY not in away.metadata[blank]
    assert away.volumes.find(TAG).id == blank

    away.volumes.repair(blank, VolumeBlueprint("v", "root", bootable=True), {KEY: TAG})
    request = ServerRequest("r1:server:1", "db", "f", (BootVolume(blank),))
    server_id = away.servers.create(request)

    assert away.guests[server_id].last >= 7
    assert away.servers.find("r1:server:1").status == "ACTIVE"


def test_an_increment_without_its_parent_is_not_restored(away, records, blank):
    """The volume is good for nothing then, as at a real site."""
    away.backups.take_in(records[-1])

    with pytest.raises(CloudError, match="error_restoring"):
        away.backups.restore(records[-1].id, blank, timeout_seconds=1.0)


def test_a_volume_that_cannot_be_booted_from_boots_nothing(away, blank):
    """A blank volume is no root."""
    request = ServerRequest("r1:server:1", "db", "f", (BootVolume(blank),))

    with pytest.raises(Conflict, match="not bootable"):
        away.servers.create(request)


def test_who_deletes_an_imported_record_is_found_out(away, records):
    """It would delete the other site's data."""
    away.backups.take_in(records[0])
    away.backups.take_in(records[0])

    with pytest.raises(Violation, match="another site's"):
        away.backups.delete(records[0].id)
