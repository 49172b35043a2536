"""Publish the manifest of a recovery point, while its site is there to be asked."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

from attrs import frozen

from vnfdr.cloud import Backups
from vnfdr.errors import Conflict, Forbidden, Gone, ManifestError, UnknownPoint
from vnfdr.manifest import Manifest, SavedDisk
from vnfdr.manifests import PROBE, dump_manifest, name_of
from vnfdr.model import BackupRecord, Blueprint, VolumeBlueprint
from vnfdr.plan import Call, Receipt, Receipts, Requirement, Step
from vnfdr.world import World

EXPORTS_AT_ONCE = 8
RESTORE_SECONDS_MAX = 7200.0
"""Somebody may restore, in a rehearsal, what a new backup builds on."""

NEEDS_A_RIGHT = (
    "publishing a manifest takes the right to export backup records, which Cinder gives"
    " to administrators: use such credentials, or have its policy backup:export-import"
    " changed"
)


@frozen
class ExportRight(Requirement[World]):
    """The records of backups may be exported.

    Args:
        point: the recovery point.
        backup_id: a backup that it is tried on.
    """

    kind: ClassVar[str] = "export right"

    point: str
    backup_id: str

    @property
    def key(self) -> str:
        return f"{self.point}:export-right"

    @property
    def title(self) -> str:
        return "backup records may be exported"

    @property
    def calls(self) -> tuple[Call, ...]:
        return (Call("GET /backups/.../export_record", self.backup_id),)

    def check(self, world: World) -> Iterator[str]:
        try:
            world.site.backups.export(self.backup_id)
        except Forbidden as error:
            yield f"{NEEDS_A_RIGHT} ({error})"
        except Gone:
            # It was deleted since, and says nothing.
            return
        except Conflict:
            # It is being restored: Cinder looks at that after the right.
            return


@frozen
class DiskToTell:
    """A volume of the point, and by which keys its receipts are found.

    Args:
        volume: its blueprint.
        snapshot_key: the key of its snapshot.
        snapshot_stays: whether that is kept.
        copy_key: the key of the volume created from that; empty if none is kept.
        backup_key: the key of its backup; empty for none.
    """

    volume: VolumeBlueprint
    snapshot_key: str
    snapshot_stays: bool
    copy_key: str
    backup_key: str


@frozen
class PublishManifest(Step[World]):
    """Put the manifest of a recovery point where it outlives the site.

    Args:
        point: the recovery point.
        group: the group's name.
        site: the name of the site.
        project_id: the project there.
        place: the path or the URL of the place.
        tiers: the servers as they were found, tier by tier.
        disks: their volumes, each once.
        window_key: the key of the window, whose certificate is part of it.
    """

    kind: ClassVar[str] = "publish manifest"

    point: str
    group: str
    site: str
    project_id: str
    place: str
    tiers: tuple[tuple[Blueprint, ...], ...]
    disks: tuple[DiskToTell, ...]
    window_key: str

    @property
    def key(self) -> str:
        return f"{self.point}:manifest:{self.place}"

    @property
    def title(self) -> str:
        return f"publish the manifest at {self.place}"

    @property
    def sources(self) -> tuple[str, ...]:
        # A backup that was left out with its guest leaves the manifest in.
        return (self.window_key,)

    @property
    def calls(self) -> tuple[Call, ...]:
        chains = sum(bool(disk.backup_key) for disk in self.disks)
        return (
            Call("GET /backups/.../export_record", f"{chains} chains"),
            Call("put", f"{self._name} at {self.place}"),
        )

    def check(self, world: World) -> Iterator[str]:
        """Put a text there, and take it away: nothing less proves that one may."""
        store, name = world.store(self.place), f"{self._name}{PROBE}"
        try:
            store.put(name, "vnfdr looks whether it may write here\n")
            store.delete(name)
        except ManifestError as error:
            yield f"no manifest could be kept at {store.place}: {error}"

    def do(self, world: World, done: Receipts) -> Receipt:
        text = dump_manifest(self._manifest(world, done))
        world.store(self.place).put(self._name, text)
        return self._receipt

    def find(self, world: World) -> Receipt | None:
        try:
            world.store(self.place).get(self._name)
        except UnknownPoint:
            return None
        return self._receipt

    def undo(self, world: World, receipt: Receipt) -> None:
        world.store(self.place).delete(self._name)

    @property
    def _name(self) -> str:
        return name_of(self.group, self.point)

    @property
    def _receipt(self) -> Receipt:
        return Receipt("manifest", f"{self._name} at {self.place}")

    def _manifest(self, world: World, done: Receipts) -> Manifest:
        assert done.certificate is not None, "the window comes before"
        taken = [disk for disk in self.disks if disk.snapshot_key in done]
        with ThreadPoolExecutor(EXPORTS_AT_ONCE, "vnfdr-export") as pool:
            saved = pool.map(lambda d: _saved(world.site.backups, d, done), taken)
            disks = tuple(saved)
        there = {disk.volume.id for disk in disks}
        return Manifest(
            point=self.point,
            group=self.group,
            site=self.site,
            project_id=self.project_id,
            certificate=done.certificate,
            tiers=tuple(tuple(_in_it(tier, there)) for tier in self.tiers),
            disks=disks,
        )


def _in_it(tier: tuple[Blueprint, ...], there: set[str]) -> Iterator[Blueprint]:
    """Yield the servers that the point holds something of.

    One that could not be frozen, and was to be skipped then, is not part of it.
    """
    for server in tier:
        if not server.disks or any(disk.volume_id in there for disk in server.disks):
            yield server


def _saved(backups: Backups, disk: DiskToTell, done: Receipts) -> SavedDisk:
    backup = done.get(disk.backup_key)
    snapshot = done.get(disk.snapshot_key) if disk.snapshot_stays else None
    copy = done.get(disk.copy_key)
    return SavedDisk(
        volume=disk.volume,
        chain=_chain(backups, backup.id) if backup else (),
        snapshot_id=snapshot.id if snapshot else "",
        copy_id=copy.id if copy else "",
    )


def _chain(backups: Backups, backup_id: str) -> tuple[BackupRecord, ...]:
    """Export the records of a backup and of all that it builds on, oldest first."""
    chain: dict[str, BackupRecord] = {}
    link = backup_id
    while link:
        if link in chain:
            raise ManifestError(
                f"backup {backup_id} builds on itself, as Cinder has it: it cannot be"
                " restored; make the next backup a full one"
            )
        chain[link] = _exported(backups, link)
        link = chain[link].parent_id
    return tuple(reversed(chain.values()))


def _exported(backups: Backups, backup_id: str) -> BackupRecord:
    try:
        return _once_available(backups, backup_id)
    except Forbidden as error:
        raise Forbidden(
            f"{error}; {NEEDS_A_RIGHT}",
            status=error.status,
            request_id=error.request_id,
        ) from error


def _once_available(backups: Backups, backup_id: str) -> BackupRecord:
    """Export a record; wait for its backup when Cinder will not as it is."""
    try:
        return backups.export(backup_id)
    except Conflict:
        backups.wait(backup_id, timeout_seconds=RESTORE_SECONDS_MAX)
        return backups.export(backup_id)
