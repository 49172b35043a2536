"""A mapping as a value: how the names of one site translate to another's.

An empty name is one that nobody has decided on yet; ``None``, where it may be, leaves
the thing out on purpose.
"""

from collections.abc import Mapping

from attrs import field, frozen

from vnfdr.mapping.probes import Probe

TIER_SECONDS_MAX = 900.0
"""How long the probes of a tier may take where the mapping does not say it."""

NAME = "{name}"
"""What stands for a server's name in the pattern of new names."""


@frozen
class ServerMapping:
    """What is different for one server.

    Args:
        name: what it is called at the site; empty as the pattern has it.
        flavor: its flavor; empty as the flavors are mapped.
        keypair: its keypair, or ``None`` for none; empty as the keypairs are mapped.
        user_data: the path of a file with what cloud-init gets, which is read when
            the server is created, and not before; empty for none.
    """

    name: str = ""
    flavor: str = ""
    keypair: str | None = ""
    user_data: str = ""


@frozen
class BootTier:
    """Servers that are booted together, and what is asked of them before others are.

    Args:
        servers: which ones, each by its name, or by its id where it was.
        probes: what each of them must answer.
        within_seconds: how long the probes may take, once the servers are ACTIVE.
        gate: what a person has to say yes to before the next tier; empty for nothing.
    """

    servers: tuple[str, ...]
    probes: tuple[Probe, ...] = ()
    within_seconds: float = TIER_SECONDS_MAX
    gate: str = ""


@frozen
class SiteMapping:
    """How the names of the site where a group was translate to another site's.

    Whatever goes by a name may go by its id at the site it leads to.

    Args:
        site: what clouds.yaml calls the site that it leads to.
        group: the group's name.
        name: what the new servers are called; ``{name}`` stands for the old name.
        flavors: flavors, by the names that they had.
        networks: networks, in the same way, and so on.
        volume_types: volume types.
        server_zones: availability zones of Nova; ``None`` is for the site's default.
        volume_zones: those of Cinder; ``None`` is for the site's default.
        keypairs: keypairs; ``None`` is for none.
        security_groups: security groups; ``None`` is for none.
        server_groups: server groups; ``None`` is for none.
        keep_addresses: whether ports keep their fixed addresses.
        keep_macs: whether ports keep their MAC addresses.
        servers: what is different for single servers, by name or by id.
        tiers: all servers, in the order in which they are booted.
    """

    site: str
    group: str
    name: str = NAME
    flavors: Mapping[str, str] = field(factory=dict)
    networks: Mapping[str, str] = field(factory=dict)
    volume_types: Mapping[str, str] = field(factory=dict)
    server_zones: Mapping[str, str | None] = field(factory=dict)
    volume_zones: Mapping[str, str | None] = field(factory=dict)
    keypairs: Mapping[str, str | None] = field(factory=dict)
    security_groups: Mapping[str, str | None] = field(factory=dict)
    server_groups: Mapping[str, str | None] = field(factory=dict)
    keep_addresses: bool = False
    keep_macs: bool = False
    servers: Mapping[str, ServerMapping] = field(factory=dict)
    tiers: tuple[BootTier, ...] = ()
