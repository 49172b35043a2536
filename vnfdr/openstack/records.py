"""Records of backups: all that another site needs to read one.

What Cinder exports is opaque, but for what it takes to find the backups below it.
"""

import base64
import json

from vnfdr.errors import CloudError
from vnfdr.model import BackupRecord
from vnfdr.openstack.api import Api, Json, at


def record_of(api: Api, backup_id: str) -> BackupRecord:
    """Export the record of a backup.

    Raises:
        Forbidden: it takes an administrator.
        Conflict: the backup is not available.
        CloudError: what came is no record.
    """
    path = at("backups", backup_id, "export_record")
    exported = api.get(path, f"export the record of backup {backup_id!r}")
    seen = exported["backup-record"]
    row = _row(backup_id, seen["backup_url"])
    return BackupRecord(
        id=backup_id,
        volume_id=str(row.get("volume_id") or ""),
        parent_id=str(row.get("parent_id") or ""),
        size_gib=int(row.get("size") or 0),
        data_timestamp=str(row.get("data_timestamp") or ""),
        service=seen["backup_service"],
        url=seen["backup_url"],
    )


def _row(backup_id: str, url: str) -> Json:
    try:
        row = json.loads(base64.b64decode(url, validate=True))
    except ValueError as error:
        raise CloudError(
            f"the record of backup {backup_id!r} cannot be read: {error}"
        ) from error
    if not isinstance(row, dict) or row.get("id") != backup_id:
        raise CloudError(f"the record of backup {backup_id!r} is that of another")
    return row
