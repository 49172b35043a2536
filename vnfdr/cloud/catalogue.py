"""What a site has to offer to a group that comes to it."""

from collections.abc import Mapping
from typing import Protocol

from attrs import field, frozen

from vnfdr.model import Flavor


@frozen
class Subnet:
    """A subnet of a network."""

    id: str
    name: str
    cidr: str


@frozen
class Network:
    """A network that ports may be made on.

    Args:
        id: its id.
        name: its name.
        subnets: its subnets.
        is_own: whether it is the project's: there, Neutron's default policy lets it
            choose MAC and fixed addresses.
    """

    id: str
    name: str
    subnets: tuple[Subnet, ...] = ()
    is_own: bool = False


@frozen
class Offer:
    """What a site has, by Nova's, Cinder's and Neutron's own names.

    Args:
        flavors: its flavors, by id.
        networks: the networks that the project may use.
        volume_types: the names of its volume types.
        default_volume_type: which of them a volume has when nobody says.
        server_zones: the availability zones of its compute hosts that are up.
        volume_zones: the availability zones of its volumes that are up.
        keypairs: the names of the user's keypairs.
        security_groups: the ids of the project's security groups, by name; of a name
            that several have, each by its id.
        server_groups: the ids of the project's server groups, in the same way.
        may_choose_addresses: whether the credentials may ask for MAC and fixed
            addresses on networks of others, too; ``None`` where that cannot be told
            beforehand.
    """

    flavors: Mapping[str, Flavor] = field(factory=dict)
    networks: tuple[Network, ...] = ()
    volume_types: tuple[str, ...] = ()
    default_volume_type: str = ""
    server_zones: tuple[str, ...] = ()
    volume_zones: tuple[str, ...] = ()
    keypairs: tuple[str, ...] = ()
    security_groups: Mapping[str, str] = field(factory=dict)
    server_groups: Mapping[str, str] = field(factory=dict)
    may_choose_addresses: bool | None = None


class Catalogue(Protocol):
    """Looks up what a site has to offer."""

    def offer(self) -> Offer:
        """Return it, as it is now. Some requests, a fixed number of them."""
        ...

    def room_for(self, servers: int, cores: int, ram_mib: int) -> tuple[str, ...]:
        """Return a sentence for each quota of Nova that leaves too little room."""
        ...

    def network_room_for(self, needs: Mapping[str, int]) -> tuple[str, ...]:
        """Return a sentence for each quota of Neutron that leaves too little room.

        Names are Neutron's: ``port``, ``network``, ``subnet``. Nothing is told where
        there is no Neutron, or none that tells what is used.
        """
        ...
