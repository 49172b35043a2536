"""How much a project may have in Nova, and how much of that it has."""

from collections.abc import Mapping
from typing import Final

from vnfdr.sandbox.quotas import UNLIMITED
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal
from vnfdr.sandbox.site import Site
from vnfdr.sandbox.things import Flavor

NAMES: Final[tuple[str, ...]] = (
    "instances",
    "cores",
    "ram",
    "metadata_items",
    "key_pairs",
    "server_groups",
    "server_group_members",
)
METADATA_MAX: Final = 128


def show(call: Call) -> Answer:
    """Tell the limits."""
    told: Json = {name: _limit(call.site, name) for name in NAMES}
    return Answer(200, {"quota_set": {"id": call.id, **told}})


def details(call: Call) -> Answer:
    """Tell the limits, and what of them is used."""
    used = usage(call.site)
    told = {
        name: {
            "limit": _limit(call.site, name),
            "in_use": used.get(name, 0),
            "reserved": 0,
        }
        for name in NAMES
    }
    return Answer(200, {"quota_set": {"id": call.id, **told}})


def change(call: Call) -> Answer:
    """Set limits."""
    call.only_admin("os_compute_api:os-quota-sets:update")
    asked = call.inner("quota_set")
    wanted: dict[str, int] = {name: int(asked[name]) for name in NAMES if name in asked}
    call.site.compute_quotas |= wanted
    told = {name: _limit(call.site, name) for name in NAMES}
    return Answer(200, {"quota_set": told})


def limits(call: Call) -> Answer:
    """Tell what users' tools show."""
    used = usage(call.site)
    absolute = {
        "maxTotalInstances": _limit(call.site, "instances"),
        "maxTotalCores": _limit(call.site, "cores"),
        "maxTotalRAMSize": _limit(call.site, "ram"),
        "maxTotalKeypairs": _limit(call.site, "key_pairs"),
        "maxServerGroups": _limit(call.site, "server_groups"),
        "maxServerGroupMembers": _limit(call.site, "server_group_members"),
        "maxServerMeta": METADATA_MAX,
        "totalInstancesUsed": used["instances"],
        "totalCoresUsed": used["cores"],
        "totalRAMUsed": used["ram"],
        "totalServerGroupsUsed": used["server_groups"],
    }
    return Answer(200, {"limits": {"rate": [], "absolute": absolute}})


def usage(site: Site) -> Mapping[str, int]:
    """Count what there is."""
    servers = list(site.servers.values())
    return {
        "instances": len(servers),
        "cores": sum(server.flavor.vcpus for server in servers),
        "ram": sum(server.flavor.ram for server in servers),
        "server_groups": len(site.server_groups),
    }


def claim(site: Site, flavor: Flavor) -> None:
    """See that the project may have one server more.

    Raises:
        Refusal: it may not.
    """
    asked = {"cores": flavor.vcpus, "instances": 1, "ram": flavor.ram}
    used = usage(site)
    overs = [
        name
        for name, more in asked.items()
        if UNLIMITED != _limit(site, name) < used[name] + more
    ]
    if overs:
        names = ", ".join(overs)
        requested = ", ".join(str(asked[name]) for name in overs)
        has = ", ".join(str(used[name]) for name in overs)
        allowed = ", ".join(str(_limit(site, name)) for name in overs)
        raise Refusal(
            403,
            f"Quota exceeded for {names}: Requested {requested}, but already used"
            f" {has} of {allowed} {names}",
        )


def claim_keypair(site: Site, user_id: str) -> None:
    """See that a user may have one key more.

    Raises:
        Refusal: the user may not.
    """
    has, limit = sum(owner == user_id for owner, _ in site.keypairs), "key_pairs"
    if UNLIMITED != _limit(site, limit) <= has:
        raise Refusal(403, "Quota exceeded, too many key pairs.")


def _limit(site: Site, name: str) -> int:
    usual = METADATA_MAX if name == "metadata_items" else UNLIMITED
    return site.compute_quotas.get(name, usual)


OPERATIONS = (
    Operation("GET", "/os-quota-sets/{id}", "show compute quotas", show),
    Operation("GET", "/os-quota-sets/{id}/detail", "show compute quotas", details),
    Operation("PUT", "/os-quota-sets/{id}", "change compute quotas", change),
    Operation("GET", "/limits", "show compute limits", limits),
)
