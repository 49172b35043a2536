"""All that is needed to create a server and its volumes again, secrets left out.

Names are those of the site where they were: a mapping translates them. What is on no
volume (the state of a vTPM, UEFI variables, local disks) is in no blueprint.
"""

from collections.abc import Mapping

from attrs import field, frozen


@frozen
class Flavor:
    """How big a server is; ``name`` is all that two sites may have in common."""

    name: str
    vcpus: int
    ram_mib: int
    disk_gib: int = 0
    ephemeral_gib: int = 0
    swap_mib: int = 0
    extra_specs: Mapping[str, str] = field(factory=dict)


@frozen
class Address:
    """An address of a port, and the subnet that it is from."""

    address: str
    subnet: str
    cidr: str


@frozen
class AddressPair:
    """An address beside its own that a port may use; ``mac`` may be empty."""

    address: str
    mac: str = ""


@frozen
class Nic:
    """A port of a server, as Neutron has it.

    Args:
        network: the name of its network.
        mac: its MAC address.
        addresses: its addresses, with the subnets that they are from.
        security_groups: the names of its security groups.
        allowed_pairs: which other addresses its guest may use.
        port_security: whether it is filtered at all.
        vnic_type: how it is plugged, in Neutron's word.
        name: the port's name.
        lost: in words, what it has and a new one would not: a floating address, a
            trunk, a quality of service.
    """

    network: str
    mac: str = ""
    addresses: tuple[Address, ...] = ()
    security_groups: tuple[str, ...] = ()
    allowed_pairs: tuple[AddressPair, ...] = ()
    port_security: bool = True
    vnic_type: str = "normal"
    name: str = ""
    lost: tuple[str, ...] = ()


@frozen
class Disk:
    """A volume at a server: where it is, and what its guest knows it by."""

    volume_id: str
    device: str = ""
    tag: str = ""


@frozen
class Blueprint:
    """All that is needed to create a server again, but for the bytes of its disks.

    Args:
        id: the server's id where it was.
        name: its name.
        flavor: how big it was.
        nics: its ports, in the order of its interfaces.
        disks: its volumes in the order of their devices, the root first.
        description: empty for none.
        hostname: what its guest was told it is called.
        metadata: Nova's metadata, but for what may be a secret.
        tags: Nova's tags.
        availability_zone: where it was.
        server_group: the name of the server group that placed it, empty for none.
        server_group_policy: the policy of that.
        key_name: its keypair, empty for none.
        public_key: the public half of that.
        config_drive: whether it had one.
        has_user_data: whether it was given user data, which is not kept: it may hold
            secrets.
        withheld: the names of metadata that were left out: they may be secrets.
        lost: in words, what of it no blueprint can carry: a vTPM, UEFI variables.
    """

    id: str
    name: str
    flavor: Flavor
    nics: tuple[Nic, ...] = ()
    disks: tuple[Disk, ...] = ()
    description: str = ""
    hostname: str = ""
    metadata: Mapping[str, str] = field(factory=dict)
    tags: tuple[str, ...] = ()
    availability_zone: str = ""
    server_group: str = ""
    server_group_policy: str = ""
    key_name: str = ""
    public_key: str = ""
    config_drive: bool = False
    has_user_data: bool = False
    withheld: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


@frozen
class VolumeBlueprint:
    """All that is needed to create a volume again, but for its bytes.

    Args:
        id: the volume's id where it was.
        name: its name.
        size_gib: how big it was.
        type: the name of its volume type.
        availability_zone: where it was.
        bootable: whether a server can boot from it.
        multiattach: whether several servers may have it.
        encrypted: whether its bytes are worth nothing without a key manager.
        description: empty for none.
        metadata: Cinder's metadata, but for ours and what may be a secret.
        image_metadata: the properties of the image that it was made from.
    """

    id: str
    name: str = ""
    size_gib: int = 1
    type: str = ""
    availability_zone: str = ""
    bootable: bool = False
    multiattach: bool = False
    encrypted: bool = False
    description: str = ""
    metadata: Mapping[str, str] = field(factory=dict)
    image_metadata: Mapping[str, str] = field(factory=dict)
