"""Live migrations: a server moves to another compute host while its guest runs."""

from typing import Any, Final

from vnfdr.sandbox.faults import Effect
from vnfdr.sandbox.nova.actions import begin, check_state, end
from vnfdr.sandbox.nova.create import NO_HOST
from vnfdr.sandbox.nova.placing import host_named, short
from vnfdr.sandbox.nova.servers import check_unlocked, server_of
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal, invalid
from vnfdr.sandbox.site import take
from vnfdr.sandbox.things import Event, Migration, Server, stamp

MIGRATE: Final = "os-migrateLive"
TYPE, UUID, OWNER = (2, 23), (2, 59), (2, 80)
UNDER_WAY: Final = {"queued", "preparing", "running", "post-migrating"}


def migrate(call: Call) -> Answer:
    """Accept that a server is to move."""
    call.only_admin("os_compute_api:os-migrate-server:migrate_live")
    asked = call.inner(MIGRATE)
    for key in ("block_migration", "host"):
        if key not in asked:
            raise invalid(asked, MIGRATE, f"'{key}' is a required property")
    server = server_of(call)
    target = host_named(call.site, asked["host"]) if asked["host"] else None
    check_unlocked(call, server)
    check_state(server, MIGRATE, {"active", "paused"})
    now, number = int(call.site.now()), len(call.site.migrations) + 1
    migration = Migration(
        number,
        call.site.new_id(),
        server.id,
        call.user.id,
        server.host,
        target or next(host for host in call.site.hosts if host != server.host),
        now,
        now,
    )
    call.site.migrations[number] = migration
    server.task_state = "migrating"
    event = begin(call, server, "live-migration", "conductor_live_migrate_instance")
    call.site.later(_move(call, server, migration, event))
    return Answer(202)


def every(call: Call) -> Answer:
    """List migrations, newest first."""
    call.only_admin("os_compute_api:os-migrations:index")
    found = [
        _in_list(call, migration)
        for migration in reversed(call.site.migrations.values())
        if _fits(call, migration)
    ]
    return Answer(200, {"migrations": found})


def under_way(call: Call) -> Answer:
    """List how a server is moving now."""
    _check_version(call)
    call.only_admin("os_compute_api:servers:migrations:index")
    server = server_of(call)
    found = [
        _of_server(call, migration)
        for migration in call.site.migrations.values()
        if migration.server_id == server.id and migration.status in UNDER_WAY
    ]
    return Answer(200, {"migrations": found})


def one(call: Call) -> Answer:
    """Tell how a server is moving now."""
    _check_version(call)
    call.only_admin("os_compute_api:servers:migrations:show")
    server, wanted = server_of(call), call.path["migration_id"]
    found = call.site.migrations.get(int(wanted)) if wanted.isdigit() else None
    if found is None or found.server_id != server.id:
        raise Refusal(
            404,
            f"In-progress live migration {wanted} is not found for server {server.id}.",
        )
    if found.status not in UNDER_WAY:
        text = f"Live migration {wanted} for server {server.id} is not in progress."
        raise Refusal(404, text)
    return Answer(200, {"migration": _of_server(call, found)})


def _check_version(call: Call) -> None:
    if call.version < TYPE:
        raise Refusal(404, "The resource could not be found.")


async def _move(call: Call, server: Server, migration: Migration, event: Event) -> None:
    site = call.site
    await take(site.latency.action, call.fate)
    migration.status = "running"
    await take(site.latency.migration)
    if server.is_going:
        return
    problem = _problem(call, server, migration)
    if problem is None:
        server.host = migration.target or server.host
        for port in site.networks.ports_of(server.id):
            port.host = server.host
    migration.status = "error" if problem else "completed"
    migration.updated_at = int(site.now())
    server.task_state = None
    end(call, server, event, problem)


def _problem(call: Call, server: Server, migration: Migration) -> str | None:
    if migration.target == server.host:
        host = short(server.host)
        return f"Unable to migrate instance ({server.id}) to current host ({host})."
    return NO_HOST if call.fate is Effect.ERROR else None


def _fits(call: Call, migration: Migration) -> bool:
    seen = {
        "instance_uuid": migration.server_id,
        "status": migration.status,
        "migration_type": "live-migration",
        "source_compute": short(migration.source),
        "user_id": migration.user_id,
    }
    return all(call.query.get(key, value) == value for key, value in seen.items())


def _view(call: Call, migration: Migration) -> dict[str, Any]:
    target = migration.target
    told: dict[str, Any] = {
        "id": migration.id,
        "status": migration.status,
        "source_compute": short(migration.source),
        "source_node": migration.source,
        "dest_compute": short(target) if target else None,
        "dest_node": target,
        "dest_host": None,
        "created_at": stamp(migration.created_at),
        "updated_at": stamp(migration.updated_at),
    }
    if call.version >= UUID:
        told["uuid"] = migration.uuid
    if call.version >= OWNER:
        told["user_id"] = migration.user_id
        told["project_id"] = call.site.project_id
    return told


def _in_list(call: Call, migration: Migration) -> Json:
    told = _view(call, migration) | {
        "instance_uuid": migration.server_id,
        "old_instance_type_id": 1,
        "new_instance_type_id": 1,
    }
    return told | ({"migration_type": "live-migration"} if call.version >= TYPE else {})


def _of_server(call: Call, migration: Migration) -> Json:
    sizes = {
        f"{what}_{how}_bytes": 0
        for what in ("memory", "disk")
        for how in ("total", "processed", "remaining")
    }
    return _view(call, migration) | sizes | {"server_uuid": migration.server_id}


OPERATIONS = (
    Operation("GET", "/os-migrations", "list migrations", every),
    Operation(
        "GET", "/servers/{id}/migrations", "list migrations of server", under_way
    ),
    Operation("GET", "/servers/{id}/migrations/{migration_id}", "show migration", one),
)
