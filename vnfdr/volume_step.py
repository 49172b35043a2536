"""What all steps have in common that make a volume."""

from collections.abc import Iterator

from vnfdr.plan import Receipt, Step
from vnfdr.world import World


class VolumeStep(Step[World]):
    """Makes one volume, which is found again by its tag, and deleted to undo it."""

    def check(self, world: World) -> Iterator[str]:
        """Nothing to ask: quotas are counted for the whole plan."""
        yield from ()

    def find(self, world: World) -> Receipt | None:
        found = world.site.volumes.find(self.key)
        return Receipt("volume", found.id) if found else None

    def adopt(self, world: World, receipt: Receipt) -> None:
        world.site.volumes.wait(receipt.id)

    def undo(self, world: World, receipt: Receipt) -> None:
        world.site.volumes.delete(receipt.id)
