"""By which names one may mean a thing of a site, to let a fault happen to it."""

from vnfdr.sandbox.site import Site


def names_of(site: Site, thing_id: str) -> set[str]:
    """Return all by which one may mean a thing: itself, and whose it is."""
    names = {thing_id}
    if (server := site.servers.get(thing_id)) is not None:
        names.add(server.name)
    if (backup := site.backups.get(thing_id)) is not None:
        names |= {backup.name, *names_of(site, backup.volume_id)}
    if (snapshot := site.snapshots.get(thing_id)) is not None:
        names |= {snapshot.name, *names_of(site, snapshot.volume_id)}
    if (volume := site.volumes.get(thing_id)) is not None:
        servers = (site.servers[a.server_id] for a in volume.attachments)
        names |= {volume.name, *(server.name for server in servers)}
    for table in (site.networks.ports, site.networks.networks, site.pictures):
        if (named := table.get(thing_id)) is not None:
            names.add(named.name)
    return names
