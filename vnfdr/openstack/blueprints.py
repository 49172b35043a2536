"""Blueprints: all that it takes to create a server and its volumes again.

Of what a role may not see, or an older cloud does not show, the blueprint has
nothing; what may be a secret stays where it is.
"""

from collections.abc import Iterable, Iterator

from attrs import evolve

from vnfdr.cloud import GROUP, KEY, POINT, VERDICT
from vnfdr.errors import Forbidden, Gone, Unsupported
from vnfdr.model import Blueprint, Disk, Flavor, VolumeBlueprint
from vnfdr.model.firmware import on_the_host
from vnfdr.model.privacy import withheld, without_secrets
from vnfdr.openstack.api import Api, Json, at
from vnfdr.openstack.disks import device_order, local_disks
from vnfdr.openstack.marks import RESTORED_FROM
from vnfdr.openstack.neutron import Neutron
from vnfdr.openstack.nics import nics_of

HOSTNAME_VERSION = "2.90"
"""Of Xena: everybody is told the name that a guest was given."""

ADMIN = "OS-EXT-SRV-ATTR"
CINDERS_OWN = frozenset({RESTORED_FROM, "readonly", "attached_mode"})
"""The metadata that Cinder puts among the user's."""

ROOTS = ("/dev/vda", "/dev/sda", "/dev/hda", "/dev/xvda")
"""What the root disk is called, where one is not told."""


def blueprint_of(api: Api, neutron: Neutron, server_id: str) -> Blueprint:
    """Return the blueprint of a server."""
    seen = _server(api, server_id)
    flavor = _flavor(seen["flavor"])
    group, policy = _server_group(api, seen)
    metadata = _without_marks(seen["metadata"])
    return Blueprint(
        id=seen["id"],
        name=seen["name"],
        flavor=flavor,
        nics=nics_of(neutron, server_id, _macs(seen)),
        disks=_disks(api, seen),
        description=seen.get("description") or "",
        hostname=seen.get(f"{ADMIN}:hostname") or "",
        metadata=without_secrets(metadata),
        tags=tuple(seen.get("tags") or ()),
        availability_zone=seen.get("OS-EXT-AZ:availability_zone") or "",
        server_group=group,
        server_group_policy=policy,
        key_name=seen.get("key_name") or "",
        public_key=_public_key(api, seen),
        config_drive=bool(seen.get("config_drive")),
        has_user_data=bool(seen.get(f"{ADMIN}:user_data")),
        withheld=withheld(metadata),
        lost=tuple(dict.fromkeys(_lost(seen, flavor))),
    )


def volume_blueprint_of(seen: Json) -> VolumeBlueprint:
    """Return the blueprint of a volume that Cinder has shown."""
    metadata = _without_marks(seen["metadata"])
    own = {k: v for k, v in metadata.items() if k not in CINDERS_OWN}
    return VolumeBlueprint(
        id=seen["id"],
        name=seen["name"] or "",
        size_gib=seen["size"],
        type=seen["volume_type"] or "",
        availability_zone=seen["availability_zone"] or "",
        bootable=seen["bootable"] == "true",
        multiattach=seen["multiattach"],
        encrypted=seen["encrypted"],
        description=seen["description"] or "",
        metadata=without_secrets(own),
        image_metadata=without_secrets(_texts(seen.get("volume_image_metadata") or {})),
    )


def _server(api: Api, server_id: str) -> Json:
    path, what = at("servers", server_id), f"read server {server_id!r}"
    try:
        answer = evolve(api, version=HOSTNAME_VERSION).get(path, what)
    except Unsupported:
        answer = api.get(path, what)
    seen: Json | None = answer.get("server")
    if seen is None:
        raise Gone(f"cannot {what}: it is not the id of a server")
    return seen


def _flavor(seen: Json) -> Flavor:
    return Flavor(
        name=seen["original_name"],
        vcpus=seen["vcpus"],
        ram_mib=seen["ram"],
        disk_gib=seen["disk"],
        ephemeral_gib=seen["ephemeral"],
        swap_mib=seen["swap"] or 0,
        # Not everybody may see them.
        extra_specs=_texts(seen.get("extra_specs") or {}),
    )


def _disks(api: Api, server: Json) -> tuple[Disk, ...]:
    """Return a server's volumes in the order of their devices, the root first."""
    path = at("servers", server["id"], "os-volume_attachments")
    what = f"list the volumes of server {server['id']!r}"
    found = (
        Disk(seen["volumeId"], seen["device"] or "", seen.get("tag") or "")
        for seen in api.get(path, what)["volumeAttachments"]
    )
    disks = sorted(found, key=lambda disk: device_order(disk.device))
    named = server.get(f"{ADMIN}:root_device_name")
    roots = (named, *ROOTS) if named else ROOTS
    there = {disk.device for disk in disks}
    root = next((device for device in roots if device in there), "")
    return tuple(sorted(disks, key=lambda disk: disk.device != root))


def _server_group(api: Api, server: Json) -> tuple[str, str]:
    """Return the name and the policy of the group that placed a server, if told."""
    for group_id in server.get("server_groups") or ():
        try:
            answer = api.get(at("os-server-groups", group_id), "read a server group")
        except (Forbidden, Gone):
            continue
        group = answer["server_group"]
        return group["name"], group["policy"]
    return "", ""


def _public_key(api: Api, server: Json) -> str:
    """Return the public half of a server's keypair, where one may see it.

    A keypair is of a user, and another's of that name would be another.
    """
    if not server.get("key_name"):
        return ""
    path = at("os-keypairs", server["key_name"])
    try:
        answer = api.get(path, "read a keypair", {"user_id": server["user_id"]})
    except (Forbidden, Gone):
        return ""
    return str(answer["keypair"]["public_key"])


def _lost(server: Json, flavor: Flavor) -> Iterator[str]:
    yield from local_disks(server)
    yield from on_the_host(flavor.extra_specs)


def _macs(server: Json) -> tuple[str, ...]:
    """Return the MAC addresses of a server in the order of its interfaces.

    Nova shows them by network: those of one network stay in their order.
    """
    shown: Iterable[Json] = (
        address
        for addresses in (server.get("addresses") or {}).values()
        for address in addresses
    )
    return tuple(
        dict.fromkeys(address.get("OS-EXT-IPS-MAC:mac_addr", "") for address in shown)
    )


def _without_marks(metadata: Json) -> dict[str, str]:
    marks = {KEY, POINT, GROUP, VERDICT}
    return {k: v for k, v in _texts(metadata).items() if k not in marks}


def _texts(labels: Json) -> dict[str, str]:
    return {name: str(value) for name, value in labels.items()}
