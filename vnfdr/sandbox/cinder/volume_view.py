"""What Cinder shows of a volume."""

from typing import Any

from vnfdr.sandbox.catalogue import YES, named
from vnfdr.sandbox.cinder.backends import ZONE, pool_of
from vnfdr.sandbox.cinder.lists import links_to
from vnfdr.sandbox.rest import Call, Json, Version
from vnfdr.sandbox.things import Attachment, Volume, stamp


def view(call: Call, volume: Volume) -> Json:
    """Return all that Cinder shows of a volume."""
    kind = named(call.site.types.volumes, volume.type)
    told: dict[str, Any] = {
        **short(call, volume),
        "description": volume.description,
        "status": volume.status,
        "size": volume.size_gib,
        "availability_zone": ZONE,
        "created_at": stamp(volume.created_at),
        "updated_at": None if volume.status == "creating" else stamp(volume.created_at),
        "attachments": [_attachment(call, a) for a in volume.attachments],
        "volume_type": volume.type,
        "snapshot_id": volume.snapshot_id,
        "source_volid": volume.source_volid,
        "metadata": _metadata(volume),
        "bootable": str(volume.bootable).lower(),
        "encrypted": False,
        "multiattach": bool(kind and kind.specs.get("multiattach") == YES),
        "replication_status": None,
        "consistencygroup_id": None,
        "user_id": volume.user_id,
        "os-vol-tenant-attr:tenant_id": call.site.project_id,
    }
    if volume.image_metadata:
        told["volume_image_metadata"] = volume.image_metadata
    if call.user.admin:
        # Where it is to be is chosen first, if there is room for it at all.
        told["os-vol-host-attr:host"] = pool_of(call.site) if volume.disk else None
        told["os-vol-mig-status-attr:migstat"] = None
        told["os-vol-mig-status-attr:name_id"] = None
        told["migration_status"] = None
    later: dict[Version, Json] = {
        (3, 7): {"cluster_name": None} if call.user.admin else {},
        (3, 13): {"group_id": volume.group_id},
        (3, 21): {"provider_id": None} if call.user.admin else {},
        (3, 48): {"service_uuid": None, "shared_targets": False},
        (3, 63): {"volume_type_id": kind.id if kind else None},
        (3, 65): {"consumes_quota": True},
    }
    for since, fields in later.items():
        told |= fields if call.version >= since else {}
    return told


def new(call: Call, volume: Volume) -> Json:
    """Return what Cinder shows of a volume that was just made, or changed."""
    told = view(call, volume)
    return {k: v for k, v in told.items() if not k.startswith("os-vol-")}


def _metadata(volume: Volume) -> Json:
    """Return its own metadata, and what Cinder shows among it."""
    if volume.readonly is None:
        return volume.metadata
    return {**volume.metadata, "readonly": str(volume.readonly)}


def short(call: Call, volume: Volume) -> Json:
    """Return what Cinder shows of a volume in a short list."""
    links = links_to(call, "volumes", volume.id)
    return {"id": volume.id, "name": volume.name, "links": links}


def _attachment(call: Call, attachment: Attachment) -> Json:
    server = call.site.servers[attachment.server_id]
    return {
        "id": attachment.volume_id,
        "attachment_id": attachment.id,
        "volume_id": attachment.volume_id,
        "server_id": attachment.server_id,
        "host_name": server.host if call.user.admin else None,
        "device": attachment.device,
        "attached_at": stamp(server.created_at),
    }
