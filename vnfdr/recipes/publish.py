"""The part of protecting a group that makes its point known off-site."""

from collections.abc import Iterator

from vnfdr.model import Blueprint, Keep, Volume
from vnfdr.plan import Together
from vnfdr.recipes.inventory import Captured, Inventory
from vnfdr.recipes.policy import is_backed_up, keeps
from vnfdr.steps import DiskToTell, ExportRight, PublishManifest

PLACES_AT_ONCE = 4


def publication(found: Inventory, point: str) -> Together:
    """Publish the manifest at each of the group's places; none where it has none."""
    captured = found.captured
    places = captured.places if captured else ()
    steps = (_publish(found, captured, point, p) for p in places if captured)
    return Together("publish the manifest", tuple(steps), at_once=PLACES_AT_ONCE)


def export_right(found: Inventory, point: str) -> Iterator[ExportRight]:
    """Require the right to export records, where a backup is there to try it on."""
    tried_on = _newest_backup(found)
    if found.captured and tried_on:
        yield ExportRight(point, tried_on)


def told_before(found: Inventory) -> Iterator[str]:
    """Yield what a user should know before relying on the manifests."""
    captured = found.captured
    if captured is None:
        yield (
            "no manifest is kept off-site: only the journal of this run will know this"
            " point; name places under manifests in the group"
        )
        return
    left_here = [v for v in found.volumes if not is_backed_up(found.group, v)]
    if left_here:
        volumes = ", ".join(map(str, left_here))
        yield f"not backed up, and not brought back by a manifest: volumes {volumes}"
    if len(left_here) < len(found.volumes) and not _newest_backup(found):
        yield (
            "there is no backup yet to try it on: whether the credentials may export"
            " backup records, as an administrator may, will be seen after the backups"
        )
    for member in found.members:
        yield from _not_carried(captured.servers[member.guest.server_id])


def _publish(
    found: Inventory, captured: Captured, point: str, place: str
) -> PublishManifest:
    return PublishManifest(
        point=point,
        group=found.group.name,
        site=found.site,
        project_id=found.project_id,
        place=place,
        tiers=tuple(
            tuple(captured.servers[member.guest.server_id] for member in tier)
            for tier in found.tiers
        ),
        disks=tuple(_disk(found, captured, point, v) for v in found.volumes),
        window_key=f"{point}:window",
    )


def _disk(
    found: Inventory, captured: Captured, point: str, volume: Volume
) -> DiskToTell:
    group, stays = found.group, keeps(found.group, Keep.VOLUMES)
    return DiskToTell(
        volume=captured.volumes[volume.id],
        snapshot_key=f"{point}:snapshot:{volume.id}",
        snapshot_stays=keeps(group, Keep.SNAPSHOTS),
        copy_key=f"{point}:volume:{volume.id}" if stays else "",
        backup_key=f"{point}:backup:{volume.id}" if is_backed_up(group, volume) else "",
    )


def _newest_backup(found: Inventory) -> str:
    """Return the id of a backup that is there already; empty where there is none."""
    usable = (
        backup.id
        for history in found.history.values()
        for backup in reversed(history)
        if backup.status == "available"
    )
    return next(usable, "")


def _not_carried(server: Blueprint) -> Iterator[str]:
    at_ports = (f"{what} of a port" for nic in server.nics for what in nic.lost)
    lost = (*server.lost, *at_ports)
    if lost:
        yield f"{server.name} has what no manifest carries: {', '.join(lost)}"
    if server.withheld:
        names = ", ".join(server.withheld)
        yield f"metadata of {server.name} may be secret, and is left out: {names}"
    if server.has_user_data:
        yield (
            f"{server.name} was given user data, which no manifest holds: keep it where"
            " it can be given again"
        )
