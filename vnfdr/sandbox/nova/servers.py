"""Nova's servers, and the volumes that are attached to them."""

import re
from collections.abc import Iterator
from typing import Any

from starlette.datastructures import URL

from vnfdr.sandbox.nova.shown import (
    EXTENDED,
    addresses_of,
    for_administrators,
    groups_of,
    host_id,
    server_groups_of,
)
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal
from vnfdr.sandbox.things import Attachment, Server, stamp, zulu

STRICT_STATUS, STRICT_QUERY = (2, 38), (2, 75)
FLAVOR_EMBEDDED = (2, 47)
EXTENDED_BDM, HOSTNAME = (2, 89), (2, 90)
QUERY = {"all_tenants", "limit", "marker", "name", "sort_dir", "sort_key", "status"}
"""What the sandbox's lists are asked for, of all that Nova's may be."""

STATUS = {
    "active": "ACTIVE",
    "paused": "PAUSED",
    "stopped": "SHUTOFF",
    "quiesced": "QUIESCED",
    "error": "ERROR",
    "building": "BUILD",
    "deleted": "DELETED",
}
"""Nova's own, and what the spec's ``quiesced`` is shown as."""
BUSY = {
    "rebooting": "REBOOT",
    "reboot_started_hard": "HARD_REBOOT",
    "migrating": "MIGRATING",
}
"""What servers are shown as while they are busy with that."""

STATUSES = {*STATUS.values(), *BUSY.values(), "SUSPENDED", "UNKNOWN"}
"""What one may look for."""


def show(call: Call) -> Answer:
    """Tell of one server."""
    return Answer(200, {"server": view(call, server_of(call))})


def names(call: Call) -> Answer:
    """List servers, in short."""
    return _listed(call, detailed=False)


def details(call: Call) -> Answer:
    """List servers."""
    return _listed(call, detailed=True)


def attachments(call: Call) -> Answer:
    """List a server's volumes, in an order that nobody promised."""
    found = [_attachment(call, a) for a in server_of(call).attachments]
    return Answer(200, {"volumeAttachments": found})


def attachment(call: Call) -> Answer:
    """Tell of one volume of a server."""
    return Answer(200, {"volumeAttachment": _attachment(call, attached_in(call))})


def attached_in(call: Call) -> Attachment:
    """Return the attachment that a call is about.

    Raises:
        Refusal: there is none.
    """
    wanted = call.path["volume_id"]
    for found in server_of(call).attachments:
        if found.volume_id == wanted:
            return found
    raise Refusal(404, f"Instance {call.id} is not attached to volume {wanted}")


def server_of(call: Call) -> Server:
    """Return the server that a call is about.

    Raises:
        Refusal: there is none.
    """
    server = call.site.servers.get(call.id)
    if server is None:
        raise Refusal(404, f"Instance {call.id} could not be found.")
    return server


def check_unlocked(call: Call, server: Server) -> None:
    """See that a lock does not forbid this user to touch a server.

    Raises:
        Refusal: it does.
    """
    if server.locked and not call.user.admin:
        raise Refusal(409, f"Instance {server.id} is locked")


def _listed(call: Call, *, detailed: bool) -> Answer:
    _check_query(call)
    fit = [s for s in reversed(call.site.servers.values()) if _fits(call, s)]
    after = call.query.get("marker")
    if after:
        ids = [server.id for server in fit]
        if after not in ids:
            raise Refusal(400, f"marker [{after}] not found")
        fit = fit[ids.index(after) + 1 :]
    asked = call.query.get("limit", str(call.site.page_max))
    limit = min(int(asked), call.site.page_max)
    page = fit[:limit]
    seen = _in_list if detailed else _short
    content: Json = {"servers": [seen(call, server) for server in page]}
    if page and len(page) == limit:
        following = URL(call.url).include_query_params(marker=page[-1].id)
        content["servers_links"] = [{"rel": "next", "href": str(following)}]
    return Answer(200, content)


def _check_query(call: Call) -> None:
    """See that a list is asked for in a way that Nova understands."""
    query, problems = call.query, list(_problems(call))
    if problems:
        name, why = problems[0]
        raise Refusal(
            400,
            f"Invalid input for query parameters {name}. Value: {query[name]}. {why}",
        )
    unknown = sorted(query.keys() - QUERY)
    if unknown and call.version >= STRICT_QUERY:
        raise Refusal(400, f"{unknown[0]!r} does not match any of the regexes: '^_'")
    status = query.get("status")
    if call.version >= STRICT_STATUS and status and status.upper() not in STATUSES:
        raise Refusal(400, "Invalid status value")


def _problems(call: Call) -> Iterator[tuple[str, str]]:
    limit, pattern = call.query.get("limit", "0"), call.query.get("name", "")
    if not limit.isdigit():
        yield "limit", f"{limit!r} does not match '^[0-9]*$'"
    try:
        re.compile(pattern)
    except re.error:
        yield "name", f"{pattern!r} is not a 'regex'"


