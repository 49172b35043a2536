"""How the volumes of a group come back: from backups, or from what was kept."""

from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest

from attrs import evolve

from vnfdr.manifest import SavedDisk
from vnfdr.model import BackupRecord
from vnfdr.plan import Together
from vnfdr.recipes.coming import Coming
from vnfdr.steps import (
    CopyVolume,
    CreateBlankVolume,
    ImportRecord,
    RepairVolume,
    RestoreBackup,
)

IMPORTS_AT_ONCE = 8
VOLUMES_AT_ONCE = 4
REPAIRS_AT_ONCE = 8


def restored(coming: Coming) -> Iterator[Together]:
    """Yield the phases after which every volume is there, from its backups."""
    yield from _imports(coming)
    yield _blanks(coming)
    yield _restores(coming)
    yield _repairs(coming, "restore")


def copied(coming: Coming) -> Iterator[Together]:
    """Yield the phases after which every volume is there, from what was kept."""
    steps = tuple(
        CopyVolume(
            run=coming.run,
            group=coming.group,
            volume_id=disk.volume.id,
            name=coming.name_of(disk.volume),
            size_gib=disk.volume.size_gib,
            # Nobody can have written to a snapshot.
            copy_id="" if disk.snapshot_id else disk.copy_id,
            snapshot_id=disk.snapshot_id,
        )
        for disk in coming.manifest.disks
    )
    yield Together("create volumes", steps, at_once=VOLUMES_AT_ONCE)
    yield _repairs(coming, "volume")


def needs(coming: Coming, *, backups: bool) -> dict[str, int]:
    """Count what the volumes, and the records not yet there, take of the quotas."""
    counts: Counter[str] = Counter()
    for disk in coming.manifest.disks:
        size = disk.volume.size_gib
        counts.update(volumes=1, gigabytes=size)
        if kind := coming.translation.volume(disk.volume.id).type:
            counts.update({f"volumes_{kind}": 1, f"gigabytes_{kind}": size})
    for record, _ in _records(coming) if backups else ():
        if record.id not in coming.known:
            counts.update(backups=1, backup_gigabytes=record.size_gib)
    return dict(counts)


def _records(coming: Coming) -> Iterator[tuple[BackupRecord, SavedDisk]]:
    for disk in coming.manifest.disks:
        yield from ((record, disk) for record in disk.chain)


def _imports(coming: Coming) -> Iterator[Together]:
    """Yield a phase for each generation: the k-th link of every chain."""
    generations = zip_longest(*(disk.chain for disk in coming.manifest.disks))
    of = {record.id: disk.volume for record, disk in _records(coming)}
    for number, generation in enumerate(generations, start=1):
        steps = tuple(
            ImportRecord(coming.run, record, coming.name_of(of[record.id]))
            for record in generation
            if record is not None
        )
        yield Together(
            f"import the records of generation {number}", steps, IMPORTS_AT_ONCE
        )


def _blanks(coming: Coming) -> Together:
    steps = []
    for disk in coming.manifest.disks:
        new = coming.translation.volume(disk.volume.id)
        steps.append(
            CreateBlankVolume(
                run=coming.run,
                group=coming.group,
                volume_id=disk.volume.id,
                name=coming.name_of(disk.volume),
                size_gib=disk.volume.size_gib,
                type=new.type,
                availability_zone=new.availability_zone,
            )
        )
    return Together("create volumes", tuple(steps), at_once=VOLUMES_AT_ONCE)


def _restores(coming: Coming) -> Together:
    steps = tuple(
        RestoreBackup(
            run=coming.run,
            volume_id=disk.volume.id,
            name=coming.name_of(disk.volume),
            backup_id=disk.backup_id,
            timeout_seconds=coming.restore_seconds,
        )
        for disk in coming.manifest.disks
    )
    return Together("restore", steps, at_once=coming.restores_at_once)


def _repairs(coming: Coming, after: str) -> Together:
    steps = tuple(
        RepairVolume(
            run=coming.run,
            group=coming.group,
            volume=evolve(disk.volume, name=coming.prefix + disk.volume.name),
            source_key=coming.key(after, disk.volume.id),
        )
        for disk in coming.manifest.disks
    )
    return Together("repair what Cinder leaves out", steps, at_once=REPAIRS_AT_ONCE)
