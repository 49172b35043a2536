"""Backups on their way to another site: records, and what is restored from them."""

import asyncio
import base64
import json
from collections.abc import Iterator
from datetime import datetime

from vnfdr.sandbox.backups import BackupMissingError, BackupRefusedError
from vnfdr.sandbox.cinder.nouns import BACKUP, VOLUME
from vnfdr.sandbox.cinder.quotas import claim
from vnfdr.sandbox.disks import DiskGoneError
from vnfdr.sandbox.faults import Effect
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal
from vnfdr.sandbox.site import Site, take
from vnfdr.sandbox.things import Backup, Volume, zulu

DRIVER = "cinder.backup.drivers.posix.PosixBackupDriver"
UNREADABLE = "Invalid input received: Can't parse backup record."
KEPT = {
    "id": "id",
    "volume_id": "volume_id",
    "snapshot_id": "snapshot_id",
    "parent_id": "parent_id",
    "size": "size_gib",
    "display_name": "name",
    "display_description": "description",
    "object_count": "object_count",
    "metadata": "metadata",
}
"""What of a backup is in its record, by the names that Cinder's code has for it."""
WHEN = {"created_at": "created_at", "data_timestamp": "data_timestamp"}
"""The same of times."""

UNREAD = {
    "volume_id": "00000000-0000-0000-0000-000000000000",
    "snapshot_id": None,
    "parent_id": None,
    "size_gib": 0,
}
"""What Cinder says of a backup whose record was not read yet."""


def export_record(call: Call) -> Answer:
    """Tell all that another site needs to know of a backup."""
    call.only_admin("backup:export-import")
    backup = BACKUP.one(call)
    if backup.status != "available":
        raise Refusal(
            400,
            f"Invalid backup: Backup status must be available and not {backup.status}.",
        )
    row = {column: getattr(backup, name) for column, name in KEPT.items()}
    row |= {column: zulu(getattr(backup, name)) for column, name in WHEN.items()}
    url = base64.b64encode(json.dumps(row).encode()).decode()
    record = {"backup_service": DRIVER, "backup_url": url}
    return Answer(200, {"backup-record": record})


def import_record(call: Call) -> Answer:
    """Take a backup of another site in; whether its files are there is not asked.

    Its row is one of nothing until a driver has read the record.
    """
    call.only_admin("backup:backup-import")
    asked, site = call.inner("backup-record"), call.site
    row = _row(str(asked.get("backup_url")))
    if row["id"] in site.backups:
        raise Refusal(400, "Invalid backup: Backup already exists in database.")
    size = {"backups": 1, "backup_gigabytes": row["size_gib"]}
    claim(site, site.types.default.name, size)
    backup = Backup(**{**row, **UNREAD}, user_id=call.user.id)
    site.backups[backup.id] = backup
    site.later(_look_at(call, backup, row, str(asked.get("backup_service"))))
    told = {"id": backup.id, "name": backup.name, "links": []}
    return Answer(201, {"backup": told})


def restore(call: Call) -> Answer:
    """Accept that a volume is to become what a backup holds."""
    backup, asked = BACKUP.one(call), call.inner("restore")
    if backup.status != "available":
        raise Refusal(400, "Invalid backup: Backup status must be available")
    is_new = not asked.get("volume_id")
    if not is_new:
        volume = VOLUME.one(call, asked["volume_id"])
    else:
        name = asked.get("name") or f"restore_backup_{backup.id}"
        volume = call.site.add_volume(name, None, backup.size_gib)
        volume.user_id = call.user.id
    if volume.status != "available":
        raise Refusal(400, "Invalid volume: Volume to be restored to must be available")
    if volume.size_gib < backup.size_gib:
        raise Refusal(
            400,
            f"Invalid volume: volume size {volume.size_gib} is too small to restore"
            f" backup of size {backup.size_gib}.",
        )
    backup.status, volume.status = "restoring", "restoring-backup"
    call.site.later(_restore(call, backup, volume, is_new=is_new))
    told = {
        "backup_id": backup.id,
        "volume_id": volume.id,
        "volume_name": volume.name,
    }
    return Answer(202, {"restore": told})


def _row(url: str) -> Json:
    try:
        row = json.loads(base64.b64decode(url))
    except ValueError:
        raise Refusal(400, UNREADABLE) from None
    if isinstance(row, dict) and "id" not in row:
        raise Refusal(
            400, "Invalid input received: Provided backup record is missing an id"
        )
    if not isinstance(row, dict) or {*KEPT, *WHEN} - row.keys():
        raise Refusal(400, UNREADABLE)
    dates = {name: datetime.fromisoformat(row[c]) for c, name in WHEN.items()}
    return {
        **{name: row[column] for column, name in KEPT.items()},
        **{name: int(date.timestamp()) for name, date in dates.items()},
    }


async def _look_at(call: Call, backup: Backup, row: Json, driver: str) -> None:
    await take(call.site.latency.backup, call.fate)
    if driver != DRIVER:
        backup.status = "error"
        backup.fail_reason = (
            "Import record failed, cannot find backup service to perform the import."
            f" Request service {driver}."
        )
        return
    if call.fate is Effect.ERROR:
        backup.status = "error"
        return
    for name, value in row.items():
        setattr(backup, name, value)
    backup.status = "available"


async def _restore(call: Call, backup: Backup, volume: Volume, *, is_new: bool) -> None:
    await take(call.site.latency.backup, call.fate)
    if call.fate is Effect.ERROR:
        volume.status, backup.status = "error_restoring", "available"
    elif await pour(call.site, backup, volume, is_new=is_new):
        volume.status = "available"
    else:
        volume.status = "error_restoring"


async def pour(site: Site, backup: Backup, volume: Volume, *, is_new: bool) -> bool:
    """Write what a backup holds to a volume, and tell whether that went well.

    A volume that Cinder made for it ``is_new``, and gets no zeros: of an increment it
    may become something that never was.
    """
    backup.status = "restoring"
    try:
        is_whole = all(link in site.backups for link in _chain(site, backup))
        if not is_whole or volume.disk is None:
            return False
        await asyncio.to_thread(
            site.backup_store.restore, backup.id, volume.disk, is_new=is_new
        )
        source = site.backup_store.source(backup.id)
    except (BackupMissingError, BackupRefusedError, DiskGoneError):
        return False
    finally:
        backup.status = "available"
    _make_like_source(volume, backup.id, source)
    return True


def _chain(site: Site, backup: Backup) -> Iterator[str]:
    """Yield the ids of all that a backup builds on, as far as they are known here."""
    link: Backup | None = backup
    while link is not None and link.parent_id is not None:
        yield link.parent_id
        link = site.backups.get(link.parent_id)


def _make_like_source(volume: Volume, backup_id: str, source: Json) -> None:
    """Rewrite what the volume is called and says of itself, as Cinder does.

    What the source was like is kept with the bytes, and is in no record.
    """
    # A source that had no metadata takes none away.
    metadata = source["metadata"] or volume.metadata
    volume.metadata = {**metadata, "src_backup_id": backup_id}
    if not volume.name or volume.name.startswith("restore_backup_"):
        volume.name = source["name"]
    if source["image_metadata"]:
        volume.image_metadata = dict(source["image_metadata"])
        volume.bootable = True


OPERATIONS = (
    Operation("GET", "/backups/{id}/export_record", "export backup", export_record),
    Operation("POST", "/backups/import_record", "import backup", import_record),
    Operation("POST", "/backups/{id}/restore", "restore backup", restore),
)
