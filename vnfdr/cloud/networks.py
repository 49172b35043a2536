"""What a step may ask of Neutron; there is nothing where the cloud has no Neutron."""

from typing import Protocol

from attrs import frozen

from vnfdr.model import AddressPair, Marked


@frozen
class FixedAddress:
    """An address that a port is to have; without ``address``, any of the subnet."""

    subnet_id: str
    address: str = ""


@frozen
class PortRequest:
    """A port to be created, every name of it translated to the site's own.

    Args:
        tag: the key that it is found by, in its description after ``vnfdr-key=``.
        name: what it is called.
        network_id: where it is.
        addresses: which addresses it is to have; empty for any.
        mac_address: empty for any. An administrator's, or the network's owner's.
        security_group_ids: ``None`` for the project's default.
        allowed_pairs: which other addresses its guest may use.
        port_security: whether it is filtered at all.
        vnic_type: Neutron's word for how it is plugged; empty for the default.
        unaddressed: whether it is to have no address at all.
    """

    tag: str
    name: str
    network_id: str
    addresses: tuple[FixedAddress, ...] = ()
    mac_address: str = ""
    security_group_ids: tuple[str, ...] | None = None
    allowed_pairs: tuple[AddressPair, ...] = ()
    port_security: bool = True
    vnic_type: str = ""
    unaddressed: bool = False


class Ports(Protocol):
    """Neutron's ports; none where the cloud has no Neutron."""

    def marked(self) -> tuple[Marked, ...]:
        """Return the ports of the project that carry a mark."""
        ...

    def delete(self, port_id: str) -> None:
        """Delete a port."""
        ...

    def create(self, request: PortRequest) -> str:
        """Create a port, return its id.

        Raises `Conflict` when an address of it is somebody else's.
        """
        ...

    def find(self, tag: str) -> str | None:
        """Return the id of the port that carries ``tag``."""
        ...


class Networks(Protocol):
    """Neutron's networks, for those that a rehearsal makes for itself.

    They carry their key as a port does.
    """

    def create(self, *, tag: str, name: str) -> str:
        """Create a network that nothing else is on, return its id."""
        ...

    def create_subnet(self, *, tag: str, network_id: str, cidr: str) -> str:
        """Create a subnet with DHCP and without a gateway, return its id."""
        ...

    def find(self, tag: str) -> str | None:
        """Return the id of the network that carries ``tag``."""
        ...

    def find_subnet(self, tag: str) -> str | None:
        """Return the id of the subnet that carries ``tag``."""
        ...

    def delete(self, network_id: str) -> None:
        """Delete a network, its subnets, and the ports that Neutron itself made."""
        ...

    def delete_subnet(self, subnet_id: str) -> None:
        """Delete a subnet."""
        ...

    def marked(self) -> tuple[Marked, ...]:
        """Return the networks of the project that carry a mark."""
        ...
