"""Which names a manifest has that mean something at its site only, and who has them.

And what such a name means at another site: names come first, and then ids, for what
has a name that something else has, too.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from attrs import frozen

from vnfdr.cloud import Offer
from vnfdr.manifest import Manifest
from vnfdr.mapping.values import ServerMapping, SiteMapping
from vnfdr.model import Blueprint

Asked = Mapping[str, tuple[str, ...]]
"""Names, and for each the names of the servers or volumes that have it."""


@frozen
class Kind:
    """One kind of names that are translated.

    Args:
        key: the field of a mapping that translates them.
        noun: what one of them is called.
        asked: which of them a manifest has, that the mapping has to translate.
        offered: what a site has: names, and the ids that go by each.
    """

    key: str
    noun: str
    asked: Callable[[Manifest, SiteMapping], Asked]
    offered: Callable[[Offer], Mapping[str, tuple[str, ...]]]

    def mapped(self, mapping: SiteMapping) -> Mapping[str, str | None]:
        """Return how a mapping translates them."""
        translated: Mapping[str, str | None] = getattr(mapping, self.key)
        return translated

    def meant(self, offer: Offer, word: str) -> tuple[str, ...]:
        """Return the ids that a name or an id stands for at a site."""
        offered = self.offered(offer)
        if word in offered:
            return offered[word]
        every = {each for ids in offered.values() for each in ids}
        return (word,) if word in every else ()


def servers_by_word(manifest: Manifest) -> Mapping[str, Blueprint]:
    """Return the servers by their ids, and by the names that only one of them has."""
    names = [server.name for server in manifest.servers]
    unique = {s.name: s for s in manifest.servers if names.count(s.name) == 1}
    return unique | {server.id: server for server in manifest.servers}


def word_for(manifest: Manifest, server: Blueprint) -> str:
    """Return what a mapping calls a server: its name, or its id if others have that."""
    found = servers_by_word(manifest).get(server.name)
    return server.name if found is server else server.id


def particulars(
    mapping: SiteMapping, manifest: Manifest, server: Blueprint
) -> ServerMapping:
    """Return what a mapping has for this server alone."""
    by_name = mapping.servers.get(word_for(manifest, server), ServerMapping())
    return mapping.servers.get(server.id, by_name)


def grouped(pairs: Iterable[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    """Return all that goes by each name, once, in the order given."""
    found: dict[str, dict[str, None]] = {}
    for name, each in pairs:
        found.setdefault(name, {})[each] = None
    return {name: tuple(each) for name, each in found.items()}


def _of_servers(
    names: Callable[[Blueprint, ServerMapping], Iterable[str]],
) -> Callable[[Manifest, SiteMapping], Asked]:
    def asked(manifest: Manifest, mapping: SiteMapping) -> Asked:
        return grouped(
            (name, server.name)
            for server in manifest.servers
            for name in names(server, particulars(mapping, manifest, server))
            if name
        )

    return asked


def _flavor(server: Blueprint, own: ServerMapping) -> Iterator[str]:
    if not own.flavor:
        yield server.flavor.name


def _keypair(server: Blueprint, own: ServerMapping) -> Iterator[str]:
    if own.keypair == "":
        yield server.key_name


def _of_volumes(attribute: str) -> Callable[[Manifest, SiteMapping], Asked]:
    def asked(manifest: Manifest, _: SiteMapping) -> Asked:
        volumes = [disk.volume for disk in manifest.disks]
        named = [(getattr(v, attribute), v.name or v.id) for v in volumes]
        return grouped(pair for pair in named if pair[0])

    return asked


def _as_they_are(names: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    return {name: (name,) for name in names}


FLAVORS = Kind(
    "flavors",
    "flavor",
    _of_servers(_flavor),
    lambda offer: grouped((each.name, key) for key, each in offer.flavors.items()),
)
NETWORKS = Kind(
    "networks",
    "network",
    _of_servers(lambda server, _: (nic.network for nic in server.nics)),
    lambda offer: grouped((each.name, each.id) for each in offer.networks),
)
VOLUME_TYPES = Kind(
    "volume_types",
    "volume type",
    _of_volumes("type"),
    lambda offer: _as_they_are(offer.volume_types),
)
SERVER_ZONES = Kind(
    "server_zones",
    "availability zone for servers",
    _of_servers(lambda server, _: (server.availability_zone,)),
    lambda offer: _as_they_are(offer.server_zones),
)
VOLUME_ZONES = Kind(
    "volume_zones",
    "availability zone for volumes",
    _of_volumes("availability_zone"),
    lambda offer: _as_they_are(offer.volume_zones),
)
KEYPAIRS = Kind(
    "keypairs",
    "keypair",
    _of_servers(_keypair),
    lambda offer: _as_they_are(offer.keypairs),
)
SECURITY_GROUPS = Kind(
    "security_groups",
    "security group",
    _of_servers(lambda s, _: (name for nic in s.nics for name in nic.security_groups)),
    lambda offer: grouped(offer.security_groups.items()),
)
SERVER_GROUPS = Kind(
    "server_groups",
    "server group",
    _of_servers(lambda server, _: (server.server_group,)),
    lambda offer: grouped(offer.server_groups.items()),
)

KINDS = (
    *(FLAVORS, NETWORKS, VOLUME_TYPES, SERVER_ZONES, VOLUME_ZONES),
    *(KEYPAIRS, SECURITY_GROUPS, SERVER_GROUPS),
)
"""Every kind, in the order of a mapping's fields."""
