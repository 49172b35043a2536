"""Look at a site, judge what is there, and delete what may be deleted."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeAlias

from vnfdr.cloud import Site
from vnfdr.errors import CloudError, Gone, InputError
from vnfdr.journals import Journals
from vnfdr.model import Marked
from vnfdr.plan import SystemClock
from vnfdr.sweeping.found import Sweep
from vnfdr.sweeping.judging import Evidence, judge
from vnfdr.sweeping.marks import run_of
from vnfdr.sweeping.owners import Owner, Standing, owner_of, pruned_by
from vnfdr.sweeping.removal import Listener, remove

LOOKS_AT_ONCE = 8
UNKNOWN_AGE_MIN = timedelta(hours=1)
"""A run at work elsewhere may make nothing new for as long as a backup takes."""

Lister: TypeAlias = Callable[[], tuple[Marked, ...]]


def sweep(
    site: Site,
    journals: Journals,
    *,
    delete: bool = False,
    unknown_older_than: timedelta | None = None,
    listeners: Sequence[Listener] = (),
) -> Sweep:
    """Find what carries a mark, and delete what may be deleted if asked to.

    Raises:
        InputError: the age is too low to tell a run at work from a dead one.
        CloudError: the site does not answer.
    """
    if unknown_older_than is not None and unknown_older_than < UNKNOWN_AGE_MIN:
        raise InputError(
            f"an unknown run whose newest thing is {unknown_older_than} old may be"
            f" under way; nothing was touched: ask for {UNKNOWN_AGE_MIN} or more"
        )
    project_id = site.token().project_id
    # First what the site has, and then the journals: what was made meanwhile is not
    # seen, and what its run has wanted meanwhile is.
    things, unseen = _look(site)
    if unseen:
        # A verdict may be on what could not be seen.
        unknown_older_than = None
    pruned = pruned_by(journals)
    runs = {run_of(thing) for thing in things}
    owners = {run: owner_of(run, journals, pruned) for run in runs}
    doubtful = [t for t in things if _may_be_imported(t, owners, unknown_older_than)]
    evidence = Evidence(
        site=site.name,
        project_id=project_id,
        now=SystemClock().date(),
        things=things,
        owners=owners,
        absent=frozenset(_absent(site, {t.of for t in doubtful})),
        unknown_older_than=unknown_older_than,
    )
    swept = Sweep(site.name, judge(evidence), unseen)
    return remove(site, swept, listeners) if delete else swept


def _look(site: Site) -> tuple[tuple[Marked, ...], tuple[str, ...]]:
    """Return what carries a mark, and why something could not be listed."""
    listers: tuple[Lister, ...] = (
        site.servers.marked,
        site.ports.marked,
        site.networks.marked,
        site.volumes.marked,
        site.snapshots.marked,
        site.backups.marked,
    )
    things: list[Marked] = []
    unseen: list[str] = []
    for lister in listers:
        try:
            things += lister()
        except CloudError as error:
            unseen.append(str(error))
    return tuple(things), tuple(unseen)


def _may_be_imported(
    thing: Marked, owners: Mapping[str, Owner], unknown_older_than: timedelta | None
) -> bool:
    """Tell whether it matters where a backup was made, and no journal says it."""
    owner = owners[run_of(thing)]
    if owner.standing is Standing.UNKNOWN and unknown_older_than is None:
        return False
    return thing.noun == "backup" and not owner.has_made(thing.key, thing.id)


def _absent(site: Site, volume_ids: Iterable[str]) -> Iterable[str]:
    """Return the volumes that are not here."""
    wanted = sorted(volume_ids)
    with ThreadPoolExecutor(LOOKS_AT_ONCE, "vnfdr-sweep") as pool:
        here = list(pool.map(lambda volume_id: _is_here(site, volume_id), wanted))
    return [v for v, is_here in zip(wanted, here, strict=True) if not is_here]


def _is_here(site: Site, volume_id: str) -> bool:
    try:
        site.volumes.get(volume_id)
    except Gone:
        return False
    except CloudError:
        # In doubt it is not: a backup is not deleted on a guess.
        return False
    return True
