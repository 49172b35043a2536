"""The manifest: all of a recovery point that another site needs, as a value.

With the site that it describes, its databases and the controller all gone, a group
comes back from this and from the backups that it names. It holds no secret.
"""

from collections.abc import Iterator

from attrs import frozen

from vnfdr.model import BackupRecord, Blueprint, VolumeBlueprint
from vnfdr.point import Certificate
from vnfdr.text import printable


@frozen
class SavedDisk:
    """A volume of a recovery point, and where its bytes are.

    Args:
        volume: all that is needed to create it again, but for its bytes.
        chain: its backup and all that this builds on, the oldest first: the first is
            a full one. Empty where the volume was not backed up.
        snapshot_id: its snapshot at the site, if that was kept; empty otherwise.
        copy_id: the volume created from that, if it was kept; empty otherwise.
    """

    volume: VolumeBlueprint
    chain: tuple[BackupRecord, ...] = ()
    snapshot_id: str = ""
    copy_id: str = ""

    @property
    def backup_id(self) -> str:
        """The backup that holds its bytes; empty where there is none."""
        return self.chain[-1].id if self.chain else ""


@frozen
class Manifest:
    """A recovery point, for who has nothing else.

    Args:
        point: the recovery point's id.
        group: the group's name.
        site: what clouds.yaml called the site that it was taken at.
        project_id: the project there.
        certificate: the evidence of what it is worth.
        tiers: the servers, tier by tier, in the order in which they were frozen.
        disks: the volumes of all of them, each once.
    """

    point: str
    group: str
    site: str
    project_id: str
    certificate: Certificate
    tiers: tuple[tuple[Blueprint, ...], ...]
    disks: tuple[SavedDisk, ...]

    @property
    def servers(self) -> tuple[Blueprint, ...]:
        """Every server, in the order in which they were frozen."""
        return tuple(server for tier in self.tiers for server in tier)

    @property
    def gaps(self) -> tuple[str, ...]:
        """Which servers have volumes that were not saved, in words."""
        return tuple(_gaps(self))

    @property
    def flaws(self) -> tuple[str, ...]:
        """Why the group could not be brought back from this; none when it could."""
        breaks = (flaw for kept in self.disks for flaw in _breaks(kept))
        return (*_gaps(self), *breaks)

    def disk(self, volume_id: str) -> SavedDisk:
        """Return what was saved of a volume; `KeyError` when it is not part of it."""
        return {disk.volume.id: disk for disk in self.disks}[volume_id]

    def __str__(self) -> str:
        size = sum(disk.volume.size_gib for disk in self.disks)
        certificate = self.certificate
        verdict = "consistent" if certificate.consistent else "NOT CONSISTENT"
        text = [
            f"recovery point {self.point} of {self.group}, taken at {self.site}",
            f"  {verdict}, level {certificate.level.value}, {certificate.taken_at}",
            f"  {len(self.servers)} servers, {len(self.disks)} volumes, {size} GiB",
            *(f"  but {flaw}" for flaw in self.flaws),
        ]
        return "\n".join(map(printable, text))


def _gaps(manifest: Manifest) -> Iterator[str]:
    saved = {disk.volume.id for disk in manifest.disks}
    for server in manifest.servers:
        if not server.disks:
            yield f"server {server.name!r} has no volume to boot from"
        for disk in server.disks:
            if disk.volume_id not in saved:
                yield f"volume {disk.volume_id} of {server.name!r} was not saved"


def _breaks(kept: SavedDisk) -> Iterator[str]:
    """Yield why the chain of a volume is not whole."""
    name = kept.volume.name or kept.volume.id
    if not kept.chain:
        yield f"volume {name!r} has no backup"
    before = ""
    for record in kept.chain:
        if record.parent_id != before:
            missing = record.parent_id or "its increment's parent"
            yield f"the chain of volume {name!r} lacks {missing}, before {record.id}"
        before = record.id
