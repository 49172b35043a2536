"""Import the records of backups: what makes another site's backups known to a site."""

from collections.abc import Iterator
from typing import ClassVar

from attrs import frozen

from vnfdr.errors import Gone
from vnfdr.model import Backup, BackupRecord
from vnfdr.plan import Call, Receipt, Receipts, Step
from vnfdr.world import World

FILLED_IN = frozenset({"available", "restoring"})
"""In other statuses a record may be of no volume yet: Cinder reads it afterwards."""


@frozen
class ImportRecord(Step[World]):
    """Make one backup known to the site, unless it is known there already.

    Nothing takes this back, ever. A record is all that a site has of a backup, and
    Cinder deletes the bytes together with it: they are those of the site that made
    the backup, and there may be no others.

    Args:
        run: the run it is done for.
        record: what the other site exported.
        of: what people call the volume that the backup is of.
    """

    kind: ClassVar[str] = "import record"

    run: str
    record: BackupRecord
    of: str

    @property
    def key(self) -> str:
        return f"{self.run}:record:{self.record.id}"

    @property
    def title(self) -> str:
        extent = "increment" if self.record.parent_id else "full backup"
        return f"import the record of {extent} {self.record.id} of {self.of!r}"

    @property
    def calls(self) -> tuple[Call, ...]:
        return (
            Call("GET /backups", f"is {self.record.id} known?"),
            Call("POST /backups/import_record", self.record.id),
        )

    def check(self, world: World) -> Iterator[str]:
        known = self._known(world)
        if known and known.status.startswith("error"):
            yield (
                f"backup {known.id} is known here already, and is in status"
                f" {known.status!r}: {known.fail_reason or 'no reason given'}; have"
                " its status reset, and do not delete it: that may delete its bytes"
            )
        if known and known.status in FILLED_IN and not self._is_of(known):
            yield (
                f"backup {known.id} is known here already, and is another: of volume"
                f" {known.volume_id}, {known.size_gib} GiB; the manifest says"
                f" {self.record.volume_id}, {self.record.size_gib} GiB"
            )

    def do(self, world: World, done: Receipts) -> Receipt:
        world.site.backups.take_in(self.record)
        return self._receipt

    def find(self, world: World) -> Receipt | None:
        return self._receipt if self._known(world) else None

    def adopt(self, world: World, receipt: Receipt) -> None:
        """Ask once more: what is there is looked at, and waited for."""
        world.site.backups.take_in(self.record)

    def undo(self, world: World, receipt: Receipt) -> None:
        """Leave it: to delete a record is to delete the other site's bytes."""

    def _is_of(self, known: Backup) -> bool:
        there, wanted = (known.volume_id, known.size_gib), self.record
        return there == (wanted.volume_id, wanted.size_gib)

    def _known(self, world: World) -> Backup | None:
        try:
            return world.site.backups.get(self.record.id)
        except Gone:
            return None

    @property
    def _receipt(self) -> Receipt:
        return Receipt("record of backup", self.record.id)
