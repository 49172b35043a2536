"""Cinder's groups of volumes."""

from functools import partial
from typing import Final

from vnfdr.sandbox.cinder import status
from vnfdr.sandbox.cinder.actions import Deed, acting
from vnfdr.sandbox.cinder.backends import ZONE, check_zone
from vnfdr.sandbox.cinder.group_types import group_kind_named
from vnfdr.sandbox.cinder.membership import joining, leaving, members
from vnfdr.sandbox.cinder.nouns import GROUP, introduced, name_in
from vnfdr.sandbox.cinder.quotas import claim
from vnfdr.sandbox.cinder.schema import is_set, required
from vnfdr.sandbox.cinder.shelf import Shelf
from vnfdr.sandbox.cinder.status import resetting
from vnfdr.sandbox.cinder.volume_types import kind_named
from vnfdr.sandbox.cinder.volumes import forget
from vnfdr.sandbox.faults import Effect
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal, Version
from vnfdr.sandbox.site import Site, take
from vnfdr.sandbox.things import Volume, VolumeGroup, stamp

GROUPS: Final[Version] = (3, 13)
SNAPSHOTS: Final[Version] = (3, 14)
RESET: Final[Version] = (3, 20)
VOLUME_LIST: Final[Version] = (3, 25)
REPLICATION: Final[Version] = (3, 38)
PROJECT: Final[Version] = (3, 58)


def create(call: Call) -> Answer:
    """Accept an empty group."""
    asked, site = call.inner("group"), call.site
    kind = group_kind_named(call, str(required(asked, "group_type", "group")))
    wanted = required(asked, "volume_types", "group")
    volume_type_ids = [kind_named(call, str(name)).id for name in wanted]
    check_zone(asked.get("availability_zone"))
    claim(site, "", {"groups": 1})
    group = VolumeGroup(
        **introduced(call, asked), type_id=kind.id, volume_type_ids=volume_type_ids
    )
    answer = SHELF.accepted(call, group, short)
    site.later(_make(call, group))
    return answer


def update(call: Call) -> Answer:
    """Rename a group, or accept that volumes come and go."""
    group, asked = GROUP.one(call), call.inner("group")
    come, go = _ids(asked, "add_volumes"), _ids(asked, "remove_volumes")
    both = [volume_id for volume_id in come if volume_id in go]
    if both:
        raise Refusal(
            400,
            f"Invalid volume: UUIDs {both} are in both add and remove volume list.",
        )
    new, old = joining(call, group, come), leaving(call, group, go)
    name, about = asked.get("name"), asked.get("description")
    is_renamed = name not in {None, group.name} or about not in {
        None,
        group.description,
    }
    if not (new or old or is_renamed):
        raise Refusal(
            400,
            f"Invalid Group: Cannot update group {group.id} because no valid name,"
            " description, add_volumes, or remove_volumes were provided.",
        )
    if (new or old) and group.status != "available":
        raise Refusal(400, "Invalid Group: Group status must be available.")
    group.name = group.name if name is None else name_in(asked)
    group.description = group.description if about is None else about
    if new or old:
        group.status = "updating"
        call.site.later(_move(call, group, new, old))
    return Answer(202)


def delete(call: Call, group: VolumeGroup, asked: Json) -> Answer:
    """Accept that a group is to go, with its volumes if so asked."""
    site, with_volumes = call.site, is_set(asked.get("delete-volumes", False))
    if why := _held(site, group, with_volumes=with_volumes):
        raise Refusal(400, f"Invalid Group: {why}")
    for volume in members(site, group):
        volume.status = "deleting"
    return SHELF.removed(call, group, partial(_forget, site))


def view(call: Call, group: VolumeGroup) -> Json:
    """Return all that Cinder shows of a group."""
    told: Json = {
        **short(call, group),
        "status": group.status,
        "availability_zone": ZONE,
        "created_at": stamp(group.created_at),
        "description": group.description,
        "group_type": group.type_id,
        "volume_types": group.volume_type_ids,
    }
    if call.version >= SNAPSHOTS:
        told["group_snapshot_id"] = group.group_snapshot_id
        told["source_group_id"] = group.source_group_id
    if call.version >= VOLUME_LIST and is_set(call.query.get("list_volume")):
        told["volumes"] = [volume.id for volume in members(call.site, group)]
    if call.version >= REPLICATION:
        told["replication_status"] = "disabled"
    if call.version >= PROJECT and call.user.admin:
        told["project_id"] = call.site.project_id
    return told


def short(_: Call, group: VolumeGroup) -> Json:
    """Return what Cinder shows of a group in a short list."""
    return {"id": group.id, "name": group.name}


def _held(site: Site, group: VolumeGroup, *, with_volumes: bool) -> str:
    """Say why a group may not go, if it may not."""
    volumes = members(site, group)
    mine = {volume.id for volume in volumes}
    reasons = (
        (
            not with_volumes and group.status not in {"available", "error"},
            (
                "Group status must be available or error, but current status is:"
                f" {group.status}"
            ),
        ),
        (
            any(s.group_id == group.id for s in site.group_snapshots.values()),
            "Group has existing snapshots.",
        ),
        (
            bool(volumes) and not with_volumes,
            (
                f"Group {group.id} still contains volumes. The delete-volumes flag is"
                " required to delete it."
            ),
        ),
        (
            any(volume.attachments for volume in volumes),
            f"Volume in group {group.id} is attached. Need to detach first.",
        ),
        (
            any(s.volume_id in mine for s in site.snapshots.values()),
            "Volume in group still has dependent snapshots.",
        ),
    )
    return next((why for is_so, why in reasons if is_so), "")


def _ids(asked: Json, key: str) -> list[str]:
    return [part for part in str(asked.get(key) or "").split(",") if part]


async def _make(call: Call, group: VolumeGroup) -> None:
    await take(call.site.latency.volume, call.fate)
    group.status = "error" if call.fate is Effect.ERROR else "available"


async def _move(
    call: Call, group: VolumeGroup, new: list[Volume], old: list[Volume]
) -> None:
    await take(call.site.latency.volume, call.fate)
    if call.fate is Effect.ERROR:
        group.status = "error"
        return
    for volume in new:
        volume.group_id = group.id
    for volume in old:
        volume.group_id = None
    group.status = "available"


def _forget(site: Site, group: VolumeGroup) -> None:
    for volume in members(site, group):
        forget(site, volume)
        site.volumes.pop(volume.id, None)


SHELF = Shelf(GROUP, view, short)
OPERATIONS = (
    Operation("POST", "/groups", "create group", create, since=GROUPS),
    *SHELF.readings(GROUPS),
    Operation("PUT", "/groups/{id}", "update group", update, since=GROUPS),
    acting(
        GROUP,
        {
            "delete": Deed(delete, since=GROUPS),
            "reset_status": resetting(
                "Group", status.COMMON, "group:reset_status", RESET
            ),
        },
    ),
)
