"""Ports, networks and subnets in memory, for `tests.fakes.FakeSite`."""

from attrs import define, field, frozen

from vnfdr.cloud import PortRequest
from vnfdr.errors import Conflict
from vnfdr.model import Marked


@frozen
class FakePort:
    """A port as it was asked for."""

    id: str
    request: PortRequest


@frozen
class FakeNetwork:
    """A network or, with a ``cidr``, a subnet of one."""

    id: str
    tag: str
    name: str = ""
    network_id: str = ""
    cidr: str = ""


@define
class Wiring:
    """What a site's Neutron has; ``plugged`` says which server has a port."""

    ports: dict[str, FakePort] = field(factory=dict)
    networks: dict[str, FakeNetwork] = field(factory=dict)
    subnets: dict[str, FakeNetwork] = field(factory=dict)
    plugged: dict[str, str] = field(factory=dict)


@frozen
class FakePorts:
    site: object

    @property
    def wiring(self):
        return self.site.wiring

    def marked(self):
        def effect():
            return tuple(
                self._marked(port) for port in list(self.wiring.ports.values())
            )

        return self.site.call("list ports", effect)

    def create(self, request):
        def effect():
            for port in self.wiring.ports.values():
                self._check(port, request)
            new = f"port{next(self.site.ids)}"
            self.site.claim(new, request.tag, {})
            self.wiring.ports[new] = FakePort(new, request)
            return new

        return self.site.call("create port", effect)

    def find(self, tag):
        def effect():
            found = (p.id for p in self.wiring.ports.values() if p.request.tag == tag)
            return next(found, None)

        return self.site.call("find port", effect)

    def delete(self, port_id):
        def effect():
            if self.wiring.ports.pop(port_id, None):
                self.wiring.plugged.pop(port_id, None)
                self.site.metadata.pop(port_id)

        self.site.call("delete port", effect)

    def _check(self, port, request):
        taken = {a.address for a in port.request.addresses if a.address}
        wanted = {a.address for a in request.addresses if a.address}
        there = port.request.network_id == request.network_id
        if there and taken & wanted:
            raise Conflict(f"{taken & wanted} already allocated", status=409)

    def _marked(self, port):
        key = port.request.tag
        return Marked(
            noun="port",
            id=port.id,
            name=port.request.name,
            key=key,
            point=key.partition(":port:")[0],
            group="",
            status="ACTIVE" if port.id in self.wiring.plugged else "DOWN",
            created_at=self.site.epoch,
            used_by=tuple(filter(None, [self.wiring.plugged.get(port.id)])),
        )


@frozen
class FakeNetworks:
    site: object

    @property
    def wiring(self):
        return self.site.wiring

    def create(self, *, tag, name):
        return self.site.call(
            "create network",
            lambda: self._add("network", self.wiring.networks, tag=tag, name=name),
        )

    def create_subnet(self, *, tag, network_id, cidr):
        about = {"tag": tag, "network_id": network_id, "cidr": cidr}
        return self.site.call(
            "create subnet", lambda: self._add("subnet", self.wiring.subnets, **about)
        )

    def find(self, tag):
        return self.site.call(
            "find network", lambda: self._tagged(self.wiring.networks, tag)
        )

    def find_subnet(self, tag):
        return self.site.call(
            "find subnet", lambda: self._tagged(self.wiring.subnets, tag)
        )

    def delete(self, network_id):
        def effect():
            ports = self.wiring.ports.values()
            if any(port.request.network_id == network_id for port in ports):
                raise Conflict(f"ports are on network {network_id}", status=409)
            for subnet in list(self.wiring.subnets.values()):
                if subnet.network_id == network_id:
                    self._forget(self.wiring.subnets, subnet.id)
            self._forget(self.wiring.networks, network_id)

        self.site.call("delete network", effect)

    def delete_subnet(self, subnet_id):
        def effect():
            for port in self.wiring.ports.values():
                if subnet_id in {a.subnet_id for a in port.request.addresses}:
                    raise Conflict(f"ports are in subnet {subnet_id}", status=409)
            self._forget(self.wiring.subnets, subnet_id)

        self.site.call("delete subnet", effect)

    def marked(self):
        def effect():
            return tuple(
                self._marked(each) for each in list(self.wiring.networks.values())
            )

        return self.site.call("list networks", effect)

    def _add(self, noun, things, **about):
        new = f"{noun}{next(self.site.ids)}"
        self.site.claim(new, about["tag"], {})
        things[new] = FakeNetwork(new, **about)
        return new

    def _tagged(self, things, tag):
        return next((t.id for t in things.values() if t.tag == tag), None)

    def _forget(self, things, thing_id):
        if things.pop(thing_id, None):
            self.site.metadata.pop(thing_id)

    def _marked(self, network):
        return Marked(
            noun="network",
            id=network.id,
            name=network.name,
            key=network.tag,
            point=network.tag.partition(":network:")[0],
            group="",
            status="ACTIVE",
            created_at=self.site.epoch,
        )
