"""Suggests a mapping: by name first, then by likeness. A person looks at it after."""

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from vnfdr.cloud import Network, Offer
from vnfdr.manifest import Manifest
from vnfdr.mapping.names import (
    FLAVORS,
    KEYPAIRS,
    KINDS,
    NETWORKS,
    SECURITY_GROUPS,
    SERVER_GROUPS,
    SERVER_ZONES,
    VOLUME_TYPES,
    VOLUME_ZONES,
    Kind,
    word_for,
)
from vnfdr.mapping.ports import fits, may_choose, network_for
from vnfdr.mapping.values import BootTier, ServerMapping, SiteMapping
from vnfdr.model import Flavor

UNDECIDED = ""
"""What stands where nothing is alike: it is for a person to say."""

Like = Callable[[Manifest, Offer, str], str | None]
"""Returns what is likest to what has a name in a manifest."""


def suggest_mapping(manifest: Manifest, offer: Offer, site_name: str) -> SiteMapping:
    """Say what of a site is likest to what the servers of a manifest had.

    A name stays the same where the site has it. Where nothing is alike, the name is
    left empty, and `validate` says so.

    Args:
        manifest: what is to come to the site.
        offer: what the site has.
        site_name: what clouds.yaml calls it.
    """
    empty = SiteMapping(site_name, manifest.group)
    named: dict[str, Any] = {
        kind.key: _alike(kind, manifest, empty, offer) for kind in KINDS
    }
    mapping = attrs.evolve(
        empty,
        **named,
        servers={
            word_for(manifest, server): ServerMapping()
            for server in manifest.servers
            if server.has_user_data
        },
        tiers=tuple(
            BootTier(tuple(word_for(manifest, server) for server in tier))
            for tier in manifest.tiers
        ),
    )
    networks = (
        network_for(mapping, offer, nic)
        for server in manifest.servers
        for nic in server.nics
    )
    return attrs.evolve(
        mapping,
        keep_addresses=fits(manifest, mapping, offer),
        keep_macs=all(each and may_choose(offer, each) for each in networks),
    )


def flavor_fits(flavor: Flavor, like: Flavor) -> bool:
    """Tell whether a flavor is at least as big, with local disks only where it had."""
    big = flavor.vcpus >= like.vcpus and flavor.ram_mib >= like.ram_mib
    return big and local_disks(flavor) <= local_disks(like)


def local_disks(flavor: Flavor) -> frozenset[str]:
    """Return which disks a server of a flavor has beside its volumes."""
    sizes = {"ephemeral disk": flavor.ephemeral_gib, "swap disk": flavor.swap_mib}
    return frozenset(name for name, size in sizes.items() if size)


def _alike(
    kind: Kind, manifest: Manifest, empty: SiteMapping, offer: Offer
) -> Mapping[str, str | None]:
    like = _LIKE[kind.key]
    return {name: like(manifest, offer, name) for name in kind.asked(manifest, empty)}


def _same_or(kind: Kind, otherwise: Callable[[Offer], str | None]) -> Like:
    def like(_: Manifest, offer: Offer, name: str) -> str | None:
        return name if len(kind.meant(offer, name)) == 1 else otherwise(offer)

    return like


def _flavor(manifest: Manifest, offer: Offer, name: str) -> str:
    had = _biggest(manifest, name)
    fit = [flavor for flavor in offer.flavors.values() if flavor_fits(flavor, had)]

    def unlikeness(flavor: Flavor) -> tuple[object, ...]:
        size = (flavor.vcpus, flavor.ram_mib, flavor.disk_gib)
        specs = flavor.extra_specs != had.extra_specs
        small = flavor.disk_gib < had.disk_gib
        return flavor.name != name, small, specs, size, flavor.name

    if fit:
        return min(fit, key=unlikeness).name
    return name if FLAVORS.meant(offer, name) else UNDECIDED


def _biggest(manifest: Manifest, name: str) -> Flavor:
    """Return what fits every server with a flavor of this name."""
    found = [s.flavor for s in manifest.servers if s.flavor.name == name]
    return attrs.evolve(
        found[0],
        vcpus=max(flavor.vcpus for flavor in found),
        ram_mib=max(flavor.ram_mib for flavor in found),
        disk_gib=max(flavor.disk_gib for flavor in found),
    )


def _network(manifest: Manifest, offer: Offer, name: str) -> str:
    cidrs = {
        address.cidr
        for server in manifest.servers
        for nic in server.nics
        if nic.network == name
        for address in nic.addresses
    }

    def has_the_same(network: Network) -> bool:
        return bool(cidrs & {subnet.cidr for subnet in network.subnets})

    named = [network for network in offer.networks if network.name == name]
    alike = [network for network in named or offer.networks if has_the_same(network)]
    for found in (named, alike, offer.networks):
        if len(found) == 1:
            return _word(offer, found[0])
    return UNDECIDED


def _word(offer: Offer, network: Network) -> str:
    unique = len(NETWORKS.meant(offer, network.name)) == 1
    return network.name if unique else network.id


_LIKE: Mapping[str, Like] = {
    FLAVORS.key: _flavor,
    NETWORKS.key: _network,
    VOLUME_TYPES.key: _same_or(VOLUME_TYPES, lambda offer: offer.default_volume_type),
    SERVER_ZONES.key: _same_or(SERVER_ZONES, lambda _: None),
    VOLUME_ZONES.key: _same_or(VOLUME_ZONES, lambda _: None),
    KEYPAIRS.key: _same_or(KEYPAIRS, lambda _: UNDECIDED),
    SECURITY_GROUPS.key: _same_or(SECURITY_GROUPS, lambda _: UNDECIDED),
    SERVER_GROUPS.key: _same_or(SERVER_GROUPS, lambda _: UNDECIDED),
}
