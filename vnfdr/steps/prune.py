"""Remove recovery points for good: their manifests, and then what only they need.

None of these can be undone, so that all of them belong to phases that are final.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import ClassVar

from attrs import frozen

from vnfdr.cloud import Site
from vnfdr.errors import Gone, UnknownPoint
from vnfdr.plan import Call, Receipt, Receipts, Requirement, Step
from vnfdr.world import World


@frozen
class SameBackups(Requirement[World]):
    """A volume has no backup but those that the plan was made with.

    Whatever was made since may build on what the plan deletes.

    Args:
        run: the run.
        volume_id: the volume.
        known: the ids of its backups.
    """

    kind: ClassVar[str] = "same backups"

    run: str
    volume_id: str
    known: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"{self.run}:same-backups:{self.volume_id}"

    @property
    def title(self) -> str:
        return f"volume {self.volume_id} was not backed up since the plan was made"

    @property
    def calls(self) -> tuple[Call, ...]:
        return (Call("GET /backups/detail", f"of volume {self.volume_id}"),)

    def check(self, world: World) -> Iterator[str]:
        for backup in world.site.backups.of_volume(self.volume_id):
            if backup.id not in self.known:
                yield (
                    f"backup {backup.id} of volume {self.volume_id} was made since the"
                    " plan was, and may build on what it deletes; make the plan anew"
                )


@frozen
class DeleteManifest(Step[World]):
    """Delete the manifest of a recovery point from one place.

    Args:
        run: the run.
        point: the recovery point.
        place: where its manifest is.
        name: the name that it is kept by there.
    """

    kind: ClassVar[str] = "delete manifest"

    run: str
    point: str
    place: str
    name: str

    @property
    def key(self) -> str:
        return f"{self.run}:delete-manifest:{self.name}@{self.place}"

    @property
    def title(self) -> str:
        return f"delete the manifest of {self.point} at {self.place}"

    @property
    def calls(self) -> tuple[Call, ...]:
        return (Call("delete manifest", f"{self.name} at {self.place}"),)

    def check(self, world: World) -> Iterator[str]:
        """Look whether the place can be reached; what is gone already may be."""
        self.find(world)
        yield from ()

    def do(self, world: World, done: Receipts) -> Receipt:
        world.store(self.place).delete(self.name)
        return self._receipt

    def find(self, world: World) -> Receipt | None:
        try:
            world.store(self.place).get(self.name)
        except UnknownPoint:
            return self._receipt
        return None

    def undo(self, world: World, receipt: Receipt) -> None:
        """Leave it deleted: what it promised may be gone, and it would promise it."""

    @property
    def _receipt(self) -> Receipt:
        return Receipt("no manifest of", self.point)


@frozen
class DeleteSaved(Step[World]):
    """Delete a backup, a volume or a snapshot that no recovery point needs any more.

    Cinder refuses what something builds on, and that is then left over.

    Args:
        run: the run.
        noun: ``backup``, ``volume`` or ``snapshot``.
        id: its id.
        of: the volume that was protected with it.
        sources: the keys of the deletions of all manifests that promise it: while
            one of those is there, it stays.
    """

    kind: ClassVar[str] = "delete saved"

    run: str
    noun: str
    id: str
    of: str
    sources: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"{self.run}:delete-{self.noun}:{self.id}"

    @property
    def title(self) -> str:
        made = "created from" if self.noun == "volume" else "of"
        return f"delete {self.noun} {self.id}, {made} volume {self.of}"

    @property
    def calls(self) -> tuple[Call, ...]:
        return (Call(f"DELETE /{self.noun}s", f"{self.id}, of volume {self.of}"),)

    def check(self, world: World) -> Iterator[str]:
        """Nothing to ask: who may create it may delete it."""
        yield from ()

    def do(self, world: World, done: Receipts) -> Receipt:
        _OF_NOUN[self.noun](world.site, self.id)
        return Receipt(f"no {self.noun}", self.id)

    def find(self, world: World) -> Receipt | None:
        """Find nothing: deleting again is one call and no harm."""
        return None

    def undo(self, world: World, receipt: Receipt) -> None:
        """Leave it deleted: nobody can bring it back, and no manifest promises it."""


@frozen
class SeeKept(Step[World]):
    """See that the points that stay still have every backup that they had.

    Args:
        run: the run.
        backups: the ids of the backups that they need, by the volume that they are of.
    """

    kind: ClassVar[str] = "see kept"

    run: str
    backups: Mapping[str, tuple[str, ...]]

    @property
    def key(self) -> str:
        return f"{self.run}:see-kept"

    @property
    def title(self) -> str:
        count = sum(map(len, self.backups.values()))
        return f"see that the {count} backups of the points that stay are there"

    @property
    def calls(self) -> tuple[Call, ...]:
        look = "GET /backups/detail"
        return tuple(Call(look, f"of volume {each}") for each in self.backups)

    def check(self, world: World) -> Iterator[str]:
        """Nothing to ask: what is missing already was not counted."""
        yield from ()

    def do(self, world: World, done: Receipts) -> Receipt:
        missing = [
            backup_id
            for volume_id, wanted in self.backups.items()
            for backup_id in _missing(world.site, volume_id, wanted)
        ]
        if missing:
            raise Gone(
                f"backups are gone that points need which stay: {', '.join(missing)};"
                " find out who deleted them, and protect the group anew"
            )
        return Receipt("look at", self.run)

    def find(self, world: World) -> Receipt | None:
        """Find nothing: looking leaves nothing behind."""
        return None

    def undo(self, world: World, receipt: Receipt) -> None:
        """Nothing to take back: it only looked."""


def _missing(site: Site, volume_id: str, wanted: Iterable[str]) -> list[str]:
    there = {backup.id for backup in site.backups.of_volume(volume_id)}
    return [backup_id for backup_id in wanted if backup_id not in there]


_OF_NOUN: Mapping[str, Callable[[Site, str], None]] = {
    "backup": lambda site, thing_id: site.backups.delete(thing_id),
    "volume": lambda site, thing_id: site.volumes.delete(thing_id),
    "snapshot": lambda site, thing_id: site.snapshots.delete(thing_id),
}
