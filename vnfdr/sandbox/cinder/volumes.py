"""Cinder's volumes."""

from typing import Any

from vnfdr.sandbox.bodies import check_characters
from vnfdr.sandbox.cinder.lists import SNAPSHOT, VOLUME, links_to, listed, one
from vnfdr.sandbox.cinder.metadata import metadata_in
from vnfdr.sandbox.cinder.quotas import claim
from vnfdr.sandbox.faults import Effect
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal
from vnfdr.sandbox.site import Site, take
from vnfdr.sandbox.things import Attachment, Snapshot, Volume, stamp

DELETABLE = (
    "available",
    "error",
    "error_restoring",
    "error_extending",
    "error_managing",
)


def create(call: Call) -> Answer:
    """Accept a new volume, and make it."""
    asked, site = call.inner("volume"), call.site
    source = _source(call, asked)
    size = int(asked.get("size") or (source.size_gib if source else 0))
    _check_size(size, source)
    kind = asked.get("volume_type") or _type_of(site, source)
    if kind not in site.volume_types:
        raise Refusal(404, f"Volume type with name {kind} could not be found.")
    claim(site, kind, {"volumes": 1, "gigabytes": size})
    origin = site.volumes.get(source.volume_id) if source else None
    volume = Volume(
        id=site.new_id(),
        name=str(asked.get("name") or "").strip(),
        size_gib=size,
        type=kind,
        created_at=int(site.now()),
        description=asked.get("description"),
        user_id=call.user.id,
        metadata=metadata_in(asked),
        bootable=origin.bootable if origin else False,
        snapshot_id=source.id if source else None,
    )
    check_characters(asked)
    site.volumes[volume.id] = volume
    site.later(_make(call, volume, source))
    return Answer(202, {"volume": _new(call, volume)})


def show(call: Call) -> Answer:
    """Tell of one volume."""
    volume = one(call.site.volumes, VOLUME, call.id)
    return Answer(200, {"volume": view(call, volume)})


def details(call: Call) -> Answer:
    """List volumes."""
    return listed(call, VOLUME, call.site.volumes.values(), view)


def names(call: Call) -> Answer:
    """List volumes, in short."""
    return listed(call, VOLUME, call.site.volumes.values(), _short)


def rename(call: Call) -> Answer:
    """Change a volume's name or description."""
    volume, asked = one(call.site.volumes, VOLUME, call.id), call.inner("volume")
    check_characters(asked)
    volume.name = str(asked.get("name", volume.name)).strip()
    volume.description = asked.get("description", volume.description)
    return Answer(200, {"volume": _new(call, volume)})


def delete(call: Call) -> Answer:
    """Accept that a volume is to go."""
    volume = one(call.site.volumes, VOLUME, call.id)
    held = any(s.volume_id == volume.id for s in list(call.site.snapshots.values()))
    if volume.status not in DELETABLE or volume.attachments or held:
        raise Refusal(
            400,
            f"Invalid volume: Volume status must be {' or '.join(DELETABLE)} and must"
            " not be migrating, attached, belong to a group, have snapshots, awaiting a"
            " transfer, or be disassociated from snapshots after volume transfer.",
        )
    volume.status = "deleting"
    call.site.later(_remove(call, volume))
    return Answer(202)


def _source(call: Call, asked: Json) -> Snapshot | None:
    if not asked.get("snapshot_id"):
        return None
    source = one(call.site.snapshots, SNAPSHOT, asked["snapshot_id"])
    if source.status != "available":
        raise Refusal(
            400,
            "Invalid snapshot: Originating snapshot status must be one of 'available'"
            " values",
        )
    return source


def _check_size(size: int, source: Snapshot | None) -> None:
    if size < 1:
        raise Refusal(
            400,
            f"Invalid input received: Volume size '{size}' must be an integer and"
            " greater than 0",
        )
    if source is not None and size < source.size_gib:
        raise Refusal(
            400,
            f"Invalid input received: Volume size '{size}'GB cannot be smaller than the"
            f" snapshot size {source.size_gib}GB. They must be >= original snapshot"
            " size.",
        )


def _type_of(site: Site, source: Snapshot | None) -> str:
    origin = site.volumes.get(source.volume_id) if source else None
    return origin.type if origin else site.volume_types[0]


async def _make(call: Call, volume: Volume, source: Snapshot | None) -> None:
    site = call.site
    await take(site.latency.volume, call.fate)
    if call.fate is Effect.ERROR or volume.size_gib > site.volume_gib_max:
        volume.status = "error"
        text = "schedule allocate volume:Could not find any available weighted backend."
        site.tell("VOLUME", volume.id, call.request_id, text)
        return
    image = source.image if source else None
    volume.disk = site.disks.create(volume.size_gib, image)
    volume.status = "available"


async def _remove(call: Call, volume: Volume) -> None:
    await take(call.site.latency.delete, call.fate)
    if call.fate is Effect.ERROR:
        volume.status = "error_deleting"
        return
    if volume.disk is not None:
        call.site.disks.delete(volume.disk)
    call.site.volumes.pop(volume.id, None)


def view(call: Call, volume: Volume) -> Json:
    """Return all that Cinder shows of a volume."""
    told: dict[str, Any] = {
        **_short(call, volume),
        "description": volume.description,
        "status": volume.status,
        "size": volume.size_gib,
        "availability_zone": "nova",
        "created_at": stamp(volume.created_at),
        "updated_at": None if volume.status == "creating" else stamp(volume.created_at),
        "attachments": [_attachment(call, a) for a in volume.attachments],
        "volume_type": volume.type,
        "snapshot_id": volume.snapshot_id,
        "source_volid": None,
        "metadata": volume.metadata,
        "bootable": str(volume.bootable).lower(),
        "encrypted": False,
        "multiattach": False,
        "replication_status": None,
        "consistencygroup_id": None,
        "user_id": volume.user_id,
        "os-vol-tenant-attr:tenant_id": call.site.project_id,
    }
    if call.user.admin:
        # Where it is to be is chosen first, if there is room for it at all.
        host = f"controller.{call.site.name}@sandbox#pool" if volume.disk else None
        told["os-vol-host-attr:host"] = host
        told["os-vol-mig-status-attr:migstat"] = None
        told["os-vol-mig-status-attr:name_id"] = None
        told["migration_status"] = None
    later: dict[tuple[int, int], dict[str, object]] = {
        (3, 7): {"cluster_name": None} if call.user.admin else {},
        (3, 13): {"group_id": None},
        (3, 21): {"provider_id": None} if call.user.admin else {},
        (3, 48): {"service_uuid": None, "shared_targets": False},
        (3, 63): {"volume_type_id": None},
        (3, 65): {"consumes_quota": True},
    }
    for since, fields in later.items():
        told |= fields if call.version >= since else {}
    return told


def _new(call: Call, volume: Volume) -> Json:
    """Return what Cinder shows of a volume that was just made, or changed."""
    told = view(call, volume)
    return {k: v for k, v in told.items() if not k.startswith("os-vol-")}


def _short(call: Call, volume: Volume) -> Json:
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


OPERATIONS = (
    Operation("POST", "/volumes", "create volume", create),
    Operation("GET", "/volumes", "list volumes", names),
    Operation("GET", "/volumes/detail", "list volumes", details),
    Operation("GET", "/volumes/{id}", "show volume", show),
    Operation("PUT", "/volumes/{id}", "rename volume", rename),
    Operation("DELETE", "/volumes/{id}", "delete volume", delete),
)
