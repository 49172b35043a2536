"""What of a stock of recovery points stays, what goes, and what of that Cinder charges.

A point goes when no rule of the policy keeps it; a backup, when every point that has
it in a chain goes. So a full backup outlives its own point for as long as a point that
stays builds on it, and goes with the last of those.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property

from attrs import frozen

from vnfdr.manifest import SavedDisk
from vnfdr.model import BackupRecord, Marked, Retention
from vnfdr.recipes.keeping import Dated, kept
from vnfdr.recipes.stock import Kept, Stock


@frozen
class Going:
    """Something at the site that goes, and which of the points that go promise it.

    Args:
        thing: what it is, as the site says it.
        of: the volume that was protected with it.
        points: the ids of the points that promise it.
        place: how many backups it builds on; 0 for what is no increment.
    """

    thing: Marked
    of: str
    points: tuple[str, ...]
    place: int = 0


@frozen
class Choice:
    """What stays of a stock, and what goes.

    Args:
        stock: what there is.
        reasons: why a point stays, by its id; those of the group that were taken here
            and are not in it go.
    """

    stock: Stock
    reasons: Mapping[str, tuple[str, ...]]

    @cached_property
    def going(self) -> tuple[Kept, ...]:
        """The points that go, oldest first."""
        found = (k for k in self.stock.here if k.manifest.point not in self.reasons)
        return tuple(sorted(found, key=lambda each: each.taken_at))

    @cached_property
    def staying(self) -> tuple[Kept, ...]:
        """All others, those of other groups and sites too."""
        going = set(map(id, self.going))
        return tuple(each for each in self.stock.kept if id(each) not in going)

    @cached_property
    def needed(self) -> frozenset[str]:
        """The backups that a point needs which stays.

        Where its chain is not whole, what others know of it counts.
        """
        parents = {r.id: r.parent_id for k in self.stock.kept for r in _records(k)}
        open_ends = [record.id for each in self.staying for record in _records(each)]
        found: set[str] = set()
        while open_ends:
            backup_id = open_ends.pop()
            if backup_id and backup_id not in found:
                found.add(backup_id)
                open_ends.append(parents.get(backup_id, ""))
        return frozenset(found)

    @cached_property
    def backups(self) -> tuple[Going, ...]:
        """The backups that go; each is of the group's making."""
        return tuple(
            Going(self.stock.marked[backup_id], record.volume_id, points, place)
            for backup_id, (record, place, points) in self._promised.items()
            if self._is_free(backup_id) and backup_id in self.stock.marked
        )

    @cached_property
    def unmarked(self) -> tuple[str, ...]:
        """The backups that no point needs any more, and that somebody else made."""
        return tuple(
            backup_id
            for backup_id in self._promised
            if self._is_free(backup_id) and backup_id not in self.stock.marked
        )

    @cached_property
    def copies(self) -> tuple[Going, ...]:
        """The volumes and snapshots that go, unless somebody uses them."""
        return tuple(each for each in self._copies if not self._uses_of(each.thing))

    @cached_property
    def in_use(self) -> tuple[tuple[Marked, str], ...]:
        """The volumes that would go, but for whoever uses them."""
        found = ((each.thing, self._uses_of(each.thing)) for each in self._copies)
        return tuple((thing, use) for thing, use in found if use)

    @cached_property
    def _promised(self) -> Mapping[str, tuple[BackupRecord, int, tuple[str, ...]]]:
        """What the points that go promise: record, place in its chain, and by whom."""
        found: dict[str, tuple[BackupRecord, int, tuple[str, ...]]] = {}
        for each in self.going:
            for disk in each.manifest.disks:
                for place, record in enumerate(disk.chain):
                    points = found.get(record.id, (record, place, ()))[2]
                    points = (*points, each.manifest.point)
                    found[record.id] = (record, place, points)
        return found

    def _is_free(self, backup_id: str) -> bool:
        return backup_id not in self.needed and backup_id in self.stock.backups

    @cached_property
    def _copies(self) -> tuple[Going, ...]:
        return tuple(
            Going(thing, disk.volume.id, (each.manifest.point,))
            for each in self.going
            for disk in each.manifest.disks
            for thing in self._local(disk)
            # A mark of another point is somebody else's by now.
            if thing.point == each.manifest.point
        )

    def _local(self, disk: SavedDisk) -> Iterator[Marked]:
        for noun, thing_id in (
            ("volume", disk.copy_id),
            ("snapshot", disk.snapshot_id),
        ):
            thing = self.stock.marked.get(thing_id)
            if thing is not None and thing.noun == noun:
                yield thing

    def _uses_of(self, thing: Marked) -> str:
        """Say who uses a volume; of a snapshot Cinder knows itself."""
        if thing.noun == "volume" and thing.used_by:
            return f"server {', '.join(thing.used_by)} uses it"
        if thing.noun == "volume" and thing.dependents:
            return f"{thing.dependents} snapshots are of it"
        return ""


def choose(stock: Stock, policy: Retention) -> Choice:
    """Return what a policy keeps of a stock."""
    dated: dict[str, Dated] = {}
    for each in stock.here:
        point, good = each.manifest.point, stock.is_good(each)
        before = dated.get(point)
        good = good and (before is None or before.good)
        dated[point] = Dated(point, each.taken_at, good)
    return Choice(stock, kept(tuple(dated.values()), policy))


def _records(point: Kept) -> tuple[BackupRecord, ...]:
    return tuple(point.records.values())
