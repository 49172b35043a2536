"""Restore backups into volumes that are there.

Never into one that Cinder makes for it: Cinder would take that for blank, and leave
out of it what is zeros in an increment and was none in what the increment builds on.
"""

from attrs import frozen

from vnfdr.errors import CloudError
from vnfdr.openstack.api import Api, at
from vnfdr.openstack.collection import Collection
from vnfdr.openstack.marks import RESTORED_FROM

WORKING = frozenset({"restoring", "restoring-backup"})
FREE_SECONDS_MAX = 120.0
"""Cinder frees a backup right after the volume, and restores none twice at a time."""

NO_REASON = (
    "no reason given, as where a backup that it builds on, or a file, is missing"
)


@frozen
class Restore:
    """One backup on its way into one volume that is there."""

    api: Api
    backup_id: str
    volume_id: str

    def __str__(self) -> str:
        return f"restore backup {self.backup_id!r} into volume {self.volume_id!r}"

    def ask(self) -> None:
        """Ask for it, once."""
        self.api.post_once(
            at("backups", self.backup_id, "restore"),
            str(self),
            {"restore": {"volume_id": self.volume_id}},
        )

    def wait(self, *, timeout_seconds: float) -> None:
        """Wait until it is done.

        Raises:
            CloudError: it failed, or is not what was done to the volume.
        """
        volumes, backups = self._all("volume"), self._all("backup")
        volume = volumes.at_rest(
            self.volume_id, until="restored", seconds_max=timeout_seconds
        )
        backup = backups.at_rest(
            self.backup_id, until="restored", seconds_max=FREE_SECONDS_MAX
        )
        is_its_own = backup["volume_id"] == self.volume_id
        is_done = is_its_own or volume["metadata"].get(RESTORED_FROM) == self.backup_id
        if volume["status"] != "available" or not is_done:
            why = volumes.reason(volume) or backups.reason(backup) or NO_REASON
            raise CloudError(
                f"cannot {self}: the volume is in status {volume['status']!r}, and"
                f" what it holds is not to be trusted: {why}"
            )

    def _all(self, noun: str) -> Collection:
        return Collection(self.api, noun, WORKING, FREE_SECONDS_MAX)
