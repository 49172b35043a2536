"""Where servers run: the compute hosts, Nova's processes, and the zone of all."""

import uuid
from typing import Any, Final

from vnfdr.sandbox.nova.placing import short
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal
from vnfdr.sandbox.things import stamp

UUIDS, FORCED_DOWN, UPTIME, SERVERS = (2, 53), (2, 11), (2, 88), (2, 75)
ZONE: Final = "nova"


def zones(call: Call) -> Answer:
    """List availability zones."""
    available = bool(call.site.hosts)
    told = {"zoneName": ZONE, "zoneState": {"available": available}, "hosts": None}
    return Answer(200, {"availabilityZoneInfo": [told]})


def zone_details(call: Call) -> Answer:
    """List availability zones with their hosts."""
    call.only_admin("os_compute_api:os-availability-zone:detail")
    now = stamp(call.site.now())
    state = {"active": True, "available": True, "updated_at": now}
    hosts = {short(host): {"nova-compute": state} for host in call.site.hosts}
    told = {"zoneName": ZONE, "zoneState": {"available": True}, "hosts": hosts}
    return Answer(200, {"availabilityZoneInfo": [told]})


def hypervisors(call: Call) -> Answer:
    """List the compute hosts' hypervisors."""
    return _hypervisors(call, detailed=False)


def hypervisor_details(call: Call) -> Answer:
    """List the compute hosts' hypervisors, and what they are."""
    return _hypervisors(call, detailed=True)


def hypervisor(call: Call) -> Answer:
    """Tell of one hypervisor."""
    call.only_admin("os_compute_api:os-hypervisors:show")
    for host in call.site.hosts:
        told = _hypervisor(call, host, detailed=True)
        if str(told["id"]) == call.id:
            return Answer(200, {"hypervisor": told})
    raise Refusal(404, f"Hypervisor with ID '{call.id}' could not be found.")


def services(call: Call) -> Answer:
    """List Nova's processes."""
    call.only_admin("os_compute_api:os-services:list")
    controller = f"controller.{call.site.name}"
    there = [
        ("nova-scheduler", controller, "internal"),
        ("nova-conductor", controller, "internal"),
        *(("nova-compute", short(host), ZONE) for host in call.site.hosts),
    ]
    asked = (call.query.get("binary"), call.query.get("host"))
    told = [
        _service(call, *service)
        for service in there
        if asked[0] in {None, service[0]} and asked[1] in {None, service[1]}
    ]
    return Answer(200, {"services": told})


def _hypervisors(call: Call, *, detailed: bool) -> Answer:
    call.only_admin("os_compute_api:os-hypervisors:list")
    pattern = call.query.get("hypervisor_hostname_pattern", "")
    told = [
        _hypervisor(call, host, detailed=detailed)
        for host in call.site.hosts
        if pattern in host
    ]
    return Answer(200, {"hypervisors": told})


def _hypervisor(call: Call, host: str, *, detailed: bool) -> Json:
    here = [s for s in list(call.site.servers.values()) if s.host == host]
    told: dict[str, Any] = {
        "id": _id(call, host),
        "hypervisor_hostname": host,
        "state": "up",
        "status": "enabled",
    }
    if call.query.get("with_servers", "").lower() == "true" and (
        here or call.version >= SERVERS
    ):
        told["servers"] = [{"name": s.name, "uuid": s.id} for s in here]
    if not detailed:
        return told
    service = {
        "id": _id(call, f"nova-compute {host}"),
        "host": short(host),
        "disabled_reason": None,
    }
    told |= {"hypervisor_type": "sandbox", "hypervisor_version": 1, "service": service}
    told["host_ip"] = "127.0.0.1"
    if call.version >= UPTIME:
        return told | {"uptime": None}
    return told | {"running_vms": len(here), "vcpus": 0, "memory_mb": 0, "local_gb": 0}


def _service(call: Call, binary: str, host: str, zone: str) -> Json:
    told: Json = {
        "id": _id(call, f"{binary} {host}"),
        "binary": binary,
        "host": host,
        "zone": zone,
        "status": "enabled",
        "state": "up",
        "updated_at": stamp(call.site.now()),
        "disabled_reason": None,
    }
    return told | ({"forced_down": False} if call.version >= FORCED_DOWN else {})


def _id(call: Call, name: str) -> str | int:
    """Return an id that stays the same: a number, before there were others."""
    found = uuid.uuid5(uuid.NAMESPACE_URL, f"{call.site.name} {name}")
    return str(found) if call.version >= UUIDS else found.int % 10**6


OPERATIONS = (
    Operation("GET", "/os-availability-zone", "list compute zones", zones),
    Operation(
        "GET", "/os-availability-zone/detail", "list compute zones", zone_details
    ),
    Operation("GET", "/os-hypervisors", "list hypervisors", hypervisors),
    Operation("GET", "/os-hypervisors/detail", "list hypervisors", hypervisor_details),
    Operation("GET", "/os-hypervisors/{id}", "show hypervisor", hypervisor),
    Operation("GET", "/os-services", "list compute services", services),
)
