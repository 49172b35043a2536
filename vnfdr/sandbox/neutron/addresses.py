"""Which addresses a port may have: those that are free, of those that it may choose."""

import re
from typing import Final

from vnfdr.sandbox.networks import Network, Subnet
from vnfdr.sandbox.neutron.lists import SUBNET, bad, one, only_admin, refusal
from vnfdr.sandbox.rest import Call, Json

MAC: Final = re.compile(r"([0-9a-f]{2}:){5}[0-9a-f]{2}")


def may_choose(call: Call, network: Network, rule: str) -> None:
    """See that the caller is an administrator, or the network's owner.

    Raises:
        Refusal: neither is the case.
    """
    if network.project_id != call.site.project_id:
        only_admin(call, rule)


def mac_in(call: Call, network: Network, asked: str) -> str:
    """Return the MAC address that is asked for.

    Raises:
        Refusal: it is none, or another port has it.
    """
    mac = asked.lower()
    if not MAC.fullmatch(mac):
        raise bad(
            f"Invalid input for mac_address. Reason: '{asked}' is not a valid MAC"
            " address."
        )
    for port in list(call.site.networks.ports.values()):
        if port.network_id == network.id and port.mac_address == mac:
            raise refusal(
                409,
                "MacAddressInUse",
                f"Unable to complete operation for network {network.id}. The mac"
                f" address {mac} is in use.",
            )
    return mac


def addresses_in(
    call: Call, network: Network, asked: list[Json], own: set[str]
) -> list[dict[str, str]]:
    """Return the addresses that are asked for; ``own`` are the port's already.

    Raises:
        Refusal: there are no such addresses, or somebody has them.
    """
    taken = call.site.networks.taken(network.id) - own
    found = []
    for wish in asked:
        address = _address(call, network, wish, taken)
        taken.add(address["ip_address"])
        found.append(address)
    return found


def _address(
    call: Call, network: Network, wish: Json, taken: set[str]
) -> dict[str, str]:
    subnet, address = _subnet(call, network, wish), wish.get("ip_address")
    if address is None:
        address = next((a for a in subnet.addresses() if a not in taken), None)
        if address is None:
            raise refusal(
                409,
                "IpAddressGenerationFailure",
                f"No more IP addresses available on network {network.id}.",
            )
    if address in taken:
        raise refusal(
            409,
            "IpAddressAlreadyAllocated",
            f"IP address {address} already allocated in subnet {subnet.id}",
        )
    return {"subnet_id": subnet.id, "ip_address": str(address)}


def _subnet(call: Call, network: Network, wish: Json) -> Subnet:
    address, subnet_id = wish.get("ip_address"), wish.get("subnet_id")
    subnets = call.site.networks.subnets_of(network.id)
    if subnet_id is not None:
        chosen = one(call.site.networks.subnets, SUBNET, subnet_id)
        subnets = [subnet for subnet in subnets if subnet is chosen]
        if not subnets:
            raise refusal(
                400,
                "InvalidInput",
                "Invalid input for operation: Failed to create port on network"
                f" {network.id}, because fixed_ips included invalid subnet"
                f" {subnet_id}.",
            )
    for subnet in subnets:
        if address is None or subnet.has(str(address)):
            return subnet
    where = {
        "InvalidIpForNetwork": "any of the subnets on the specified network",
        "InvalidIpForSubnet": "the specified subnet",
    }
    kind = "InvalidIpForNetwork" if subnet_id is None else "InvalidIpForSubnet"
    text = f"IP address {address} is not a valid IP for {where[kind]}."
    raise refusal(400, kind, text)
