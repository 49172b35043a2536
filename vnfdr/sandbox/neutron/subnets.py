"""Neutron's subnets."""

from ipaddress import ip_address, ip_network
from typing import Final

from vnfdr.sandbox.networks import OF_NEUTRON, Network, Subnet
from vnfdr.sandbox.neutron.lists import (
    NETWORK,
    SUBNET,
    body,
    claim,
    needed,
    one,
    reading,
    refusal,
    shown,
    tagging,
    usual,
)
from vnfdr.sandbox.pools import pools_of
from vnfdr.sandbox.rest import Answer, Call, Json, Operation

CHANGEABLE: Final = (
    "name",
    "description",
    "gateway_ip",
    "allocation_pools",
    "enable_dhcp",
    "dns_nameservers",
    "host_routes",
)
KNOWN: Final = (*CHANGEABLE, "network_id", "cidr", "ip_version")


def create(call: Call) -> Answer:
    """Give a network addresses."""
    asked, networks = body(call, SUBNET, KNOWN), call.site.networks
    needed(asked, "network_id", "cidr", "ip_version")
    network = one(networks.networks, NETWORK, asked["network_id"])
    cidr = _cidr(call, network, asked)
    claim(call, SUBNET, len(networks.subnets))
    subnet = networks.add_subnet(network, "", cidr)
    _apply(subnet, asked, is_new=True)
    return shown(call, SUBNET, view(call, subnet), 201)


def change(call: Call) -> Answer:
    """Change a subnet."""
    subnet = one(call.site.networks.subnets, SUBNET, call.id)
    _apply(subnet, body(call, SUBNET, CHANGEABLE))
    return shown(call, SUBNET, view(call, subnet))


def delete(call: Call) -> Answer:
    """Delete a subnet of which no port has an address."""
    networks = call.site.networks
    subnet = one(networks.subnets, SUBNET, call.id)
    at_it = [
        port
        for port in list(networks.ports.values())
        if any(ip["subnet_id"] == subnet.id for ip in port.fixed_ips)
    ]
    for port in at_it:
        if port.device_owner not in OF_NEUTRON:
            raise refusal(
                409,
                "SubnetInUse",
                f"Unable to complete operation on subnet {subnet.id}: One or more"
                " ports have an IP allocation from this subnet.",
            )
    for port in at_it:
        port.fixed_ips = [ip for ip in port.fixed_ips if ip["subnet_id"] != subnet.id]
    networks.subnets.pop(subnet.id)
    return Answer(204)


def _cidr(call: Call, network: Network, asked: Json) -> str:
    cidr = asked["cidr"]
    try:
        whole = ip_network(str(cidr))
    except ValueError:
        text = f"Invalid input for operation: {cidr} is not in a CIDR format."
        raise refusal(400, "InvalidInput", text) from None
    for other in call.site.networks.subnets_of(network.id):
        if whole.overlaps(ip_network(other.cidr)):
            raise refusal(
                400,
                "InvalidInput",
                f"Invalid input for operation: Requested subnet with cidr: {cidr} for"
                f" network: {network.id} overlaps with another subnet.",
            )
    if whole.version != int(asked["ip_version"]):
        text = f"cidr '{cidr}' does not match the ip_version '{asked['ip_version']}'"
        raise refusal(400, "InvalidInput", f"Invalid input for operation: {text}.")
    return str(whole)


def _apply(subnet: Subnet, asked: Json, *, is_new: bool = False) -> None:
    subnet.name = str(asked.get("name", subnet.name))
    subnet.description = str(asked.get("description", subnet.description))
    subnet.enable_dhcp = bool(asked.get("enable_dhcp", subnet.enable_dhcp))
    subnet.gateway_ip = asked.get("gateway_ip", subnet.gateway_ip)
    subnet.dns_nameservers = asked.get("dns_nameservers", subnet.dns_nameservers)
    subnet.host_routes = asked.get("host_routes", subnet.host_routes)
    usual = subnet.allocation_pools
    if "gateway_ip" in asked and is_new:
        usual = pools_of(subnet.cidr, subnet.gateway_ip)
    pools = asked.get("allocation_pools") or usual
    for pool in pools:
        for end in ("start", "end"):
            if not subnet.has(pool.get(end, "")):
                text = f"The allocation pool {pool} is not valid"
                raise refusal(400, "InvalidAllocationPool", f"{text}.")
        if int(ip_address(pool["start"])) > int(ip_address(pool["end"])):
            text = f"The allocation pool {pool['start']}-{pool['end']} is not valid."
            raise refusal(400, "InvalidAllocationPool", text)
    subnet.allocation_pools = pools


def view(_call: Call, subnet: Subnet) -> Json:
    """Return all that Neutron shows of a subnet."""
    return usual(subnet) | {
        "network_id": subnet.network_id,
        "cidr": subnet.cidr,
        "ip_version": subnet.ip_version,
        "gateway_ip": subnet.gateway_ip,
        "allocation_pools": subnet.allocation_pools,
        "enable_dhcp": subnet.enable_dhcp,
        "dns_nameservers": subnet.dns_nameservers,
        "host_routes": subnet.host_routes,
        "ipv6_address_mode": None,
        "ipv6_ra_mode": None,
        "service_types": [],
        "subnetpool_id": None,
    }


def _table(call: Call) -> dict[str, Subnet]:
    return call.site.networks.subnets


OPERATIONS = (
    Operation("POST", "/subnets", "create subnet", create),
    Operation("PUT", "/subnets/{id}", "change subnet", change),
    Operation("DELETE", "/subnets/{id}", "delete subnet", delete),
    *reading(SUBNET, _table, view),
    tagging(SUBNET, _table),
)
