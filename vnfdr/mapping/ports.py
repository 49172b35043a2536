"""Which addresses ports are to have at another site, and who may ask for them."""

from collections.abc import Iterator
from ipaddress import IPv6Address, IPv6Network, ip_address, ip_network

from vnfdr.cloud import FixedAddress, Network, Offer, Subnet
from vnfdr.manifest import Manifest
from vnfdr.mapping.names import NETWORKS
from vnfdr.mapping.values import SiteMapping
from vnfdr.model import Address, AddressPair, Nic

FLIPPED = 0x02
"""The bit of a MAC address that IPv6 turns over when it makes an address of it."""


def network_for(mapping: SiteMapping, offer: Offer, nic: Nic) -> Network | None:
    """Return where a port is to be, once that is decided."""
    ids = NETWORKS.meant(offer, mapping.networks.get(nic.network, ""))
    found = {network.id: network for network in offer.networks}
    return found[ids[0]] if len(ids) == 1 else None


def subnet_with(network: Network, address: str) -> Subnet | None:
    """Return the subnet that an address is from."""
    found = ip_address(address)
    within = (s for s in network.subnets if found in ip_network(s.cidr))
    return next(within, None)


def subnet_like(network: Network, address: Address) -> Subnet | None:
    """Return the subnet that has the CIDR of the one an address was from."""
    alike = (s for s in network.subnets if s.cidr == address.cidr)
    return next(alike, None)


def addresses_for(
    mapping: SiteMapping, network: Network, nic: Nic
) -> tuple[FixedAddress, ...]:
    """Return what to ask for: the same addresses, or any of the subnets alike.

    Subnets are only chosen where there is a choice, since that takes a right, too.
    """
    if mapping.keep_addresses:
        return tuple(_the_same(network, nic))
    if len(network.subnets) <= 1:
        return ()
    alike = [subnet_like(network, address) for address in nic.addresses]
    found = [FixedAddress(subnet.id) for subnet in alike if subnet]
    return tuple(dict.fromkeys(found)) if len(found) == len(alike) else ()


def _the_same(network: Network, nic: Nic) -> Iterator[FixedAddress]:
    for address in nic.addresses:
        subnet = subnet_with(network, address.address)
        if subnet is None:
            continue
        # What Neutron makes of the MAC address it lets nobody ask for.
        made = _of_mac(subnet, nic.mac) == address.address
        yield FixedAddress(subnet.id, "" if made else address.address)


def _of_mac(subnet: Subnet, mac: str) -> str:
    """Return the address that hosts make for themselves in an IPv6 subnet."""
    network = ip_network(subnet.cidr)
    if not isinstance(network, IPv6Network) or not mac:
        return ""
    octets = bytes.fromhex(mac.replace(":", ""))
    host = bytes([octets[0] ^ FLIPPED, *octets[1:3], 0xFF, 0xFE, *octets[3:]])
    return str(IPv6Address(network.network_address.packed[:8] + host))


def pairs_for(nic: Nic) -> tuple[AddressPair, ...]:
    """Return the allowed pairs; one with the port's own MAC follows the port's new."""
    return tuple(
        AddressPair(
            pair.address, "" if pair.mac.lower() == nic.mac.lower() else pair.mac
        )
        for pair in nic.allowed_pairs
    )


def may_choose(offer: Offer, network: Network) -> bool | None:
    """Tell whether addresses may be chosen on a network; ``None`` when unknown."""
    return True if network.is_own else offer.may_choose_addresses


def fits(manifest: Manifest, mapping: SiteMapping, offer: Offer) -> bool:
    """Tell whether all fixed addresses are of the mapped networks, and may be asked."""
    for nic in (nic for server in manifest.servers for nic in server.nics):
        network = network_for(mapping, offer, nic)
        if network is None or not may_choose(offer, network):
            return False
        if not all(subnet_with(network, each.address) for each in nic.addresses):
            return False
    return True
