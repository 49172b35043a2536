"""Create volumes from what a recovery point kept at its own site."""

from collections.abc import Iterator
from typing import ClassVar

from attrs import frozen

from vnfdr.cloud import mark_of
from vnfdr.plan import Call, Receipt, Receipts
from vnfdr.volume_step import VolumeStep
from vnfdr.world import World


@frozen
class CopyVolume(VolumeStep):
    """Create a volume like one that was kept, or from a snapshot that was kept.

    What was kept stays as it is. A kept volume that is attached may hold what
    somebody wrote after the point, and is not taken.

    Args:
        run: the run it is done for.
        group: the group's name.
        volume_id: the volume that it is a second one of.
        name: what people call that.
        size_gib: how big it is.
        copy_id: the volume that was kept; empty to use the snapshot.
        snapshot_id: the snapshot that was kept; empty to use the volume.
    """

    kind: ClassVar[str] = "copy volume"

    run: str
    group: str
    volume_id: str
    name: str
    size_gib: int
    copy_id: str = ""
    snapshot_id: str = ""

    @property
    def key(self) -> str:
        return f"{self.run}:volume:{self.volume_id}"

    @property
    def title(self) -> str:
        return f"create a volume for {self.name!r} from {self._source}"

    @property
    def calls(self) -> tuple[Call, ...]:
        return (Call("POST /volumes", f"from {self._source}"),)

    def check(self, world: World) -> Iterator[str]:
        """Tell when a kept volume is in use or gone; snapshots are told by Cinder."""
        if not self.copy_id:
            return
        status = world.site.volumes.get(self.copy_id).status
        if status != "available":
            yield (
                f"the kept copy {self.copy_id} of {self.name!r} is in status"
                f" {status!r}; it must be available"
            )

    def do(self, world: World, done: Receipts) -> Receipt:
        volumes, mark = world.site.volumes, mark_of(self.run, self.group)
        if self.copy_id:
            made = volumes.copy(
                tag=self.key,
                volume_id=self.copy_id,
                size_gib=self.size_gib,
                metadata=mark,
            )
        else:
            made = volumes.create(
                tag=self.key,
                snapshot_id=self.snapshot_id,
                size_gib=self.size_gib,
                metadata=mark,
            )
        return Receipt("volume", made)

    @property
    def _source(self) -> str:
        if self.copy_id:
            return f"the kept copy {self.copy_id}"
        return f"the kept snapshot {self.snapshot_id}"
