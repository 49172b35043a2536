"""What was found of a group's recovery points: in their places, and at the site."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import TypeAlias

from attrs import field, frozen

from vnfdr.manifest import Manifest
from vnfdr.model import Backup, BackupRecord, Marked

Copy: TypeAlias = tuple[str, str]
"""A place, and the name that a manifest is kept by there."""

USABLE = frozenset({"available", "restoring"})
"""The statuses of a backup that can be restored."""


@frozen
class Kept:
    """A manifest, and every place where it is.

    Args:
        manifest: the manifest.
        copies: where it is; a damaged copy counts where another can be read.
    """

    manifest: Manifest
    copies: tuple[Copy, ...]

    @cached_property
    def records(self) -> Mapping[str, BackupRecord]:
        """The backups that it promises, by id."""
        chains = (disk.chain for disk in self.manifest.disks)
        return {record.id: record for chain in chains for record in chain}

    @property
    def taken_at(self) -> datetime:
        """When it was taken; what names no time zone is UTC."""
        date = datetime.fromisoformat(self.manifest.certificate.taken_at)
        return date if date.tzinfo else date.replace(tzinfo=UTC)


@frozen
class Stock:
    """A group's recovery points as they were found, with all that may need the same.

    Args:
        group: the group's name.
        site: the name of the site.
        project_id: the project there.
        now: the date.
        places: every place that was looked at.
        kept: the manifests of all groups in those places.
        unreadable: in sentences, what could not be read and has no copy.
        mendable: in sentences, what could not be read and has one.
        volumes: the volumes of the group's points that the site has.
        backups: all backups of the volumes of the group's points, by id.
        marked: what carries a mark at the site, by id.
        parents: what each increment that no manifest knows builds on; ``None`` where
            that cannot be told.
    """

    group: str
    site: str
    project_id: str
    now: datetime
    places: tuple[str, ...]
    kept: tuple[Kept, ...]
    unreadable: tuple[str, ...] = ()
    mendable: tuple[str, ...] = ()
    volumes: frozenset[str] = frozenset()
    backups: Mapping[str, Backup] = field(factory=dict)
    marked: Mapping[str, Marked] = field(factory=dict)
    parents: Mapping[str, str | None] = field(factory=dict)

    @property
    def of_group(self) -> tuple[Kept, ...]:
        """The group's points, wherever they were taken."""
        return tuple(each for each in self.kept if each.manifest.group == self.group)

    @property
    def here(self) -> tuple[Kept, ...]:
        """The group's points that were taken at this site, in this project."""
        return tuple(each for each in self.of_group if self.is_of_here(each.manifest))

    def is_of_here(self, manifest: Manifest) -> bool:
        """Tell whether the backups of a point were made by this project, here."""
        made_by = (manifest.site, manifest.project_id)
        return made_by == (self.site, self.project_id)

    def is_good(self, point: Kept) -> bool:
        """Tell whether a point is consistent, and could be brought back."""
        manifest = point.manifest
        whole = all(self._is_usable(backup_id) for backup_id in point.records)
        return manifest.certificate.consistent and not manifest.flaws and whole

    def _is_usable(self, backup_id: str) -> bool:
        found = self.backups.get(backup_id)
        return found is not None and found.status in USABLE

    def unknown_increments(self) -> Iterator[Backup]:
        """Yield the increments at the site that no manifest knows."""
        known = {backup_id for each in self.kept for backup_id in each.records}
        for backup in self.backups.values():
            if backup.incremental and backup.id not in known:
                yield backup
