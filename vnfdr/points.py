"""The recovery points that a place off-site knows, read from their manifests.

Nothing else is asked: the site that they are of may be gone.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from attrs import frozen

from vnfdr.errors import ManifestDamaged, UnknownPoint
from vnfdr.manifest import Manifest
from vnfdr.manifests import (
    PROBE,
    ManifestStore,
    load_manifest,
    name_of,
    open_manifests,
)
from vnfdr.model import Level
from vnfdr.plan import SystemClock
from vnfdr.text import aged, printable

Place = str | os.PathLike[str] | ManifestStore
"""A path, a URL, or a store of your own."""

LATEST = "latest"
READS_AT_ONCE = 8
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@frozen
class KeptPoint:
    """A recovery point, as a place has it.

    Args:
        name: by which name its manifest is kept.
        seen_at: when it was looked at.
        manifest: its manifest; ``None`` where that cannot be trusted.
        problem: why it cannot be; empty where it can.
    """

    name: str
    seen_at: datetime
    manifest: Manifest | None = None
    problem: str = ""

    @property
    def point(self) -> str:
        """The point's id."""
        return self.manifest.point if self.manifest else self.name.rpartition("/")[2]

    @property
    def group(self) -> str:
        """The group's name, as it is told, or as the place has it."""
        return self.manifest.group if self.manifest else self.name.rpartition("/")[0]

    @property
    def taken_at(self) -> datetime | None:
        """When its window began; ``None`` where nobody can say."""
        return _date(self.manifest.certificate.taken_at if self.manifest else "")

    @property
    def age(self) -> timedelta | None:
        """How much would be lost by going back to it: what was written since."""
        return self.seen_at - self.taken_at if self.taken_at else None

    @property
    def level(self) -> Level | None:
        """How still its guests were."""
        return self.manifest.certificate.level if self.manifest else None

    @property
    def consistent(self) -> bool:
        """Whether it is consistent; a point that cannot be read is not."""
        return bool(self.manifest and self.manifest.certificate.consistent)

    @property
    def size_gib(self) -> int:
        """How much space its volumes take up."""
        disks = self.manifest.disks if self.manifest else ()
        return sum(disk.volume.size_gib for disk in disks)

    @property
    def flaws(self) -> tuple[str, ...]:
        """Why the group could not be brought back from it; none when it could."""
        return self.manifest.flaws if self.manifest else (self.problem,)

    @property
    def whole(self) -> bool:
        """Whether every volume has its backup, with the whole chain below it."""
        return not self.flaws

    def __str__(self) -> str:
        if self.manifest is None:
            return printable(f"{self.point}  {self.group}  DAMAGED: {self.problem}")
        assert self.level is not None, "there is a certificate"
        words = (
            self.point,
            self.group,
            f"{aged(self.age)} ago" if self.age is not None else "of unknown age",
            "consistent" if self.consistent else "NOT CONSISTENT",
            self.level.value,
            f"{self.size_gib} GiB",
            "whole" if self.whole else f"NOT WHOLE: {'; '.join(self.flaws)}",
        )
        return printable("  ".join(words))


def points(place: Place, group: str | None = None) -> tuple[KeptPoint, ...]:
    """Return the recovery points that a place knows, the newest first.

    A manifest that is damaged, or that a newer vnfdr wrote, is told, and not skipped:
    those of no known date come last.

    Args:
        place: a path, a URL, or a store.
        group: only points of this group.

    Raises:
        UnknownPlace: nothing installed knows such a place.
        ManifestError: the place cannot be read.
    """
    store, now = _store(place), SystemClock().date()
    names = [name for name in _names(store) if group is None or _is_of(name, group)]
    with ThreadPoolExecutor(READS_AT_ONCE, "vnfdr-points") as pool:
        found = pool.map(_reader(store, now), names)
        kept = [point for point in found if point is not None]
    kept.sort(key=lambda point: (point.taken_at or LONG_AGO, point.name), reverse=True)
    return tuple(kept)


def load_point(place: Place, point: str, group: str | None = None) -> Manifest:
    """Return the manifest of a recovery point.

    Args:
        place: a path, a URL, or a store.
        point: the point's id, the beginning of one, or ``latest``.
        group: the group that it is of; ``latest`` needs it where a place knows several.

    Raises:
        UnknownPlace: nothing installed knows such a place.
        UnknownPoint: no point answers to that, or several do; lists them.
        ManifestDamaged: it cannot be trusted, or is of a newer vnfdr.
        ManifestError: the place cannot be read.
    """
    store = _store(place)
    names = [name for name in _names(store) if group is None or _is_of(name, group)]
    name = _latest(store, names) if point == LATEST else _only(store, names, point)
    return _read(store, name)


def _store(place: Place) -> ManifestStore:
    if isinstance(place, str | os.PathLike):
        return open_manifests(place)
    return place


def _names(store: ManifestStore) -> list[str]:
    """Return the names of manifests; what looks were tried with is none."""
    return [name for name in store.names() if not name.endswith(PROBE)]


def _is_of(name: str, group: str) -> bool:
    return name.rpartition("/")[0] == name_of(group, "").rpartition("/")[0]


def _reader(store: ManifestStore, now: datetime) -> Callable[[str], KeptPoint | None]:
    def read(name: str) -> KeptPoint | None:
        try:
            return KeptPoint(name, now, _read(store, name))
        except ManifestDamaged as error:
            return KeptPoint(name, now, problem=str(error))
        except UnknownPoint:
            # It was removed since the place was listed.
            return None

    return read


def _read(store: ManifestStore, name: str) -> Manifest:
    where = f"{store.place}: {name}"
    manifest = load_manifest(store.get(name), where)
    is_called = name_of(manifest.group, manifest.point)
    if is_called != name:
        raise ManifestDamaged(
            f"{where} is the manifest of {is_called}, and was kept under another name:"
            " somebody moved it; put it back"
        )
    return manifest


def _latest(store: ManifestStore, names: Sequence[str]) -> str:
    groups = sorted({name.rpartition("/")[0] for name in names})
    if len(groups) != 1:
        listed = ", ".join(groups) or "none"
        raise UnknownPoint(
            f"{store.place}: the latest point of which group? There are: {listed}"
        )
    # A damaged one has no date but that in its name, which begins with it.
    return max(names)


def _only(store: ManifestStore, names: Sequence[str], point: str) -> str:
    ids = {name: name.rpartition("/")[2] for name in names}
    found = [name for name, known in ids.items() if known == point] or [
        name for name, known in ids.items() if point and known.startswith(point)
    ]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(sorted(found or names, reverse=True)) or "none"
    what = f"{len(found)} points begin with" if found else "no point is called"
    raise UnknownPoint(f"{store.place}: {what} {point!r}; there are: {listed}")


def _date(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
