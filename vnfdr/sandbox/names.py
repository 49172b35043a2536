"""By which names one may mean a thing of a site, to let a fault happen to it."""

from collections.abc import Mapping
from typing import Protocol

from vnfdr.sandbox.site import Site


class Named(Protocol):
    """What its name is all there is to say of."""

    name: str


def names_of(site: Site, thing_id: str) -> set[str]:
    """Return all by which one may mean a thing: itself, and whose it is."""
    names = {thing_id}
    if (backup := site.backups.get(thing_id)) is not None:
        names |= {backup.name, *names_of(site, backup.volume_id)}
    if (snapshot := site.snapshots.get(thing_id)) is not None:
        names |= {snapshot.name, *names_of(site, snapshot.volume_id)}
    if (taken := site.group_snapshots.get(thing_id)) is not None:
        names |= {taken.name, *names_of(site, taken.group_id)}
    if (volume := site.volumes.get(thing_id)) is not None:
        servers = (site.servers[a.server_id] for a in volume.attachments)
        names |= {volume.name, *(server.name for server in servers)}
    plain: tuple[Mapping[str, Named], ...] = (
        site.servers,
        site.groups,
        site.networks.ports,
        site.networks.networks,
        site.pictures,
    )
    for table in plain:
        if (named := table.get(thing_id)) is not None:
            names.add(named.name)
    return names
