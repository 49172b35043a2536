"""Delete the local copies that are not needed once the backups are there."""

from collections.abc import Iterator
from typing import ClassVar

from attrs import frozen

from vnfdr.model import Volume
from vnfdr.plan import Call, Receipt, Receipts, Step
from vnfdr.world import World


@frozen
class DeleteSnapshot(Step[World]):
    """Delete the snapshot of one volume.

    Args:
        point: the recovery point it belongs to.
        volume: the volume that was snapshotted.
        source_key: the key of its snapshot.
    """

    kind: ClassVar[str] = "delete snapshot"

    point: str
    volume: Volume
    source_key: str

    @property
    def key(self) -> str:
        return f"{self.point}:delete-snapshot:{self.volume.id}"

    @property
    def title(self) -> str:
        return f"delete the snapshot of {self.volume}"

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.source_key,)

    @property
    def calls(self) -> tuple[Call, ...]:
        return (Call("DELETE /snapshots", str(self.volume)),)

    def check(self, world: World) -> Iterator[str]:
        """Nothing to ask: who may create it may delete it."""
        yield from ()

    def do(self, world: World, done: Receipts) -> Receipt:
        world.site.snapshots.delete(done[self.source_key].id)
        return Receipt("no snapshot of", self.volume.id)

    def find(self, world: World) -> Receipt | None:
        """Find nothing: deleting again is one call and no harm."""
        return None

    def undo(self, world: World, receipt: Receipt) -> None:
        """Leave it deleted: the run is committed, and the backup holds the data."""


@frozen
class DeleteVolume(Step[World]):
    """Delete the volume that was created from the snapshot of another.

    Args:
        point: the recovery point it belongs to.
        volume: the volume that was snapshotted.
        source_key: the key of the volume created from its snapshot.
    """

    kind: ClassVar[str] = "delete volume"

    point: str
    volume: Volume
    source_key: str

    @property
    def key(self) -> str:
        return f"{self.point}:delete-volume:{self.volume.id}"

    @property
    def title(self) -> str:
        return f"delete the volume created from {self.volume}"

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.source_key,)

    @property
    def calls(self) -> tuple[Call, ...]:
        return (Call("DELETE /volumes", f"created from {self.volume}"),)

    def check(self, world: World) -> Iterator[str]:
        """Nothing to ask: who may create it may delete it."""
        yield from ()

    def do(self, world: World, done: Receipts) -> Receipt:
        world.site.volumes.delete(done[self.source_key].id)
        return Receipt("no volume created from", self.volume.id)

    def find(self, world: World) -> Receipt | None:
        """Find nothing: deleting again is one call and no harm."""
        return None

    def undo(self, world: World, receipt: Receipt) -> None:
        """Leave it deleted: the run is committed, and the backup holds the data."""
