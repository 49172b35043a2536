"""Create volumes from the snapshots: the local recovery copy."""

from typing import ClassVar

from attrs import frozen

from vnfdr.cloud import GROUP, POINT, VERDICT
from vnfdr.model import Volume
from vnfdr.plan import Call, Receipt, Receipts
from vnfdr.text import label
from vnfdr.volume_step import VolumeStep
from vnfdr.world import World


@frozen
class CreateVolume(VolumeStep):
    """Create a volume from the snapshot of another.

    Args:
        point: the recovery point it is done for.
        group: the group's name.
        volume: the volume that was snapshotted.
        snapshot_key: the key of its snapshot.
        window_key: the key of the window, whose receipt is the verdict.
    """

    kind: ClassVar[str] = "create volume"

    point: str
    group: str
    volume: Volume
    snapshot_key: str
    window_key: str

    @property
    def key(self) -> str:
        return f"{self.point}:volume:{self.volume.id}"

    @property
    def title(self) -> str:
        return f"create a volume from the snapshot of {self.volume}"

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.snapshot_key, self.window_key)

    @property
    def calls(self) -> tuple[Call, ...]:
        return (Call("POST /volumes", f"from the snapshot of {self.volume}"),)

    def do(self, world: World, done: Receipts) -> Receipt:
        volume_id = world.site.volumes.create(
            tag=self.key,
            snapshot_id=done[self.snapshot_key].id,
            size_gib=self.volume.size_gib,
            metadata={
                POINT: self.point,
                GROUP: label(self.group),
                VERDICT: done[self.window_key].id,
            },
        )
        return Receipt("volume", volume_id)
