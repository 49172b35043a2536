"""Cinder as one process sees it, straight over the sandbox's data.

What is created gets ready a little later, at a moment that the seed decides; the
instant of a snapshot falls between its request and its being available.
"""

from collections.abc import Mapping
from functools import partial

from attrs import frozen

from tests.core.faults import Effect
from tests.core.process import CREATING
from tests.core.shelf import PATIENCE_SECONDS, Shelf, tag_of
from vnfdr import model
from vnfdr.cloud import KEY, POINT, BackupRequest
from vnfdr.errors import Conflict, Gone
from vnfdr.sandbox.site import Site
from vnfdr.sandbox.things import Backup, Snapshot, Volume

SNAPSHOT_SECONDS_MAX = 0.5
READY_SECONDS_MAX = 0.3


@frozen
class CoreVolumes:
    """Its volumes."""

    shelf: Shelf

    def get(self, volume_id: str) -> model.Volume:
        def effect(_: object) -> model.Volume:
            if volume_id not in self.shelf.site.volumes:
                raise Gone(f"no volume {volume_id!r}", status=404)
            return _volume(self.shelf.site, self.shelf.site.volumes[volume_id])

        return self.shelf.process.call("show volume", effect)

    def create(
        self, *, tag: str, snapshot_id: str, size_gib: int, metadata: Mapping[str, str]
    ) -> str:
        site = self.shelf.site

        def effect(fate: Effect | None) -> str:
            source = site.snapshots.get(snapshot_id)
            if source is None or source.status != "available":
                raise Conflict(f"snapshot {snapshot_id} is not available")
            made = Volume(
                self.shelf.new(tag), tag, size_gib, "sandbox", int(site.now())
            )
            made.metadata, made.snapshot_id = {**metadata, KEY: tag}, snapshot_id
            site.volumes[made.id] = made
            self.shelf.soon(READY_SECONDS_MAX, tag, partial(self._make, made.id, fate))
            return made.id

        new = self.shelf.process.call("create volume", effect, CREATING)
        self.wait(new)
        return new

    def _make(self, volume_id: str, fate: Effect | None) -> None:
        made = self.shelf.site.volumes[volume_id]
        source = self.shelf.site.snapshots[made.snapshot_id or ""]
        if fate is Effect.ERROR:
            made.status = "error"
        elif fate is not Effect.STUCK:
            made.disk = self.shelf.site.disks.create(made.size_gib, source.image)
            made.status = "available"

    def find(self, tag: str) -> model.Volume | None:
        there = self.shelf.site.volumes.values()
        return self.shelf.process.call(
            "find volume",
            lambda _: next(
                (_volume(self.shelf.site, v) for v in there if tag_of(v) == tag), None
            ),
        )

    def wait(self, volume_id: str) -> None:
        self.shelf.process.call("wait volume", lambda _: None)
        self.shelf.until_available(self.shelf.site.volumes, volume_id, PATIENCE_SECONDS)

    def delete(self, volume_id: str) -> None:
        site = self.shelf.site
        self.shelf.delete("delete volume", site.volumes, volume_id, site.backups)


@frozen
class CoreSnapshots:
    """Its snapshots."""

    shelf: Shelf

    def request(self, volume_id: str, *, tag: str, metadata: Mapping[str, str]) -> str:
        site = self.shelf.site

        def effect(fate: Effect | None) -> str:
            of = site.volumes[volume_id]
            made = Snapshot(
                self.shelf.new(tag), tag, volume_id, of.size_gib, int(site.now())
            )
            made.metadata = {**metadata, KEY: tag}
            site.snapshots[made.id] = made
            self.shelf.soon(
                SNAPSHOT_SECONDS_MAX, tag, partial(self._cut, made.id, fate)
            )
            return made.id

        return self.shelf.process.call("request snapshot", effect, CREATING)

    def _cut(self, snapshot_id: str, fate: Effect | None) -> None:
        """Take the image now; it is available some time later."""
        made = self.shelf.site.snapshots[snapshot_id]
        disk = self.shelf.site.volumes[made.volume_id].disk
        if fate is Effect.ERROR:
            made.status = "error"
        elif fate is not Effect.STUCK and disk is not None:
            made.image = self.shelf.site.disks.image(disk)
            self.shelf.seen.contents[made.id] = dict(made.image.blocks())
            done = partial(setattr, made, "status", "available")
            self.shelf.soon(SNAPSHOT_SECONDS_MAX, f"{made.name} done", done)

    def look(self, point: str) -> tuple[model.Snapshot, ...]:
        there = self.shelf.site.snapshots.values()
        return self.shelf.process.call(
            "look",
            lambda _: tuple(
                _snapshot(s) for s in there if s.metadata.get(POINT) == point
            ),
        )

    def find(self, tag: str) -> model.Snapshot | None:
        there = self.shelf.site.snapshots.values()
        return self.shelf.process.call(
            "find snapshot",
            lambda _: next((_snapshot(s) for s in there if tag_of(s) == tag), None),
        )

    def stamp(self, snapshot_id: str, metadata: Mapping[str, str]) -> None:
        def effect(_: object) -> None:
            if snapshot_id not in self.shelf.site.snapshots:
                raise Gone(f"no snapshot {snapshot_id!r}", status=404)
            self.shelf.site.snapshots[snapshot_id].metadata.update(metadata)

        self.shelf.process.call("stamp", effect)

    def delete(self, snapshot_id: str) -> None:
        site = self.shelf.site
        users = (site.backups, site.volumes)
        self.shelf.delete("delete snapshot", site.snapshots, snapshot_id, *users)


