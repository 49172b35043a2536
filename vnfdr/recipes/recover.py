"""Coming back: recover a group at another site, rehearse that, or clone it at its own.

The workflow of the nova-spec *Expose quiesce/unquiesce API*, step 7: restore the
backups in the remote Cinder, boot the servers from the restored bootable volumes, with
their data volumes attached.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from vnfdr.manifest import Manifest
from vnfdr.plan import Lasting, Plan, Requirement, Together
from vnfdr.recipes.booting import booted, left_out, network_needs
from vnfdr.recipes.bytes import copied, needs, restored
from vnfdr.recipes.coming import Coming
from vnfdr.steps import (
    BackupService,
    NamesFree,
    NetworkRoom,
    Quota,
    Room,
    StillOffered,
    TokenLife,
)

TOKEN_SECONDS = 600.0


def recover_plan(coming: Coming) -> Plan:
    """Return the plan that brings a group back for real, until it is confirmed."""
    return _plan(
        coming,
        f"recover {coming.group!r} at {coming.translation.site!r}",
        (*restored(coming), *booted(coming)),
        Lasting.PROVISIONAL,
    )


def rehearse_plan(coming: Coming) -> Plan:
    """Return the plan that brings a group back where nobody sees it, and removes it."""
    return _plan(
        coming,
        f"rehearse {coming.group!r} at {coming.translation.site!r}",
        (*restored(coming), *booted(coming)),
        Lasting.TRIAL,
    )


def clone_plan(coming: Coming) -> Plan:
    """Return the plan that makes a second group of what its point kept at its site."""
    return _plan(
        coming,
        f"clone {coming.group!r} at {coming.translation.site!r}",
        (*copied(coming), *booted(coming)),
        Lasting.PROVISIONAL,
        from_backups=False,
    )


def not_cloneable(manifest: Manifest) -> Iterator[str]:
    """Yield why a second group cannot be made of what a point kept."""
    yield from manifest.gaps
    for disk in manifest.disks:
        if not (disk.copy_id or disk.snapshot_id):
            name = disk.volume.name or disk.volume.id
            yield (
                f"neither a copy nor a snapshot of volume {name!r} was kept; protect"
                " the group with 'keep', or recover it from its backups"
            )


def _plan(
    coming: Coming,
    name: str,
    phases: Iterable[Together],
    lasting: Lasting,
    *,
    from_backups: bool = True,
) -> Plan:
    to_do = tuple(phase for phase in phases if phase.steps)
    return Plan(
        id=coming.run,
        name=f"{name} from point {coming.manifest.point}",
        site=coming.translation.site,
        phases=to_do,
        requirements=tuple(_requirements(coming, to_do, from_backups=from_backups)),
        remarks=tuple(_remarks(coming, lasting, from_backups=from_backups)),
        # What recovers a group keeps others from it; a trial or a clone does not.
        group="" if coming.prefix else coming.group,
        lasting=lasting,
    )


def _requirements(
    coming: Coming, phases: Sequence[Together], *, from_backups: bool
) -> Iterator[Requirement[Any]]:
    run = coming.run
    new = coming.translation.servers
    sizes = [coming.flavors[server.flavor_id] for server in new]
    yield TokenLife(run, coming.project_id, TOKEN_SECONDS)
    yield Quota(run, needs(coming, backups=from_backups))
    yield Room(
        run,
        servers=len(new),
        cores=sum(flavor.vcpus for flavor in sizes),
        ram_mib=sum(flavor.ram_mib for flavor in sizes),
    )
    if connections := network_needs(phases):
        yield NetworkRoom(run, connections)
    if from_backups:
        yield BackupService(run)
    yield NamesFree(run, tuple(coming.server_name(server.id) for server in new))
    yield _offered(coming, from_backups=from_backups)


def _offered(coming: Coming, *, from_backups: bool) -> StillOffered:
    new = coming.translation.servers
    networks = {} if coming.isolated else dict(_networks(coming))
    types = {volume.type for volume in coming.translation.volumes if volume.type}
    return StillOffered(
        coming.run,
        flavors={coming.flavors[s.flavor_id].name: s.flavor_id for s in new},
        networks=networks,
        volume_types=tuple(sorted(types)) if from_backups else (),
        keypairs=tuple(sorted({s.key_name for s in new if s.key_name})),
    )


def _networks(coming: Coming) -> Iterator[tuple[str, str]]:
    for server in coming.manifest.servers:
        ports = coming.translation.server(server.id).ports
        for nic, port in zip(server.nics, ports, strict=True):
            yield nic.network, port.network_id


def _remarks(coming: Coming, lasting: Lasting, *, from_backups: bool) -> Iterator[str]:
    manifest = coming.manifest
    if not manifest.certificate.consistent:
        yield f"point {manifest.point} is NOT CONSISTENT: servers may not agree"
    yield from coming.losses
    yield from left_out(coming)
    if lasting is Lasting.PROVISIONAL and not coming.isolated:
        yield (
            f"the group at {manifest.site!r} must be down, and kept from coming back,"
            " before its addresses are used again"
        )
    if from_backups:
        yield (
            "the records that are imported stay, whatever happens: to delete one would"
            " delete the backup itself"
        )
    if lasting is Lasting.PROVISIONAL:
        yield (
            f"provisional: `vnfdr commit {coming.run}` keeps it, and `vnfdr take-back"
            f" {coming.run}` removes it again"
        )
    elif lasting is Lasting.TRIAL:
        yield "a trial: all but the records is removed once it is done"
