import openstack
import pytest
from cinderclient.client import Client
from cinderclient.exceptions import BadRequest, Forbidden


@pytest.fixture
def at_b(sites):
    """python-cinderclient, at the other site."""
    with openstack.connect("site-b") as connection:
        yield Client("3.64", session=connection.session)


@pytest.fixture
def spare(a):
    volume = a.add_volume("spare", None)
    volume.metadata["role"] = "db"
    volume.disk.write(0, b"first" * 20_000)
    return volume


@pytest.fixture
def chain(a, cinder, spare, until):
    """The records of a full backup and of an increment."""
    records = []
    for content in (b"second", b"third!"):
        made = cinder.backups.create(spare.id, incremental=bool(records))
        until(lambda made=made: a.backups[made.id].status == "available")
        records.append(cinder.backups.export_record(made.id))
        spare.disk.write(0, content)
    return records


def take_in(at_b, record):
    return at_b.backups.import_record(record["backup_service"], record["backup_url"])


def restored(b, at_b, until, backup_id):
    """Restore into a new volume, and wait for how that ends."""
    volume = b.add_volume("target", None)
    at_b.restores.restore(backup_id, volume.id)
    until(lambda: volume.status != "restoring-backup")
    return volume


def test_a_chain_comes_back_at_the_other_site(b, at_b, chain, until):
    """What was imported is restored, increments and all, under its old ids."""
    ids = [take_in(at_b, record)["id"] for record in chain]
    until(lambda: b.backups[ids[1]].status == "available")

    volume = restored(b, at_b, until, ids[1])

    assert volume.status == "available"
    assert volume.disk.read(0, 8) == b"secondir"


def test_a_restore_rewrites_the_metadata(b, at_b, chain, until):
    """A restored volume has the metadata of what was backed up, and its origin."""
    backup_id = take_in(at_b, chain[0])["id"]
    until(lambda: b.backups[backup_id].status == "available")

    volume = restored(b, at_b, until, backup_id)

    assert volume.metadata == {"role": "db", "src_backup_id": backup_id}


def test_a_missing_parent_is_noticed_late(b, at_b, chain, until):
    """An increment is imported without its parent, and then cannot be restored."""
    backup_id = take_in(at_b, chain[1])["id"]
    until(lambda: b.backups[backup_id].status == "available")

    volume = restored(b, at_b, until, backup_id)

    assert volume.status == "error_restoring"
    assert b.backups[backup_id].status == "available"


def test_a_record_is_imported_once(at_b, chain):
    """A backup that is known already is refused."""
    take_in(at_b, chain[0])

    with pytest.raises(BadRequest, match="Backup already exists in database"):
        take_in(at_b, chain[0])


def test_deleting_at_b_deletes_the_bytes_of_a(a, b, at_b, cinder, chain, until):
    """Both sites share one store: a record deleted at one is lost for the other."""
    backup_id = take_in(at_b, chain[0])["id"]
    until(lambda: b.backups[backup_id].status == "available")
    at_b.backups.delete(backup_id)
    until(lambda: backup_id not in b.backups)

    volume = restored(a, cinder, until, backup_id)

    assert volume.status == "error_restoring"


def test_a_record_of_another_driver_ends_in_error(b, at_b, chain, until):
    """A site imports only what its own driver can read."""
    made = at_b.backups.import_record("swift", chain[0]["backup_url"])

    until(lambda: b.backups[made["id"]].status == "error")

    assert "Request service swift" in b.backups[made["id"]].fail_reason


def test_a_record_is_base64(at_b):
    """Nonsense is no record."""
    with pytest.raises(BadRequest, match="is not a 'base64'"):
        at_b.backups.import_record("x", "!!notbase64")


def test_only_administrators_export(chain, member, a):
    """A record is for administrators."""
    at_a = Client("3.64", session=member.session)

    with pytest.raises(Forbidden, match="Policy doesn't allow backup:export-import"):
        at_a.backups.export_record(next(iter(a.backups)))
