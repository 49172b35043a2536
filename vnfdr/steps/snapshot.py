"""Snapshot volumes, and see how all the snapshots of a point stand."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import ClassVar

from attrs import field, frozen

from vnfdr.attached import changes_of_server, changes_of_volume
from vnfdr.cloud import GROUP, POINT
from vnfdr.errors import CloudError, Conflict
from vnfdr.model import Volume
from vnfdr.plan import Call, Cut, CutState, Receipt, Receipts, Seen, Watch
from vnfdr.text import label
from vnfdr.world import World

LOOKS_AT_ONCE = 8
SNAPSHOTS_REMEMBERED = 4096
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
        yield from changes_of_volume(now, self.volume.server_ids)

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
        servers: the ids of the volumes of every server, by its id, as planned.
        shared: the ids of the servers of every volume that may have several.
    """

    kind: ClassVar[str] = "snapshot states"

    point: str
    connections: int
    servers: Mapping[str, tuple[str, ...]] = field(factory=dict)
    shared: Mapping[str, tuple[str, ...]] = field(factory=dict)

    @property
    def key(self) -> str:
        return f"{self.point}:snapshots"

    @property
    def title(self) -> str:
        return "look until every snapshot is available"

    @property
    def calls(self) -> tuple[Call, ...]:
        return (Call("GET /snapshots", "once a tick, all at once"),)

    def check(self, world: World) -> Iterator[str]:
        """Nothing to ask: the snapshots do not exist yet."""
        yield from ()

    def prepare(self, world: World) -> None:
        """See that the plan still fits, and open what the window will use.

        Raises:
            Conflict: a volume came or went since. No policy allows for that: they
                are for guests that cannot be held, and here the plan is wrong.
        """
        world.site.token()
        if changes := self._changes(world):
            raise Conflict(
                f"{'; '.join(changes)}; no guest was frozen: make the plan anew"
            )
        world.site.warm(self.connections)

    def _changes(self, world: World) -> tuple[str, ...]:
        with ThreadPoolExecutor(LOOKS_AT_ONCE, "vnfdr-look") as pool:
            servers = pool.map(world.site.servers.get, self.servers)
            volumes = pool.map(world.site.volumes.get, self.shared)
            return (
                *(c for s in servers for c in changes_of_server(s, self.servers[s.id])),
                *(c for v in volumes for c in changes_of_volume(v, self.shared[v.id])),
            )

    def look(self, world: World) -> Mapping[str, Seen]:
        found = world.site.snapshots.look(self.point)
        return {snapshot.tag: _seen(snapshot.id, snapshot.status) for snapshot in found}


@lru_cache(SNAPSHOTS_REMEMBERED)
def _seen(snapshot_id: str, status: str) -> Seen:
    """Return what a look saw: of most snapshots, the same as the look before."""
    state = _STATES.get(status, CutState.FAILED)
    return Seen(state, Receipt("snapshot", snapshot_id))