@frozen
class CoreBackups:
    """Its backups."""

    shelf: Shelf

    def create(self, request: BackupRequest, *, timeout_seconds: float) -> str:
        site = self.shelf.site

        def effect(fate: Effect | None) -> str:
            volume = site.volumes.get(request.volume_id)
            if volume is None:
                raise Gone(f"no volume {request.volume_id}", status=404)
            parent = _parent(site, request) if request.incremental else None
            made = Backup(
                id=self.shelf.new(request.tag),
                name=request.tag,
                volume_id=request.volume_id,
                snapshot_id=request.snapshot_id or None,
                parent_id=parent,
                size_gib=volume.size_gib,
                created_at=int(site.now()),
                data_timestamp=int(site.now()),
                metadata={**request.metadata, KEY: request.tag},
            )
            site.backups[made.id] = made
            soon = partial(self._make, made.id, fate)
            self.shelf.soon(READY_SECONDS_MAX, request.tag, soon)
            return made.id

        new = self.shelf.process.call("create backup", effect, CREATING)
        self.wait(new, timeout_seconds=timeout_seconds)
        return new

    def _make(self, backup_id: str, fate: Effect | None) -> None:
        site = self.shelf.site
        made = site.backups[backup_id]
        if fate is Effect.ERROR:
            made.status = "error"
        elif fate is not Effect.STUCK:
            source = (
                site.snapshots[made.snapshot_id].image
                if made.snapshot_id
                else site.volumes[made.volume_id].disk
            )
            site.backup_store.save(source, made.id, made.parent_id)
            made.status = "available"

    def of_volume(self, volume_id: str) -> tuple[model.Backup, ...]:
        there = self.shelf.site.backups.values()
        return self.shelf.process.call(
            "list backups",
            lambda _: tuple(_backup(b) for b in there if b.volume_id == volume_id),
        )

    def find(self, tag: str) -> model.Backup | None:
        there = self.shelf.site.backups.values()
        return self.shelf.process.call(
            "find backup",
            lambda _: next((_backup(b) for b in there if tag_of(b) == tag), None),
        )

    def wait(self, backup_id: str, *, timeout_seconds: float) -> None:
        self.shelf.process.call("wait backup", lambda _: None)
        self.shelf.until_available(self.shelf.site.backups, backup_id, timeout_seconds)

    def delete(self, backup_id: str) -> None:
        self.shelf.delete("delete backup", self.shelf.site.backups, backup_id)


def _parent(site: Site, request: BackupRequest) -> str:
    """Return the newest backup of the volume."""
    there = [
        backup
        for backup in site.backups.values()
        if backup.volume_id == request.volume_id and backup.status == "available"
    ]
    if not there:
        raise Conflict(f"volume {request.volume_id} has no backup to build on")
    return there[-1].id


def _volume(site: Site, volume: Volume) -> model.Volume:
    return model.Volume(
        volume.id,
        volume.name,
        volume.size_gib,
        volume.status,
        project_id=site.project_id,
        server_ids=tuple(sorted(a.server_id for a in volume.attachments)),
    )


def _snapshot(snapshot: Snapshot) -> model.Snapshot:
    return model.Snapshot(
        snapshot.id, snapshot.volume_id, snapshot.status, tag_of(snapshot)
    )


def _backup(backup: Backup) -> model.Backup:
    return model.Backup(
        backup.id,
        backup.volume_id,
        backup.status,
        backup.parent_id is not None,
        str(backup.data_timestamp),
        backup.size_gib,
        tag=tag_of(backup),
    )
