"""The group of three servers that everything is tried on, and other servers.

Everything here can be called again: what is there already, by name, is found.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import libvirt
from attrs import frozen
from openstack.connection import Connection

from tests.lab import guests
from tests.lab.place import STATE, hypervisor, until
from tests.lab.records import last_number

GROUP = {"db-1": 11, "app-1": 12, "lb-1": 13}
"""The three servers in the order in which they are frozen, with their guest ids."""

NETWORK = "vnf"
CIDR = "10.20.0.0/24"
FLAVOR = "lab.tiny"


class GroupIsStale(Exception):
    """What is there under the names of the group is no such group."""


@frozen
class Member:
    """One server of the group."""

    name: str
    guest: int
    """The last octet of its address, by which its guest signs."""
    server_id: str
    root_id: str
    data_id: str

    @property
    def volume_ids(self) -> tuple[str, str]:
        """Its volumes, in the order in which the guest writes to them."""
        return (self.data_id, self.root_id)


def image(cloud: Connection) -> str:
    """Upload the guest's image, unless this very image is there; return its id."""
    stamp = (STATE / "guest.raw.stamp").read_text().strip()
    name = f"guest-{stamp}"
    found = cloud.image.find_image(name)
    if found is None:
        with (STATE / "guest.raw").open("rb") as raw:
            found = cloud.image.create_image(
                name,
                data=raw,
                disk_format="raw",
                container_format="bare",
                hw_qemu_guest_agent="yes",
                # Nova's own createImage then freezes, or says that it cannot.
                os_require_quiesce="yes",
            )
    return found.id


def port(cloud: Connection, name: str, guest: int) -> str:
    """Make the port of one guest, and its network before it; return its id."""
    network = cloud.network
    net = network.find_network(NETWORK) or network.create_network(name=NETWORK)
    subnet = network.find_subnet(NETWORK) or network.create_subnet(
        network_id=net.id, name=NETWORK, ip_version=4, cidr=CIDR, gateway_ip=None
    )
    address = f"{CIDR.rpartition('.')[0]}.{guest}"
    found = network.find_port(name) or network.create_port(
        name=name,
        network_id=net.id,
        fixed_ips=[{"subnet_id": subnet.id, "ip_address": address}],
    )
    return found.id


def group(cloud: Connection) -> tuple[Member, ...]:
    """Find the group, or else boot it anew, all of it.

    A member alone is never replaced: its records would begin again at 1, while
    the others quote later ones.
    """
    try:
        members = tuple(_found(cloud, name) for name in GROUP)
    except GroupIsStale:
        remove_group(cloud)
        members = _booted(cloud)
    wait_until_talking(members)
    return members


def _found(cloud: Connection, name: str) -> Member:
    member = member_at(cloud, name)
    server = cloud.compute.get_server(member.server_id)
    if server.metadata.get("image") != image(cloud):
        raise GroupIsStale(name)
    return member


def members(cloud: Connection) -> tuple[Member, ...]:
    """Return the group as it is at a site to which it came."""
    return tuple(member_at(cloud, name) for name in GROUP)


def member_at(cloud: Connection, name: str) -> Member:
    """Find a server of the group and its volumes, by their names."""
    server = next(iter(cloud.compute.servers(name=f"^{name}$")), None)
    volumes = {v.name: v.id for v in cloud.block_storage.volumes()}
    try:
        root_id, data_id = volumes[f"{name}-root"], volumes[f"{name}-data"]
    except KeyError as missing:
        raise GroupIsStale(name) from missing
    if server is None or server.status != "ACTIVE":
        raise GroupIsStale(name)
    return Member(name, GROUP[name], server.id, root_id, data_id)


