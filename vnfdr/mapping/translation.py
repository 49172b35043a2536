"""A translation: what to ask of a site to have a group of servers there.

Everything goes by the site's own ids here, and by the ids that it had where it was.
"""

from attrs import frozen

from vnfdr.cloud import FixedAddress
from vnfdr.mapping.values import BootTier
from vnfdr.model import AddressPair


@frozen
class NewPort:
    """A port to be made, in the words of `vnfdr.cloud.PortRequest`."""

    name: str
    network_id: str
    addresses: tuple[FixedAddress, ...] = ()
    mac_address: str = ""
    security_group_ids: tuple[str, ...] | None = None
    allowed_pairs: tuple[AddressPair, ...] = ()
    port_security: bool = True
    vnic_type: str = ""


@frozen
class NewServer:
    """A server to be made.

    Args:
        id: the id of the server that it stands for, where that was.
        name: what it is called.
        flavor_id: its flavor.
        ports: its ports, in the order of its interfaces.
        key_name: empty for no keypair.
        availability_zone: empty for the site's default.
        server_group_id: empty for none.
        user_data: the path of a file; empty for none.
    """

    id: str
    name: str
    flavor_id: str
    ports: tuple[NewPort, ...] = ()
    key_name: str = ""
    availability_zone: str = ""
    server_group_id: str = ""
    user_data: str = ""


@frozen
class NewVolume:
    """A volume to be made.

    Args:
        id: the id of the volume that it stands for, where that was.
        type: its volume type; empty for the site's default.
        availability_zone: empty for the site's default.
    """

    id: str
    type: str = ""
    availability_zone: str = ""


@frozen
class Translation:
    """What to ask of a site, for all servers and volumes of a manifest.

    Args:
        site: what clouds.yaml calls the site.
        servers: the servers, in the order of the manifest.
        volumes: the volumes, in the order of the manifest.
        tiers: in boot order; their servers, and those of their probes, go by the ids
            that they had.
    """

    site: str
    servers: tuple[NewServer, ...]
    volumes: tuple[NewVolume, ...]
    tiers: tuple[BootTier, ...]

    def server(self, server_id: str) -> NewServer:
        """Return what stands for the server that had this id."""
        return {server.id: server for server in self.servers}[server_id]

    def volume(self, volume_id: str) -> NewVolume:
        """Return what stands for the volume that had this id."""
        return {volume.id: volume for volume in self.volumes}[volume_id]
