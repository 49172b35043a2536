"""What a site's Neutron has: networks, ports and who may talk to whom.

Plain values, and what Neutron and Nova both do to them. No packet travels: the
sandbox's guests talk to each other whatever is here.
"""

from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from random import Random
from typing import Final
from uuid import UUID

from attrs import Factory, define, field

from vnfdr.sandbox.things import Now

NETWORK, SUBNET, GROUP = "private", "private-subnet", "default"
CIDR: Final = "10.0.0.0/16"


@define
class Network:
    """A Neutron network."""

    id: str
    name: str
    project_id: str
    created_at: int
    description: str = ""
    admin_state_up: bool = True
    shared: bool = False
    external: bool = False
    port_security_enabled: bool = True
    mtu: int = 1450
    tags: list[str] = Factory(list)


@define
class Subnet:
    """The addresses of a network."""

    id: str
    name: str
    project_id: str
    created_at: int
    network_id: str
    cidr: str
    gateway_ip: str | None
    allocation_pools: list[dict[str, str]]
    description: str = ""
    enable_dhcp: bool = True
    dns_nameservers: list[str] = Factory(list)
    host_routes: list[dict[str, str]] = Factory(list)
    tags: list[str] = Factory(list)

    @property
    def ip_version(self) -> int:
        """Which Internet Protocol it is of."""
        return ip_network(self.cidr).version

    def has(self, address: str) -> bool:
        """Tell whether an address is one of its hosts'."""
        try:
            found, whole = ip_address(address), ip_network(self.cidr)
        except ValueError:
            return False
        ends = (whole.network_address, whole.broadcast_address)
        return found in whole and found not in ends

    def addresses(self) -> Iterator[str]:
        """Yield what Neutron gives out by itself."""
        for pool in self.allocation_pools:
            first, last = ip_address(pool["start"]), ip_address(pool["end"])
            for number in range(int(first), int(last) + 1):
                yield str(type(first)(number))


@define
class Port:
    """A Neutron port; whoever it is bound to is its device."""

    id: str
    name: str
    project_id: str
    created_at: int
    network_id: str
    mac_address: str
    fixed_ips: list[dict[str, str]]
    security_groups: list[str]
    description: str = ""
    admin_state_up: bool = True
    port_security_enabled: bool = True
    allowed_address_pairs: list[dict[str, str]] = Factory(list)
    extra_dhcp_opts: list[dict[str, str]] = Factory(list)
    vnic_type: str = "normal"
    profile: dict[str, str] = Factory(dict)
    device_id: str = ""
    device_owner: str = ""
    host: str = ""
    qos_policy_id: str | None = None
    trunk_details: dict[str, object] | None = None
    """What Neutron tells of the trunk whose parent it is."""
    tags: list[str] = Factory(list)

    @property
    def status(self) -> str:
        """Whether something is at it."""
        return "ACTIVE" if self.host else "DOWN"


@define
class Rule:
    """Something that a security group allows."""

    id: str
    security_group_id: str
    direction: str
    ethertype: str = "IPv4"
    protocol: str | None = None
    port_range_min: int | None = None
    port_range_max: int | None = None
    remote_ip_prefix: str | None = None
    remote_group_id: str | None = None
    description: str = ""


@define
class Group:
    """A security group."""

    id: str
    name: str
    project_id: str
    created_at: int
    description: str = ""
    stateful: bool = True
    tags: list[str] = Factory(list)


