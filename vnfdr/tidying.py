"""What keeps a site from filling up: old points removed, and what runs left behind."""

import os
from collections.abc import Callable, Sequence
from datetime import timedelta

from vnfdr.cloud import Site
from vnfdr.errors import InputError
from vnfdr.journals import Place, open_journals
from vnfdr.manifests import whole
from vnfdr.model import Group, Retention
from vnfdr.model.places import bad_places
from vnfdr.plan import Plan, SystemClock
from vnfdr.runs import new_point_id
from vnfdr.sweeping.found import Found, Sweep
from vnfdr.world import World


def retain(
    site: Site,
    group: Group | str,
    places: Sequence[str | os.PathLike[str]] = (),
    policy: Retention | None = None,
) -> Plan:
    """Plan to remove the recovery points of a group that a policy does not keep.

    Nothing is touched. The plan says of every point whether it stays, and why, and what
    removing the others frees; it may be that there is nothing to remove.

    Args:
        site: where the points were taken: nowhere else can they be removed.
        group: the group, or its name.
        places: where manifests are, beside the places of the group. What is promised
            in a place that is not named, nobody heeds.
        policy: which points stay; the group's, unless it is said.

    Raises:
        InputError: no policy or no place is said, or points cannot be removed as
            asked; all reasons at once.
        ManifestError: a place does not answer.
        CloudError: the site does not answer.
    """
    # Who thaws needs neither, and is in a hurry.
    from vnfdr.recipes import retain_plan  # noqa: PLC0415
    from vnfdr.stocktaking import take_stock  # noqa: PLC0415

    name = group if isinstance(group, str) else group.name
    own = () if isinstance(group, str) else group.manifests
    if policy is None and isinstance(group, Group):
        policy = group.retention
    named = (*own, *(os.fspath(place) for place in places))
    everywhere = tuple(dict.fromkeys(map(whole, named)))
    if policy is None:
        raise InputError(f"it is not said which points of {name!r} stay: no retention")
    if not everywhere:
        raise InputError(f"it is not said where manifests of {name!r} are")
    for problem in bad_places(everywhere):
        raise InputError(problem)
    now = SystemClock().date()
    stock = take_stock(World(site), name, everywhere, now)
    return retain_plan(stock, policy, run=new_point_id(now))


def sweep(
    site: Site,
    *,
    journal: Place = None,
    delete: bool = False,
    unknown_older_than: timedelta | None = None,
    listeners: Sequence[Callable[[Found], object]] = (),
) -> Sweep:
    """Find what runs left at a site; delete what no run will come back to.

    Nothing is deleted that may be wanted: what a recovery point is made of, what an
    unfinished run made, what is in use, what may be a record of another site's
    backup, or what carries no whole mark of ours.

    Args:
        site: where to look.
        journal: the directory where runs are recorded.
        delete: whether to delete; by default one only looks.
        unknown_older_than: delete, too, what is of runs that no journal here knows
            and that have no verdict, once all of such a run is that old: an hour at
            least.
        listeners: who is told what is to be deleted, and of each what became of it.

    Raises:
        InputError: runs that are under way elsewhere could be as old.
        CloudError: the site does not answer.
    """
    # Who thaws does not sweep.
    from vnfdr.sweeping.sweep import sweep as look  # noqa: PLC0415

    return look(
        site,
        open_journals(journal),
        delete=delete,
        unknown_older_than=unknown_older_than,
        listeners=listeners,
    )
