"""Neutron's ports."""

from typing import Any

from attrs import frozen

from vnfdr.cloud import PortRequest
from vnfdr.model import AddressPair, Marked
from vnfdr.openstack.api import Json, at
from vnfdr.openstack.neutron import Neutron, key_of, marked, signed

SECURE = "port_security_enabled"


@frozen
class NeutronPorts:
    """The ports of a project."""

    neutron: Neutron

    def marked(self) -> tuple[Marked, ...]:
        seen = self.neutron.listed("port", {})
        return tuple(_marked(port) for port in seen if key_of(port))

    def delete(self, port_id: str) -> None:
        self.neutron.delete("port", port_id)

    def create(self, request: PortRequest) -> str:
        asked = _asked_for(request) | self._security(request)
        where = f"on network {request.network_id!r}"
        what = f"create port {request.name!r} {where}"
        return self.neutron.created("port", what, asked)

    def find(self, tag: str) -> str | None:
        return self.neutron.carrying("port", tag)

    def _security(self, request: PortRequest) -> Json:
        """Return what is to be said of filtering: nothing, where that goes by itself.

        A Neutron without that extension takes no word of it, and a user may not have
        a word in it on a network of others.
        """
        network_id = request.network_id
        seen = self.neutron.api().get(
            at("networks", network_id), f"read network {network_id!r}"
        )
        usual = seen["network"].get(SECURE, True)
        return {} if usual is request.port_security else {SECURE: request.port_security}


def _asked_for(request: PortRequest) -> Json:
    addresses = [
        _without_empty({"subnet_id": wish.subnet_id, "ip_address": wish.address})
        for wish in request.addresses
    ]
    asked: dict[str, Any] = _without_empty(
        {
            "network_id": request.network_id,
            "name": request.name,
            "description": signed(request.tag),
            "fixed_ips": addresses,
            "mac_address": request.mac_address,
            "allowed_address_pairs": [_pair(p) for p in request.allowed_pairs],
            "binding:vnic_type": request.vnic_type,
        }
    )
    if request.unaddressed:
        # Of a port of which nothing is said, Neutron makes one with an address.
        asked["fixed_ips"] = []
    if request.security_group_ids is not None:
        asked["security_groups"] = list(request.security_group_ids)
    return asked


def _pair(pair: AddressPair) -> Json:
    return _without_empty({"ip_address": pair.address, "mac_address": pair.mac})


def _without_empty(asked: Json) -> Json:
    return {key: value for key, value in asked.items() if value}


def _marked(port: Json) -> Marked:
    server_id = port.get("device_id")
    return marked("port", port, used_by=(server_id,) if server_id else ())
