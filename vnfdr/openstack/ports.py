"""Neutron's ports. Where the catalog has no Neutron, there are none."""

from contextlib import suppress

from attrs import field, frozen
from openstack.connection import Connection

from vnfdr.cloud import KEY_SIGN
from vnfdr.errors import Gone
from vnfdr.model import Marked
from vnfdr.openstack.api import Api, Json, at, pages
from vnfdr.openstack.marks import date
from vnfdr.openstack.translation import repeatable

NEVER = "1970-01-01T00:00:00Z"
"""When something was made that has no date: a Neutron without that extension."""


@frozen
class NeutronPorts:
    """The ports of a project; Neutron is not looked for before somebody asks."""

    connection: Connection = field(repr=False)

    def marked(self) -> tuple[Marked, ...]:
        with repeatable("find Neutron"):
            project_id = self.connection.session.get_project_id()
            if not self.connection.config.get_session_endpoint("network"):
                return ()
            api = self._api
        # An administrator is shown the ports of all projects.
        seen = pages(
            lambda page: api.get(at("ports"), "list ports", page),
            "ports",
            {"project_id": str(project_id)},
        )
        ours = (port for port in seen if port["project_id"] == project_id)
        return tuple(_marked(port) for port in ours if _key(port))

    def delete(self, port_id: str) -> None:
        with suppress(Gone):
            self._api.delete(at("ports", port_id), f"delete port {port_id!r}")

    @property
    def _api(self) -> Api:
        return Api(self.connection.network, "")


def _key(port: Json) -> str:
    sign, _, key = (port.get("description") or "").partition(KEY_SIGN)
    return "" if sign else key


def _marked(port: Json) -> Marked:
    key, server_id = _key(port), port.get("device_id")
    return Marked(
        noun="port",
        id=port["id"],
        name=port["name"],
        key=key,
        point=key.partition(":port:")[0],
        group="",
        status=port["status"],
        created_at=date(port.get("created_at") or NEVER),
        used_by=(server_id,) if server_id else (),
    )
