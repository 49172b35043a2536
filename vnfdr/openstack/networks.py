"""Neutron's networks, and the subnets that give them addresses."""

from ipaddress import ip_network

from attrs import frozen

from vnfdr.errors import Conflict, WaitedTooLong
from vnfdr.model import Marked
from vnfdr.openstack.neutron import Neutron, key_of, marked, signed
from vnfdr.retry import wait_until

OF_NEUTRON = frozenset({"network:dhcp", "network:distributed"})
"""Who has the ports that Neutron makes by itself, and makes again."""

GONE_SECONDS_MAX = 120.0


@frozen
class NeutronNetworks:
    """The networks of a project."""

    neutron: Neutron

    def create(self, *, tag: str, name: str) -> str:
        asked = {"name": name, "description": signed(tag)}
        return self.neutron.created("network", f"create network {name!r}", asked)

    def create_subnet(self, *, tag: str, network_id: str, cidr: str) -> str:
        asked = {
            "network_id": network_id,
            "description": signed(tag),
            "cidr": cidr,
            "ip_version": ip_network(cidr).version,
            "gateway_ip": None,
            "enable_dhcp": True,
        }
        what = f"create subnet {cidr} on network {network_id!r}"
        return self.neutron.created("subnet", what, asked)

    def find(self, tag: str) -> str | None:
        return self.neutron.carrying("network", tag)

    def find_subnet(self, tag: str) -> str | None:
        return self.neutron.carrying("subnet", tag)

    def delete(self, network_id: str) -> None:
        self._until_gone("network", network_id, {"network_id": network_id})

    def delete_subnet(self, subnet_id: str) -> None:
        self._until_gone("subnet", subnet_id, {"fixed_ips": f"subnet_id={subnet_id}"})

    def marked(self) -> tuple[Marked, ...]:
        seen = self.neutron.listed("network", {})
        return tuple(marked("network", each) for each in seen if key_of(each))

    def _until_gone(self, noun: str, thing_id: str, at_it: dict[str, str]) -> None:
        """Delete something together with the ports of Neutron's own that are at it.

        A DHCP agent may put its port back before the network is gone.
        """
        refusals: list[Conflict] = []

        def attempt() -> bool | None:
            try:
                self.neutron.delete(noun, thing_id)
            except Conflict as refusal:
                refusals.append(refusal)
                if not self._cleared(at_it):
                    raise
                return None
            return True

        try:
            wait_until(
                attempt,
                what=f"{noun} {thing_id!r} deleted",
                seconds_max=GONE_SECONDS_MAX,
            )
        except WaitedTooLong:
            raise refusals[-1] from None

    def _cleared(self, at_it: dict[str, str]) -> bool:
        """Delete the ports of Neutron's own; tell whether there were no others."""
        ports = list(self.neutron.listed("port", at_it))
        if any(port.get("device_owner") not in OF_NEUTRON for port in ports):
            return False
        for port in ports:
            self.neutron.delete("port", port["id"])
        return True
