"""Translates a manifest: every name of it into what a site knows it by."""

import attrs

from vnfdr.cloud import Offer
from vnfdr.errors import MappingError
from vnfdr.manifest import Manifest
from vnfdr.mapping.case import Case
from vnfdr.mapping.judging import validate
from vnfdr.mapping.names import (
    SECURITY_GROUPS,
    SERVER_GROUPS,
    SERVER_ZONES,
    VOLUME_TYPES,
    VOLUME_ZONES,
    servers_by_word,
)
from vnfdr.mapping.ports import addresses_for, network_for, pairs_for
from vnfdr.mapping.probes import Probe
from vnfdr.mapping.translation import NewPort, NewServer, NewVolume, Translation
from vnfdr.mapping.values import BootTier, SiteMapping
from vnfdr.model import Blueprint, Nic, VolumeBlueprint


def translate(mapping: SiteMapping, manifest: Manifest, offer: Offer) -> Translation:
    """Say what to ask of a site to have the servers of a manifest there.

    Raises:
        MappingError: the mapping has problems; says all that `validate` does.
    """
    judgement = validate(mapping, manifest, offer)
    if not judgement.passes:
        subject = f"group {manifest.group!r} cannot be brought to {mapping.site!r}"
        raise MappingError(subject, judgement.problems)
    case = Case(mapping, manifest, offer)
    return Translation(
        site=mapping.site,
        servers=tuple(_server(case, server) for server in manifest.servers),
        volumes=tuple(_volume(case, disk.volume) for disk in manifest.disks),
        tiers=tuple(_tier(case, tier) for tier in mapping.tiers),
    )


def _server(case: Case, server: Blueprint) -> NewServer:
    return NewServer(
        id=server.id,
        name=case.name(server),
        flavor_id=case.flavor_id(server),
        ports=tuple(_port(case, nic) for nic in server.nics),
        key_name=case.keypair(server) or "",
        availability_zone=case.one(SERVER_ZONES, server.availability_zone),
        server_group_id=case.one(SERVER_GROUPS, server.server_group),
        user_data=case.own(server).user_data,
    )


def _port(case: Case, nic: Nic) -> NewPort:
    network = network_for(case.mapping, case.offer, nic)
    assert network is not None, "validated before"
    return NewPort(
        name=nic.name,
        network_id=network.id,
        addresses=addresses_for(case.mapping, network, nic),
        mac_address=nic.mac if case.mapping.keep_macs else "",
        security_group_ids=_groups(case, nic),
        allowed_pairs=pairs_for(nic),
        port_security=nic.port_security,
        vnic_type=nic.vnic_type,
    )


def _groups(case: Case, nic: Nic) -> tuple[str, ...] | None:
    """Return the port's groups; the project's default where none of them is left."""
    ids = tuple(case.one(SECURITY_GROUPS, name) for name in nic.security_groups)
    left = tuple(dict.fromkeys(filter(None, ids)))
    return None if ids and not left else left


def _volume(case: Case, volume: VolumeBlueprint) -> NewVolume:
    return NewVolume(
        id=volume.id,
        type=case.one(VOLUME_TYPES, volume.type),
        availability_zone=case.one(VOLUME_ZONES, volume.availability_zone),
    )


def _tier(case: Case, tier: BootTier) -> BootTier:
    known = servers_by_word(case.manifest)

    def ids(words: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(known[word].id for word in words)

    def asking(probe: Probe) -> Probe:
        return attrs.evolve(probe, servers=ids(probe.servers))

    return attrs.evolve(
        tier, servers=ids(tier.servers), probes=tuple(map(asking, tier.probes))
    )
