"""Plan the coming back of a group: at another site, in a rehearsal, or as a clone.

A site is looked at, and nothing is touched. Everything that forbids it is told at once.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from attrs import frozen

from vnfdr.cloud import Offer, Site
from vnfdr.errors import Gone, Unrecoverable
from vnfdr.manifest import Manifest
from vnfdr.mapping import Coming, SiteMapping, suggest_mapping, translate, validate
from vnfdr.plan import Plan, SystemClock
from vnfdr.runs import new_point_id

LOOKS_AT_ONCE = 8
RESTORES_AT_ONCE = 4
RESTORE_SECONDS_MAX = 6 * 3600.0
REHEARSAL = "rehearsal-"
CLONE = "clone-"


@frozen
class _Asked:
    """What is to come back, where to, and how."""

    manifest: Manifest
    site: Site
    mapping: SiteMapping
    offer: Offer
    prefix: str = ""
    isolated: bool = False
    restores_at_once: int = RESTORES_AT_ONCE
    restore_seconds: float = RESTORE_SECONDS_MAX


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
    asked = _Asked(
        manifest,
        site,
        mapping,
        site.catalogue.offer(),
        restores_at_once=restores_at_once,
        restore_seconds=restore_seconds,
    )
    # Who thaws needs no recipes, and is in a hurry.
    from vnfdr.recipes import recover_plan  # noqa: PLC0415

    problems = _flaws(manifest, shared_keys=shared_keys)
    doubts = () if allow_inconsistent else _doubts(manifest)
    return recover_plan(_coming(asked, (*problems, *doubts)))


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
    asked = _Asked(
        manifest,
        site,
        mapping,
        site.catalogue.offer(),
        prefix=prefix,
        isolated=True,
        restores_at_once=restores_at_once,
        restore_seconds=restore_seconds,
    )
    from vnfdr.recipes import rehearse_plan  # noqa: PLC0415 - as above

    problems = _flaws(manifest, shared_keys=shared_keys)
    doubts = () if allow_inconsistent else _doubts(manifest)
    return rehearse_plan(_coming(asked, (*problems, *doubts)))


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
    from vnfdr.recipes import clone_plan, not_cloneable  # noqa: PLC0415 - as above

    offer = site.catalogue.offer()
    chosen = mapping or suggest_mapping(manifest, offer, site.name)
    asked = _Asked(manifest, site, chosen, offer, prefix=prefix, isolated=isolated)
    problems = (*not_cloneable(manifest), *_elsewhere(manifest, site))
    doubts = () if allow_inconsistent else _doubts(manifest)
    return clone_plan(_coming(asked, (*problems, *doubts), from_backups=False))


def _doubts(manifest: Manifest) -> Iterator[str]:
    if not manifest.certificate.consistent:
        yield (
            f"it is not consistent: {'; '.join(manifest.certificate.problems)}; take an"
            " older point, or allow one that is not consistent"
        )


def _flaws(manifest: Manifest, *, shared_keys: bool) -> Iterator[str]:
    yield from manifest.flaws
    for volume in (disk.volume for disk in manifest.disks):
        if volume.encrypted and not shared_keys:
            yield (
                f"volume {volume.name or volume.id!r} is encrypted: its bytes are worth"
                " nothing without its key; say so if both sites share a key manager,"
                " and the ids of volume types"
            )


def _elsewhere(manifest: Manifest, site: Site) -> Iterator[str]:
    project_id = site.token().project_id
    if project_id != manifest.project_id:
        yield (
            f"what it kept is in project {manifest.project_id} at {manifest.site!r},"
            f" and the credentials are of project {project_id} at {site.name!r}"
        )


def _coming(
    asked: _Asked, problems: Iterable[str], *, from_backups: bool = True
) -> Coming:
    """Return what comes back, and how.

    Raises `Unrecoverable` if there are problems, or the mapping has any.
    """
    manifest, site, offer = asked.manifest, asked.site, asked.offer
    judgement = validate(asked.mapping, manifest, offer, site_name=site.name)
    if found := (*problems, *judgement.problems):
        what = f"point {manifest.point} of {manifest.group!r}"
        raise Unrecoverable(f"{what} cannot come back to {site.name!r}", found)
    return Coming(
        run=new_point_id(SystemClock().date()),
        manifest=manifest,
        translation=translate(asked.mapping, manifest, offer),
        flavors=offer.flavors,
        project_id=site.token().project_id,
        known=_known(site, manifest) if from_backups else frozenset(),
        prefix=asked.prefix,
        isolated=asked.isolated,
        losses=judgement.losses,
        restores_at_once=asked.restores_at_once,
        restore_seconds=asked.restore_seconds,
    )


def _known(site: Site, manifest: Manifest) -> frozenset[str]:
    """Return which of the backups the site knows already."""
    wanted = sorted({record.id for disk in manifest.disks for record in disk.chain})
    with ThreadPoolExecutor(LOOKS_AT_ONCE, "vnfdr-look") as pool:
        known = list(pool.map(lambda backup_id: _is_known(site, backup_id), wanted))
    return frozenset(
        backup for backup, is_known in zip(wanted, known, strict=True) if is_known
    )


def _is_known(site: Site, backup_id: str) -> bool:
    try:
        site.backups.get(backup_id)
    except Gone:
        return False
    return True
