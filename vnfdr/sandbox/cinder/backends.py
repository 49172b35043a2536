"""Where Cinder keeps volumes: one zone, one backend, one pool. And its extensions."""

from typing import Final

from vnfdr.sandbox.catalogue import ONE_INSTANT
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal
from vnfdr.sandbox.site import Site

ZONE: Final = "nova"
BACKEND: Final = "sandbox"
DRIVER_VERSION: Final = "1.0.0"
EXTENSIONS: Final = {
    "os-admin-actions": "AdminActions",
    "os-availability-zone": "AvailabilityZones",
    "backups": "Backups",
    "capabilities": "Capabilities",
    "os-quota-sets": "Quotas",
    "scheduler-stats": "Scheduler_stats",
    "os-services": "Services",
    "os-types-extra-specs": "TypesExtraSpecs",
    "os-volume-actions": "VolumeActions",
    "os-vol-host-attr": "VolumeHostAttribute",
    "os-vol-image-meta": "VolumeImageMetadata",
    "os-vol-tenant-attr": "VolumeTenantAttribute",
}
"""Those of Cinder's that are served here, by their alias."""


def zones(_: Call) -> Answer:
    """List the availability zones."""
    zone = {"zoneName": ZONE, "zoneState": {"available": True}}
    return Answer(200, {"availabilityZoneInfo": [zone]})


def pools(call: Call) -> Answer:
    """List where the scheduler may put volumes."""
    call.only_admin("scheduler_extension:scheduler_stats:get_pools")
    pool: Json = {"name": pool_of(call.site)}
    if call.query.get("detail", "").lower() == "true":
        pool["capabilities"] = _capabilities(call.site)
    return Answer(200, {"pools": [pool]})


def capabilities(call: Call) -> Answer:
    """Tell what the backend can do."""
    call.only_admin("volume_extension:capabilities")
    host = pool_of(call.site).partition("#")[0]
    if call.id != host:
        raise Refusal(404, f"Can't find service: {call.id}")
    told: Json = {
        "namespace": f"OS::Storage::Capabilities::{host}",
        "vendor_name": "vnfdr",
        "volume_backend_name": BACKEND,
        "pool_name": None,
        "driver_version": DRIVER_VERSION,
        "storage_protocol": "sandbox",
        "display_name": None,
        "description": None,
        "visibility": None,
        "replication_targets": [],
        "properties": {},
    }
    return Answer(200, told)


def extensions(_: Call) -> Answer:
    """List what is served besides the core."""
    told = [_extension(alias, name) for alias, name in EXTENSIONS.items()]
    return Answer(200, {"extensions": told})


def check_zone(wanted: str | None) -> None:
    """See that an availability zone is one.

    Raises:
        Refusal: there is no such zone.
    """
    if wanted not in {None, ZONE}:
        raise Refusal(400, f"Availability zone '{wanted}' is invalid.")


def pool_of(site: Site) -> str:
    """Return where all volumes of a site are, as Cinder says it."""
    return f"controller.{site.name}@{BACKEND}#pool"


def _capabilities(site: Site) -> Json:
    used = sum(volume.size_gib for volume in list(site.volumes.values()))
    return {
        "volume_backend_name": BACKEND,
        "vendor_name": "vnfdr",
        "driver_version": DRIVER_VERSION,
        "storage_protocol": "sandbox",
        "total_capacity_gb": "infinite",
        "free_capacity_gb": "infinite",
        "allocated_capacity_gb": used,
        "reserved_percentage": 0,
        "thin_provisioning_support": True,
        "multiattach": True,
        "QoS_support": False,
        "backend_state": "up",
        ONE_INSTANT: site.takes_groups_at_once,
    }


def _extension(alias: str, name: str) -> Json:
    return {
        "alias": alias,
        "name": name,
        "description": name,
        "namespace": "",
        "updated": "2016-01-01T00:00:00+00:00",
        "links": [],
    }


OPERATIONS = (
    Operation("GET", "/os-availability-zone", "list zones", zones),
    Operation("GET", "/scheduler-stats/get_pools", "list pools", pools),
    Operation("GET", "/capabilities/{id}", "show capabilities", capabilities),
    Operation("GET", "/extensions", "list extensions", extensions),
)
