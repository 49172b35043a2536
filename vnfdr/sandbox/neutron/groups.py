"""Neutron's security groups, and their rules."""

from typing import Final

from attrs import asdict, evolve

from vnfdr.sandbox.networks import GROUP as DEFAULT
from vnfdr.sandbox.networks import Group, Rule
from vnfdr.sandbox.neutron.lists import (
    GROUP,
    RULE,
    bad,
    body,
    claim,
    needed,
    one,
    reading,
    refusal,
    shown,
    tagging,
    usual,
)
from vnfdr.sandbox.rest import Answer, Call, Json, Operation

KNOWN: Final = ("name", "description", "stateful")
RULE_KNOWN: Final = (
    "security_group_id",
    "direction",
    "ethertype",
    "protocol",
    "port_range_min",
    "port_range_max",
    "remote_ip_prefix",
    "remote_group_id",
    "description",
)
ONE_OF: Final = {"direction": ("ingress", "egress"), "ethertype": ("IPv4", "IPv6")}


def create(call: Call) -> Answer:
    """Make a security group, from which one may send to everywhere."""
    asked, networks = body(call, GROUP, KNOWN), call.site.networks
    name = str(asked.get("name", ""))
    if name == DEFAULT:
        kind, text = "SecurityGroupDefaultAlreadyExists", "Default security group"
        raise refusal(409, kind, f"{text} already exists.")
    claim(call, GROUP, len(networks.groups))
    group = networks.add_group(name, str(asked.get("description", "")))
    group.stateful = bool(asked.get("stateful", True))
    return shown(call, GROUP, view(call, group), 201)


def change(call: Call) -> Answer:
    """Change what a security group is called."""
    group = one(call.site.networks.groups, GROUP, call.id)
    asked = body(call, GROUP, KNOWN)
    group.name = str(asked.get("name", group.name))
    group.description = str(asked.get("description", group.description))
    return shown(call, GROUP, view(call, group))


def delete(call: Call) -> Answer:
    """Delete a security group that no port is in."""
    networks = call.site.networks
    group = one(networks.groups, GROUP, call.id)
    if group is networks.default_group:
        text = "Insufficient rights for removing default security group."
        raise refusal(409, "SecurityGroupCannotRemoveDefault", text)
    if any(group.id in port.security_groups for port in list(networks.ports.values())):
        text = f"Security Group {group.id} in use."
        raise refusal(409, "SecurityGroupInUse", text)
    networks.groups.pop(group.id)
    for rule in list(networks.rules.values()):
        if rule.security_group_id == group.id:
            networks.rules.pop(rule.id)
    return Answer(204)


def create_rule(call: Call) -> Answer:
    """Allow something."""
    asked, networks = body(call, RULE, RULE_KNOWN), call.site.networks
    needed(asked, "security_group_id", "direction")
    for key, allowed in ONE_OF.items():
        if asked.get(key, allowed[0]) not in allowed:
            text = f"{asked[key]} is not in valid_values."
            raise bad(f"Invalid input for {key}. Reason: {text}")
    one(networks.groups, GROUP, asked["security_group_id"])
    claim(call, RULE, len(networks.rules))
    given = {key: value for key, value in asked.items() if key in RULE_KNOWN}
    rule = Rule(networks.new_id(), **given)
    for other in list(networks.rules.values()):
        if evolve(other, id=rule.id, description=rule.description) == rule:
            text = f"Security group rule already exists. Rule id is {other.id}."
            raise refusal(409, "SecurityGroupRuleExists", text)
    networks.add_rule(rule)
    return shown(call, RULE, rule_view(call, rule), 201)


def delete_rule(call: Call) -> Answer:
    """Allow something no longer."""
    rule = one(call.site.networks.rules, RULE, call.id)
    call.site.networks.rules.pop(rule.id)
    return Answer(204)


def view(call: Call, group: Group) -> Json:
    """Return all that Neutron shows of a security group."""
    there = list(call.site.networks.rules.values())
    allowed = [rule for rule in there if rule.security_group_id == group.id]
    return usual(group) | {
        "stateful": group.stateful,
        "shared": False,
        "security_group_rules": [rule_view(call, rule) for rule in allowed],
    }


def rule_view(call: Call, rule: Rule) -> Json:
    """Return all that Neutron shows of a rule."""
    owner = call.site.project_id
    return asdict(rule) | {"tenant_id": owner, "project_id": owner, "tags": []}


def _table(call: Call) -> dict[str, Group]:
    return call.site.networks.groups


def _rules(call: Call) -> dict[str, Rule]:
    return call.site.networks.rules


OPERATIONS = (
    Operation("POST", GROUP.path, "create security group", create),
    Operation("PUT", GROUP.path + "/{id}", "change security group", change),
    Operation("DELETE", GROUP.path + "/{id}", "delete security group", delete),
    *reading(GROUP, _table, view),
    tagging(GROUP, _table),
    *reading(RULE, _rules, rule_view),
    Operation("POST", RULE.path, "create security group rule", create_rule),
    Operation("DELETE", RULE.path + "/{id}", "delete security group rule", delete_rule),
)
