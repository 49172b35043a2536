"""Cinder's snapshots, each an instant somewhere between its 202 and ``available``."""

from collections.abc import Sequence
from functools import partial

from vnfdr.sandbox.cinder import status
from vnfdr.sandbox.cinder.actions import Deed, acting
from vnfdr.sandbox.cinder.metadata import metadata_in
from vnfdr.sandbox.cinder.nouns import SNAPSHOT, VOLUME, introduced
from vnfdr.sandbox.cinder.quotas import claim_snapshots
from vnfdr.sandbox.cinder.schema import is_set
from vnfdr.sandbox.cinder.shelf import Shelf
from vnfdr.sandbox.cinder.status import resetting
from vnfdr.sandbox.faults import Effect
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal
from vnfdr.sandbox.site import Site, take
from vnfdr.sandbox.things import Snapshot, Volume, stamp

NO_FORCE = (3, 66)


def create(call: Call) -> Answer:
    """Accept a snapshot; its instant comes later."""
    asked, site = call.inner("snapshot"), call.site
    volume = VOLUME.one(call, asked["volume_id"])
    _check_status(volume, force=_is_forced(call, asked))
    claim_snapshots(site, [volume])
    snapshot = Snapshot(
        **introduced(call, asked),
        volume_id=volume.id,
        size_gib=volume.size_gib,
        metadata=metadata_in(asked),
    )
    answer = SHELF.accepted(call, snapshot, _new)
    site.later(_make(call, snapshot))
    return answer


def rename(call: Call) -> Answer:
    """Change a snapshot's name or description."""
    return SHELF.renamed(call, _short)


def delete(call: Call) -> Answer:
    """Accept that a snapshot is to go."""
    return _removed(call, SNAPSHOT.one(call), ("available", "error"))


def force_delete(call: Call, snapshot: Snapshot, _: Json) -> Answer:
    """Accept that a snapshot is to go, whatever its status."""
    return _removed(call, snapshot, ())


def _removed(call: Call, snapshot: Snapshot, valid: tuple[str, ...]) -> Answer:
    is_busy = bool(valid) and snapshot.status not in valid
    if is_busy or snapshot.group_snapshot_id:
        told = f"status must be {' or '.join(valid)} and" if valid else ""
        raise Refusal(
            400, f"Invalid snapshot: Snapshot {told} must not be part of a group."
        )
    return SHELF.removed(call, snapshot, partial(forget, call.site))


def _is_forced(call: Call, asked: Json) -> bool:
    forced = is_set(asked.get("force", False))
    if call.version < NO_FORCE:
        return forced
    if "force" in asked and not forced:
        raise Refusal(
            400,
            "Since microversion 3.66 the 'force' flag is invalid for this request.  For"
            " backward compatability, however, when the 'force' flag is passed with a"
            " value evaluating to True, it is silently ignored.",
        )
    return True


def _check_status(volume: Volume, *, force: bool) -> None:
    valid = ["available", "in-use"] if force else ["available"]
    if volume.status not in valid:
        raise Refusal(
            400,
            f"Invalid volume: Volume {volume.id} status must be {', '.join(valid)},"
            f" but current status is: {volume.status}.",
        )


async def _make(call: Call, snapshot: Snapshot) -> None:
    site = call.site
    await take(0.0, call.fate)
    await shoot(site, [snapshot], fails=call.fate is Effect.ERROR)
    if snapshot.id not in site.snapshots:
        forget(site, snapshot)  # It was deleted by force meanwhile.
    elif snapshot.image is None:
        snapshot.status = "error"
        text = "create snapshot:Snapshot is unable to be created by the driver."
        site.tell("VOLUME_SNAPSHOT", snapshot.id, call.request_id, text)
    elif snapshot.status == "creating":
        snapshot.status = "available"


async def shoot(site: Site, snapshots: Sequence[Snapshot], *, fails: bool) -> None:
    """Give snapshots their images, all of one instant, once the storage has time.

    They are left without if it ``fails``, or if a volume is gone.
    """
    async with site.snapshot_slots:
        first = site.random.random() * site.latency.snapshot
        await take(first)
        volumes = [site.volumes.get(snapshot.volume_id) for snapshot in snapshots]
        there = [v for v in volumes if v is not None and v.disk is not None]
        if fails or len(there) < len(snapshots):
            return
        images = site.disks.images([v.disk for v in there if v.disk is not None])
        for snapshot, volume, image in zip(snapshots, there, images, strict=True):
            snapshot.image = image
            # Cinder copies what is known of an image only if it can be booted from.
            snapshot.image_metadata = (
                dict(volume.image_metadata) if volume.bootable else {}
            )
        await take(site.latency.snapshot - first)


def forget(site: Site, snapshot: Snapshot) -> None:
    """Let go of a snapshot's bytes."""
    if snapshot.image is not None:
        site.disks.delete(snapshot.image)


def view(call: Call, snapshot: Snapshot) -> Json:
    """Return all that Cinder shows of a snapshot."""
    done = snapshot.status != "creating"
    return {
        **_new(call, snapshot),
        "os-extended-snapshot-attributes:project_id": call.site.project_id,
        "os-extended-snapshot-attributes:progress": "100%" if done else "0%",
    }


def _new(call: Call, snapshot: Snapshot) -> Json:
    """Return what Cinder shows of a snapshot that was just made."""
    later = {
        (3, 14): ("group_snapshot_id", snapshot.group_snapshot_id),
        (3, 41): ("user_id", snapshot.user_id),
        (3, 65): ("consumes_quota", True),
    }
    told = _short(call, snapshot)
    return told | dict(pair for since, pair in later.items() if call.version >= since)


def _short(_: Call, snapshot: Snapshot) -> Json:
    is_new = snapshot.status == "creating"
    return {
        "id": snapshot.id,
        "name": snapshot.name,
        "description": snapshot.description,
        "volume_id": snapshot.volume_id,
        "status": snapshot.status,
        "size": snapshot.size_gib,
        "created_at": stamp(snapshot.created_at),
        "updated_at": None if is_new else stamp(snapshot.created_at),
        "metadata": snapshot.metadata,
    }


SHELF = Shelf(SNAPSHOT, view, _short)
OPERATIONS = (
    Operation("POST", "/snapshots", "create snapshot", create),
    *SHELF.readings(),
    Operation("PUT", "/snapshots/{id}", "rename snapshot", rename),
    Operation("DELETE", "/snapshots/{id}", "delete snapshot", delete),
    acting(
        SNAPSHOT,
        {
            "os-reset_status": resetting(
                "Snapshot",
                status.SNAPSHOT,
                "volume_extension:snapshot_admin_actions:reset_status",
            ),
            "os-force_delete": Deed(
                force_delete, "volume_extension:snapshot_admin_actions:force_delete"
            ),
        },
    ),
)