def _fits(call: Call, server: Server) -> bool:
    pattern, status = call.query.get("name"), call.query.get("status")
    if status and status.upper() != status_of(server):
        return False
    return pattern is None or bool(re.search(pattern, server.name, re.IGNORECASE))


def view(call: Call, server: Server) -> Json:
    """Return all that Nova shows of a server."""
    site, error = call.site, server.vm_state == "error"
    groups = groups_of(site, server)
    told: dict[str, Any] = {
        **_short(call, server),
        "status": status_of(server),
        "tenant_id": site.project_id,
        "user_id": server.user_id,
        "metadata": server.metadata,
        "hostId": host_id(call, server),
        "image": "",
        "flavor": _flavor(call, server),
        "created": zulu(server.created_at),
        "updated": zulu(server.created_at),
        "addresses": addresses_of(site, server),
        "accessIPv4": "",
        "accessIPv6": "",
        "key_name": server.key_name,
        "config_drive": server.config_drive,
        "OS-DCF:diskConfig": "MANUAL",
        "OS-EXT-AZ:availability_zone": "nova",
        "OS-EXT-STS:vm_state": server.vm_state,
        "OS-EXT-STS:task_state": server.task_state,
        "OS-EXT-STS:power_state": server.power_state,
        "OS-SRV-USG:launched_at": _since(server.launched_at),
        "OS-SRV-USG:terminated_at": None,
        "os-extended-volumes:volumes_attached": [
            _attached(call, a) for a in server.attachments
        ],
    }
    if groups:
        told["security_groups"] = [{"name": name} for name in groups]
    if call.user.admin:
        told |= for_administrators(call, server)
    if error and server.fault:
        told["fault"] = {
            "code": 500,
            "message": server.fault,
            "created": zulu(server.created_at),
        }
    elif server.vm_state == "active":
        told["progress"] = 0
    later: dict[tuple[int, int], tuple[str, object]] = {
        (2, 9): ("locked", server.locked),
        (2, 19): ("description", server.description),
        (2, 26): ("tags", server.tags),
        (2, 63): ("trusted_image_certificates", None),
        (2, 71): ("server_groups", server_groups_of(site, server)),
        (2, 73): ("locked_reason", server.locked_reason),
        HOSTNAME: ("OS-EXT-SRV-ATTR:hostname", server.hostname),
        (2, 96): ("pinned_availability_zone", None),
        (2, 100): ("scheduler_hints", {}),
    }
    return told | dict(pair for since, pair in later.items() if call.version >= since)


def status_of(server: Server) -> str:
    """Return what a server is shown as."""
    busy = BUSY.get(server.task_state or "")
    return busy or STATUS[server.vm_state]


def _in_list(call: Call, server: Server) -> Json:
    """Return what a list shows of a server: all, but for what costs Nova dear."""
    return {k: v for k, v in view(call, server).items() if k != "server_groups"}


def _attached(call: Call, attachment: Attachment) -> Json:
    told: Json = {"id": attachment.volume_id}
    if call.version >= EXTENDED:
        told["delete_on_termination"] = attachment.delete_on_termination
    return told


def _since(seconds: int) -> str | None:
    return stamp(seconds) if seconds else None


def _short(call: Call, server: Server) -> Json:
    href = f"{call.site.url}/compute/v2.1/servers/{server.id}"
    bookmark = f"{call.site.url}/compute/servers/{server.id}"
    links = [
        {"rel": "self", "href": href},
        {"rel": "bookmark", "href": bookmark},
    ]
    return {"id": server.id, "name": server.name, "links": links}


def _flavor(call: Call, server: Server) -> Json:
    flavor = server.flavor
    if call.version < FLAVOR_EMBEDDED:
        return {"id": flavor.id, "links": []}
    return {
        "original_name": flavor.name,
        "vcpus": flavor.vcpus,
        "ram": flavor.ram,
        "disk": flavor.disk,
        "ephemeral": flavor.ephemeral,
        "swap": flavor.swap,
        "extra_specs": dict(flavor.extra_specs),
    }


def _attachment(call: Call, attachment: Attachment) -> Json:
    told: Json = {
        "volumeId": attachment.volume_id,
        "serverId": attachment.server_id,
        "device": attachment.device,
    }
    if call.version < EXTENDED_BDM:
        told["id"] = attachment.volume_id
    else:
        told["attachment_id"] = told["bdm_uuid"] = attachment.id
    later: dict[tuple[int, int], tuple[str, object]] = {
        (2, 70): ("tag", attachment.tag),
        (2, 79): ("delete_on_termination", attachment.delete_on_termination),
    }
    return told | dict(pair for since, pair in later.items() if call.version >= since)


OPERATIONS = (
    Operation("GET", "/servers", "list servers", names),
    Operation("GET", "/servers/detail", "list servers", details),
    Operation("GET", "/servers/{id}", "show server", show),
    Operation(
        "GET", "/servers/{id}/os-volume_attachments", "list attachments", attachments
    ),
    Operation(
        "GET",
        "/servers/{id}/os-volume_attachments/{volume_id}",
        "show attachment",
        attachment,
    ),
)
