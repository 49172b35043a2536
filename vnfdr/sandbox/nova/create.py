"""New servers: what is asked for, and how they come to life."""

import base64
import binascii
import re
from typing import Final

from vnfdr.sandbox.faults import Effect
from vnfdr.sandbox.nova.actions import RUNNING, begin, end
from vnfdr.sandbox.nova.devices import check_boot_indexes, devices_in, is_true
from vnfdr.sandbox.nova.placing import group_in, host_for, short
from vnfdr.sandbox.nova.ports import Nic, check_networks, groups_in, nics_in, plug_in
from vnfdr.sandbox.nova.quotas import claim
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal, invalid
from vnfdr.sandbox.site import take
from vnfdr.sandbox.things import Event, Flavor, Server, ServerGroup

NO_HOST: Final = "No valid host was found. There are not enough hosts available."
BUILT: Final = "compute__do_build_and_run_instance"
ZONE: Final = "nova"
USER_DATA_MAX: Final = 65535
HOSTNAME, DOMAIN = (2, 90), (2, 94)
LABEL: Final = r"^[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+$"
FQDN: Final = r"^[a-zA-Z0-9]+[a-zA-Z0-9-.]*[a-zA-Z0-9]+$"


def create(call: Call) -> Answer:
    """Accept a new server, and build it."""
    asked, site = call.inner("server"), call.site
    _check(call, asked)
    forced, flavor = _forced_host(call, asked), _flavor(call, asked)
    devices = devices_in(call, asked)
    _check_keypair(call, asked)
    nics, groups = nics_in(call, asked), groups_in(call, asked)
    group = group_in(call)
    claim(site, flavor)
    disks = [device.disk for device in devices]
    server = site.new_server(str(asked["name"]).strip(), flavor, disks)
    _describe(call, server, asked)
    site.servers[server.id] = server
    for device in devices:
        attached = site.reserve(device.volume, server)
        attached.tag = device.tag
        attached.delete_on_termination = device.delete_on_termination
    proposed, server.host = forced or server.host, ""
    event = begin(call, server, "create", BUILT)
    site.later(_build(call, server, event, (proposed, group, nics, groups)))
    href = f"{site.url}/compute/v2.1/servers/{server.id}"
    told = {
        "id": server.id,
        "links": [{"rel": "self", "href": href}],
        "OS-DCF:diskConfig": "MANUAL",
        "security_groups": asked.get("security_groups") or [{"name": "default"}],
        "adminPass": site.hexadecimal()[:12],
    }
    return Answer(202, {"server": told}, {"Location": href})


Wishes = tuple[str, ServerGroup | None, list[Nic], list[str]]
"""The host that is proposed, the server group, the networks, and security groups."""


async def _build(call: Call, server: Server, event: Event, wishes: Wishes) -> None:
    site = call.site
    proposed, group, nics, groups = wishes
    await take(site.latency.boot / 2, call.fate)
    if server.is_going:
        return
    host = host_for(site, proposed, group)
    if call.fate is Effect.ERROR or host is None:
        _fail(call, server, event, NO_HOST)
        return
    server.host, server.task_state = host, "spawning"
    if group is not None:
        group.members.append(server.id)
    problem = plug_in(site, server, nics, groups)
    if problem is not None:
        _fail(call, server, event, problem)
        return
    for attached in server.attachments:
        site.volumes[attached.volume_id].status = "attaching"
    await take(site.latency.boot / 2)
    if not server.is_going:
        _start(call, server)
        end(call, server, event)


def _start(call: Call, server: Server) -> None:
    for attached in server.attachments:
        volume = call.site.volumes[attached.volume_id]
        volume.attachments.append(attached)
        volume.status = "in-use"
    server.guest.boot()
    server.power_state, server.launched_at = RUNNING, int(call.site.now())
    server.vm_state, server.task_state = "active", None


def _fail(call: Call, server: Server, event: Event, problem: str) -> None:
    """Leave it in error. Its volumes stay reserved until it is deleted."""
    server.vm_state, server.task_state, server.fault = "error", None, problem
    end(call, server, event, problem)


def _check(call: Call, asked: Json) -> None:
    for key in ("name", "flavorRef"):
        if key not in asked:
            raise invalid(asked, "server", f"'{key}' is a required property")
    if not asked["name"]:
        raise invalid(asked["name"], "name", "'' should be non-empty")
    check_networks(call, asked)
    check_boot_indexes(asked)
    _check_user_data(asked.get("user_data"))
    _check_hostname(call, asked)
    if int(asked.get("max_count") or asked.get("min_count") or 1) > 1:
        text = "the sandbox makes one server with one request."
        raise Refusal(400, f"Invalid input received: {text}")


def _check_keypair(call: Call, asked: Json) -> None:
    name = asked.get("key_name")
    if name is not None and (call.user.id, name) not in call.site.keypairs:
        raise Refusal(400, "Invalid key_name provided.")


def _check_user_data(data: str | None) -> None:
    if data is None:
        return
    if len(data) > USER_DATA_MAX:
        raise invalid(data, "user_data", f"{data!r} is too long")
    try:
        base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        why = f"{data!r} is not a 'base64'"
        raise invalid(data, "user_data", why) from None


def _check_hostname(call: Call, asked: Json) -> None:
    if "hostname" not in asked:
        return
    if call.version < HOSTNAME:
        why = "Additional properties are not allowed ('hostname' was unexpected)"
        raise invalid(asked, "server", why)
    hostname = str(asked["hostname"])
    allowed = FQDN if call.version >= DOMAIN else LABEL
    if not re.fullmatch(allowed, hostname):
        raise invalid(hostname, "hostname", f"{hostname!r} does not match '{allowed}'")


def _flavor(call: Call, asked: Json) -> Flavor:
    wanted = str(asked["flavorRef"]).rpartition("/")[2]
    flavor = call.site.flavors.get(wanted)
    if flavor is None:
        raise Refusal(400, f"Flavor {wanted} could not be found.")
    return flavor


def _forced_host(call: Call, asked: Json) -> str | None:
    """Return the host that an administrator named, behind the zone's name."""
    zone, _, wanted = str(asked.get("availability_zone") or ZONE).partition(":")
    if wanted:
        call.only_admin("os_compute_api:servers:create:forced_host")
        fit = (h for h in call.site.hosts if wanted in {h, short(h)})
        return next(fit, wanted)
    if zone != ZONE:
        raise Refusal(400, "The requested availability zone is not available")
    return None


def _describe(call: Call, server: Server, asked: Json) -> None:
    server.user_id = call.user.id
    server.vm_state, server.task_state, server.power_state = "building", "scheduling", 0
    server.metadata = dict(asked.get("metadata") or {})
    server.description = asked.get("description")
    server.tags = list(asked.get("tags") or [])
    server.hostname = asked.get("hostname") or host_name(server.name)
    server.key_name, server.user_data = asked.get("key_name"), asked.get("user_data")
    server.config_drive = "True" if is_true(asked.get("config_drive")) else ""


def host_name(name: str) -> str:
    """Return how a server calls itself, after its name."""
    return re.sub(r"[^a-z0-9.-]", "", re.sub(r"[ _]", "-", name.lower())).strip(".-")


OPERATIONS = (Operation("POST", "/servers", "create server", create),)
