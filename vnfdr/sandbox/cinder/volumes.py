"""Cinder's volumes."""

from functools import partial

from vnfdr.sandbox.bodies import check_characters
from vnfdr.sandbox.cinder.backends import check_zone
from vnfdr.sandbox.cinder.membership import group_in
from vnfdr.sandbox.cinder.metadata import metadata_in
from vnfdr.sandbox.cinder.nouns import VOLUME, introduced
from vnfdr.sandbox.cinder.quotas import check_size, claim
from vnfdr.sandbox.cinder.records import pour
from vnfdr.sandbox.cinder.schema import is_set
from vnfdr.sandbox.cinder.shelf import Shelf
from vnfdr.sandbox.cinder.snapshots import forget as forget_snapshot
from vnfdr.sandbox.cinder.sources import (
    Source,
    inherited,
    size_of,
    source_of,
    type_of,
)
from vnfdr.sandbox.cinder.volume_view import new, short, view
from vnfdr.sandbox.disks import DiskGoneError
from vnfdr.sandbox.faults import Effect
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal
from vnfdr.sandbox.site import Site, take
from vnfdr.sandbox.things import Backup, Snapshot, Volume

FORCE = (3, 23)
DELETABLE = (
    "available",
    "error",
    "error_restoring",
    "error_extending",
    "error_managing",
)


def create(call: Call) -> Answer:
    """Accept a new volume, and make it."""
    asked, site = call.inner("volume"), call.site
    _check(asked)
    source = source_of(call, asked)
    kind = type_of(call, asked, source)
    group_id = group_in(call, asked)
    size = size_of(asked, source)
    check_zone(asked.get("availability_zone"))
    check_size(site, size)
    claim(site, kind, {"volumes": 1, "gigabytes": size})
    volume = Volume(
        **introduced(call, asked),
        **inherited(call, source),
        size_gib=size,
        type=kind,
        metadata=metadata_in(asked),
        group_id=group_id,
    )
    answer = SHELF.accepted(call, volume, new)
    site.later(make(call, volume, source))
    return answer


def rename(call: Call) -> Answer:
    """Change a volume's name or description, or put other metadata in its place."""
    volume, asked = VOLUME.one(call), call.inner("volume")
    if volume.status == "maintenance":
        raise Refusal(
            400, "Invalid volume: The volume cannot be updated during maintenance."
        )
    check_characters(asked)
    if "metadata" in asked:
        volume.metadata = metadata_in(asked)
    return SHELF.renamed(call, new)


def delete(call: Call) -> Answer:
    """Accept that a volume is to go, with its snapshots if so asked."""
    volume = VOLUME.one(call)
    forced = call.version >= FORCE and is_set(call.query.get("force"))
    if forced:
        call.only_admin("volume:force_delete")
    cascade = is_set(call.query.get("cascade"))
    return remove(call, volume, forced=forced, cascade=cascade)


def force_delete(call: Call, volume: Volume, _: Json) -> Answer:
    """Accept that a volume is to go, whatever its status."""
    return remove(call, volume, forced=True, cascade=False)


def remove(call: Call, volume: Volume, *, forced: bool, cascade: bool) -> Answer:
    """Let a volume go, unless something holds it.

    Raises:
        Refusal: something does.
    """
    snapshots = _snapshots(call.site, volume)
    stuck = [
        s
        for s in snapshots
        if s.group_snapshot_id
        or not (forced or s.status in {"available", "error", "deleting"})
    ]
    is_held = bool(stuck if cascade else snapshots)
    is_busy = not forced and volume.status not in DELETABLE
    if is_busy or is_held or volume.attachments or volume.group_id:
        status = "" if forced else f"status must be {' or '.join(DELETABLE)} and"
        raise Refusal(
            400,
            f"Invalid volume: Volume {status} must not be migrating, attached, belong"
            " to a group, have snapshots, awaiting a transfer, or be disassociated"
            " from snapshots after volume transfer.",
        )
    for snapshot in snapshots:
        snapshot.status = "deleting"
    return SHELF.removed(call, volume, partial(forget, call.site))


def forget(site: Site, volume: Volume) -> None:
    """Let go of a volume's bytes, and of its snapshots."""
    for snapshot in _snapshots(site, volume):
        forget_snapshot(site, snapshot)
        site.snapshots.pop(snapshot.id, None)
    if volume.disk is not None:
        site.disks.delete(volume.disk)


def _snapshots(site: Site, volume: Volume) -> list[Snapshot]:
    return [s for s in list(site.snapshots.values()) if s.volume_id == volume.id]


def _check(asked: Json) -> None:
    if is_set(asked.get("multiattach")):
        raise Refusal(
            400,
            "multiattach parameter has been removed. The default behavior is to use"
            " multiattach enabled volume types. Contact your administrator to create a"
            " multiattach enabled volume type and use it to create multiattach"
            " volumes.",
        )


async def make(call: Call, volume: Volume, source: Source | None) -> None:
    """Give a volume its bytes, and then its status."""
    site = call.site
    await take(site.latency.volume, call.fate)
    fits = volume.size_gib <= site.volume_gib_max and call.fate is not Effect.ERROR
    if not fits or not await _filled(site, volume, source):
        volume.status = "error"
        text = "schedule allocate volume:Could not find any available weighted backend."
        site.tell("VOLUME", volume.id, call.request_id, text)
    elif volume.status == "creating":
        volume.status = "available"
    if volume.id not in site.volumes:
        forget(site, volume)  # It was deleted by force meanwhile.


async def _filled(site: Site, volume: Volume, source: Source | None) -> bool:
    """Tell whether a volume could be given its bytes."""
    if source is None or isinstance(source, Backup):
        volume.disk = site.disks.create(volume.size_gib)
        return source is None or await pour(site, source, volume, is_new=True)
    try:
        _cut(site, volume, source)
    except DiskGoneError:
        return False
    if volume.bootable:
        volume.image_metadata = dict(source.image_metadata)
    return volume.disk is not None


def _cut(site: Site, volume: Volume, source: Snapshot | Volume) -> None:
    """Begin a disk with the bytes of another volume, if it has any."""
    if isinstance(source, Snapshot):
        if source.image is not None:
            volume.disk = site.disks.create(volume.size_gib, source.image)
    elif source.disk is not None:
        image = site.disks.image(source.disk)
        volume.disk = site.disks.create(volume.size_gib, image)
        site.disks.delete(image)


SHELF = Shelf(VOLUME, view, short)
OPERATIONS = (
    Operation("POST", "/volumes", "create volume", create),
    *SHELF.readings(),
    Operation("PUT", "/volumes/{id}", "rename volume", rename),
    Operation("DELETE", "/volumes/{id}", "delete volume", delete),
)
