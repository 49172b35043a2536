"""Stamp the verdict on snapshots, last of all: absent means no."""

from collections.abc import Iterator
from typing import ClassVar

from attrs import frozen

from vnfdr.cloud import VERDICT
from vnfdr.model import Volume
from vnfdr.plan import Call, Receipt, Receipts, Step
from vnfdr.world import World


@frozen
class StampSnapshot(Step[World]):
    """Write on one snapshot whether its recovery point is consistent.

    Args:
        point: the recovery point.
        volume: the volume that was snapshotted.
        snapshot_key: the key of its snapshot.
        window_key: the key of the window, whose receipt is the verdict.
    """

    kind: ClassVar[str] = "stamp"

    point: str
    volume: Volume
    snapshot_key: str
    window_key: str

    @property
    def key(self) -> str:
        return f"{self.point}:stamp:{self.volume.id}"

    @property
    def title(self) -> str:
        return f"stamp the verdict on the snapshot of {self.volume}"

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.snapshot_key, self.window_key)

    @property
    def calls(self) -> tuple[Call, ...]:
        return (Call("POST /snapshots/.../metadata", str(self.volume)),)

    def check(self, world: World) -> Iterator[str]:
        """Nothing to ask: who may snapshot may stamp."""
        yield from ()

    def do(self, world: World, done: Receipts) -> Receipt:
        snapshot = done[self.snapshot_key]
        world.site.snapshots.stamp(snapshot.id, {VERDICT: done[self.window_key].id})
        return Receipt("verdict on snapshot", snapshot.id)

    def find(self, world: World) -> Receipt | None:
        """Find nothing: stamping again is one call and no harm."""
        return None

    def undo(self, world: World, receipt: Receipt) -> None:
        """Leave it: the snapshot it is written on goes next, and it with that."""
