"""vnfdr's own adapter, every method of it, on the sandbox."""

import pytest

import vnfdr
from vnfdr.cloud import KEY, POINT, BackupRequest
from vnfdr.errors import Conflict, Gone, Unsupported


@pytest.fixture
def request_of(volume, snapshot):
    """A backup of the snapshot."""

    def make(tag="b1", *, incremental=False):
        return BackupRequest(tag, volume.id, snapshot.id, incremental, {POINT: "p"})

    return make


def test_a_server_is_found_by_its_name(site, server):
    """Servers come with their volumes, in device order."""
    (found,) = site.servers.named("db")

    assert found == site.servers.get(server.id)
    assert [a.device for a in found.attachments] == ["/dev/vda", "/dev/vdb"]
    assert site.servers.names() == (f"db ({server.id})",)


def test_a_server_keeps_its_incarnation_until_it_is_rebooted(site, server, until):
    """A pause ends nothing; a reboot does."""
    first = site.servers.get(server.id).incarnation
    site.servers.act(server.id, "pause")
    until(lambda: server.task_state is None)
    site.servers.act(server.id, "unpause")
    until(lambda: server.task_state is None)
    assert site.servers.get(server.id).incarnation == first

    site.connection.compute.reboot_server(server.id, "HARD")
    until(lambda: server.task_state is None)

    assert site.servers.get(server.id).incarnation != first


def test_an_action_says_how_it_went(site, server, until):
    """An action that failed has Nova's reason; one that did not has none."""
    server.can_quiesce = False
    request_id = site.servers.act(server.id, "quiesce")

    result = until(lambda: _finished(site, server, request_id))

    assert "not supported" in result.message
    assert site.servers.action_result(server.id, "req-none") is None


def _finished(site, server, request_id):
    result = site.servers.action_result(server.id, request_id)
    return result if result and result.finished else None


def test_an_unknown_action_is_unsupported(site, server):
    """A cloud without the spec's API says so."""
    with pytest.raises(Unsupported, match="no such action: dance"):
        site.servers.act(server.id, "dance")


def test_what_is_not_there_is_gone(site):
    """Every kind of thing that does not exist is gone."""
    for look in (site.servers.get, site.volumes.get):
        with pytest.raises(Gone):
            look("nope")
    for remove in (site.volumes.delete, site.snapshots.delete, site.backups.delete):
        remove("nope")


def test_a_volume_comes_and_goes(a, site, volume, snapshot):
    """A volume is made of a snapshot, found by its key, and deleted."""
    made = site.volumes.create(
        tag="v1", snapshot_id=snapshot.id, size_gib=1, metadata={}
    )
    site.volumes.wait(made)
    assert site.volumes.find("v1") == site.volumes.get(made)
    assert site.volumes.get(volume.id).server_ids == (volume.attachments[0].server_id,)

    site.volumes.delete(made)

    assert made not in a.volumes


def test_a_snapshot_comes_and_goes(a, site, snapshot):
    """A snapshot is found by its key, stamped, and deleted."""
    site.snapshots.stamp(snapshot.id, {POINT: "p", "more": "x"})
    assert snapshot.metadata == {KEY: "s1", POINT: "p", "more": "x"}
    assert site.snapshots.find("s1") == site.snapshots.look("p")[0]

    site.snapshots.delete(snapshot.id)

    assert a.snapshots == {}


def test_a_backup_comes_and_goes(a, site, volume, request_of):
    """A backup is made, found by its key, listed, and deleted."""
    made = site.backups.create(request_of(), timeout_seconds=5.0)
    site.backups.wait(made, timeout_seconds=5.0)
    assert site.backups.of_volume(volume.id) == (site.backups.find("b1"),)

    site.backups.delete(made)

    assert a.backups == {}


def test_increments_are_made_or_refused(a, site, request_of):
    """The first increment is refused for want of a parent, the second is made."""
    with pytest.raises(Conflict, match="the next one must be full"):
        site.backups.create(request_of(incremental=True), timeout_seconds=5.0)
    site.backups.create(request_of(), timeout_seconds=5.0)

    made = site.backups.create(request_of("b2", incremental=True), timeout_seconds=5.0)

    assert a.backups[made].parent_id is not None


def test_a_site_tells_of_itself(a, site, server):
    """Its token, its quotas, its backup service."""
    site.warm(4)

    assert site.token().project_id == a.project_id
    assert site.headroom().by_name["volumes"] == 998
    assert site.headroom().by_name["snapshots_sandbox"] is None
    assert site.backup_service_up() is True
    a.backup_service_up = False
    assert site.backup_service_up() is False


def test_a_member_is_told_what_members_are_told(sites, server):
    """Who is no administrator sees no hosts, and no services."""
    site = vnfdr.connect("site-a-member")

    assert site.servers.get(server.id).host == ""
    assert site.backup_service_up() is None
    site.connection.close()
