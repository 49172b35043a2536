"""Create networks of a run's own, which lead nowhere."""

from collections.abc import Iterator
from typing import ClassVar

from attrs import frozen

from vnfdr.plan import Call, Receipt, Receipts, Step
from vnfdr.world import World


@frozen
class CreateNetwork(Step[World]):
    """Create a network that nothing else is on.

    Args:
        run: the run it is done for.
        number: which of the run's networks it is.
        name: what it is called.
        stands_for: the name of the network that it stands for.
    """

    kind: ClassVar[str] = "create network"

    run: str
    number: int
    name: str
    stands_for: str

    @property
    def key(self) -> str:
        return f"{self.run}:network:{self.number}"

    @property
    def title(self) -> str:
        return f"create network {self.name!r}, which leads nowhere"

    @property
    def calls(self) -> tuple[Call, ...]:
        return (Call("POST /networks", self.name),)

    def check(self, world: World) -> Iterator[str]:
        """Nothing to ask: Neutron says when there may be no more."""
        yield from ()

    def do(self, world: World, done: Receipts) -> Receipt:
        made = world.site.networks.create(tag=self.key, name=self.name)
        return Receipt("network", made)

    def find(self, world: World) -> Receipt | None:
        found = world.site.networks.find(self.key)
        return Receipt("network", found) if found else None

    def undo(self, world: World, receipt: Receipt) -> None:
        world.site.networks.delete(receipt.id)


@frozen
class CreateSubnet(Step[World]):
    """Create a subnet without a gateway on a network of the run's own.

    Args:
        run: the run it is done for.
        network: which of the run's networks it is on.
        number: which of that network's subnets it is.
        on: the name of the network that this one stands for.
        cidr: its addresses, the same as those of the subnet that it stands for.
    """

    kind: ClassVar[str] = "create subnet"

    run: str
    network: int
    number: int
    on: str
    cidr: str

    @property
    def key(self) -> str:
        return f"{self.run}:subnet:{self.network}-{self.number}"

    @property
    def title(self) -> str:
        return f"create subnet {self.cidr} for {self.on!r}, without a gateway"

    @property
    def sources(self) -> tuple[str, ...]:
        return (self._network_key,)

    @property
    def calls(self) -> tuple[Call, ...]:
        return (Call("POST /subnets", self.cidr),)

    def check(self, world: World) -> Iterator[str]:
        """Nothing to ask: its network is not there yet."""
        yield from ()

    def do(self, world: World, done: Receipts) -> Receipt:
        made = world.site.networks.create_subnet(
            tag=self.key, network_id=done[self._network_key].id, cidr=self.cidr
        )
        return Receipt("subnet", made)

    def find(self, world: World) -> Receipt | None:
        found = world.site.networks.find_subnet(self.key)
        return Receipt("subnet", found) if found else None

    def undo(self, world: World, receipt: Receipt) -> None:
        world.site.networks.delete_subnet(receipt.id)

    @property
    def _network_key(self) -> str:
        return f"{self.run}:network:{self.network}"
