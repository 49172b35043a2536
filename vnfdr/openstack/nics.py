"""The interfaces of a server, as Neutron has them: names in place of ids."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from vnfdr.errors import Forbidden, Gone
from vnfdr.model import Address, AddressPair, Nic
from vnfdr.openstack.api import Api, Json
from vnfdr.openstack.neutron import Neutron, listed


@frozen
class _Known:
    """What the ids of some ports mean.

    Args:
        names: the names of networks and security groups, by id.
        cidrs: what subnets are called, and which addresses they have, by id.
        floating: the floating addresses of ports, by the port's id.
    """

    names: Mapping[str, str]
    cidrs: Mapping[str, tuple[str, str]]
    floating: Mapping[str, Sequence[str]]


def nics_of(neutron: Neutron, server_id: str, macs: Sequence[str]) -> tuple[Nic, ...]:
    """Return the ports of a server in the order of its interfaces.

    Neutron knows no order: ``macs`` is what Nova shows, and what is not in it comes
    last, the oldest first. There are none where the cloud has no Neutron.
    """
    api = neutron.api()
    if api is None:
        return ()
    place = {mac: number for number, mac in enumerate(macs)}
    ports = sorted(
        listed(api, "ports", device_id=[server_id]),
        key=lambda port: (
            place.get(port["mac_address"], len(place)),
            port.get("created_at") or "",
        ),
    )
    known = _known(api, ports)
    return tuple(_nic(port, known) for port in ports)


def _known(api: Api, ports: Sequence[Json]) -> _Known:
    networks = {port["network_id"] for port in ports}
    groups = {group for port in ports for group in port.get("security_groups") or ()}
    subnets = {ip["subnet_id"] for port in ports for ip in port["fixed_ips"]}
    named = (
        *listed(api, "networks", id=sorted(networks)),
        *listed(api, "security_groups", id=sorted(groups)),
    )
    floating: dict[str, list[str]] = {}
    for seen in _floating(api, [port["id"] for port in ports]):
        floating.setdefault(seen["port_id"], []).append(seen["floating_ip_address"])
    return _Known(
        {seen["id"]: seen["name"] for seen in named},
        {
            seen["id"]: (seen["name"], seen["cidr"])
            for seen in listed(api, "subnets", id=sorted(subnets))
        },
        floating,
    )


def _floating(api: Api, port_ids: Sequence[str]) -> Iterator[Json]:
    """Yield the floating addresses of ports; a Neutron without routers has none."""
    try:
        yield from listed(api, "floatingips", port_id=port_ids)
    except (Forbidden, Gone):
        return


def _nic(port: Json, known: _Known) -> Nic:
    network, groups = port["network_id"], port.get("security_groups") or ()
    pairs = port.get("allowed_address_pairs") or ()
    return Nic(
        # Of what another project shares one may not see the name.
        network=known.names.get(network) or network,
        mac=port["mac_address"],
        addresses=tuple(_address(ip, known) for ip in port["fixed_ips"]),
        security_groups=tuple(known.names.get(group) or group for group in groups),
        allowed_pairs=tuple(
            AddressPair(pair["ip_address"], pair.get("mac_address") or "")
            for pair in pairs
        ),
        port_security=port.get("port_security_enabled", True),
        vnic_type=port.get("binding:vnic_type") or "normal",
        name=port["name"] or "",
        lost=tuple(_lost(port, known)),
    )


def _address(ip: Json, known: _Known) -> Address:
    name, cidr = known.cidrs.get(ip["subnet_id"], (ip["subnet_id"], ""))
    return Address(ip["ip_address"], name, cidr)


def _lost(port: Json, known: _Known) -> Iterator[str]:
    for address in known.floating.get(port["id"], ()):
        yield f"the floating address {address}"
    if port.get("trunk_details"):
        yield "its trunk"
    if port.get("qos_policy_id"):
        yield "its quality of service"
