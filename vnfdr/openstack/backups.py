"""Cinder's backups.

The only user of cinderclient: openstacksdk drops an ``incremental`` it does not know
by that name, and makes a full backup.
"""

from http import HTTPStatus

from attrs import frozen
from cinderclient.client import Client  # type: ignore[import-untyped]  # because: no types

from vnfdr.cloud import BackupRequest
from vnfdr.errors import Conflict, Forbidden, Unsupported
from vnfdr.model import Backup, BackupRecord, Marked
from vnfdr.openstack.api import Api, Json, new_request_id
from vnfdr.openstack.collection import Collection, tag_of, tagged
from vnfdr.openstack.importing import Import
from vnfdr.openstack.marks import bears_a_mark, bears_our_name, date, marked
from vnfdr.openstack.records import record_of
from vnfdr.openstack.restoring import Restore
from vnfdr.openstack.translation import only_once

BUSY = frozenset({"creating", "restoring"})
BUSY_SECONDS_MAX = 7200.0

NO_PARENT = "No backups available to do an incremental backup"


@frozen
class CinderBackups:
    """The backups of a project."""

    api: Api

    def create(self, request: BackupRequest, *, timeout_seconds: float) -> str:
        backup_id = self._ask(request)
        made = self._all.until_available(backup_id, seconds_max=timeout_seconds)
        if made["is_incremental"] is not request.incremental:
            raise Unsupported(
                f"backup {backup_id!r} of volume {request.volume_id!r} is"
                f" {_sort(made['is_incremental'])},"
                f" although {_sort(request.incremental)} was asked for"
            )
        return backup_id

    def of_volume(self, volume_id: str) -> tuple[Backup, ...]:
        found = list(self._all.listed({"volume_id": volume_id}))
        # Cinder lists the newest first: of two of one second it stays the later.
        backups = [_backup(b) for b in reversed(found) if b["volume_id"] == volume_id]
        return tuple(sorted(backups, key=lambda backup: backup.data_timestamp))

    def find(self, tag: str) -> Backup | None:
        # Cinder cannot look for metadata here, and trims the names it is given.
        found = self._all.carrying(tag, {"name": tag.strip()})
        return _backup(found) if found else None

    def delete(self, backup_id: str) -> None:
        self._all.delete(backup_id)

    def wait(self, backup_id: str, *, timeout_seconds: float) -> None:
        self._all.until_available(backup_id, seconds_max=timeout_seconds)

    def get(self, backup_id: str) -> Backup:
        return _backup(self._all.get(backup_id))

    def take_in(self, record: BackupRecord) -> None:
        Import(self.api, record).make()

    def restore(
        self, backup_id: str, volume_id: str, *, timeout_seconds: float
    ) -> None:
        restore = Restore(self.api, backup_id, volume_id)
        restore.ask()
        restore.wait(timeout_seconds=timeout_seconds)

    def wait_restored(
        self, backup_id: str, volume_id: str, *, timeout_seconds: float
    ) -> None:
        restore = Restore(self.api, backup_id, volume_id)
        restore.wait(timeout_seconds=timeout_seconds)

    def marked(self) -> tuple[Marked, ...]:
        seen = self._all.listed({})
        ours = (b for b in seen if bears_a_mark(b) or bears_our_name(b))
        return tuple(_marked(backup) for backup in ours)

    def export(self, backup_id: str) -> BackupRecord:
        return record_of(self.api, backup_id)

    def _ask(self, request: BackupRequest) -> str:
        try:
            return self._ask_once(request)
        except Forbidden as error:
            if error.status != HTTPStatus.UNAUTHORIZED:
                raise
            # The token has ended while other threads used it: nothing was done.
            return self._ask_once(request)

    def _ask_once(self, request: BackupRequest) -> str:
        request_id = new_request_id()
        try:
            with only_once(f"back up volume {request.volume_id!r}", request_id):
                made = self._client(request_id).backups.create(
                    request.volume_id,
                    name=request.tag,
                    incremental=request.incremental,
                    snapshot_id=request.snapshot_id or None,
                    metadata=tagged(request.tag, request.metadata),
                )
        except Conflict as error:
            if NO_PARENT not in str(error):
                raise
            raise Conflict(
                f"volume {request.volume_id!r} has no backup to build an increment on;"
                " plan again: the next one must be full",
                status=error.status,
                request_id=error.request_id,
            ) from error
        return str(made.id)

    def _client(self, request_id: str) -> Client:
        """Return a client for one request: it keeps state, and has no lock."""
        session = self.api.adapter.session
        return Client(
            self.api.version,
            session=session,
            service_type="block-storage",
            endpoint_override=self.api.adapter.get_endpoint(),
            global_request_id=request_id,
            user_agent=f"{session.app_name}/{session.app_version} python-cinderclient",
        )

    @property
    def _all(self) -> Collection:
        return Collection(self.api, "backup", BUSY, BUSY_SECONDS_MAX)


def _backup(seen: Json) -> Backup:
    return Backup(
        id=seen["id"],
        volume_id=seen["volume_id"],
        status=seen["status"],
        incremental=seen["is_incremental"],
        data_timestamp=seen["data_timestamp"] or "",
        # Of a record that is being imported it is not known yet.
        size_gib=seen["size"] or 0,
        fail_reason=seen["fail_reason"] or "",
        tag=tag_of(seen),
    )


def _marked(seen: Json) -> Marked:
    return marked(
        "backup",
        seen,
        created_at=date(seen["created_at"]),
        size_gib=seen["size"] or 0,
        of=seen["volume_id"],
        # Cinder tells whether there are any, and not how many.
        dependents=int(seen["has_dependent_backups"]),
    )


def _sort(incremental: bool) -> str:  # noqa: FBT001 - named at both calls
    return "an increment" if incremental else "a full one"
