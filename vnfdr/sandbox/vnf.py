"""A virtual network function that processes calls, in three tiers of servers."""

from collections.abc import Mapping
from typing import Protocol, Self

from attrs import frozen

from vnfdr.model import Group, Member
from vnfdr.sandbox.paths import Stage
from vnfdr.sandbox.things import Server


class AddServer(Protocol):
    """Puts a running server somewhere."""

    def __call__(self, name: str, *, stage: Stage) -> Server:
        """Return it; its guest has this place on the path of a call."""
        ...


@frozen
class Vnf:
    """A virtual network function that processes calls, in three tiers of servers.

    Calls arrive at the load balancers, ``lb``. They tell the applications, ``app``,
    which write to the databases, ``db``; the answers go back the same way. What a
    guest was told, its records quote.

    Args:
        name: what the names of its servers begin with: ``ims-db-1``.
        tiers: its servers, by tier: that of the database first, which is a freeze
            order.
    """

    name: str
    tiers: Mapping[str, tuple[Server, ...]]

    @classmethod
    def put(cls, name: str, counts: Mapping[str, int], add_server: AddServer) -> Self:
        """Make one, with so many servers in each tier."""
        tiers: dict[str, tuple[Server, ...]] = {}
        for tier, count in counts.items():
            stage = Stage(name, len(tiers))
            names = (f"{name}-{tier}-{number + 1}" for number in range(count))
            tiers[tier] = tuple(add_server(each, stage=stage) for each in names)
        return cls(name, tiers)

    @property
    def group(self) -> Group:
        """The same as a group to protect, its guests held through the sandbox."""
        tiers = [
            [Member(server.name, backend="sandbox") for server in servers]
            for servers in self.tiers.values()
            if servers
        ]
        return Group.of(self.name, tiers)
