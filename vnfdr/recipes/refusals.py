"""Why points cannot be removed as asked: every reason, each with what to do."""

from collections.abc import Iterator
from datetime import timedelta

from vnfdr.recipes.choice import Choice
from vnfdr.recipes.stock import Stock
from vnfdr.text import label

AHEAD_MAX = timedelta(hours=1)
"""How far the clocks of two controllers may be apart."""


def refusals(choice: Choice) -> tuple[str, ...]:
    """Return a sentence for each reason why nothing may be removed."""
    return (
        *choice.stock.unreadable,
        *_elsewhere(choice.stock),
        *_bare_places(choice.stock),
        *_to_come(choice.stock),
        *_without_volumes(choice),
        *_of_others(choice),
        *_built_on(choice),
    )


def _elsewhere(stock: Stock) -> Iterator[str]:
    if stock.here:
        return
    sites = {(each.manifest.site, each.manifest.project_id) for each in stock.of_group}
    for site, project_id in sorted(sites):
        yield (
            f"its points were taken at {site!r}, in project {project_id}, and this is"
            f" {stock.site!r}, project {stock.project_id}: to delete an imported record"
            f" is to delete the backup of who made it; prune at {site!r}"
        )


def _bare_places(stock: Stock) -> Iterator[str]:
    """Yield the places that may be others than was meant."""
    if not stock.here:
        return
    used = {place for each in stock.here for place, _ in each.copies}
    for place in stock.places:
        if place not in used:
            yield (
                f"{place} has no manifest of {stock.group!r}, and others have: it may"
                " not be mounted, and would promise what is gone; mount it, leave it"
                " out, or protect the group once more"
            )


def _to_come(stock: Stock) -> Iterator[str]:
    for each in stock.here:
        if each.taken_at > stock.now + AHEAD_MAX:
            yield (
                f"point {each.manifest.point} is of {each.taken_at}, which is yet to"
                " come: a clock is or was wrong, and no order of the points can be"
                " trusted; set the clock right, or delete that manifest by hand"
            )


def _without_volumes(choice: Choice) -> Iterator[str]:
    """Yield the points of which the site has no volume, and maybe never had."""
    for each in choice.going:
        ids = {disk.volume.id for disk in each.manifest.disks}
        if choice.stock.volumes.isdisjoint(ids) and each.records:
            yield (
                f"the site has none of the volumes of point {each.manifest.point}: its"
                " backups may be imported records, whose data are another site's; if"
                " they are not, delete its manifest and its backups by hand"
            )


def _of_others(choice: Choice) -> Iterator[str]:
    """Yield the backups that are of points which no place here knows."""
    known = {each.manifest.point for each in choice.stock.kept}
    for going in choice.backups:
        mark = going.thing
        if mark.group != label(choice.stock.group) and mark.point not in known:
            yield (
                f"backup {mark.id} is of point {mark.point} of group {mark.group!r},"
                " whose manifests are in none of these places: name the places of that"
                " group, too"
            )


def _built_on(choice: Choice) -> Iterator[str]:
    """Yield which backups that no manifest knows build on what would go."""
    going = {each.thing.id: each for each in choice.backups}
    explained = set()
    for backup in choice.stock.unknown_increments():
        parent = choice.stock.parents.get(backup.id)
        for each in choice.backups:
            if each.of != backup.volume_id or parent not in {None, each.thing.id}:
                continue
            explained.add(each.thing.id)
            verb = "builds" if parent else "may build"
            yield (
                f"backup {backup.id} of volume {backup.volume_id} is in no manifest"
                f" here, and {verb} on {each.thing.id}: if nobody wants it, delete it;"
                " if a run that is under way made it, wait for that"
            )
    records = (r for each in choice.stock.kept for r in each.records.values())
    explained |= {r.parent_id for r in records if r.id in choice.stock.backups}
    for backup_id in sorted(going.keys() - explained):
        if going[backup_id].thing.dependents:
            yield (
                f"Cinder says that increments build on backup {backup_id}, and none is"
                " to be seen in this project: find out whose they are, or have its"
                " count of dependents mended"
            )
