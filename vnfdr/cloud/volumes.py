"""What a step may ask of Cinder: volumes, snapshots and backups."""

from collections.abc import Mapping
from typing import Protocol

from attrs import frozen

from vnfdr.model import (
    Backup,
    BackupRecord,
    Marked,
    Snapshot,
    Volume,
    VolumeBlueprint,
)


@frozen
class VolumeRequest:
    """A blank volume to be created, every name of it translated to the site's own.

    Args:
        tag: the key that it is found by.
        size_gib: how big it is.
        type: its volume type; empty for the site's default.
        availability_zone: empty for the site's default.
        metadata: the rest of our mark.
    """

    tag: str
    size_gib: int
    type: str
    availability_zone: str
    metadata: Mapping[str, str]


class Volumes(Protocol):
    """Cinder's volumes."""

    def get(self, volume_id: str) -> Volume:
        """Return one volume; raise `Gone` when there is none."""
        ...

    def create(
        self, *, tag: str, snapshot_id: str, size_gib: int, metadata: Mapping[str, str]
    ) -> str:
        """Make a volume from a snapshot, wait until it is available, return its id."""
        ...

    def find(self, tag: str) -> Volume | None:
        """Return the volume that carries ``tag``."""
        ...

    def wait(self, volume_id: str) -> None:
        """Wait until a volume that was found half made is available."""
        ...

    def delete(self, volume_id: str) -> None:
        """Delete a volume, whatever became of its creation."""
        ...

    def marked(self) -> tuple[Marked, ...]:
        """Return the volumes that carry a mark."""
        ...

    def blueprint(self, volume_id: str) -> VolumeBlueprint:
        """Return all that is needed to create the volume again, but for its bytes."""
        ...

    def create_blank(self, request: VolumeRequest) -> str:
        """Make a blank volume, wait until it is available, return its id."""
        ...

    def copy(
        self, *, tag: str, volume_id: str, size_gib: int, metadata: Mapping[str, str]
    ) -> str:
        """Make a volume of another, wait until it is available, return its id."""
        ...

    def restored_from(self, volume_id: str) -> str:
        """Return the backup that the volume was last restored from; empty for none."""
        ...

    def repair(
        self, volume_id: str, like: VolumeBlueprint, metadata: Mapping[str, str]
    ) -> None:
        """Give a restored volume what Cinder does not, or gets wrong.

        Its name, description, bootable flag and image properties become those of
        ``like``, and its metadata becomes that of ``like`` with ``metadata``, and
        nothing else: a restore replaces all of it with the source's.
        """
        ...


class Snapshots(Protocol):
    """Cinder's snapshots."""

    def request(self, volume_id: str, *, tag: str, metadata: Mapping[str, str]) -> str:
        """Ask for a snapshot of a volume in use, return its id; waits for nothing."""
        ...

    def look(self, point: str) -> tuple[Snapshot, ...]:
        """Return every snapshot whose metadata names this point. One request.

        This is what the window polls: it is cheap, and is not repeated on failure.
        """
        ...

    def find(self, tag: str) -> Snapshot | None:
        """Return the snapshot that carries ``tag``."""
        ...

    def stamp(self, snapshot_id: str, metadata: Mapping[str, str]) -> None:
        """Add metadata."""
        ...

    def delete(self, snapshot_id: str) -> None:
        """Delete a snapshot, waiting first for what holds it (creation, a backup)."""
        ...

    def marked(self) -> tuple[Marked, ...]:
        """Return the snapshots that carry a mark."""
        ...


@frozen
class BackupRequest:
    """A backup to be made; ``snapshot_id`` is empty for a backup of the volume."""

    tag: str
    volume_id: str
    snapshot_id: str
    incremental: bool
    metadata: Mapping[str, str]


class Backups(Protocol):
    """Cinder's backups."""

    def create(self, request: BackupRequest, *, timeout_seconds: float) -> str:
        """Make a backup, wait until it is available, return its id.

        What was asked for is made or refused: an incremental never turns into a
        full one silently.
        """
        ...

    def of_volume(self, volume_id: str) -> tuple[Backup, ...]:
        """Return the project's backups of one volume, oldest data first."""
        ...

    def find(self, tag: str) -> Backup | None:
        """Return the backup that carries ``tag``."""
        ...

    def delete(self, backup_id: str) -> None:
        """Delete a backup, waiting first for what works on it."""
        ...

    def marked(self) -> tuple[Marked, ...]:
        """Return the backups that carry a mark, or have a key for a name."""
        ...

    def wait(self, backup_id: str, *, timeout_seconds: float) -> None:
        """Wait until a backup that was found half made is available."""
        ...

    def get(self, backup_id: str) -> Backup:
        """Return one backup; raise `Gone` when there is none."""
        ...

    def export(self, backup_id: str) -> BackupRecord:
        """Return what another site needs to know of a backup.

        Raises `Forbidden` without an administrator's role.
        """
        ...

    def take_in(self, record: BackupRecord) -> None:
        """Import a record, wait until the backup is available; it keeps its id.

        Looks first: what is there already, and is the same, is left as it is.
        Raises `Conflict` when a backup of that id is there and is another, and
        `Forbidden` without an administrator's role.
        """
        ...

    def restore(
        self, backup_id: str, volume_id: str, *, timeout_seconds: float
    ) -> None:
        """Restore a backup into a volume that is there, and wait until it is done.

        The whole chain below the backup has to be known to the site.
        Raises `vnfdr.errors.CloudError` when the volume ends in ``error_restoring``.
        """
        ...

    def wait_restored(
        self, backup_id: str, volume_id: str, *, timeout_seconds: float
    ) -> None:
        """Wait until a restore that was found under way is done."""
        ...