@define(eq=False)
class Networks:
    """All of it, of one project."""

    project_id: str
    random: Random
    now: Now
    networks: dict[str, Network] = Factory(dict)
    subnets: dict[str, Subnet] = Factory(dict)
    ports: dict[str, Port] = Factory(dict)
    groups: dict[str, Group] = Factory(dict)
    rules: dict[str, Rule] = Factory(dict)
    floating: dict[str, str] = Factory(dict)
    """The ports that floating addresses lead to, by the address."""
    quotas: dict[str, int] = Factory(dict)
    """What is limited; what is not in it is unlimited."""
    default: Network = field(init=False)

    def __attrs_post_init__(self) -> None:
        default = self.add_group(GROUP, "Default security group")
        for ethertype in ("IPv4", "IPv6"):
            self.add_rule(Rule(self.new_id(), default.id, "ingress", ethertype))
            newest = next(reversed(self.rules.values()))
            newest.remote_group_id = default.id
        self.default = self.add_network(NETWORK, CIDR)

    def add_network(
        self, name: str, cidr: str = "", *, project_id: str = "", shared: bool = False
    ) -> Network:
        """Put a network there, with one subnet if it has addresses."""
        owner, now = project_id or self.project_id, int(self.now())
        network = Network(self.new_id(), name, owner, now, shared=shared)
        self.networks[network.id] = network
        if cidr:
            self.add_subnet(network, f"{name}-subnet", cidr)
        return network

    def add_subnet(self, network: Network, name: str, cidr: str) -> Subnet:
        """Put a subnet there; its first address is the gateway's."""
        whole = ip_network(cidr)
        first, last = int(whole.network_address), int(whole.broadcast_address)
        kind = type(whole.network_address)
        pool = {"start": str(kind(first + 2)), "end": str(kind(last - 1))}
        subnet = Subnet(
            id=self.new_id(),
            name=name,
            project_id=network.project_id,
            created_at=int(self.now()),
            network_id=network.id,
            cidr=str(whole),
            gateway_ip=str(kind(first + 1)),
            allocation_pools=[pool],
        )
        self.subnets[subnet.id] = subnet
        return subnet

    def add_group(self, name: str, description: str = "") -> Group:
        """Put a security group there, from which one may send to everywhere."""
        now = int(self.now())
        group = Group(self.new_id(), name, self.project_id, now, description)
        self.groups[group.id] = group
        for ethertype in ("IPv4", "IPv6"):
            self.add_rule(Rule(self.new_id(), group.id, "egress", ethertype))
        return group

    def add_rule(self, rule: Rule) -> None:
        """Put a rule there."""
        self.rules[rule.id] = rule

    def add_port(
        self,
        network: Network,
        server_id: str = "",
        host: str = "",
        address: str | None = None,
    ) -> Port:
        """Make a port with an address of each kind, or with the one that is told."""
        port = Port(
            id=self.new_id(),
            name="",
            project_id=self.project_id,
            created_at=int(self.now()),
            network_id=network.id,
            mac_address=self.new_mac(),
            fixed_ips=list(self.fixed_ips(network.id, address)),
            security_groups=[self.default_group.id],
        )
        self.ports[port.id] = port
        if server_id:
            self.bind(port, server_id, host)
        return port

    def bind(self, port: Port, server_id: str, host: str) -> None:
        """Give a port to a server."""
        port.device_id, port.device_owner = server_id, "compute:nova"
        port.host = host

    def unbind(self, port: Port) -> None:
        """Take a port from its server."""
        port.device_id = port.device_owner = port.host = ""

    def ports_of(self, server_id: str) -> list[Port]:
        """Return a server's ports, oldest first."""
        return [p for p in list(self.ports.values()) if p.device_id == server_id]

    def subnets_of(self, network_id: str) -> list[Subnet]:
        """Return a network's subnets, oldest first."""
        return [s for s in list(self.subnets.values()) if s.network_id == network_id]

    def taken(self, network_id: str) -> set[str]:
        """Return the addresses that are somebody's, the gateways' among them."""
        ports = [p for p in list(self.ports.values()) if p.network_id == network_id]
        gateways = {s.gateway_ip for s in self.subnets_of(network_id) if s.gateway_ip}
        return gateways | {ip["ip_address"] for p in ports for ip in p.fixed_ips}

    def fixed_ips(
        self, network_id: str, address: str | None = None
    ) -> Iterator[dict[str, str]]:
        """Yield a free address of each Internet Protocol; or one, where that is."""
        taken, kinds = self.taken(network_id), set[int]()
        for subnet in self.subnets_of(network_id):
            if address is not None:
                found = address if subnet.has(address) else None
            elif subnet.ip_version not in kinds:
                found = next((a for a in subnet.addresses() if a not in taken), None)
            else:
                continue
            if found:
                kinds.add(subnet.ip_version)
                yield {"subnet_id": subnet.id, "ip_address": found}

    @property
    def default_group(self) -> Group:
        """The security group of ports that are in no other."""
        return next(g for g in self.groups.values() if g.name == GROUP)

    def new_mac(self) -> str:
        """Return a MAC address that no port has."""
        taken = {port.mac_address for port in list(self.ports.values())}
        while True:
            last = (f"{self.random.randrange(256):02x}" for _ in range(3))
            found = ":".join(("fa:16:3e", *last))
            if found not in taken:
                return found

    def new_id(self) -> str:
        """Return an id that nothing else has."""
        return str(UUID(int=self.random.getrandbits(128), version=4))
