import pytest
from attrs import evolve
from openstack.exceptions import (
    BadRequestException,
    ConflictException,
    ForbiddenException,
)

from vnfdr.sandbox import Effect, Fault, Latency


@pytest.fixture
def migrate(connection, server, until):
    """Let a server move, and wait until that is over."""

    def do(host=None):
        connection.compute.live_migrate_server(server.id, host=host)
        until(lambda: server.task_state is None)

    return do


def test_a_server_moves_and_its_freeze_with_it(connection, server, migrate):
    """A frozen guest is frozen at its new host, too."""
    before = server.host
    server.guest.freeze()

    migrate()

    seen = connection.compute.get_server(server.id)
    assert (seen.status, server.guest.status) == ("ACTIVE", "frozen")
    assert seen.hypervisor_hostname == server.host != before
    (done, _) = connection.compute.server_actions(server.id)
    assert done.action == "live-migration"


def test_a_migration_is_seen_while_it_happens(a, connection, server, until):
    """A server that moves says so, and so does the list of its migrations."""
    a.latency = evolve(Latency(), migration=5.0)
    before = server.host
    connection.compute.live_migrate_server(server.id, host=None)

    until(lambda: a.migrations[1].status == "running")

    assert connection.compute.get_server(server.id).status == "MIGRATING"
    (seen,) = connection.compute.server_migrations(server.id)
    assert (seen.status, seen.source_node, seen.server_id) == (
        "running",
        before,
        server.id,
    )
    one = connection.compute.get_server_migration(seen.id, server.id)
    assert one.uuid == seen.uuid


def test_a_migration_that_is_over_is_in_the_other_list(connection, server, migrate):
    """Afterwards it is in the site's list alone."""
    migrate()

    assert list(connection.compute.server_migrations(server.id)) == []
    (seen,) = connection.compute.migrations(instance_uuid=server.id)
    assert (seen.status, seen.migration_type) == ("completed", "live-migration")
    assert list(connection.compute.migrations(instance_uuid="x")) == []


def test_how_a_server_moves_is_told_since_2_23(raw, server):
    """Before that, nothing is there."""
    path = f"/servers/{server.id}/migrations"

    answers = [raw("GET", path, v, service="compute") for v in ("2.22", "2.23")]

    assert [answer.status_code for answer in answers] == [404, 200]


def test_a_migration_can_fail(a, connection, server, migrate):
    """A server that fits nowhere else stays active where it is."""
    before = server.host
    a.faults.add(Fault("os-migrateLive server", Effect.ERROR, resource="db"))

    migrate()

    (seen,) = connection.compute.migrations()
    assert (seen.status, server.vm_state, server.host) == ("error", "active", before)
    (done, _) = connection.compute.server_actions(server.id)
    assert done.message == "Error"


def test_a_server_does_not_move_to_where_it_is(a, server, migrate):
    """The migration ends in error, and nothing has moved."""
    migrate(server.host.split(".")[0])

    assert a.migrations[1].status == "error"


def test_a_host_that_there_is_not(connection, server):
    """Who names a host names one that exists."""
    with pytest.raises(BadRequestException, match="Compute host x could not be found"):
        connection.compute.live_migrate_server(server.id, host="x")


def test_a_stopped_server_does_not_move(connection, server):
    """What does not run does not move while it runs."""
    server.vm_state = "stopped"

    with pytest.raises(ConflictException, match="Cannot 'os-migrateLive' instance"):
        connection.compute.live_migrate_server(server.id, host=None)


def test_migrations_are_for_administrators(member, server):
    """Users neither move servers nor see how they move."""
    with pytest.raises(ForbiddenException):
        member.compute.live_migrate_server(server.id, host=None)
    with pytest.raises(ForbiddenException):
        list(member.compute.migrations())


def test_a_lock_keeps_users_off(member, connection, server, volume):
    """Who is no administrator may not touch a locked server."""
    connection.compute.lock_server(server.id, locked_reason="vnfdr")

    seen = connection.compute.get_server(server.id)
    assert (seen.is_locked, seen.locked_reason) == (True, "vnfdr")
    for touch in (
        lambda: member.compute.pause_server(server.id),
        lambda: member.compute.stop_server(server.id),
        lambda: member.compute.delete_server(server.id),
        lambda: member.compute.create_volume_attachment(server.id, volume_id=volume.id),
    ):
        with pytest.raises(ConflictException, match=f"Instance {server.id} is locked"):
            touch()


def test_a_lock_does_not_stop_administrators(connection, server, until):
    """A lock is no protection from operators."""
    connection.compute.lock_server(server.id)

    connection.compute.pause_server(server.id)

    until(lambda: server.vm_state == "paused")
    assert connection.compute.get_server(server.id).is_locked


def test_a_second_lock_changes_nothing(connection, server):
    """The reason of who came first stays, and nobody is told."""
    connection.compute.lock_server(server.id, locked_reason="mine")

    connection.compute.lock_server(server.id, locked_reason="yours")

    assert connection.compute.get_server(server.id).locked_reason == "mine"


def test_an_unlocked_server_is_as_before(member, connection, server, until):
    """Users may do what they could."""
    connection.compute.lock_server(server.id)
    connection.compute.unlock_server(server.id)

    member.compute.pause_server(server.id)

    until(lambda: server.vm_state == "paused")
    done = [seen.action for seen in connection.compute.server_actions(server.id)]
    assert done == ["pause", "unlock", "lock", "create"]
