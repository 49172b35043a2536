"""Create ports with the addresses that a server had."""

from collections.abc import Iterator
from typing import ClassVar

from attrs import evolve, frozen

from vnfdr.cloud import PortRequest
from vnfdr.plan import Call, Receipt, Receipts, Step
from vnfdr.world import World


@frozen
class CreatePort(Step[World]):
    """Create one port of a server that is to come.

    Args:
        run: the run it is done for.
        server_id: the server that comes back, by its id where it was.
        number: which of its ports it is, from 0.
        server: what people call that server.
        port: what is asked for. Its tag is set by this step. Where the network and
            the subnets are made by the run, their ids are the keys of those steps.
        network: what people call the network.
    """

    kind: ClassVar[str] = "create port"

    run: str
    server_id: str
    number: int
    server: str
    port: PortRequest
    network: str

    @property
    def key(self) -> str:
        return f"{self.run}:port:{self.server_id}-{self.number}"

    @property
    def title(self) -> str:
        wanted = [each.address for each in self.port.addresses if each.address]
        if self.port.mac_address:
            wanted.append(self.port.mac_address)
        asked = f" with {', '.join(wanted)}" if wanted else ""
        return f"create a port for {self.server!r} on {self.network!r}{asked}"

    @property
    def sources(self) -> tuple[str, ...]:
        places = (self.port.network_id, *(a.subnet_id for a in self.port.addresses))
        return tuple(place for place in places if place.startswith(f"{self.run}:"))

    @property
    def calls(self) -> tuple[Call, ...]:
        return (Call("POST /ports", f"{self.server!r} on {self.network!r}"),)

    def check(self, world: World) -> Iterator[str]:
        """Nothing to ask: Neutron alone knows which addresses are free."""
        yield from ()

    def do(self, world: World, done: Receipts) -> Receipt:
        def made(place: str) -> str:
            return done[place].id if place in done else place

        request = evolve(
            self.port,
            tag=self.key,
            network_id=made(self.port.network_id),
            addresses=tuple(
                evolve(wanted, subnet_id=made(wanted.subnet_id))
                for wanted in self.port.addresses
            ),
        )
        return Receipt("port", world.site.ports.create(request))

    def find(self, world: World) -> Receipt | None:
        found = world.site.ports.find(self.key)
        return Receipt("port", found) if found else None

    def undo(self, world: World, receipt: Receipt) -> None:
        world.site.ports.delete(receipt.id)
