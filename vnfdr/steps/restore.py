"""Restore backups into volumes that were created for them."""

from collections.abc import Iterator
from typing import ClassVar

from attrs import frozen

from vnfdr.plan import Call, Receipt, Receipts, Step
from vnfdr.world import World


@frozen
class RestoreBackup(Step[World]):
    """Restore one backup, and all that it builds on, into a blank volume.

    Args:
        run: the run it is done for.
        volume_id: the volume that comes back, by its id where it was.
        name: what people call it.
        backup_id: the backup that holds its bytes.
        timeout_seconds: how long it may take.
    """

    kind: ClassVar[str] = "restore backup"

    run: str
    volume_id: str
    name: str
    backup_id: str
    timeout_seconds: float

    @property
    def key(self) -> str:
        return f"{self.run}:restore:{self.volume_id}"

    @property
    def title(self) -> str:
        return f"restore backup {self.backup_id} into the volume for {self.name!r}"

    @property
    def sources(self) -> tuple[str, ...]:
        return (self._volume_key, f"{self.run}:record:{self.backup_id}")

    @property
    def calls(self) -> tuple[Call, ...]:
        return (Call("POST /backups/.../restore", f"{self.backup_id}: {self.name!r}"),)

    def check(self, world: World) -> Iterator[str]:
        """Nothing to ask: neither the record nor the volume is there yet."""
        yield from ()

    def do(self, world: World, done: Receipts) -> Receipt:
        volume_id = done[self._volume_key].id
        world.site.backups.restore(
            self.backup_id, volume_id, timeout_seconds=self.timeout_seconds
        )
        return self._receipt(volume_id)

    def find(self, world: World) -> Receipt | None:
        """Find a restore that is under way, or done.

        The volume is blank otherwise. It keeps its name, by which it is found: of its
        metadata a restore leaves nothing.
        """
        found = world.site.volumes.find(self._volume_key)
        if found is None:
            return None
        under_way = found.status == "restoring-backup"
        restored = world.site.volumes.restored_from(found.id) == self.backup_id
        return self._receipt(found.id) if under_way or restored else None

    def adopt(self, world: World, receipt: Receipt) -> None:
        world.site.backups.wait_restored(
            self.backup_id, receipt.id, timeout_seconds=self.timeout_seconds
        )

    def undo(self, world: World, receipt: Receipt) -> None:
        """Leave it: the volume is deleted next, and what is in it with that."""

    @property
    def _volume_key(self) -> str:
        return f"{self.run}:volume:{self.volume_id}"

    def _receipt(self, volume_id: str) -> Receipt:
        return Receipt("restored volume", volume_id)
