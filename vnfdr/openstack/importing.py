"""Take in the records of backups that another site made.

What is imported is never deleted: that would delete the other site's data. Nothing is
imported twice, either: Cinder used to delete what it had by the same id.
"""

from attrs import field, frozen

from vnfdr.errors import CloudError, Conflict, Gone
from vnfdr.model import BackupRecord
from vnfdr.openstack.api import Api, Json, at
from vnfdr.openstack.collection import Collection

IMPORT_SECONDS_MAX = 300.0
"""Only the record is looked at, not the data."""

FIT = frozenset({"available", "restoring"})
"""A backup that is being restored was available, and will be.

In other statuses its row may be one that Cinder has not filled in yet, or never will:
until its driver has read the record, it is of no volume and has no size.
"""


@frozen
class Import:
    """A record on its way into a site."""

    api: Api
    record: BackupRecord = field(repr=False)

    def __str__(self) -> str:
        return f"import the record of backup {self.record.id!r}"

    def make(self) -> None:
        """Import it, unless it is there, and wait until its backup is available.

        Raises:
            Conflict: another backup has its id.
            CloudError: the site cannot read such backups, or an import failed before.
        """
        if not self._is_there():
            self._ask()
        seen = self._backups.at_rest(
            self.record.id, until="imported", seconds_max=IMPORT_SECONDS_MAX
        )
        if seen["status"] not in FIT:
            why = self._backups.reason(seen) or "no reason given"
            raise CloudError(
                f"cannot {self}: the backup is at this site in status"
                f" {seen['status']!r} ({why}), and stays there: to delete it could"
                " delete the other site's data"
            )
        self._check(seen)

    def _ask(self) -> None:
        body = {"backup_service": self.record.service, "backup_url": self.record.url}
        try:
            answer = self.api.post_once(
                at("backups", "import_record"), str(self), {"backup-record": body}
            )
        except Conflict:
            # Somebody else has imported it meanwhile, or it cannot be imported.
            if not self._is_there():
                raise
            return
        came = str(answer.content["backup"]["id"])
        if came != self.record.id:
            raise CloudError(
                f"cannot {self}: what it holds is backup {came!r}, which is at this"
                " site now, and stays"
            )

    def _is_there(self) -> bool:
        try:
            self._backups.get(self.record.id)
        except Gone:
            return False
        return True

    def _check(self, seen: Json) -> None:
        """See that a backup is the one that the record is of."""
        there, wanted = (seen["volume_id"], seen["size"]), self.record
        if there != (wanted.volume_id, wanted.size_gib):
            raise Conflict(
                f"cannot {self}: a backup of that id is at this site and is another"
                f" one, of volume {there[0]!r} with {there[1]} GiB, not of volume"
                f" {wanted.volume_id!r} with {wanted.size_gib} GiB"
            )

    @property
    def _backups(self) -> Collection:
        return Collection(
            self.api, "backup", frozenset({"creating"}), IMPORT_SECONDS_MAX
        )
