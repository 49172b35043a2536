"""Snapshots of a whole group: of one instant where type and storage have that.

Where they have not, Cinder takes one volume after another: the snapshots look the same,
and are of as many instants as there are volumes.
"""

from typing import Final

from vnfdr.sandbox.catalogue import ONE_INSTANT, YES
from vnfdr.sandbox.cinder import status
from vnfdr.sandbox.cinder.actions import acting
from vnfdr.sandbox.cinder.membership import members
from vnfdr.sandbox.cinder.nouns import GROUP, GROUP_SNAPSHOT, introduced
from vnfdr.sandbox.cinder.quotas import claim_snapshots
from vnfdr.sandbox.cinder.schema import required
from vnfdr.sandbox.cinder.shelf import Shelf
from vnfdr.sandbox.cinder.snapshots import forget, shoot
from vnfdr.sandbox.cinder.status import resetting
from vnfdr.sandbox.faults import Effect
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal, Version
from vnfdr.sandbox.site import Site, take
from vnfdr.sandbox.things import GroupSnapshot, Snapshot, Volume, stamp

SINCE: Final[Version] = (3, 14)
RESET: Final[Version] = (3, 19)
PROJECT: Final[Version] = (3, 58)


def create(call: Call) -> Answer:
    """Accept a snapshot of each volume of a group; their instants come later."""
    asked, site = call.inner("group_snapshot"), call.site
    group = GROUP.one(call, required(asked, "group_id", "group_snapshot"))
    volumes = members(site, group)
    for volume in volumes:
        _check_status(volume)
    claim_snapshots(site, volumes)
    taken = GroupSnapshot(
        **introduced(call, asked), group_id=group.id, type_id=group.type_id
    )
    answer = SHELF.accepted(call, taken, short)
    for volume in volumes:
        snapshot = Snapshot(
            **introduced(call, asked),
            volume_id=volume.id,
            size_gib=volume.size_gib,
            group_snapshot_id=taken.id,
        )
        site.snapshots[snapshot.id] = snapshot
    site.later(_make(call, taken))
    return answer


def delete(call: Call) -> Answer:
    """Accept that a group snapshot is to go, and its snapshots with it."""
    taken, site = GROUP_SNAPSHOT.one(call), call.site
    is_source = any(
        group.group_snapshot_id == taken.id and group.status == "creating"
        for group in site.groups.values()
    )
    if taken.status not in {"available", "error"} or is_source:
        raise Refusal(
            400,
            "Invalid GroupSnapshot: GroupSnapshot status must be available or error,"
            " and no Group can be currently using it as source for its creation.",
        )
    for snapshot in snapshots_of(site, taken):
        snapshot.status = "deleting"

    def let_go(_: GroupSnapshot) -> None:
        for snapshot in snapshots_of(site, taken):
            forget(site, snapshot)
            site.snapshots.pop(snapshot.id, None)

    return SHELF.removed(call, taken, let_go)


def snapshots_of(site: Site, taken: GroupSnapshot) -> list[Snapshot]:
    """Return the snapshots that were taken together, oldest volume first."""
    snapshots = list(site.snapshots.values())
    return [s for s in snapshots if s.group_snapshot_id == taken.id]


def view(call: Call, taken: GroupSnapshot) -> Json:
    """Return all that Cinder shows of a group snapshot."""
    told: Json = {
        **short(call, taken),
        "group_id": taken.group_id,
        "status": taken.status,
        "created_at": stamp(taken.created_at),
        "description": taken.description,
    }
    if call.version >= PROJECT and call.user.admin:
        told["project_id"] = call.site.project_id
    return told


def short(_: Call, taken: GroupSnapshot) -> Json:
    """Return what Cinder shows of a group snapshot when it is made."""
    return {"id": taken.id, "name": taken.name, "group_type_id": taken.type_id}


def _shorter(_: Call, taken: GroupSnapshot) -> Json:
    return {"id": taken.id, "name": taken.name}


def _check_status(volume: Volume) -> None:
    where = {
        "maintenance": "volume is in maintenance mode.",
        "error": "volume is in error status.",
    }.get(volume.status)
    if where:
        raise Refusal(
            400,
            f"Invalid volume: The snapshot cannot be created when the {where}",
        )


async def _make(call: Call, taken: GroupSnapshot) -> None:
    site, fails = call.site, call.fate is Effect.ERROR
    await take(0.0, call.fate)
    snapshots = snapshots_of(site, taken)
    kind = site.types.groups[taken.type_id]
    if kind.specs.get(ONE_INSTANT) == YES and site.takes_groups_at_once:
        await shoot(site, snapshots, fails=fails)
    else:
        for place, snapshot in enumerate(snapshots):
            await shoot(site, [snapshot], fails=fails and place == 0)
    for snapshot in snapshots:
        snapshot.status = "error" if snapshot.image is None else "available"
    is_whole = all(snapshot.image is not None for snapshot in snapshots)
    taken.status = "available" if is_whole and not fails else "error"


SHELF = Shelf(GROUP_SNAPSHOT, view, _shorter)
OPERATIONS = (
    Operation("POST", "/group_snapshots", "create group snapshot", create, since=SINCE),
    *SHELF.readings(SINCE),
    Operation(
        "DELETE", "/group_snapshots/{id}", "delete group snapshot", delete, since=SINCE
    ),
    acting(
        GROUP_SNAPSHOT,
        {
            "reset_status": resetting(
                "Group snapshot",
                status.COMMON,
                "group:reset_group_snapshot_status",
                RESET,
            )
        },
    ),
)
