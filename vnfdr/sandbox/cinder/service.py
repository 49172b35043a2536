"""Cinder itself: its versions, its processes, and its messages to users."""

from typing import Any

from vnfdr.sandbox.cinder.lists import links_to
from vnfdr.sandbox.rest import Answer, Call, Operation, Service
from vnfdr.sandbox.site import Site
from vnfdr.sandbox.things import Message, stamp

SERVICE = Service("volume", lowest=(3, 0), highest=(3, 71))
OPEN = Service("volume", lowest=(3, 0), highest=(3, 71), wants_token=False)
KEPT_SECONDS = 30 * 86400
FILTERS, CLUSTERS, BACKEND_STATE = (3, 5), (3, 7), (3, 49)
EVENTS = {
    "VOLUME": "VOLUME_VOLUME_001_003",
    "VOLUME_SNAPSHOT": "VOLUME_VOLUME_SNAPSHOT_009_013",
}
"""By what a program knows the failures that the sandbox has: where, doing what, why."""


def versions(call: Call) -> Answer:
    """Tell which versions there are."""
    status = 200 if "/v3" in call.url else 300
    return Answer(status, {"versions": [_version(call.site)]})


def services(call: Call) -> Answer:
    """Tell which of Cinder's processes are up."""
    call.only_admin("volume_extension:services:index")
    up = {
        "cinder-backup": call.site.backup_service_up,
        "cinder-volume": True,
        "cinder-scheduler": True,
    }
    wanted = call.query.get("binary")
    told = [
        {
            "binary": binary,
            "host": f"controller.{call.site.name}",
            "zone": "nova",
            "status": "enabled",
            "state": "up" if is_up else "down",
            "updated_at": stamp(call.site.now()),
            "disabled_reason": None,
            **_later(call, binary),
        }
        for binary, is_up in up.items()
        if wanted in {None, binary}
    ]
    return Answer(200, {"services": told})


def _later(call: Call, binary: str) -> dict[str, Any]:
    """Return what later microversions tell of a process."""
    told: dict[str, Any] = {}
    if call.version >= CLUSTERS:
        told["cluster"] = None
    if binary == "cinder-volume":
        told |= {"active_backend_id": None, "frozen": False}
        told["replication_status"] = "disabled"
        if call.version >= BACKEND_STATE:
            told["backend_state"] = "up"
    return told


def messages(call: Call) -> Answer:
    """Tell users why things failed."""
    wanted = call.query.get("resource_uuid") if call.version >= FILTERS else None
    found = [m for m in call.site.messages if wanted in {None, m.resource_id}]
    return Answer(200, {"messages": [_message(call, m) for m in reversed(found)]})


def _message(call: Call, message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "event_id": EVENTS[message.resource_type],
        "user_message": message.text,
        "message_level": "ERROR",
        "resource_type": message.resource_type,
        "resource_uuid": message.resource_id,
        "request_id": message.request_id,
        "created_at": stamp(message.created_at),
        "guaranteed_until": stamp(message.created_at + KEPT_SECONDS),
        "links": links_to(call, "messages", message.id),
    }


def _version(site: Site) -> dict[str, Any]:
    return {
        "id": "v3.0",
        "status": "CURRENT",
        "version": "3.71",
        "min_version": "3.0",
        "updated": "2023-08-31T00:00:00Z",
        "links": [{"rel": "self", "href": f"{site.url}/volume/v3/"}],
        "media-types": [
            {
                "base": "application/json",
                "type": "application/vnd.openstack.volume+json;version=3",
            }
        ],
    }


OPEN_OPERATIONS = tuple(
    Operation("GET", path, "list volume versions", versions) for path in ("", "/")
)
VERSION_OPERATIONS = tuple(
    Operation("GET", path, "show volume version", versions) for path in ("/v3", "/v3/")
)
OPERATIONS = (
    Operation("GET", "/os-services", "list services", services),
    Operation("GET", "/messages", "list messages", messages),
)
