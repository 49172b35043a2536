"""At which compute host a new server runs, and the groups that have a say in it."""

from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal, invalid
from vnfdr.sandbox.site import Site
from vnfdr.sandbox.things import ServerGroup

POLICIES = ("anti-affinity", "affinity", "soft-anti-affinity", "soft-affinity")
OWNER, ONE_POLICY = (2, 13), (2, 64)


def create(call: Call) -> Answer:
    """Make a server group."""
    asked = call.inner("server_group")
    policy = asked.get("policy") or next(iter(asked.get("policies") or []), None)
    if policy not in POLICIES:
        raise invalid(policy, "policy", f"{policy!r} is not one of {list(POLICIES)}")
    name = str(asked.get("name", ""))
    group = ServerGroup(call.site.new_id(), name, call.user.id, policy)
    call.site.server_groups[group.id] = group
    return Answer(200, {"server_group": view(call, group)})


def show(call: Call) -> Answer:
    """Tell of one server group."""
    return Answer(200, {"server_group": view(call, _group(call))})


def groups(call: Call) -> Answer:
    """List server groups."""
    there = list(call.site.server_groups.values())
    return Answer(200, {"server_groups": [view(call, group) for group in there]})


def delete(call: Call) -> Answer:
    """Forget a server group; its servers stay where they are."""
    call.site.server_groups.pop(_group(call).id)
    return Answer(204)


def group_in(call: Call) -> ServerGroup | None:
    """Return the server group that a new server is to be in.

    Raises:
        Refusal: there is no such group.
    """
    hints = call.body.get("os:scheduler_hints")
    hints = hints or call.body.get("OS-SCH-HNT:scheduler_hints") or {}
    wanted = hints.get("group")
    if wanted is None:
        return None
    group = call.site.server_groups.get(wanted)
    if group is None:
        raise Refusal(400, f"Instance group {wanted} could not be found.")
    return group


def host_for(site: Site, proposed: str, group: ServerGroup | None) -> str | None:
    """Return a compute host that the group allows, the proposed one if possible."""
    if proposed not in site.hosts:
        return None
    hosts = sorted(site.hosts, key=lambda host: host != proposed)
    if group is None:
        return proposed
    there = (site.servers.get(member) for member in group.members)
    near = {server.host for server in there if server is not None and server.host}
    apart = group.policy.endswith("anti-affinity")
    fit = [host for host in hosts if (host in near) is not apart]
    if not near or group.policy.startswith("soft"):
        fit += hosts
    return next(iter(fit), None)


def host_named(site: Site, wanted: str) -> str:
    """Return the compute host that goes by this name, with its domain or without.

    Raises:
        Refusal: there is none.
    """
    for host in site.hosts:
        if wanted in {host, short(host)}:
            return host
    raise Refusal(400, f"Compute host {wanted} could not be found.")


def short(host: str) -> str:
    """Return what Nova calls the host of a hypervisor."""
    return host.split(".", maxsplit=1)[0]


def view(call: Call, group: ServerGroup) -> Json:
    """Return what Nova shows of a server group."""
    told: Json = {"id": group.id, "name": group.name, "members": group.members}
    if call.version >= ONE_POLICY:
        told |= {"policy": group.policy, "rules": {}}
    else:
        told |= {"policies": [group.policy], "metadata": {}}
    if call.version >= OWNER:
        told |= {"project_id": call.site.project_id, "user_id": group.user_id}
    return told


def _group(call: Call) -> ServerGroup:
    group = call.site.server_groups.get(call.id)
    if group is None:
        raise Refusal(404, f"Instance group {call.id} could not be found.")
    return group


OPERATIONS = (
    Operation("POST", "/os-server-groups", "create server group", create),
    Operation("GET", "/os-server-groups", "list server groups", groups),
    Operation("GET", "/os-server-groups/{id}", "show server group", show),
    Operation("DELETE", "/os-server-groups/{id}", "delete server group", delete),
)
