"""Nova's servers."""

import re
from collections.abc import Iterator
from contextlib import suppress

from attrs import evolve, frozen

from vnfdr.cloud import ActionResult, ServerRequest
from vnfdr.errors import CloudError, Forbidden, Gone, Retryable
from vnfdr.model import Attachment, Blueprint, Marked, Server
from vnfdr.openstack.api import Api, Json, at, pages
from vnfdr.openstack.blueprints import blueprint_of
from vnfdr.openstack.booting import Birth, until_active
from vnfdr.openstack.collection import tag_of
from vnfdr.openstack.disks import device_order, local_disks
from vnfdr.openstack.marks import bears_a_mark, date, marked
from vnfdr.openstack.neutron import Neutron
from vnfdr.openstack.system import system_in
from vnfdr.retry import wait_until

EVENTS_VERSION = "2.84"
"""Of Ussuri: an action that failed says why, to administrators."""

NEW_LIFE = frozenset(
    {
        "create",
        "evacuate",
        "live-migration",
        "migrate",
        "reboot",
        "rebuild",
        "rescue",
        "resize",
        "restore",
        "revertResize",
        "shelve",
        "shelveOffload",
        "start",
        "stop",
        "trigger_crash_dump",
        "unrescue",
        "unshelve",
    }
)
"""The actions after which a guest may not be the one it was, or not where it was."""

RUNNING, PAUSED = 1, 3

GONE_SECONDS_MAX = 600.0
GONE = frozenset({"DELETED", "SOFT_DELETED"})
"""What is shown of a server that is gone, if it is shown."""

NAMELESS = "a server whose cell is down"


