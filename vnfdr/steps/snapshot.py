"""Snapshot volumes, and see how all the snapshots of a point stand."""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from attrs import frozen

from vnfdr.cloud import GROUP, POINT
from vnfdr.errors import CloudError
from vnfdr.model import Snapshot, Volume
from vnfdr.plan import Call, Cut, CutState, Receipt, Receipts, Seen, Watch
from vnfdr.text import label
from vnfdr.world import World

SNAPSHOTTABLE = ("available", "in-use")
_STATES = {"available": CutState.READY, "creating": CutState.PENDING}


@frozen
class SnapshotVolume(Cut[World]):
    """Snapshot one volume.

    Args:
        point: the recovery point it is done for.
        group: the group's name.
        volume: what is snapshotted.
        held_by: the keys of the freezes of every server it is attached to.
    """

    kind: ClassVar[str] = "snapshot"

    point: str
    group: str
    volume: Volume
    held_by: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"{self.point}:snapshot:{self.volume.id}"

    @property
    def title(self) -> str:
        return f"snapshot volume {self.volume}"

    @property
    def calls(self) -> tuple[Call, ...]:
        return (Call("POST /snapshots", str(self.volume)),)

    def check(self, world: World) -> Iterator[str]:
        try:
            now = world.site.volumes.get(self.volume.id)
        except CloudError as error:
            yield f"volume {self.volume}: {error}"
            return
        if now.status not in SNAPSHOTTABLE:
            yield (
                f"volume {self.volume} is {now.status}; only a volume that is"
                f" {' or '.join(SNAPSHOTTABLE)} can be snapshotted"
            )
        if now.size_gib != self.volume.size_gib:
            yield (
                f"volume {self.volume} has grown from {self.volume.size_gib} to"
                f" {now.size_gib} GiB since the plan was made"
            )
        yield from _newly_used(self.volume, now)

    def do(self, world: World, done: Receipts) -> Receipt:
        metadata = {POINT: self.point, GROUP: label(self.group)}
        snapshot_id = world.site.snapshots.request(
            self.volume.id, tag=self.key, metadata=metadata
        )
        return Receipt("snapshot", snapshot_id)

    def find(self, world: World) -> Receipt | None:
        found = world.site.snapshots.find(self.key)
        return Receipt("snapshot", found.id) if found else None

    def undo(self, world: World, receipt: Receipt) -> None:
        world.site.snapshots.delete(receipt.id)


@frozen
class SnapshotStates(Watch[World]):
    """See how every snapshot of a point stands, in one request.

    Args:
        point: the recovery point.
        connections: how many requests the window makes at once.
    """

    kind: ClassVar[str] = "snapshot states"

    point: str
    connections: int

    @property
    def key(self) -> str:
        return f"{self.point}:snapshots"

    @property
    def title(self) -> str:
        return "look until every snapshot is available"

    @property
    def calls(self) -> tuple[Call, ...]:
        return (Call("GET /snapshots/detail", "once a tick, all at once"),)

    def check(self, world: World) -> Iterator[str]:
        """Nothing to ask: the snapshots do not exist yet."""
        yield from ()

    def prepare(self, world: World) -> None:
        """Renew the token and open the connections that the window will use."""
        world.site.token()
        world.site.warm(self.connections)

    def look(self, world: World) -> Mapping[str, Seen]:
        return {s.tag: _seen(s) for s in world.site.snapshots.look(self.point)}


def _newly_used(planned: Volume, now: Volume) -> Iterator[str]:
    """Yield which servers came to a volume, or went, since the plan was made.

    A guest that nobody holds may write to it in the window.
    """
    for server_id in sorted({*planned.server_ids} ^ {*now.server_ids}):
        change = "attached to" if server_id in now.server_ids else "detached from"
        yield (
            f"volume {planned} was {change} server {server_id} since the plan was"
            " made; make the plan anew"
        )


def _seen(snapshot: Snapshot) -> Seen:
    state = _STATES.get(snapshot.status, CutState.FAILED)
    return Seen(state, Receipt("snapshot", snapshot.id))
