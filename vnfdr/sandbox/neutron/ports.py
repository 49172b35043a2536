"""Neutron's ports."""

from typing import Final

from vnfdr.sandbox.networks import Network, Port
from vnfdr.sandbox.neutron.addresses import addresses_in, mac_in, may_choose
from vnfdr.sandbox.neutron.lists import (
    GROUP,
    NETWORK,
    PORT,
    body,
    claim,
    needed,
    one,
    only_admin,
    reading,
    refusal,
    shown,
    tagging,
    usual,
)
from vnfdr.sandbox.rest import Answer, Call, Json, Operation

HOST, PROFILE, VNIC = "binding:host_id", "binding:profile", "binding:vnic_type"
MAC, ADDRESSES, GROUPS = "mac_address", "fixed_ips", "security_groups"
SECURE: Final = "port_security_enabled"
PLAIN: Final = (
    "name",
    "description",
    "admin_state_up",
    "device_id",
    "device_owner",
    "allowed_address_pairs",
    "extra_dhcp_opts",
    SECURE,
)
"""What is taken as it comes."""
CHANGEABLE: Final = (*PLAIN, MAC, ADDRESSES, GROUPS, HOST, PROFILE, VNIC)


def create(call: Call) -> Answer:
    """Make a port."""
    asked = body(call, PORT, (*CHANGEABLE, "network_id"))
    needed(asked, "network_id")
    networks = call.site.networks
    network = one(networks.networks, NETWORK, asked["network_id"])
    _check_policy(call, network, "create_port", asked)
    claim(call, PORT, len(networks.ports))
    port = _new(call, network, asked)
    networks.ports[port.id] = port
    return shown(call, PORT, view(call, port), 201)


def change(call: Call) -> Answer:
    """Change a port."""
    port = one(call.site.networks.ports, PORT, call.id)
    network = call.site.networks.networks[port.network_id]
    asked = body(call, PORT, CHANGEABLE)
    _check_policy(call, network, "update_port", asked)
    mac = asked.get(MAC, port.mac_address)
    if mac != port.mac_address:
        _check_unbound(port, mac)
        port.mac_address = mac_in(call, network, mac)
    if ADDRESSES in asked:
        own = {ip["ip_address"] for ip in port.fixed_ips}
        port.fixed_ips = addresses_in(call, network, asked[ADDRESSES], own)
    _apply(call, port, asked)
    return shown(call, PORT, view(call, port))


def delete(call: Call) -> Answer:
    """Delete a port, whatever is at it."""
    port = one(call.site.networks.ports, PORT, call.id)
    call.site.networks.ports.pop(port.id)
    return Answer(204)


def _check_policy(call: Call, network: Network, rule: str, asked: Json) -> None:
    if asked.get(MAC):
        may_choose(call, network, f"{rule}:{MAC}")
    if any(wish.get("ip_address") for wish in asked.get(ADDRESSES) or []):
        may_choose(call, network, f"{rule}:{ADDRESSES}:ip_address")
    if asked.get("allowed_address_pairs"):
        may_choose(call, network, f"{rule}:allowed_address_pairs")
    for key in (HOST, PROFILE):
        if asked.get(key):
            only_admin(call, f"{rule}:{key}")


def _new(call: Call, network: Network, asked: Json) -> Port:
    networks = call.site.networks
    mac = mac_in(call, network, asked[MAC]) if asked.get(MAC) else networks.new_mac()
    if asked.get(ADDRESSES) is None:
        fixed_ips = list(networks.fixed_ips(network.id))
        if not fixed_ips and networks.subnets_of(network.id):
            text = f"No more IP addresses available on network {network.id}."
            raise refusal(409, "IpAddressGenerationFailure", text)
    else:
        fixed_ips = addresses_in(call, network, asked[ADDRESSES], set())
    secure = asked.get(SECURE, network.port_security_enabled)
    port = Port(
        id=networks.new_id(),
        name="",
        project_id=call.site.project_id,
        created_at=int(call.site.now()),
        network_id=network.id,
        mac_address=mac,
        fixed_ips=fixed_ips,
        security_groups=[networks.default_group.id] if secure else [],
        port_security_enabled=secure,
    )
    _apply(call, port, asked)
    return port


def _apply(call: Call, port: Port, asked: Json) -> None:
    if asked.get(GROUPS) is not None:
        groups = (one(call.site.networks.groups, GROUP, g) for g in asked[GROUPS])
        port.security_groups = [group.id for group in groups]
    secure = asked.get(SECURE, port.port_security_enabled)
    if port.security_groups and not secure:
        raise refusal(
            409,
            "PortSecurityPortHasSecurityGroup",
            "Port has security group associated. Cannot disable port security or IP"
            " address until security group is removed.",
        )
    for key in PLAIN:
        setattr(port, key, asked.get(key, getattr(port, key)))
    port.host = asked.get(HOST, port.host)
    port.profile = asked.get(PROFILE, port.profile) or {}
    port.vnic_type = asked.get(VNIC, port.vnic_type)


def _check_unbound(port: Port, mac: str) -> None:
    if port.host:
        raise refusal(
            409,
            "PortBound",
            f"Unable to complete operation on port {port.id}, port is already bound,"
            f" port type: ovs, old_mac {port.mac_address}, new_mac {mac}.",
        )


def view(call: Call, port: Port) -> Json:
    """Return all that Neutron shows of a port."""
    told = usual(port) | {key: getattr(port, key) for key in PLAIN}
    told |= {
        "network_id": port.network_id,
        "status": port.status,
        MAC: port.mac_address,
        ADDRESSES: port.fixed_ips,
        GROUPS: port.security_groups,
        VNIC: port.vnic_type,
        "qos_policy_id": port.qos_policy_id,
        "qos_network_policy_id": None,
        "resource_request": None,
        "ip_allocation": "immediate",
    }
    if port.trunk_details is not None:
        told["trunk_details"] = port.trunk_details
    if call.user.admin:
        told |= {
            HOST: port.host,
            PROFILE: port.profile,
            "binding:vif_type": "ovs" if port.host else "unbound",
            "binding:vif_details": {},
        }
    return told


def _table(call: Call) -> dict[str, Port]:
    return call.site.networks.ports


OPERATIONS = (
    Operation("POST", "/ports", "create port", create),
    Operation("PUT", "/ports/{id}", "change port", change),
    Operation("DELETE", "/ports/{id}", "delete port", delete),
    *reading(PORT, _table, view),
    tagging(PORT, _table),
)
