"""What Cinder may be asked to do to a volume."""

from typing import Final

from vnfdr.sandbox.cinder import image_metadata, status
from vnfdr.sandbox.cinder.actions import Deed, acting
from vnfdr.sandbox.cinder.nouns import VOLUME
from vnfdr.sandbox.cinder.quotas import check_size, claim
from vnfdr.sandbox.cinder.schema import boolean, required
from vnfdr.sandbox.cinder.volume_types import kind_named
from vnfdr.sandbox.cinder.volumes import force_delete
from vnfdr.sandbox.faults import Effect
from vnfdr.sandbox.rest import Answer, Call, Json, Refusal, Version, invalid
from vnfdr.sandbox.site import take
from vnfdr.sandbox.things import Snapshot, Volume

EXTEND_IN_USE: Final[Version] = (3, 42)
REVERT: Final[Version] = (3, 40)
POLICY: Final = "volume_extension:volume_admin_actions:"


def extend(call: Call, volume: Volume, asked: Json) -> Answer:
    """Accept that a volume is to grow."""
    size = _new_size(asked)
    more = size - volume.size_gib
    if more <= 0:
        raise Refusal(
            400,
            "Invalid input received: New size for extend must be greater than current"
            f" size. (current: {volume.size_gib}, extended: {size}).",
        )
    in_use = call.version >= EXTEND_IN_USE and volume.status == "in-use"
    expected = "in-use" if in_use else "available"
    if volume.status != expected:
        raise Refusal(
            400,
            f"Invalid volume: Volume {volume.id} status must be"
            f" '{{'status': '{expected}'}}' to extend, currently {volume.status}.",
        )
    check_size(call.site, size)
    claim(call.site, volume.type, {"gigabytes": more})
    volume.status = "extending"
    call.site.later(_extend(call, volume, size))
    return Answer(202)


def set_bootable(_: Call, volume: Volume, asked: Json) -> Answer:
    """Say whether one may boot from a volume."""
    volume.bootable = boolean(asked, "bootable", "os-set_bootable")
    return Answer(200)


def set_readonly(_: Call, volume: Volume, asked: Json) -> Answer:
    """Say whether those who attach a volume may write to it."""
    readonly = boolean(asked, "readonly", "os-update_readonly_flag")
    if volume.status != "available":
        raise Refusal(
            400,
            f"Invalid volume: Volume {volume.id} status must be available to update"
            f" readonly flag, but current status is: {volume.status}.",
        )
    volume.readonly = readonly
    return Answer(202)


def retype(call: Call, volume: Volume, asked: Json) -> Answer:
    """Accept that a volume is to be of another type; its bytes stay where they are."""
    kind = kind_named(call, str(required(asked, "new_type", "os-retype")))
    is_ready = volume.status in {"available", "in-use"} and not volume.group_id
    if not is_ready or kind.name == volume.type:
        raise Refusal(
            400,
            "Invalid volume: Retype needs volume to be in available or in-use state,"
            " not be part of an active migration or a consistency group, requested"
            " type has to be different that the one from the volume, and for in-use"
            " volumes front-end qos specs cannot change.",
        )
    before, volume.status = volume.status, "retyping"
    call.site.later(_retype(call, volume, kind.name, before))
    return Answer(202)


def revert(call: Call, volume: Volume, asked: Json) -> Answer:
    """Accept that a volume is to be as it was at its latest snapshot."""
    snapshot = _latest_snapshot(call, volume, asked.get("snapshot_id"))
    for what, thing in (("volume", volume), ("snapshot", snapshot)):
        if thing.status != "available":
            raise Refusal(
                409,
                f"Invalid {what}: Can't revert volume {volume.id} to its latest"
                f" snapshot {snapshot.id}. {what.capitalize()}'s status must be"
                " 'available'.",
            )
    volume.status, snapshot.status = "reverting", "restoring"
    call.site.later(_revert(call, volume, snapshot))
    return Answer(202)


def _new_size(asked: Json) -> int:
    size = required(asked, "new_size", "os-extend")
    if not str(size).isdigit():
        raise invalid(size, "new_size", f"{size!r} does not match '^[0-9]+$'")
    return int(size)


async def _extend(call: Call, volume: Volume, size: int) -> None:
    await take(call.site.latency.volume, call.fate)
    if call.fate is Effect.ERROR or volume.disk is None:
        volume.status = "error_extending"
        text = "extend volume:Volume Driver failed to extend volume."
        call.site.tell("VOLUME", volume.id, call.request_id, text)
        return
    call.site.disks.extend(volume.disk, size)
    volume.size_gib = size
    volume.status = "in-use" if volume.attachments else "available"


async def _retype(call: Call, volume: Volume, kind: str, before: str) -> None:
    await take(call.site.latency.volume, call.fate)
    if call.fate is not Effect.ERROR:
        volume.type = kind
    volume.status = before


def _latest_snapshot(call: Call, volume: Volume, wanted: str | None) -> Snapshot:
    mine = [s for s in call.site.snapshots.values() if s.volume_id == volume.id]
    if not mine:
        raise Refusal(400, f"Volume {volume.id} doesn't have any snapshots.")
    if mine[-1].id != wanted:
        raise Refusal(
            400,
            f"Specified snapshot {wanted} is None or not the latest one of volume"
            f" {volume.id}.",
        )
    if mine[-1].size_gib != volume.size_gib:
        raise Refusal(
            400,
            f"Can't revert volume {volume.id} to its latest snapshot {wanted}. The"
            " volume size must be equal to the snapshot size.",
        )
    return mine[-1]


async def _revert(call: Call, volume: Volume, snapshot: Snapshot) -> None:
    site, before = call.site, volume.disk
    await take(site.latency.volume, call.fate)
    snapshot.status = "available"
    if call.fate is Effect.ERROR or snapshot.image is None:
        volume.status = "error"
        return
    volume.disk = site.disks.create(volume.size_gib, snapshot.image)
    volume.status = "available"
    if before is not None:
        site.disks.delete(before)


OPERATIONS = (
    acting(
        VOLUME,
        {
            "os-extend": Deed(extend),
            "os-set_bootable": Deed(set_bootable),
            "os-update_readonly_flag": Deed(set_readonly),
            "os-set_image_metadata": Deed(image_metadata.add),
            "os-show_image_metadata": Deed(image_metadata.show),
            "os-unset_image_metadata": Deed(image_metadata.remove),
            "os-retype": Deed(retype),
            "revert": Deed(revert, since=REVERT),
            "os-reset_status": Deed(status.reset_volume, f"{POLICY}reset_status"),
            "os-force_delete": Deed(force_delete, f"{POLICY}force_delete"),
        },
    ),
)