def _booted(cloud: Connection) -> tuple[Member, ...]:
    image_id = image(cloud)
    # One after another: the first one makes the network.
    ports = {name: port(cloud, name, guest) for name, guest in GROUP.items()}
    with ThreadPoolExecutor(len(GROUP) * 2) as pool:
        roots = {n: pool.submit(volume, cloud, f"{n}-root", image_id) for n in GROUP}
        datas = {n: pool.submit(volume, cloud, f"{n}-data") for n in GROUP}

        def booted(name: str) -> Member:
            root_id, data_id = roots[name].result(), datas[name].result()
            disks = [root_id, data_id]
            server_id = boot(cloud, name, disks, ports[name], image_id)
            return Member(name, GROUP[name], server_id, root_id, data_id)

        return tuple(pool.map(booted, GROUP))


def volume(cloud: Connection, name: str, image_id: str | None = None) -> str:
    """Make a volume of 1 GiB, blank or from an image; return its id."""
    made = cloud.block_storage.create_volume(name=name, size=1, image_id=image_id)
    until(lambda: _is(cloud.block_storage.get_volume(made.id), "available"))
    return made.id


def boot(
    cloud: Connection,
    name: str,
    volume_ids: Sequence[str],
    port_id: str | None,
    image_id: str,
) -> str:
    """Boot a server from volumes that are there, the first one its root.

    Without a port it has no network.
    """
    server = cloud.compute.create_server(
        name=name,
        flavor_id=cloud.compute.find_flavor(FLAVOR).id,
        networks=[{"port": port_id}] if port_id else "none",
        metadata={"image": image_id},
        block_device_mapping=[
            {
                "boot_index": 0 if volume_id == volume_ids[0] else -1,
                "uuid": volume_id,
                "source_type": "volume",
                "destination_type": "volume",
                "delete_on_termination": False,
            }
            for volume_id in volume_ids
        ],
    )
    until(lambda: _is(cloud.compute.get_server(server.id), "ACTIVE"))
    return server.id


def server_without_volumes(cloud: Connection, name: str) -> str:
    """Find or boot a server whose root disk is on its host; return its id."""
    server = cloud.compute.find_server(name) or cloud.compute.create_server(
        name=name,
        flavor_id=cloud.compute.find_flavor(FLAVOR).id,
        networks="none",
        image_id=image(cloud),
    )
    until(lambda: _is(cloud.compute.get_server(server.id), "ACTIVE"))
    return server.id


def _is(resource: Any, status: str) -> bool:
    now = resource.status
    # Not an AssertionError: there is no use in waiting on.
    if now.lower().startswith("error"):
        reason = getattr(resource, "fault", None)
        raise RuntimeError(f"{resource.name!r} went into {now}: {reason}")
    return now == status


def wait_until_talking(members: Sequence[Member], site: str = "site-a") -> None:
    """Wait until all guests record, and each has heard all the others."""
    with hypervisor(site) as connection:
        for member in members:
            domain = guests.domain_of(connection, member.server_id)
            # A run that was killed may have left it frozen.
            guests.thaw_everything([domain])
            guests.plug_in(domain)
            others = {other.guest for other in members} - {member.guest}
            until(lambda d=domain, o=others: _has_heard(d, o))


def _has_heard(domain: libvirt.virDomain, others: set[int]) -> bool:
    records = guests.recent(domain, "root", count=2)
    return last_number(records) > 1 and others <= records[-1].heard.keys()


def remove_group(cloud: Connection) -> None:
    """Remove the group's servers, volumes, snapshots of those, and ports."""
    for name in GROUP:
        for server in cloud.compute.servers(name=f"^{name}$"):
            cloud.compute.delete_server(server.id)
    until(lambda: not GROUP.keys() & {s.name for s in cloud.compute.servers()})
    disks = {f"{name}-{kind}" for name in GROUP for kind in ("root", "data")}
    ours = [v.id for v in cloud.block_storage.volumes() if v.name in disks]
    until(lambda: all(_detached(cloud, volume_id) for volume_id in ours))
    for volume_id in ours:
        cloud.block_storage.delete_volume(volume_id, cascade=True)
    until(lambda: not disks & {v.name for v in cloud.block_storage.volumes()})
    for found in cloud.network.ports():
        if found.name in GROUP:
            cloud.network.delete_port(found.id)


def _detached(cloud: Connection, volume_id: str) -> bool:
    return not cloud.block_storage.get_volume(volume_id).attachments
