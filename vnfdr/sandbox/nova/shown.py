"""What a server is shown with: its addresses, its groups, and where it is."""

import hashlib
from ipaddress import ip_address
from typing import Final

from vnfdr.sandbox.rest import Call, Json
from vnfdr.sandbox.site import Site
from vnfdr.sandbox.things import Server

EXTENDED: Final = (2, 3)
HOST_STATUS: Final = (2, 16)


def addresses_of(site: Site, server: Server) -> Json:
    """Return a server's addresses, by the names of its networks."""
    told: dict[str, list[Json]] = {}
    for port in site.networks.ports_of(server.id):
        name = site.networks.networks[port.network_id].name
        told.setdefault(name, []).extend(
            {
                "version": ip_address(ip["ip_address"]).version,
                "addr": ip["ip_address"],
                "OS-EXT-IPS:type": "fixed",
                "OS-EXT-IPS-MAC:mac_addr": port.mac_address,
            }
            for ip in port.fixed_ips
        )
    return told


def groups_of(site: Site, server: Server) -> list[str]:
    """Return the names of the security groups of a server's ports."""
    ports = site.networks.ports_of(server.id)
    ids = {group_id for port in ports for group_id in port.security_groups}
    return [g.name for g in list(site.networks.groups.values()) if g.id in ids]


def server_groups_of(site: Site, server: Server) -> list[str]:
    """Return the ids of the server groups that a server is in."""
    there = list(site.server_groups.values())
    return [group.id for group in there if server.id in group.members]


def for_administrators(call: Call, server: Server) -> Json:
    """Return what others are not shown."""
    attributes: Json = {
        "host": host_name(server.host) or None,
        "hypervisor_hostname": server.host or None,
        "instance_name": server.instance_name,
    }
    if call.version >= EXTENDED:
        attributes |= {
            "hostname": server.hostname,
            "root_device_name": _root_of(server),
            "user_data": server.user_data,
            "launch_index": 0,
            "reservation_id": f"r-{server.id[:8]}",
            "kernel_id": "",
            "ramdisk_id": "",
        }
    told = {f"OS-EXT-SRV-ATTR:{name}": value for name, value in attributes.items()}
    if call.version >= HOST_STATUS:
        told["host_status"] = "UP" if server.host else ""
    return told


def _root_of(server: Server) -> str | None:
    """Return the first of a server's devices: so libvirt hands them out."""
    devices = [attached.device for attached in server.attachments]
    return min(devices, key=lambda device: (len(device), device), default=None)


def host_name(host: str) -> str:
    """Return by which name Nova's own services know a compute host."""
    return host.split(".", maxsplit=1)[0]


def host_id(call: Call, server: Server) -> str:
    """Return what users may know of a server's host; nothing while it has none."""
    if not server.host:
        return ""
    where = f"{call.site.project_id}{server.host}".encode()
    return hashlib.sha224(where).hexdigest()