@frozen
class NovaServers:
    """The servers of a project, and the ports that are theirs."""

    api: Api
    neutron: Neutron

    def get(self, server_id: str) -> Server:
        what = f"read server {server_id!r}"
        # A name may be taken for an id, even one that means something in a URL.
        seen = self.api.get(at("servers", server_id), what).get("server")
        if seen is None:
            raise Gone(f"cannot {what}: it is not the id of a server")
        if "name" not in seen:
            # So Nova answers, since 2.69, for what it cannot ask at the moment.
            raise Retryable(
                f"cannot {what}: its cell is down, and Nova knows little of it; try"
                " again when the cell is back"
            )
        return Server(
            id=seen["id"],
            name=seen["name"],
            project_id=seen["tenant_id"],
            status=seen["status"],
            task_state=seen.get("OS-EXT-STS:task_state") or "",
            host=seen.get("OS-EXT-SRV-ATTR:host") or "",
            hypervisor=seen.get("OS-EXT-SRV-ATTR:hypervisor_hostname") or "",
            attachments=self._attachments(server_id),
            local_disks=tuple(local_disks(seen)),
            incarnation=f"{_body(seen)} {self._last_life(server_id)}",
            vm_state=seen.get("OS-EXT-STS:vm_state") or "",
            os=system_in(seen.get("metadata")),
            addresses=tuple(_addresses(seen)),
        )

    def named(self, name: str) -> tuple[Server, ...]:
        # Nova takes the name for a regular expression, in its database's dialect.
        pattern = "^{}$".format(re.sub(r"[^0-9A-Za-z_-]+", ".*", name))
        found = self._listed({"name": pattern})
        return tuple(self.get(seen["id"]) for seen in found if seen.get("name") == name)

    def names(self) -> tuple[str, ...]:
        return tuple(
            sorted(
                f"{seen.get('name', NAMELESS)} ({seen['id']})"
                for seen in self._listed()
            )
        )

    def act(self, server_id: str, action: str) -> str:
        answer = self.api.post_once(
            at("servers", server_id, "action"),
            f"{action} server {server_id!r}",
            {action: None},
        )
        return answer.request_id

    def action_result(self, server_id: str, request_id: str) -> ActionResult | None:
        path = at("servers", server_id, "os-instance-actions", request_id)
        what = f"read what became of {request_id} on server {server_id!r}"
        try:
            seen = evolve(self.api, version=EVENTS_VERSION).get(path, what)
        except Gone:
            return None
        return _result(seen["instanceAction"])

    def marked(self) -> tuple[Marked, ...]:
        seen = self._listed(path=at("servers", "detail"))
        return tuple(_marked(server) for server in seen if bears_a_mark(server))

    def delete(self, server_id: str) -> None:
        what = f"server {server_id!r}"
        with suppress(Gone):
            self.api.delete(at("servers", server_id), f"delete {what}")
            wait_until(
                lambda: self._is_gone(server_id),
                what=f"{what} gone",
                seconds_max=GONE_SECONDS_MAX,
            )

    def create(self, request: ServerRequest) -> str:
        server_id = Birth(self.api, request).ask()
        self.wait(server_id)
        return server_id

    def find(self, tag: str) -> Server | None:
        # Nova looks for no metadata, whatever it is asked for.
        for seen in self._listed(path=at("servers", "detail")):
            if tag_of(seen) == tag:
                with suppress(Gone):
                    return self.get(seen["id"])
        return None

    def wait(self, server_id: str) -> None:
        until_active(self.api, server_id)

    def blueprint(self, server_id: str) -> Blueprint:
        return blueprint_of(self.api, self.neutron, server_id)

    def _is_gone(self, server_id: str) -> bool | None:
        """Look within a wait; raise when the deletion failed."""
        path, what = at("servers", server_id), f"read server {server_id!r}"
        try:
            seen = self.api.get_once(path, what)["server"]
        except Retryable:
            return None
        if seen["status"] == "ERROR" and not seen.get("OS-EXT-STS:task_state"):
            why = seen.get("fault", {}).get("message", "no reason given")
            raise CloudError(f"server {server_id!r} could not be deleted: {why}")
        return True if seen["status"] in GONE else None

    def _listed(
        self, query: dict[str, str] | None = None, path: str = at("servers")
    ) -> Iterator[Json]:
        return pages(
            lambda page: self.api.get(path, "list servers", page),
            "servers",
            query or {},
        )

    def _attachments(self, server_id: str) -> tuple[Attachment, ...]:
        seen = self.api.get(
            at("servers", server_id, "os-volume_attachments"),
            f"list the volumes of server {server_id!r}",
        )
        found = (
            Attachment(volume_id=one["volumeId"], device=one["device"] or "")
            for one in seen["volumeAttachments"]
        )
        return tuple(sorted(found, key=lambda one: device_order(one.device)))

    def _last_life(self, server_id: str) -> str:
        """Return which request last made the guest a new one, as far as one may see."""
        path = at("servers", server_id, "os-instance-actions")
        with suppress(Forbidden):
            seen = self.api.get(path, f"list what was done to server {server_id!r}")
            for action in seen["instanceActions"]:
                if action["action"] in NEW_LIFE:
                    return str(action["request_id"])
        return ""


def _body(seen: Json) -> str:
    """Return what Nova's own view of a server has of its life.

    A pause ends nothing: a paused guest goes on as the one it was.
    """
    power = seen.get("OS-EXT-STS:power_state")
    alive = "on" if power in {RUNNING, PAUSED} else f"power state {power}"
    return f"{seen['hostId']} {seen.get('OS-SRV-USG:launched_at')} {alive}"


def _addresses(seen: Json) -> Iterator[str]:
    """Yield its addresses, but for the floating ones, in the order of Nova."""
    for on_network in seen.get("addresses", {}).values():
        for one in on_network:
            if one.get("OS-EXT-IPS:type", "fixed") == "fixed":
                yield str(one["addr"])


def _result(action: Json) -> ActionResult:
    events = action["events"]
    failed = [event for event in events if event["result"] == "Error"]
    if failed or action["message"]:
        details = failed[0].get("details") if failed else None
        return ActionResult(finished=True, message=details or action["message"])
    finished = bool(events) and all(event["finish_time"] for event in events)
    return ActionResult(finished=finished, message="" if finished else None)


def _marked(seen: Json) -> Marked:
    volumes = seen["os-extended-volumes:volumes_attached"]
    return marked(
        "server",
        seen,
        created_at=date(seen["created"]),
        takes_along=tuple(v["id"] for v in volumes if v["delete_on_termination"]),
    )
