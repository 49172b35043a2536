"""Give new volumes what Cinder does not give them, or gets wrong."""

from collections.abc import Iterator
from typing import ClassVar

from attrs import frozen

from vnfdr.cloud import KEY, mark_of
from vnfdr.model import VolumeBlueprint
from vnfdr.plan import Call, Receipt, Receipts, Step
from vnfdr.world import World


@frozen
class RepairVolume(Step[World]):
    """Make a volume with the right bytes be like the one that it stands for.

    Args:
        run: the run it is done for.
        group: the group's name.
        volume: the volume that it stands for.
        source_key: the key of the step after which its bytes are right.
    """

    kind: ClassVar[str] = "repair volume"

    run: str
    group: str
    volume: VolumeBlueprint
    source_key: str

    @property
    def key(self) -> str:
        return f"{self.run}:repair:{self.volume.id}"

    @property
    def title(self) -> str:
        bootable = ", bootable" if self.volume.bootable else ""
        return (
            f"give the volume for {self._name!r} its name, metadata and image"
            f" properties{bootable}"
        )

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.source_key,)

    @property
    def calls(self) -> tuple[Call, ...]:
        return (
            Call("PUT /volumes", f"name and metadata of {self._name!r}"),
            Call("POST /volumes/.../action", "bootable flag, image properties"),
        )

    def check(self, world: World) -> Iterator[str]:
        """Nothing to ask: who may create a volume may describe it."""
        yield from ()

    def do(self, world: World, done: Receipts) -> Receipt:
        volume_id = done[self.source_key].id
        mark = {
            **mark_of(self.run, self.group),
            KEY: f"{self.run}:volume:{self.volume.id}",
        }
        world.site.volumes.repair(volume_id, self.volume, mark)
        return Receipt("description of volume", volume_id)

    def find(self, world: World) -> Receipt | None:
        """Find nothing: to describe it again is no harm."""
        return None

    def undo(self, world: World, receipt: Receipt) -> None:
        """Leave it: the volume is deleted next, and what it is called with that."""

    @property
    def _name(self) -> str:
        return self.volume.name or self.volume.id
