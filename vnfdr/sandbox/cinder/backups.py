"""Cinder's backups: full ones, and increments on a parent that Cinder chooses."""

import asyncio
from typing import Any

from vnfdr.sandbox.backups import BackupMissingError, BackupRefusedError
from vnfdr.sandbox.bodies import check_characters
from vnfdr.sandbox.cinder import status
from vnfdr.sandbox.cinder.actions import Deed, acting
from vnfdr.sandbox.cinder.lists import links_to
from vnfdr.sandbox.cinder.metadata import metadata_in
from vnfdr.sandbox.cinder.nouns import BACKUP, SNAPSHOT, VOLUME, introduced
from vnfdr.sandbox.cinder.quotas import claim
from vnfdr.sandbox.cinder.shelf import Shelf
from vnfdr.sandbox.cinder.status import resetting
from vnfdr.sandbox.disks import DiskGoneError, Image
from vnfdr.sandbox.faults import Effect
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal, Version
from vnfdr.sandbox.site import Site, take
from vnfdr.sandbox.things import Backup, Snapshot, Volume, stamp

LONG_AGO = -1
UPDATE, METADATA = (3, 9), (3, 43)


def create(call: Call) -> Answer:
    """Accept a backup, and make it."""
    asked, site = call.inner("backup"), call.site
    volume = VOLUME.one(call, str(asked.get("volume_id")))
    snapshot = _snapshot(call, asked, volume)
    if snapshot is None:
        _check_volume(volume, force=bool(asked.get("force")))
    size = {"backups": 1, "backup_gigabytes": volume.size_gib}
    claim(site, volume.type, size)
    parent = _parent(site, volume, snapshot) if asked.get("incremental") else None
    source, before = snapshot or volume, (snapshot or volume).status
    # When Cinder cannot write the backup down, its source stays behind so.
    source.status = "backing-up"
    backup = Backup(
        **introduced(call, asked),
        volume_id=volume.id,
        snapshot_id=snapshot.id if snapshot else None,
        parent_id=parent.id if parent else None,
        size_gib=volume.size_gib,
        data_timestamp=snapshot.created_at if snapshot else int(site.now()),
        metadata=metadata_in(asked),
    )
    answer = SHELF.accepted(call, backup, _short)
    site.later(_make(call, backup, source, before))
    return answer


def change(call: Call) -> Answer:
    """Change a backup's name or description, or put other metadata in its place."""
    backup, asked = BACKUP.one(call), call.inner("backup")
    check_characters(asked)
    if "metadata" in asked and call.version >= METADATA:
        backup.metadata = metadata_in(asked)
    return SHELF.renamed(call, _short)


def delete(call: Call) -> Answer:
    """Accept that a backup is to go."""
    backup = BACKUP.one(call)
    if backup.status not in {"available", "error"}:
        raise Refusal(400, "Invalid backup: Backup status must be available or error")
    return _removed(call, backup)


def force_delete(call: Call, backup: Backup, _: Json) -> Answer:
    """Accept that a backup is to go, whatever its status; if need be it is given up."""
    if not call.site.cancels_backups:
        raise Refusal(405, "Operation not supported: force delete.")
    return _removed(call, backup)


def _removed(call: Call, backup: Backup) -> Answer:
    if has_dependents(call.site, backup):
        raise Refusal(400, "Invalid backup: Incremental backups exist for this backup.")
    store = call.site.backup_store
    return SHELF.removed(call, backup, lambda gone: store.delete(gone.id))


def has_dependents(site: Site, backup: Backup) -> bool:
    """Tell whether increments build on a backup."""
    return any(other.parent_id == backup.id for other in list(site.backups.values()))


def _snapshot(call: Call, asked: Json, volume: Volume) -> Snapshot | None:
    if not asked.get("snapshot_id"):
        return None
    snapshot = SNAPSHOT.one(call, asked["snapshot_id"])
    if snapshot.volume_id != volume.id:
        raise Refusal(
            400,
            f"Invalid volume: Volume {volume.id} does not match with"
            f" snapshot.volume_id {snapshot.volume_id}.",
        )
    if snapshot.status != "available":
        raise Refusal(
            400,
            "Invalid snapshot: Snapshot to be backed up must be available, but the"
            f' current status is "{snapshot.status}".',
        )
    return snapshot


def _check_volume(volume: Volume, *, force: bool) -> None:
    if volume.status not in {"available", "in-use"}:
        raise Refusal(
            400,
            "Invalid volume: Volume to be backed up must be available or in-use, but"
            f' the current status is "{volume.status}".',
        )
    if volume.status == "in-use" and not force:
        raise Refusal(
            400,
            "Invalid volume: Backing up an in-use volume must use the force flag.",
        )


