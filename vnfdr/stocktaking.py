"""Take stock: find a group's recovery points, in their places and at a site.

Whatever may need the same is found with it: the points of other groups, and backups
that no manifest knows. Touches nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar

from attrs import evolve, frozen

from vnfdr.cloud import Site
from vnfdr.errors import CloudError, Gone, ManifestDamaged, UnknownPoint
from vnfdr.manifest import Manifest
from vnfdr.manifests import PROBE, load_manifest
from vnfdr.recipes.stock import Copy, Kept, Stock
from vnfdr.world import World

CALLS_AT_ONCE = 8

T = TypeVar("T")
U = TypeVar("U")


def take_stock(world: World, group: str, places: Sequence[str], now: datetime) -> Stock:
    """Find all that removing points of ``group`` has to know.

    Raises:
        UnknownPoint: no place has a manifest of the group.
        ManifestError: a place does not answer.
        CloudError: the site does not answer.
    """
    with ThreadPoolExecutor(CALLS_AT_ONCE, "vnfdr-stock") as pool:
        read = _Read.of(tuple(_all(pool, world, places)))
        stock = Stock(
            group=group,
            site=world.site.name,
            project_id=world.site.token().project_id,
            now=now,
            places=tuple(places),
            kept=read.kept,
            unreadable=read.unreadable,
            mendable=read.mendable,
        )
        if not stock.of_group and not stock.unreadable:
            raise UnknownPoint(_nothing_known(stock))
        return _with_site(pool, world.site, stock)


def _nothing_known(stock: Stock) -> str:
    groups = sorted({repr(each.manifest.group) for each in stock.kept})
    return (
        f"no point of group {stock.group!r} is in {' or '.join(stock.places)}; groups"
        f" there: {', '.join(groups) or 'none'}"
    )


def _all(
    pool: Executor, world: World, places: Iterable[str]
) -> Iterator[tuple[Copy, Manifest | ManifestDamaged]]:
    """Yield everything that is in the places, read as far as it can be."""
    listed = _each(pool, lambda place: (place, world.store(place).names()), places)
    copies = [
        (place, name)
        for place, names in listed
        for name in names
        if not name.endswith(PROBE)
    ]

    def read(copy: Copy) -> Manifest | ManifestDamaged | None:
        place, name = copy
        try:
            return _checked(world.store(place).get(name), f"{name} at {place}")
        except ManifestDamaged as error:
            return error
        except UnknownPoint:
            # It was deleted since it was listed.
            return None

    for copy, found in zip(copies, _each(pool, read, copies), strict=True):
        if found is not None:
            yield copy, found


def _checked(text: str, where: str) -> Manifest:
    manifest = load_manifest(text, where)
    try:
        datetime.fromisoformat(manifest.certificate.taken_at)
    except ValueError as error:
        raise ManifestDamaged(f"{where} does not say when it was taken") from error
    return manifest


@frozen
class _Read:
    """What the places hold."""

    kept: tuple[Kept, ...]
    unreadable: tuple[str, ...]
    mendable: tuple[str, ...]

    @classmethod
    def of(cls, found: Iterable[tuple[Copy, Manifest | ManifestDamaged]]) -> "_Read":
        """Put copies of the same manifest together, the damaged ones with theirs."""
        found = list(found)
        good = [(copy, each) for copy, each in found if isinstance(each, Manifest)]
        bad = [(copy, each) for copy, each in found if not isinstance(each, Manifest)]
        kept: list[Kept] = []
        for copy, manifest in good:
            same = [n for n, each in enumerate(kept) if each.manifest == manifest]
            for number in same:
                kept[number] = evolve(kept[number], copies=(*kept[number].copies, copy))
            if not same:
                kept.append(Kept(manifest, (copy,)))
        return _with_damaged(kept, bad)


def _with_damaged(
    kept: Iterable[Kept], bad: Iterable[tuple[Copy, ManifestDamaged]]
) -> _Read:
    """Count what is damaged as a copy of what has its name elsewhere."""
    all_kept = list(kept)
    unreadable, mendable = [], []
    for (place, name), error in bad:
        for number, each in enumerate(all_kept):
            if name in {other for _, other in each.copies}:
                all_kept[number] = evolve(each, copies=(*each.copies, (place, name)))
                mendable.append(f"{error}: {each.copies[0][0]} has it whole")
                break
        else:
            unreadable.append(
                f"{error}: which backups it needs is unknown; put a whole copy in its"
                " place, or delete it if nobody wants that point"
            )
    return _Read(tuple(all_kept), tuple(unreadable), tuple(mendable))


def _with_site(pool: Executor, site: Site, stock: Stock) -> Stock:
    """Return the stock with what the site has of it."""
    disks = [disk for each in stock.here for disk in each.manifest.disks]
    volume_ids = sorted({disk.volume.id for disk in disks})
    # A backup may be of the volume that was created from the snapshot.
    sources = sorted(
        {r.volume_id for disk in disks for r in disk.chain}.union(volume_ids)
    )
    listers = (site.backups.marked, site.volumes.marked, site.snapshots.marked)
    marked = _each(pool, lambda lister: lister(), listers)
    backups = _each(pool, site.backups.of_volume, sources)
    here = _each(pool, lambda volume_id: _is_here(site, volume_id), volume_ids)
    known = evolve(
        stock,
        volumes=frozenset(
            v for v, is_here in zip(volume_ids, here, strict=True) if is_here
        ),
        backups={backup.id: backup for each in backups for backup in each},
        marked={thing.id: thing for each in marked for thing in each},
    )
    unknown = [backup.id for backup in known.unknown_increments()]
    parents = _each(pool, lambda backup_id: _parent(site, backup_id), unknown)
    return evolve(known, parents=dict(zip(unknown, parents, strict=True)))


def _is_here(site: Site, volume_id: str) -> bool:
    try:
        site.volumes.get(volume_id)
    except Gone:
        return False
    return True


def _parent(site: Site, backup_id: str) -> str | None:
    """Return what a backup builds on, if that can be told."""
    try:
        return site.backups.export(backup_id).parent_id
    except CloudError:
        # Only administrators may ask, and only of what is available.
        return None


def _each(pool: Executor, ask: Callable[[T], U], items: Iterable[T]) -> list[U]:
    return list(pool.map(ask, items))
