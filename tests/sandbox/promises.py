"""What must be true of a site when a run has ended, whatever went wrong."""

from collections.abc import Iterator

from vnfdr.plan import Outcome
from vnfdr.sandbox import Site


def broken(site: Site, outcome: Outcome) -> Iterator[str]:
    """Yield a sentence for each promise that was broken."""
    named = "\n".join(map(str, outcome.leftovers))
    for name in site.frozen:
        if name not in named:
            yield f"{name} is frozen, and not named"
    saved = {
        saved
        for volume in (outcome.recovery_point.volumes if outcome.recovery_point else ())
        for saved in (volume.snapshot_id, volume.copy_id, volume.backup_id)
    }
    for thing in _tagged(site):
        if not (thing.id in saved or thing.id in named or thing.name in named):
            yield f"{thing.name} ({thing.id}) is there, and not named: {outcome}"
    if outcome.certificate is not None and outcome.certificate.consistent:
        yield from _not_one_moment(site, outcome)


def _tagged(site: Site) -> list:
    """Return everything that carries a key."""
    things = (site.volumes, site.snapshots, site.backups)
    return [t for there in things for t in there.values() if t.metadata]


def _not_one_moment(site: Site, outcome: Outcome) -> Iterator[str]:
    """What there is of the snapshots is a cut, and each backup holds the same."""
    saved = outcome.recovery_point.volumes if outcome.recovery_point else ()
    copies = {v.volume_id: site.volumes[v.copy_id].disk for v in saved if v.copy_id}
    images = {s.volume_id: s.image for s in site.snapshots.values() if s.image}
    taken = copies | images
    verdict = site.judge(taken)
    yield from verdict.violations
    yield from (f"{disk} was not frozen" for disk in verdict.needs_recovery)
    for volume in saved:
        if volume.backup_id:
            disk = site.disks.create(1)
            site.backup_store.restore(volume.backup_id, disk)
            if dict(disk.blocks()) != dict(taken[volume.volume_id].blocks()):
                yield f"the backup of {volume.name} is not its snapshot"