def _parent(site: Site, volume: Volume, snapshot: Snapshot | None) -> Backup:
    """Choose the parent as Cinder does, oddities included.

    It is the newest of those that qualify. Where none does, all count the same, and
    the newest row is taken, though its data may be newer than the increment's.
    """

    def rank(backup: Backup) -> int:
        earlier = snapshot is None or backup.data_timestamp < snapshot.created_at
        qualifies = backup.status == "available" and earlier
        return backup.data_timestamp if qualifies else LONG_AGO

    rows = [b for b in reversed(site.backups.values()) if b.volume_id == volume.id]
    if not rows:
        raise Refusal(
            400,
            "Invalid backup: No backups available to do an incremental backup.",
        )
    parent = max(rows, key=rank)
    if parent.status != "available":
        raise Refusal(
            400,
            "Invalid backup: No backups available to do an incremental backup."
            if all(row.status == "error" for row in rows)
            else "Invalid backup: The parent backup must be available for incremental"
            " backup.",
        )
    return parent


async def _make(
    call: Call, backup: Backup, source: Snapshot | Volume, before: str
) -> None:
    site = call.site
    await take(0.0, call.fate)
    if not site.backup_service_up:
        # Its scheduler leaves the snapshot as it is, for ever.
        backup.status = "error"
        backup.fail_reason = "Service not found for creating backup."
        return
    image, is_own = _image(site, source)
    await take(site.latency.backup)
    if call.fate is Effect.ERROR or image is None:
        backup.status, backup.fail_reason = "error", "The sandbox was told to fail."
    else:
        await _save(site, backup, image)
    if image is not None and is_own:
        site.disks.delete(image)
    if source.status == "backing-up":
        source.status = before
    if backup.id not in site.backups:
        # It was deleted by force meanwhile.
        site.backup_store.delete(backup.id)


async def _save(site: Site, backup: Backup, image: Image) -> None:
    try:
        saved = await asyncio.to_thread(
            site.backup_store.save,
            image,
            backup.id,
            backup.parent_id,
            _likeness(site.volumes.get(backup.volume_id)),
        )
    except (
        BackupMissingError,
        BackupRefusedError,
        DiskGoneError,
        FileNotFoundError,
    ) as error:
        # The backup, or what it is made of, was deleted by force meanwhile.
        backup.status, backup.fail_reason = "error", str(error)
    else:
        backup.object_count = saved.object_count
        backup.stored_bytes = saved.stored_bytes
        if backup.status == "creating":
            backup.status = "available"


def _likeness(volume: Volume | None) -> Json:
    """Return what Cinder keeps of a volume beside its bytes."""
    return {
        "name": volume.name if volume else "",
        "metadata": dict(volume.metadata) if volume else {},
        "image_metadata": dict(volume.image_metadata) if volume else {},
    }


def _image(site: Site, source: Snapshot | Volume) -> tuple[Image | None, bool]:
    """Return what is to be saved, and whether it was made for that."""
    if isinstance(source, Snapshot):
        return source.image, False
    return (site.disks.image(source.disk) if source.disk else None), True


def view(call: Call, backup: Backup) -> Json:
    """Return all that Cinder shows of a backup. Its parent is not part of that."""
    told: dict[str, Any] = {
        **_short(call, backup),
        "description": backup.description,
        "status": backup.status,
        "size": backup.size_gib,
        "object_count": backup.object_count,
        "container": f"{backup.id[:2]}/{backup.id[2:4]}/{backup.id}",
        "availability_zone": "nova",
        "volume_id": backup.volume_id,
        "snapshot_id": backup.snapshot_id,
        "created_at": stamp(backup.created_at),
        "updated_at": stamp(backup.created_at),
        "data_timestamp": stamp(backup.data_timestamp),
        "is_incremental": backup.parent_id is not None,
        "has_dependent_backups": has_dependents(call.site, backup),
        "fail_reason": backup.fail_reason,
    }
    later: dict[Version, tuple[str, object]] = {METADATA: ("metadata", backup.metadata)}
    if call.user.admin:
        project = "os-backup-project-attr:project_id"
        later[(3, 18)] = (project, call.site.project_id)
        later[(3, 56)] = ("user_id", backup.user_id)
    return told | dict(pair for since, pair in later.items() if call.version >= since)


def _short(call: Call, backup: Backup) -> Json:
    links = links_to(call, "backups", backup.id)
    return {"id": backup.id, "name": backup.name, "links": links}


SHELF = Shelf(BACKUP, view, _short)
OPERATIONS = (
    Operation("POST", "/backups", "create backup", create),
    *SHELF.readings(),
    Operation("PUT", "/backups/{id}", "change backup", change, since=UPDATE),
    Operation("DELETE", "/backups/{id}", "delete backup", delete),
    acting(
        BACKUP,
        {
            "os-reset_status": resetting(
                "Backup",
                status.BACKUP,
                "volume_extension:backup_admin_actions:reset_status",
            ),
            "os-force_delete": Deed(
                force_delete, "volume_extension:backup_admin_actions:force_delete"
            ),
        },
    ),
)
