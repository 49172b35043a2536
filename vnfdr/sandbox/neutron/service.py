"""Neutron itself: its version, its extensions, its quotas, and what it has none of."""

from typing import Final

from vnfdr.sandbox.neutron.lists import (
    GROUP,
    NETWORK,
    PORT,
    RULE,
    SUBNET,
    as_neutron_error,
    bad,
    only_admin,
    refusal,
)
from vnfdr.sandbox.quotas import UNLIMITED
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Service
from vnfdr.sandbox.site import Site

SERVICE = Service("", says=as_neutron_error)
OPEN = Service("", wants_token=False, says=as_neutron_error)
ALIASES: Final = {
    "allowed-address-pairs": "Allowed Address Pairs",
    "binding": "Port Binding",
    "external-net": "Neutron external network",
    "extra_dhcp_opt": "Neutron Extra DHCP options",
    "filter-validation": "Filter parameters validation",
    "net-mtu": "Network MTU",
    "port-security": "Port Security",
    "project-id": "project_id field enabled",
    "quotas": "Quota management support",
    "quota_details": "Quota details management support",
    "security-group": "security-group",
    "standard-attr-description": "standard-attr-description",
    "standard-attr-revisions": "Resource revision numbers",
    "standard-attr-tag": "Tag support for resources with standard attribute",
    "standard-attr-timestamp": "Resource timestamps",
}


def versions(call: Call) -> Answer:
    """Tell which versions there are; one need not sign in for that."""
    links = [{"rel": "self", "href": f"{call.site.url}/networking/v2.0/"}]
    told = {"id": "v2.0", "status": "CURRENT", "links": links}
    return Answer(200, {"versions": [told]})


def resources(call: Call) -> Answer:
    """Tell what there is in the only version."""
    url = f"{call.site.url}/networking/v2.0"
    told = [
        {
            "name": noun.name,
            "collection": noun.plural,
            "links": [{"rel": "self", "href": f"{url}{noun.path}"}],
        }
        for noun in (NETWORK, SUBNET, PORT, GROUP, RULE)
    ]
    return Answer(200, {"resources": told})


def extensions(_call: Call) -> Answer:
    """List what this Neutron can."""
    told = [_extension(alias) for alias in ALIASES]
    return Answer(200, {"extensions": told})


def extension(call: Call) -> Answer:
    """Tell whether this Neutron can something."""
    if call.id not in ALIASES:
        message = f"Extension with alias {call.id} does not exist"
        raise refusal(404, "HTTPNotFound", message)
    return Answer(200, {"extension": _extension(call.id)})


def quotas(call: Call) -> Answer:
    """Tell the limits."""
    used, limits = _used(call.site), call.site.networks.quotas
    told = {name: limits.get(name, UNLIMITED) for name in used}
    return Answer(200, {"quota": told})


def quota_details(call: Call) -> Answer:
    """Tell the limits, and what of them is used."""
    limits = call.site.networks.quotas
    told = {
        name: {"limit": limits.get(name, UNLIMITED), "used": count, "reserved": 0}
        for name, count in _used(call.site).items()
    }
    return Answer(200, {"quota": told})


def change_quotas(call: Call) -> Answer:
    """Set limits."""
    only_admin(call, "update_quota")
    asked = call.body.get("quota", {})
    unknown = [name for name in asked if name not in _used(call.site)]
    if unknown:
        raise bad(f"Unrecognized attribute(s) '{', '.join(unknown)}'")
    call.site.networks.quotas |= {name: int(limit) for name, limit in asked.items()}
    return quotas(call)


def floating(call: Call) -> Answer:
    """List the floating addresses; an operator of the sandbox puts them there."""
    wanted = call.query.getlist("port_id")
    told = [
        {
            "id": address,
            "floating_ip_address": address,
            "port_id": port_id,
            "project_id": call.site.project_id,
        }
        for address, port_id in list(call.site.networks.floating.items())
        if not wanted or port_id in wanted
    ]
    return Answer(200, {"floatingips": told})


def nothing(call: Call) -> Answer:
    """List what the sandbox has none of."""
    collection = call.url.partition("?")[0].rpartition("/")[2]
    return Answer(200, {collection: []})


def _used(site: Site) -> dict[str, int]:
    return {
        "network": len(site.networks.networks),
        "subnet": len(site.networks.subnets),
        "port": len(site.networks.ports),
        "security_group": len(site.networks.groups),
        "security_group_rule": len(site.networks.rules),
    }


def _extension(alias: str) -> Json:
    return {
        "alias": alias,
        "name": ALIASES[alias],
        "description": ALIASES[alias],
        "updated": "2016-01-01T10:00:00-00:00",
        "links": [],
    }


OPEN_OPERATIONS = (
    Operation("GET", "", "list network versions", versions),
    Operation("GET", "/", "list network versions", versions),
)
OPERATIONS = (
    Operation("GET", "", "show network version", resources),
    Operation("GET", "/", "show network version", resources),
    Operation("GET", "/extensions", "list extensions", extensions),
    Operation("GET", "/extensions/{id}", "show extension", extension),
    Operation("GET", "/quotas/{id}", "show network quotas", quotas),
    Operation("GET", "/quotas/{id}/details", "show network quotas", quota_details),
    Operation("PUT", "/quotas/{id}", "change network quotas", change_quotas),
    Operation("GET", "/floatingips", "list floating ips", floating),
    Operation("GET", "/routers", "list routers", nothing),
)
