"""Retain: remove the recovery points of a group that its policy does not keep.

Nothing that is deleted comes back, so every phase is final: what fails is named, and
the rest is seen through. The order is that of the promises: first the manifests, then
what they promised and nothing else needs, newest first.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from vnfdr.errors import Unprunable
from vnfdr.model import Retention
from vnfdr.plan import Plan, Requirement, Together
from vnfdr.recipes.choice import Choice, Going, choose
from vnfdr.recipes.refusals import refusals
from vnfdr.recipes.stock import Kept, Stock
from vnfdr.steps import (
    DeleteManifest,
    DeleteSaved,
    SameBackups,
    SeeKept,
    TokenLife,
)
from vnfdr.text import label

DELETIONS_AT_ONCE = 4
TOKEN_SECONDS = 600.0
NOTHING_TO_REMOVE = "nothing to remove"
PRUNE = "prune "
"""What the names of its plans begin with."""


def retain_plan(stock: Stock, policy: Retention, *, run: str) -> Plan:
    """Return the plan that removes what a policy does not keep; maybe nothing.

    Raises:
        Unprunable: points cannot be removed; all reasons at once.
    """
    choice = choose(stock, policy)
    if problems := refusals(choice):
        raise Unprunable(f"the points of {stock.group!r} cannot be removed", problems)
    return Plan(
        id=run,
        name=f"{PRUNE}{stock.group!r} at {stock.site!r}, keeping {policy}",
        site=stock.site,
        group=stock.group,
        requirements=tuple(_requirements(choice, run)),
        phases=tuple(phase for phase in _phases(choice, run) if phase.steps),
        remarks=tuple(_remarks(choice)),
    )


def _phases(choice: Choice, run: str) -> Iterator[Together]:
    manifests: dict[str, tuple[DeleteManifest, ...]] = {}
    for each in choice.going:
        point = each.manifest.point
        manifests[point] = (*manifests.get(point, ()), *_manifests(each, run))
    yield _final("delete manifests", tuple(chain.from_iterable(manifests.values())))

    def deleted(things: Iterable[Going]) -> tuple[DeleteSaved, ...]:
        return tuple(
            DeleteSaved(
                run=run,
                noun=going.thing.noun,
                id=going.thing.id,
                of=going.of,
                sources=tuple(s.key for p in going.points for s in manifests[p]),
            )
            for going in things
        )

    # No two of one place in its chain build on each other.
    for place in sorted({going.place for going in choice.backups}, reverse=True):
        newest = [going for going in choice.backups if going.place == place]
        name = f"delete increments, number {place}" if place else "delete full backups"
        yield _final(name, deleted(newest))
    for noun in ("volume", "snapshot"):
        of_noun = [going for going in choice.copies if going.thing.noun == noun]
        yield _final(f"delete {noun}s", deleted(of_noun))
    yield _final("look at what stays", (SeeKept(run, _kept_backups(choice)),))


def _final(name: str, steps: tuple[Any, ...]) -> Together:
    return Together(name, steps, at_once=DELETIONS_AT_ONCE, final=True)


def _manifests(point: Kept, run: str) -> tuple[DeleteManifest, ...]:
    return tuple(
        DeleteManifest(run, point.manifest.point, place, name)
        for place, name in point.copies
    )


def _kept_backups(choice: Choice) -> dict[str, tuple[str, ...]]:
    """Return what the group's points need that stay, as far as it is there now."""
    found: dict[str, dict[str, None]] = {}
    stay = (k for k in choice.stock.here if k.manifest.point in choice.reasons)
    for each in stay:
        for record in each.records.values():
            if record.id in choice.stock.backups:
                found.setdefault(record.volume_id, {})[record.id] = None
    return {volume_id: tuple(ids) for volume_id, ids in found.items()}


def _requirements(choice: Choice, run: str) -> Iterator[Requirement[Any]]:
    stock = choice.stock
    yield TokenLife(run, stock.project_id, TOKEN_SECONDS)
    for volume_id in dict.fromkeys(going.of for going in choice.backups):
        backups = stock.backups.values()
        known = tuple(b.id for b in backups if b.volume_id == volume_id)
        yield SameBackups(run, volume_id, known)


def _remarks(choice: Choice) -> Iterator[str]:
    yield _frees(choice) if choice.going else NOTHING_TO_REMOVE
    stock = choice.stock
    fates = {each.manifest.point: each for each in stock.here}
    for each in sorted(fates.values(), key=lambda k: k.taken_at, reverse=True):
        yield f"{each.manifest.point}{_worth(stock, each)} {_fate(choice, each)}"
    if elsewhere := len(stock.of_group) - len(stock.here):
        yield f"{elsewhere} of its points were taken elsewhere, and are left alone"
    yield from stock.mendable
    for thing, use in choice.in_use:
        yield f"{thing} of {thing.point} stays, and is yours to delete: {use}"
    for backup_id in choice.unmarked:
        yield f"backup {backup_id} stays: it carries no mark of vnfdr"
    yield from _unclaimed(stock)


def _worth(stock: Stock, point: Kept) -> str:
    if not point.manifest.certificate.consistent:
        return ", not consistent,"
    return "" if stock.is_good(point) else ", not whole,"


def _fate(choice: Choice, point: Kept) -> str:
    reasons = choice.reasons.get(point.manifest.point)
    if reasons:
        return f"stays: {', '.join(reasons)}"
    still = len(point.records.keys() & choice.needed)
    return f"goes; backups of its chains that others need: {still}" if still else "goes"


def _frees(choice: Choice) -> str:
    counts: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for going in (*choice.backups, *choice.copies):
        counts[going.thing.noun] += 1
        sizes[going.thing.noun] += going.thing.size_gib
    told = [f"{noun}s {counts[noun]} ({sizes[noun]} GiB)" for noun in counts]
    return f"frees of the quotas: {', '.join(told) or 'nothing'}"


def _unclaimed(stock: Stock) -> Iterator[str]:
    """Yield what is of the group and in no manifest: nobody else will name it."""
    known = {backup_id for each in stock.kept for backup_id in each.records}
    points = {each.manifest.point for each in stock.kept}
    for backup in stock.backups.values():
        mark = stock.marked.get(backup.id)
        ours = mark is not None and mark.group == label(stock.group)
        if mark and ours and backup.id not in known and mark.point not in points:
            yield (
                f"{mark} of {mark.point} is in no manifest here, and is left alone"
                f" ({mark.size_gib} GiB)"
            )
