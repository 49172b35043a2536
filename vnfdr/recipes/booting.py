"""How the servers of a group come back: their networks, their ports, tier by tier."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from vnfdr.cloud import FixedAddress, PortRequest
from vnfdr.mapping import BootTier, HttpProbe, Probe, TcpProbe
from vnfdr.mapping.translation import NewPort
from vnfdr.model import Blueprint, Nic
from vnfdr.plan import Together
from vnfdr.recipes.coming import Coming
from vnfdr.steps import (
    BootServer,
    BootVolumeOf,
    CreateNetwork,
    CreatePort,
    CreateSubnet,
    Gate,
    ProbeServer,
)

PORTS_AT_ONCE = 8
NETWORKS_AT_ONCE = 4
SERVERS_AT_ONCE = 16
PROBES_AT_ONCE = 32


def booted(coming: Coming) -> Iterator[Together]:
    """Yield the phases after which every server is at work."""
    if coming.isolated:
        yield _networks(coming)
        yield _subnets(coming)
    yield _ports(coming)
    for number, tier in enumerate(coming.translation.tiers, start=1):
        yield from _tier(coming, number, tier)


def network_needs(phases: Iterable[Together]) -> Mapping[str, int]:
    """Count what some phases make in Neutron, as it charges for that.

    In a network that is made, its DHCP agent has a port, too.
    """
    made = Counter(type(step) for phase in phases for step in phase.steps)
    needs = {
        "network": made[CreateNetwork],
        "subnet": made[CreateSubnet],
        "port": made[CreatePort] + made[CreateNetwork],
    }
    return {noun: count for noun, count in needs.items() if count}


def left_out(coming: Coming) -> Iterator[str]:
    """Yield in words what is not asked, or not made as it was, for isolation."""
    if not coming.isolated:
        return
    if any(_leads_in(probe) for t in coming.translation.tiers for probe in t.probes):
        yield (
            "probes by TCP and HTTP are left out: nothing leads into the networks of"
            " this run, and at those addresses the group itself may answer"
        )
    for server in coming.manifest.servers:
        for nic in server.nics:
            if nic.vnic_type not in {"", "normal"}:
                yield (
                    f"{server.name} has a port of type {nic.vnic_type!r} on"
                    f" {nic.network!r}: here it has a normal one"
                )


def _networks(coming: Coming) -> Together:
    steps = tuple(
        CreateNetwork(coming.run, number, coming.prefix + name, name)
        for number, name in enumerate(_cidrs(coming))
    )
    return Together("create isolated networks", steps, at_once=NETWORKS_AT_ONCE)


def _subnets(coming: Coming) -> Together:
    steps = tuple(
        CreateSubnet(coming.run, network, number, name, cidr)
        for network, (name, cidrs) in enumerate(_cidrs(coming).items())
        for number, cidr in enumerate(cidrs)
    )
    return Together("create their subnets", steps, at_once=NETWORKS_AT_ONCE)


def _cidrs(coming: Coming) -> dict[str, list[str]]:
    """Return the networks of the group by name, and the subnets it used of each."""
    found: dict[str, list[str]] = {}
    for server in coming.manifest.servers:
        for nic in server.nics:
            cidrs = found.setdefault(nic.network, [])
            cidrs.extend(a.cidr for a in nic.addresses if a.cidr not in cidrs)
    return found


def _ports(coming: Coming) -> Together:
    steps = tuple(
        CreatePort(
            run=coming.run,
            server_id=server.id,
            number=number,
            server=coming.server_name(server.id),
            port=_port(coming, nic, new),
            network=coming.prefix + nic.network if coming.isolated else nic.network,
        )
        for server in coming.manifest.servers
        for number, (nic, new) in enumerate(
            zip(server.nics, coming.translation.server(server.id).ports, strict=True)
        )
    )
    return Together("create ports", steps, at_once=PORTS_AT_ONCE)


def _port(coming: Coming, nic: Nic, new: NewPort) -> PortRequest:
    if coming.isolated:
        return _isolated_port(coming, nic, new)
    return PortRequest(
        tag="",
        name=new.name,
        network_id=new.network_id,
        addresses=new.addresses,
        mac_address=new.mac_address,
        security_group_ids=new.security_group_ids,
        allowed_pairs=new.allowed_pairs,
        port_security=new.port_security,
        unaddressed=not nic.addresses,
        vnic_type=new.vnic_type,
    )


def _isolated_port(coming: Coming, nic: Nic, new: NewPort) -> PortRequest:
    """Return a port as it was, on the network that stands for its own."""
    networks = _cidrs(coming)
    place = list(networks).index(nic.network)

    def subnet(cidr: str) -> str:
        return coming.key("subnet", f"{place}-{networks[nic.network].index(cidr)}")

    return PortRequest(
        tag="",
        name=coming.prefix + new.name if new.name else "",
        network_id=coming.key("network", str(place)),
        addresses=tuple(FixedAddress(subnet(a.cidr), a.address) for a in nic.addresses),
        mac_address=nic.mac,
        security_group_ids=new.security_group_ids,
        allowed_pairs=nic.allowed_pairs,
        port_security=nic.port_security,
        unaddressed=not nic.addresses,
    )


def _tier(coming: Coming, number: int, tier: BootTier) -> Iterator[Together]:
    servers = {server.id: server for server in coming.manifest.servers}
    yield Together(
        f"boot tier {number}",
        tuple(_boot(coming, servers[server_id]) for server_id in tier.servers),
        at_once=SERVERS_AT_ONCE,
    )
    probes = tuple(_probes(coming, tier))
    if probes:
        yield Together(f"probe tier {number}", probes, at_once=PROBES_AT_ONCE)
    if tier.gate:
        gate = Gate(coming.key("gate", str(number)), tier.gate)
        yield Together(f"gate after tier {number}", (gate,))


def _boot(coming: Coming, server: Blueprint) -> BootServer:
    new = coming.translation.server(server.id)
    return BootServer(
        run=coming.run,
        group=coming.group,
        server_id=server.id,
        name=coming.server_name(server.id),
        flavor_id=new.flavor_id,
        flavor=coming.flavors[new.flavor_id].name,
        volumes=tuple(
            BootVolumeOf(coming.key("repair", disk.volume_id), disk.tag)
            for disk in server.disks
        ),
        port_keys=tuple(
            coming.key("port", f"{server.id}-{number}")
            for number in range(len(server.nics))
        ),
        metadata=server.metadata,
        description=server.description,
        hostname=server.hostname,
        tags=server.tags,
        availability_zone=new.availability_zone,
        key_name=new.key_name,
        server_group_id=new.server_group_id,
        config_drive=server.config_drive,
        user_data=new.user_data,
    )


def _probes(coming: Coming, tier: BootTier) -> Iterator[ProbeServer]:
    for server_id in tier.servers:
        asked = [p for p in tier.probes if not p.servers or server_id in p.servers]
        for number, probe in enumerate(asked):
            if coming.isolated and _leads_in(probe):
                continue
            yield ProbeServer(
                run=coming.run,
                server_id=server_id,
                number=number,
                server=coming.server_name(server_id),
                probe=probe,
                within_seconds=tier.within_seconds,
            )


def _leads_in(probe: Probe) -> bool:
    """Tell whether a probe needs a way to the server's addresses."""
    return isinstance(probe, TcpProbe | HttpProbe)
