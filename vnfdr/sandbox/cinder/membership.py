"""Which volumes are in a group of Cinder's, and which may be."""

from typing import Final

from vnfdr.sandbox.cinder.nouns import GROUP, VOLUME
from vnfdr.sandbox.cinder.volume_types import kind_named
from vnfdr.sandbox.rest import Call, Json, Refusal
from vnfdr.sandbox.site import Site
from vnfdr.sandbox.things import Volume, VolumeGroup

STEADY: Final = ("available", "in-use")
LEAVING: Final = ("available", "in-use", "error", "error_deleting")


def members(site: Site, group: VolumeGroup) -> list[Volume]:
    """Return the volumes of a group, oldest first."""
    return [v for v in list(site.volumes.values()) if v.group_id == group.id]


def group_in(call: Call, asked: Json) -> str | None:
    """Return the group that a new volume is to be in, if it is to be in one.

    Raises:
        Refusal: it may not be.
    """
    if not asked.get("group_id"):
        return None
    group = GROUP.one(call, asked["group_id"])
    if not asked.get("volume_type"):
        raise Refusal(
            400,
            "Invalid input received: volume_type must be provided when creating a"
            " volume in a group.",
        )
    kind = kind_named(call, asked["volume_type"])
    if kind.id not in group.volume_type_ids:
        raise Refusal(
            400,
            f"Invalid input received: Invalid volume_type provided: {kind.name}"
            " (requested type must be supported by this group).",
        )
    if group.status not in {"available", "creating"}:
        raise Refusal(
            400,
            "Invalid Group: Originating group status must be one of 'available,"
            " creating' values",
        )
    return group.id


def joining(call: Call, group: VolumeGroup, ids: list[str]) -> list[Volume]:
    """Return which of these volumes are to be added; those that are in it need not be.

    Raises:
        Refusal: one of them may not be in this group.
    """
    return [
        _checked(call, group, volume_id)
        for volume_id in ids
        if volume_id not in {v.id for v in members(call.site, group)}
    ]


def leaving(call: Call, group: VolumeGroup, ids: list[str]) -> list[Volume]:
    """Return the volumes that are to be removed from their group.

    Raises:
        Refusal: one of them is not in this group, or busy.
    """
    there = {volume.id: volume for volume in members(call.site, group)}
    for volume_id in ids:
        what = f"Cannot remove volume {volume_id} from group {group.id} because"
        if volume_id not in there:
            raise Refusal(400, f"Invalid volume: {what} it is not in the group.")
        state = there[volume_id].status
        if state not in LEAVING:
            raise Refusal(
                400,
                f"Invalid volume: {what} volume is in an invalid state: {state}. Valid"
                f" states are: {LEAVING}.",
            )
    return [there[volume_id] for volume_id in ids]


def _checked(call: Call, group: VolumeGroup, volume_id: str) -> Volume:
    what = f"Invalid volume: Cannot add volume {volume_id} to group {group.id}"
    volume = VOLUME.things(call.site).get(volume_id)
    if volume is None:
        raise Refusal(400, f"{what} because volume cannot be found.")
    if volume.group_id:
        raise Refusal(400, f"{what} because it is already in group {volume.group_id}.")
    kind = kind_named(call, volume.type)
    if kind.id not in group.volume_type_ids:
        raise Refusal(
            400,
            f"{what} because volume type {kind.id} is not supported by the group.",
        )
    if volume.status not in STEADY:
        raise Refusal(
            400,
            f"{what} because volume is in an invalid state: {volume.status}. Valid"
            f" states are: {STEADY}.",
        )
    return volume
