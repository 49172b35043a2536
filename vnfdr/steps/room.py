"""What must be true of a site before a group comes back to it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import ClassVar

from attrs import frozen

from vnfdr.plan import Call, Requirement
from vnfdr.world import World


@frozen
class Room(Requirement[World]):
    """Nova's quotas leave room for the servers.

    Args:
        run: the run.
        servers: how many are booted.
        cores: how many processors they have.
        ram_mib: how much memory.
    """

    kind: ClassVar[str] = "room"

    run: str
    servers: int
    cores: int
    ram_mib: int

    @property
    def key(self) -> str:
        return f"{self.run}:room"

    @property
    def title(self) -> str:
        return (
            f"Nova's quotas leave room for {self.servers} servers, {self.cores} cores"
            f" and {self.ram_mib} MiB"
        )

    @property
    def calls(self) -> tuple[Call, ...]:
        return (Call("GET /limits", "what is left free in Nova"),)

    def check(self, world: World) -> Iterator[str]:
        yield from world.site.catalogue.room_for(self.servers, self.cores, self.ram_mib)


@frozen
class NetworkRoom(Requirement[World]):
    """Neutron's quotas leave room for what the servers are connected by.

    Args:
        run: the run.
        needs: how much of what, by Neutron's quota names: ``port``, ``network``,
            ``subnet``.
    """

    kind: ClassVar[str] = "network room"

    run: str
    needs: Mapping[str, int]

    @property
    def key(self) -> str:
        return f"{self.run}:network-room"

    @property
    def title(self) -> str:
        wanted = ", ".join(f"{count} {noun}s" for noun, count in self.needs.items())
        return f"Neutron's quotas leave room for {wanted}"

    @property
    def calls(self) -> tuple[Call, ...]:
        return (Call("GET /quotas/details", "what is left free in Neutron"),)

    def check(self, world: World) -> Iterator[str]:
        yield from world.site.catalogue.network_room_for(self.needs)


@frozen
class NamesFree(Requirement[World]):
    """No server has a name that one is to be booted with.

    Args:
        run: the run.
        names: the names.
    """

    kind: ClassVar[str] = "names free"

    run: str
    names: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"{self.run}:names"

    @property
    def title(self) -> str:
        return f"no server is called {', '.join(map(repr, self.names))}"

    @property
    def calls(self) -> tuple[Call, ...]:
        return tuple(Call("GET /servers", f"called {name!r}") for name in self.names)

    def check(self, world: World) -> Iterator[str]:
        for name in self.names:
            for server in world.site.servers.named(name):
                yield (
                    f"a server is called {name!r} already ({server.id}); delete or"
                    " rename it, or have the mapping call the new one something else"
                )


@frozen
class StillOffered(Requirement[World]):
    """The site has all that the plan was made with.

    Args:
        run: the run.
        flavors: flavors, by what people call them, with their ids.
        networks: networks, in the same way.
        volume_types: names of volume types.
        keypairs: names of keypairs.
    """

    kind: ClassVar[str] = "still offered"

    run: str
    flavors: Mapping[str, str]
    networks: Mapping[str, str]
    volume_types: tuple[str, ...]
    keypairs: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"{self.run}:offer"

    @property
    def title(self) -> str:
        return "the site still has all that the mapping names"

    @property
    def calls(self) -> tuple[Call, ...]:
        return (Call("GET /flavors, /networks, ...", "what the site offers"),)

    def check(self, world: World) -> Iterator[str]:
        offer = world.site.catalogue.offer()
        wanted: tuple[tuple[str, Mapping[str, str], Collection[str]], ...] = (
            ("flavor", self.flavors, offer.flavors),
            ("network", self.networks, {network.id for network in offer.networks}),
            ("volume type", _by_name(self.volume_types), offer.volume_types),
            ("keypair", _by_name(self.keypairs), offer.keypairs),
        )
        for noun, names, there in wanted:
            for name, thing_id in names.items():
                if thing_id not in there:
                    yield (
                        f"{noun} {name!r} is not there any more; mend the mapping, and"
                        " make the plan anew"
                    )


def _by_name(names: Iterable[str]) -> Mapping[str, str]:
    return {name: name for name in names}
