"""Capture what the manifests of a group say of it: places, servers and volumes.

It is done when a run is planned: what cannot be carried is told before.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor

from attrs import evolve

from vnfdr.manifests import whole
from vnfdr.model import Blueprint, Group, VolumeBlueprint
from vnfdr.model.firmware import on_the_host
from vnfdr.recipes import Captured, Protected
from vnfdr.world import World


def capture(
    world: World, group: Group, members: Sequence[Protected], pool: Executor
) -> Captured | None:
    """Return what its manifests say; ``None`` where none is to be kept.

    Raises:
        UnknownPlace: nothing installed knows such a place.
        CloudError: the site does not answer.
    """
    if not group.manifests:
        return None
    places = tuple(dict.fromkeys(whole(place) for place in group.manifests))
    for place in places:
        world.store(place)
    site = world.site
    servers = pool.map(site.servers.blueprint, [m.guest.server_id for m in members])
    kept = list(dict.fromkeys(v.id for member in members for v in member.volumes))
    volumes = {v.id: v for v in pool.map(site.volumes.blueprint, kept)}
    found = zip(servers, members, strict=True)
    return Captured(
        places=places,
        servers={s.id: _as_protected(s, member, volumes) for s, member in found},
        volumes=volumes,
    )


def _as_protected(
    server: Blueprint, member: Protected, volumes: Mapping[str, VolumeBlueprint]
) -> Blueprint:
    """Return a server without the volumes that are left out of the point."""
    in_point = {volume.id for volume in member.volumes}
    out = [disk for disk in server.disks if disk.volume_id not in in_point]
    disks = tuple(disk for disk in server.disks if disk.volume_id in in_point)
    image = volumes[disks[0].volume_id].image_metadata if disks else {}
    lost = (
        *server.lost,
        *on_the_host(image),
        *(f"volume {disk.volume_id}, which is left out" for disk in out),
    )
    return evolve(server, disks=disks, lost=tuple(dict.fromkeys(lost)))
