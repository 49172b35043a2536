"""Create blank volumes, for backups to be restored into.

Cinder would make the volume of a restore by itself, and then corrupts what it
restores: it takes a volume of its own making to be blank, and leaves out zeros that
an increment has where its parent has none.
"""

from typing import ClassVar

from attrs import frozen

from vnfdr.cloud import VolumeRequest, mark_of
from vnfdr.plan import Call, Receipt, Receipts
from vnfdr.volume_step import VolumeStep
from vnfdr.world import World


@frozen
class CreateBlankVolume(VolumeStep):
    """Create a blank volume for one that is to come back.

    Args:
        run: the run it is done for.
        group: the group's name.
        volume_id: the volume that comes back, by its id where it was.
        name: what people call it.
        size_gib: how big it is.
        type: its volume type here; empty for the site's default.
        availability_zone: where it is to be; empty for the site's default.
    """

    kind: ClassVar[str] = "create blank volume"

    run: str
    group: str
    volume_id: str
    name: str
    size_gib: int
    type: str = ""
    availability_zone: str = ""

    @property
    def key(self) -> str:
        return f"{self.run}:volume:{self.volume_id}"

    @property
    def title(self) -> str:
        kind = f"of type {self.type!r}" if self.type else "of the default type"
        return f"create a blank volume for {self.name!r}: {self.size_gib} GiB, {kind}"

    @property
    def calls(self) -> tuple[Call, ...]:
        return (Call("POST /volumes", f"blank, for {self.name!r}"),)

    def do(self, world: World, done: Receipts) -> Receipt:
        request = VolumeRequest(
            tag=self.key,
            size_gib=self.size_gib,
            type=self.type,
            availability_zone=self.availability_zone,
            metadata=mark_of(self.run, self.group),
        )
        return Receipt("volume", world.site.volumes.create_blank(request))
