import pytest
from cinderclient.exceptions import OverLimit
from openstack.exceptions import ForbiddenException

from vnfdr.errors import QuotaExceeded


def test_what_is_used_is_counted(a, cinder, server):
    """Quotas say what there is, also by volume type."""
    told = cinder.quotas.get(a.project_id, usage=True)

    assert told.volumes["in_use"] == 2
    assert told.gigabytes["in_use"] == 2
    assert told.volumes_sandbox == {"limit": -1, "in_use": 2, "reserved": 0}


@pytest.mark.parametrize(
    ("quota", "words"),
    [
        ("snapshots", "Maximum number of snapshots allowed \\(0\\) exceeded"),
        ("gigabytes", "exceeds allowed gigabytes quota. Requested 1G, quota is 0G"),
        ("snapshots_sandbox", "Maximum number of snapshots allowed"),
    ],
)
def test_a_quota_that_is_used_up_refuses(a, site, volume, quota, words):
    """Cinder answers 413, and vnfdr does not ask again."""
    a.quotas[quota] = 0

    with pytest.raises(QuotaExceeded, match=words):
        site.snapshots.request(volume.id, tag="s", metadata={})

    assert a.faults.calls.count("create snapshot") == 1
    assert a.snapshots == {}


def test_backups_count_at_their_full_size(a, cinder, volume, snapshot):
    """An increment, too, needs room for the whole volume."""
    a.quotas["backup_gigabytes"] = 0

    with pytest.raises(OverLimit, match="exceeds allowed Backup gigabytes quota"):
        cinder.backups.create(volume.id, snapshot_id=snapshot.id)


def test_an_administrator_sets_quotas(a, cinder):
    """A limit that was set is the one that counts."""
    cinder.quotas.update(a.project_id, snapshots=7)

    assert a.quotas["snapshots"] == 7
    assert cinder.limits.get().to_dict()["absolute"]["maxTotalSnapshots"] == 7


def test_a_member_sets_none(a, member):
    """Quotas are set by administrators."""
    with pytest.raises(ForbiddenException):
        member.block_storage.update_quota_set(a.project_id, snapshots=7)


def test_services_are_told_to_administrators(connection, member):
    """Which processes are up is not for everybody."""
    up = {s.binary: s.state for s in connection.block_storage.services()}

    assert up["cinder-backup"] == "up"
    with pytest.raises(ForbiddenException, match="Policy doesn't allow"):
        list(member.block_storage.services())
