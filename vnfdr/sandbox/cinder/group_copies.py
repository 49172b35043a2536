"""New groups made from a group snapshot, or from another group."""

from collections.abc import Sequence
from typing import Final

from vnfdr.sandbox.cinder.actions import no_such_action
from vnfdr.sandbox.cinder.group_snapshots import SINCE, snapshots_of
from vnfdr.sandbox.cinder.groups import SHELF, short
from vnfdr.sandbox.cinder.membership import members
from vnfdr.sandbox.cinder.nouns import GROUP, GROUP_SNAPSHOT, introduced
from vnfdr.sandbox.cinder.quotas import claim
from vnfdr.sandbox.cinder.sources import check_ready, inherited, type_of
from vnfdr.sandbox.cinder.volumes import make
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal, invalid
from vnfdr.sandbox.things import Snapshot, Volume, VolumeGroup

ACTION: Final = "create-from-src"


def create(call: Call) -> Answer:
    """Accept a group with a volume for each one of its source."""
    name = next(iter(call.body), "")
    if name != ACTION:
        raise no_such_action(name)
    asked, site = call.inner(ACTION), call.site
    source, pieces = _source(call, asked)
    for piece in pieces:
        check_ready(piece)
    claim(site, "", {"groups": 1})
    for piece in pieces:
        size = {"volumes": 1, "gigabytes": piece.size_gib}
        claim(site, type_of(call, {}, piece), size)
    group = VolumeGroup(
        **introduced(call, asked),
        type_id=source.type_id,
        volume_type_ids=list(source.volume_type_ids),
        group_snapshot_id=asked.get("group_snapshot_id"),
        source_group_id=asked.get("source_group_id"),
    )
    answer = SHELF.accepted(call, group, short)
    made = [(_volume(call, group, piece), piece) for piece in pieces]
    site.later(_make(call, group, made))
    return answer


def _source(call: Call, asked: Json) -> tuple[VolumeGroup, Sequence[Snapshot | Volume]]:
    """Return the group that is copied, and what its volumes are copied from."""
    given = [k for k in ("group_snapshot_id", "source_group_id") if k in asked]
    if len(given) != 1 or not isinstance(asked[given[0]], str):
        raise invalid(
            asked, ACTION, f"{asked} is not valid under any of the given schemas"
        )
    what, group, pieces = _pieces(call, asked)
    if not pieces:
        raise Refusal(400, f"Invalid Group: {what} is empty. No group will be created.")
    return group, pieces


def _pieces(
    call: Call, asked: Json
) -> tuple[str, VolumeGroup, Sequence[Snapshot | Volume]]:
    if "source_group_id" in asked:
        group = GROUP.one(call, asked["source_group_id"])
        return "Source Group", group, members(call.site, group)
    taken = GROUP_SNAPSHOT.one(call, asked["group_snapshot_id"])
    group = GROUP.one(call, taken.group_id)
    return "Group snapshot", group, snapshots_of(call.site, taken)


def _volume(call: Call, group: VolumeGroup, piece: Snapshot | Volume) -> Volume:
    volume = Volume(
        **introduced(call, {}),
        **inherited(call, piece),
        size_gib=piece.size_gib,
        type=type_of(call, {}, piece),
        group_id=group.id,
    )
    call.site.volumes[volume.id] = volume
    return volume


async def _make(
    call: Call, group: VolumeGroup, made: list[tuple[Volume, Snapshot | Volume]]
) -> None:
    for volume, piece in made:
        await make(call, volume, piece)
    is_whole = all(volume.status != "error" for volume, _ in made)
    group.status = "available" if is_whole else "error"


OPERATIONS = (
    Operation("POST", "/groups/action", f"{ACTION} group", create, since=SINCE),
)
