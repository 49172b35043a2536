"""Plan the coming back of a group: at another site, in a rehearsal, or as a clone.

A site is looked at, and nothing is touched. Everything that forbids it is told at once.
"""

from vnfdr.cloud import Site
from vnfdr.manifest import Manifest
from vnfdr.mapping import SiteMapping
from vnfdr.plan import Plan, SystemClock
from vnfdr.runs import new_point_id

RESTORES_AT_ONCE = 4
RESTORE_SECONDS_MAX = 6 * 3600.0
REHEARSAL = "rehearsal-"
CLONE = "clone-"


def recover(  # noqa: PLR0913 - each is something an operator may want to say
    manifest: Manifest,
    site: Site,
    mapping: SiteMapping,
    *,
    allow_inconsistent: bool = False,
    shared_keys: bool = False,
    restores_at_once: int = RESTORES_AT_ONCE,
    restore_seconds: float = RESTORE_SECONDS_MAX,
) -> Plan:
    """Plan to bring a group back for real; touch nothing.

    What the run makes is provisional: it can be taken back in one call until it is
    confirmed. Make sure first that the group is down where it was.

    Args:
        manifest: the recovery point to bring back.
        site: where to.
        mapping: how names translate to those of the site.
        allow_inconsistent: whether a point will do that is not consistent.
        shared_keys: whether the site shares a key manager, and the ids of volume types,
            with the one where the volumes were: without that, encrypted volumes cannot
            be restored.
        restores_at_once: how many backups are restored at the same time.
        restore_seconds: how long restoring one of them may take.

    Raises:
        Unrecoverable: it cannot come back as asked; says everything that is wrong.
        CloudError: the site does not answer.
    """
    # Who thaws needs no recipes, and is in a hurry.
    from vnfdr.recipes import recover_plan  # noqa: PLC0415
    from vnfdr.wanted import Wanted, from_backups  # noqa: PLC0415

    wanted = Wanted(
        manifest,
        site,
        mapping,
        allow_inconsistent=allow_inconsistent,
        shared_keys=shared_keys,
        restores_at_once=restores_at_once,
        restore_seconds=restore_seconds,
    )
    return recover_plan(from_backups(wanted, run=_new_run()))


def rehearse(  # noqa: PLR0913 - each is something an operator may want to say
    manifest: Manifest,
    site: Site,
    mapping: SiteMapping,
    *,
    allow_inconsistent: bool = False,
    shared_keys: bool = False,
    prefix: str = REHEARSAL,
    restores_at_once: int = RESTORES_AT_ONCE,
    restore_seconds: float = RESTORE_SECONDS_MAX,
) -> Plan:
    """Plan to bring a group back where it is in nobody's way, and to remove it again.

    It comes to networks of its own, with the addresses that it had, and nothing leads
    there: probes by TCP and HTTP are left out.

    Args:
        manifest: the recovery point to try.
        site: where to.
        mapping: that of a real failover.
        allow_inconsistent: as for `recover`.
        shared_keys: as for `recover`.
        prefix: what the names of all that is made begin with.
        restores_at_once: how many backups are restored at the same time.
        restore_seconds: how long restoring one of them may take.

    Raises:
        Unrecoverable: it cannot come back as asked; says everything that is wrong.
        CloudError: the site does not answer.
    """
    from vnfdr.recipes import rehearse_plan  # noqa: PLC0415 - as above
    from vnfdr.wanted import Wanted, from_backups  # noqa: PLC0415 - as above

    wanted = Wanted(
        manifest,
        site,
        mapping,
        allow_inconsistent=allow_inconsistent,
        shared_keys=shared_keys,
        prefix=prefix,
        isolated=True,
        restores_at_once=restores_at_once,
        restore_seconds=restore_seconds,
    )
    return rehearse_plan(from_backups(wanted, run=_new_run()))


def clone(  # noqa: PLR0913 - each is something an operator may want to say
    manifest: Manifest,
    site: Site,
    mapping: SiteMapping | None = None,
    *,
    allow_inconsistent: bool = False,
    prefix: str = CLONE,
    isolated: bool = True,
) -> Plan:
    """Plan a second group beside the first, from what its point kept at its own site.

    Nothing is restored from backups: the volumes are created from the copies that were
    kept, or from the snapshots. The second group is provisional.

    Args:
        manifest: the recovery point, with copies or snapshots that were kept.
        site: the site where it was taken.
        mapping: what is to be different; by default nothing but the names.
        allow_inconsistent: as for `recover`.
        prefix: what the names of all that is made begin with.
        isolated: whether it comes to networks of its own, with the same addresses.
            Otherwise it comes to those that the mapping names.

    Raises:
        Unrecoverable: it cannot be made as asked; says everything that is wrong.
        CloudError: the site does not answer.
    """
    from vnfdr.mapping.matching import suggest_mapping  # noqa: PLC0415 - as above
    from vnfdr.recipes import clone_plan  # noqa: PLC0415 - as above
    from vnfdr.wanted import Wanted, from_kept  # noqa: PLC0415 - as above

    wanted = Wanted(
        manifest,
        site,
        mapping or suggest_mapping(manifest, site.catalogue.offer(), site.name),
        allow_inconsistent=allow_inconsistent,
        # Nothing is restored.
        restores_at_once=RESTORES_AT_ONCE,
        restore_seconds=RESTORE_SECONDS_MAX,
        prefix=prefix,
        isolated=isolated,
    )
    return clone_plan(from_kept(wanted, run=_new_run()))


def _new_run() -> str:
    return new_point_id(SystemClock().date())
