"""A group that is wanted at a site: what stands against it, and what it takes.

The site is looked at, and nothing is touched.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from attrs import frozen

from vnfdr.cloud import Site
from vnfdr.errors import Gone, Unrecoverable
from vnfdr.manifest import Manifest
from vnfdr.mapping import SiteMapping
from vnfdr.mapping.judging import validate
from vnfdr.mapping.translating import translate
from vnfdr.recipes import Coming, not_cloneable

LOOKS_AT_ONCE = 8


@frozen
class Wanted:
    """What is wanted where, and how: the arguments of `vnfdr.recover` and its like."""

    manifest: Manifest
    site: Site
    mapping: SiteMapping
    allow_inconsistent: bool
    restores_at_once: int
    restore_seconds: float
    shared_keys: bool = False
    prefix: str = ""
    isolated: bool = False


def from_backups(wanted: Wanted, *, run: str) -> Coming:
    """Return how a group comes from its backups.

    Raises:
        Unrecoverable: it cannot; says everything that stands against it.
    """
    problems = (*wanted.manifest.flaws, *_doubts(wanted), *_locks(wanted))
    return _coming(wanted, problems, run, _known(wanted))


def from_kept(wanted: Wanted, *, run: str) -> Coming:
    """Return how a second group is made of what a point kept at its own site.

    Raises:
        Unrecoverable: it cannot; says everything that stands against it.
    """
    problems = (
        *not_cloneable(wanted.manifest),
        *_elsewhere(wanted),
        *_doubts(wanted),
    )
    return _coming(wanted, problems, run, frozenset())


def _coming(
    wanted: Wanted, problems: tuple[str, ...], run: str, known: frozenset[str]
) -> Coming:
    manifest, site = wanted.manifest, wanted.site
    offer = site.catalogue.offer()
    judgement = validate(
        wanted.mapping, manifest, offer, site_name=site.name, prefix=wanted.prefix
    )
    if found := (*problems, *judgement.problems):
        what = f"point {manifest.point} of {manifest.group!r}"
        raise Unrecoverable(f"{what} cannot come back to {site.name!r}", found)
    return Coming(
        run=run,
        manifest=manifest,
        translation=translate(wanted.mapping, manifest, offer),
        flavors=offer.flavors,
        project_id=site.token().project_id,
        restores_at_once=wanted.restores_at_once,
        restore_seconds=wanted.restore_seconds,
        known=known,
        prefix=wanted.prefix,
        isolated=wanted.isolated,
        losses=judgement.losses,
    )


def _doubts(wanted: Wanted) -> Iterator[str]:
    certificate = wanted.manifest.certificate
    if not (certificate.consistent or wanted.allow_inconsistent):
        yield (
            f"it is not consistent: {'; '.join(certificate.problems)}; take an older"
            " point, or allow one that is not consistent"
        )


def _locks(wanted: Wanted) -> Iterator[str]:
    for volume in (disk.volume for disk in wanted.manifest.disks):
        if volume.encrypted and not wanted.shared_keys:
            yield (
                f"volume {volume.name or volume.id!r} is encrypted: its bytes are worth"
                " nothing without its key; say so if both sites share a key manager,"
                " and the ids of volume types"
            )


def _elsewhere(wanted: Wanted) -> Iterator[str]:
    manifest, site = wanted.manifest, wanted.site
    project_id = site.token().project_id
    if project_id != manifest.project_id:
        yield (
            f"what it kept is in project {manifest.project_id} at {manifest.site!r},"
            f" and the credentials are of project {project_id} at {site.name!r}"
        )


def _known(wanted: Wanted) -> frozenset[str]:
    """Return which of the backups the site knows already."""
    records = (record for disk in wanted.manifest.disks for record in disk.chain)
    ids = sorted({record.id for record in records})
    with ThreadPoolExecutor(LOOKS_AT_ONCE, "vnfdr-look") as pool:
        known = list(pool.map(lambda backup_id: _knows(wanted.site, backup_id), ids))
    return frozenset(backup for backup, there in zip(ids, known, strict=True) if there)


def _knows(site: Site, backup_id: str) -> bool:
    try:
        site.backups.get(backup_id)
    except Gone:
        return False
    return True
