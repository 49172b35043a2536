"""Neutron's networks."""

from typing import Final

from vnfdr.sandbox.networks import OF_NEUTRON, Network
from vnfdr.sandbox.neutron.lists import (
    NETWORK,
    body,
    claim,
    one,
    only_admin,
    reading,
    refusal,
    shown,
    tagging,
    usual,
)
from vnfdr.sandbox.rest import Answer, Call, Json, Operation

EXTERNAL: Final = "router:external"
PROVIDER: Final = (
    "provider:network_type",
    "provider:physical_network",
    "provider:segmentation_id",
)
FOR_ADMINS: Final = ("shared", EXTERNAL, *PROVIDER)
KNOWN: Final = (
    "name",
    "description",
    "admin_state_up",
    "mtu",
    "port_security_enabled",
    *FOR_ADMINS,
)


def create(call: Call) -> Answer:
    """Make a network, without addresses."""
    asked, networks = body(call, NETWORK, KNOWN), call.site.networks
    _check_policy(call, "create_network", asked)
    claim(call, NETWORK, len(networks.networks))
    network = networks.add_network(str(asked.get("name", "")))
    _apply(network, asked)
    return shown(call, NETWORK, view(call, network), 201)


def change(call: Call) -> Answer:
    """Change a network."""
    network = one(call.site.networks.networks, NETWORK, call.id)
    asked = body(call, NETWORK, KNOWN)
    _check_policy(call, "update_network", asked)
    _apply(network, asked)
    return shown(call, NETWORK, view(call, network))


def delete(call: Call) -> Answer:
    """Delete a network, with its subnets and the ports of DHCP."""
    there = call.site.networks
    network = one(there.networks, NETWORK, call.id)
    ports = [p for p in list(there.ports.values()) if p.network_id == network.id]
    if any(port.device_owner not in OF_NEUTRON for port in ports):
        raise refusal(
            409,
            "NetworkInUse",
            f"Unable to complete operation on network {network.id}. There are one or"
            " more ports still in use on the network.",
        )
    for port in ports:
        there.ports.pop(port.id)
    for subnet in there.subnets_of(network.id):
        there.subnets.pop(subnet.id)
    there.networks.pop(network.id)
    return Answer(204)


def _check_policy(call: Call, rule: str, asked: Json) -> None:
    for key in FOR_ADMINS:
        if asked.get(key):
            only_admin(call, f"{rule}:{key}")


def _apply(network: Network, asked: Json) -> None:
    network.name = str(asked.get("name", network.name))
    network.description = str(asked.get("description", network.description))
    network.admin_state_up = bool(asked.get("admin_state_up", network.admin_state_up))
    network.mtu = int(asked.get("mtu", network.mtu))
    network.shared = bool(asked.get("shared", network.shared))
    network.external = bool(asked.get(EXTERNAL, network.external))
    secure = asked.get("port_security_enabled", network.port_security_enabled)
    network.port_security_enabled = bool(secure)


def view(call: Call, network: Network) -> Json:
    """Return all that Neutron shows of a network."""
    subnets = call.site.networks.subnets_of(network.id)
    told = usual(network) | {
        "status": "ACTIVE",
        "admin_state_up": network.admin_state_up,
        "mtu": network.mtu,
        "shared": network.shared,
        EXTERNAL: network.external,
        "port_security_enabled": network.port_security_enabled,
        "subnets": [subnet.id for subnet in subnets],
        "availability_zone_hints": [],
        "availability_zones": ["nova"],
        "ipv4_address_scope": None,
        "ipv6_address_scope": None,
    }
    if call.user.admin:
        told |= dict(zip(PROVIDER, ("local", None, None), strict=True))
    return told


def _table(call: Call) -> dict[str, Network]:
    return call.site.networks.networks


OPERATIONS = (
    Operation("POST", "/networks", "create network", create),
    Operation("PUT", "/networks/{id}", "change network", change),
    Operation("DELETE", "/networks/{id}", "delete network", delete),
    *reading(NETWORK, _table, view),
    tagging(NETWORK, _table),
)
