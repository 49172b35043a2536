"""Back volumes up, incrementally where Cinder can.

Cinder finds the parent of an incremental backup by volume id, so real increments
come from the original volume with its snapshot. A volume that was created from the
snapshot has no history: it is always backed up whole.
"""

from collections.abc import Iterator
from typing import ClassVar

from attrs import frozen

from vnfdr.cloud import GROUP, POINT, VERDICT, BackupRequest
from vnfdr.model import Volume
from vnfdr.plan import Call, Receipt, Receipts, Step
from vnfdr.text import label
from vnfdr.world import World


@frozen
class BackUpVolume(Step[World]):
    """Back up what the snapshot of one volume holds.

    Args:
        point: the recovery point it is done for.
        group: the group's name.
        volume: the volume that was snapshotted.
        source_key: the key of its snapshot, or of the volume created from that.
        window_key: the key of the window, whose receipt is the verdict.
        incremental: whether only what changed since the last backup is stored.
        timeout_seconds: how long it may take.
    """

    kind: ClassVar[str] = "back up"

    point: str
    group: str
    volume: Volume
    source_key: str
    window_key: str
    incremental: bool
    timeout_seconds: float

    @property
    def key(self) -> str:
        return f"{self.point}:backup:{self.volume.id}"

    @property
    def title(self) -> str:
        extent = "incrementally" if self.incremental else "in full"
        return f"back up {self.volume} {extent}"

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.source_key, self.window_key)

    @property
    def calls(self) -> tuple[Call, ...]:
        extent = "incremental" if self.incremental else "full"
        return (Call("POST /backups", f"{self.volume}, {extent}"),)

    def check(self, world: World) -> Iterator[str]:
        if not self.incremental:
            return
        backups = world.site.backups.of_volume(self.volume.id)
        if not any(backup.status == "available" for backup in backups):
            yield (
                f"volume {self.volume} has no backup any more that an incremental one"
                " could follow; make the plan anew"
            )

    def do(self, world: World, done: Receipts) -> Receipt:
        source = done[self.source_key]
        from_snapshot = source.kind == "snapshot"
        request = BackupRequest(
            tag=self.key,
            volume_id=self.volume.id if from_snapshot else source.id,
            snapshot_id=source.id if from_snapshot else "",
            incremental=self.incremental,
            metadata={
                POINT: self.point,
                GROUP: label(self.group),
                VERDICT: done[self.window_key].id,
            },
        )
        backup_id = world.site.backups.create(
            request, timeout_seconds=self.timeout_seconds
        )
        return Receipt("backup", backup_id)

    def find(self, world: World) -> Receipt | None:
        found = world.site.backups.find(self.key)
        return Receipt("backup", found.id) if found else None

    def adopt(self, world: World, receipt: Receipt) -> None:
        world.site.backups.wait(receipt.id, timeout_seconds=self.timeout_seconds)

    def undo(self, world: World, receipt: Receipt) -> None:
        world.site.backups.delete(receipt.id)
