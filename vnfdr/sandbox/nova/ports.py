"""The ports of a server: asked for, plugged in, and shown."""

from collections.abc import Iterator
from typing import Final

from attrs import frozen

from vnfdr.sandbox.networks import Network, Port
from vnfdr.sandbox.nova.servers import server_of
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal, invalid
from vnfdr.sandbox.site import Site
from vnfdr.sandbox.things import Server

MANDATORY, TAG = (2, 37), (2, 70)
NO_UNPLUG: Final = (
    "Build of instance {id} aborted: Failed to allocate the network(s), not"
    " rescheduling."
)


@frozen
class Nic:
    """One port that is asked for: one that exists, or a new one of a network."""

    port: Port | None = None
    network: Network | None = None
    address: str | None = None


def check_networks(call: Call, asked: Json) -> None:
    """See that a request says in Nova's form what a server is to be connected to.

    Raises:
        Refusal: it does not.
    """
    networks = asked.get("networks")
    if networks is None and call.version >= MANDATORY:
        raise invalid(asked, "server", "'networks' is a required property")
    if not isinstance(networks or [], list) and networks not in {"auto", "none"}:
        why = f"{networks!r} is not valid under any of the given schemas"
        raise invalid(networks, "networks", why)
    for item in networks if isinstance(networks, list) else ():
        if not item.get("port") and "uuid" not in item:
            raise Refusal(400, "Bad network format: missing 'uuid'")


def nics_in(call: Call, asked: Json) -> list[Nic]:
    """Return what a new server is to be connected to.

    Raises:
        Refusal: that cannot be.
    """
    networks = asked.get("networks")
    if networks == "none":
        return []
    if not networks or networks == "auto":
        return _any_network(call)
    nics = [_nic(call, item) for item in networks]
    ports = [nic.port.id for nic in nics if nic.port]
    for port_id in ports:
        if ports.count(port_id) > 1:
            raise Refusal(
                400,
                f"Port ID '{port_id}' was specified twice: you cannot attach a port"
                " multiple times.",
            )
    return nics


def groups_in(call: Call, asked: Json) -> list[str]:
    """Return the ids of the security groups that Nova's ports are to be in.

    Raises:
        Refusal: there is none of that name or id, or several.
    """
    found = []
    for item in asked.get("security_groups") or [{"name": "default"}]:
        wanted, groups = item.get("name"), list(call.site.networks.groups.values())
        fit = [g.id for g in groups if wanted in {g.id, g.name}]
        if not fit:
            text = f"Unable to find security_group with name or id '{wanted}'"
            raise Refusal(400, text)
        if len(fit) > 1:
            raise Refusal(
                409,
                f"Multiple security_group matches found for name '{wanted}', use an ID"
                " to be more specific.",
            )
        found += fit
    return found


def plug_in(
    site: Site, server: Server, nics: list[Nic], groups: list[str]
) -> str | None:
    """Give a server its ports; return what went wrong."""
    for nic in nics:
        if nic.port is not None:
            gone = nic.port.id not in site.networks.ports
            if gone or nic.port.device_id:
                return NO_UNPLUG.format(id=server.id)
            site.networks.bind(nic.port, server.id, server.host)
        elif nic.network is not None:
            port = site.networks.add_port(nic.network, address=nic.address)
            server.own_ports.add(port.id)
            port.security_groups = groups
            site.networks.bind(port, server.id, server.host)
            if not port.fixed_ips:
                return NO_UNPLUG.format(id=server.id)
    return None


def unplug(site: Site, server: Server) -> None:
    """Delete the ports that Nova made for a server, and let go of the others."""
    for port in site.networks.ports_of(server.id):
        if port.id in server.own_ports:
            site.networks.ports.pop(port.id, None)
        else:
            site.networks.unbind(port)


def interfaces(call: Call) -> Answer:
    """List a server's ports."""
    ports = call.site.networks.ports_of(server_of(call).id)
    return Answer(200, {"interfaceAttachments": [_interface(call, p) for p in ports]})


def interface(call: Call) -> Answer:
    """Tell of one port of a server."""
    server, wanted = server_of(call), call.path["port_id"]
    for port in call.site.networks.ports_of(server.id):
        if port.id == wanted:
            return Answer(200, {"interfaceAttachment": _interface(call, port)})
    raise Refusal(404, f"Instance {server.id} does not have a port with id {wanted}")


def security_groups(call: Call) -> Answer:
    """List the security groups of a server's ports."""
    networks, server = call.site.networks, server_of(call)
    ids = {i for port in networks.ports_of(server.id) for i in port.security_groups}
    told = [
        {
            "id": group.id,
            "name": group.name,
            "description": group.description,
            "tenant_id": group.project_id,
            "rules": [],
        }
        for group in list(networks.groups.values())
        if group.id in ids
    ]
    return Answer(200, {"security_groups": told})


def _any_network(call: Call) -> list[Nic]:
    networks, mine = call.site.networks, call.site.project_id
    there = list(networks.networks.values())
    usable = [n for n in there if n.project_id == mine or n.shared]
    if len(usable) > 1:
        raise Refusal(
            409,
            "More than one possible network found. Specify network ID(s) to select"
            " which one(s) to connect to.",
        )
    if not usable:
        text = f"Unable to automatically allocate a network for project {mine}"
        raise Refusal(400, text)
    return [Nic(network=usable[0])]


def _nic(call: Call, item: Json) -> Nic:
    address = item.get("fixed_ip")
    if item.get("port"):
        if address is not None:
            raise Refusal(
                400,
                f"Specified Fixed IP '{address}' cannot be used with port"
                f" '{item['port']}': the two cannot be specified together.",
            )
        return Nic(port=_port(call, item["port"]))
    return Nic(network=_network(call, item["uuid"], address), address=address)


def _port(call: Call, port_id: str) -> Port:
    port = call.site.networks.ports.get(port_id)
    if port is None:
        raise Refusal(400, f"Port id {port_id} could not be found.")
    if port.device_id:
        raise Refusal(409, f"Port {port_id} is still in use.")
    if not port.fixed_ips:
        text = f"Port {port_id} requires a FixedIP in order to be used."
        raise Refusal(400, text)
    return port


def _network(call: Call, network_id: str, address: str | None) -> Network:
    networks = call.site.networks
    network = networks.networks.get(network_id)
    if network is None:
        raise Refusal(400, f"Network {network_id} could not be found.")
    if not networks.subnets_of(network_id):
        text = "requires a subnet in order to boot instances on."
        raise Refusal(400, f"Network {network_id} {text}")
    for port in list(networks.ports.values()):
        if address in {ip["ip_address"] for ip in port.fixed_ips}:
            raise Refusal(
                400,
                f"Fixed IP address {address} is already in use on instance"
                f" {port.device_id}.",
            )
    return network


def _interface(call: Call, port: Port) -> Json:
    told: Json = {
        "port_id": port.id,
        "net_id": port.network_id,
        "mac_addr": port.mac_address,
        "port_state": port.status,
        "fixed_ips": port.fixed_ips,
    }
    return told | ({"tag": None} if call.version >= TAG else {})


def _paths() -> Iterator[Operation]:
    ports = "/servers/{id}/os-interface"
    yield Operation("GET", ports, "list interfaces", interfaces)
    yield Operation("GET", f"{ports}/{{port_id}}", "show interface", interface)
    groups = "/servers/{id}/os-security-groups"
    yield Operation("GET", groups, "list security groups of server", security_groups)


OPERATIONS = tuple(_paths())
