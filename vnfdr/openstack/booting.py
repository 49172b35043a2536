"""A new server: how it is asked for, and how it comes to life.

Its user data may hold secrets. Nova repeats what it was sent when it finds fault with
it, so that its own words about user data are left out of every error.
"""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from attrs import evolve, frozen
from keystoneauth1.exceptions import ClientException
from openstack.exceptions import SDKException
from openstack.utils import maximum_supported_microversion
from requests.exceptions import RequestException

from vnfdr.cloud import ServerRequest
from vnfdr.errors import CloudError, Gone, Retryable
from vnfdr.openstack.api import Api, Json, at
from vnfdr.openstack.collection import tagged
from vnfdr.retry import wait_until

HOSTNAME_VERSION = "2.90"
"""Of Xena: a server is told what it is called, other than by its name."""

DOMAIN_VERSION = "2.94"
"""Of Antelope: and that may have a domain."""

BOOT_SECONDS_MAX = 900.0
USER_DATA_LENGTH_MAX = 65535
"""How long Nova lets user data be, in base64."""

ON_ITS_WAY = frozenset({"BUILD", "UNKNOWN"})
"""What a new server is in before it is ACTIVE, or while its host is not heard of."""


@frozen
class Birth:
    """A server that is to be."""

    nova: Api
    request: ServerRequest

    def ask(self) -> str:
        """Ask for it, once; return its id."""
        what = f"create server {self.request.name!r}"
        version = _version(self.nova, self.request.hostname)
        body = _body(self.request, with_hostname=version != self.nova.version)
        if len(body["server"].get("user_data", "")) > USER_DATA_LENGTH_MAX:
            raise CloudError(
                f"cannot {what}: its user data is longer than the"
                f" {USER_DATA_LENGTH_MAX} characters that Nova takes, in base64"
            )
        try:
            api = evolve(self.nova, version=version)
            answer = api.post_once(at("servers"), what, body)
        except CloudError as error:
            raise _discreet(error) from None
        return str(answer.content["server"]["id"])


def until_active(nova: Api, server_id: str) -> None:
    """Wait until a server is ACTIVE.

    Raises:
        CloudError: it is something else for good, and why, in Nova's words.
        Gone: there is none.
    """
    path, what = at("servers", server_id), f"read server {server_id!r}"

    def look() -> bool | None:
        try:
            seen = nova.get_once(path, what)["server"]
        except Retryable:
            return None
        return _is_active(seen)

    wait_until(look, what=f"server {server_id!r} ACTIVE", seconds_max=BOOT_SECONDS_MAX)


def _is_active(seen: Json) -> bool | None:
    status, busy = seen["status"], seen.get("OS-EXT-STS:task_state")
    if status == "ACTIVE":
        return True
    if status in {"DELETED", "SOFT_DELETED"}:
        raise Gone(f"server {seen['id']!r} was deleted while it was waited for")
    if status == "ERROR" or not (status in ON_ITS_WAY or busy):
        why = seen.get("fault", {}).get("message", "no reason given")
        raise CloudError(f"server {seen['id']!r} is in status {status!r}: {why}")
    return None


def _version(nova: Api, hostname: str) -> str:
    """Return the microversion to ask at: a newer one where the hostname takes it.

    A cloud that has none such, or does not say, chooses the hostname itself.
    """
    if not hostname:
        return nova.version
    wanted = DOMAIN_VERSION if "." in hostname else HOSTNAME_VERSION
    try:
        known = maximum_supported_microversion(nova.adapter, wanted)
    except (SDKException, ClientException, RequestException):
        known = None
    return wanted if known == wanted else nova.version


def _body(request: ServerRequest, *, with_hostname: bool) -> Json:
    wishes: dict[str, Any] = {
        "description": request.description,
        "hostname": request.hostname if with_hostname else "",
        "tags": list(request.tags),
        "availability_zone": request.availability_zone,
        "key_name": request.key_name,
        "config_drive": request.config_drive,
        "user_data": b64encode(request.user_data).decode(),
    }
    ports = [{"port": port_id} for port_id in request.port_ids]
    server = {key: value for key, value in wishes.items() if value} | {
        "name": request.name,
        "flavorRef": request.flavor_id,
        "metadata": tagged(request.tag, request.metadata),
        "networks": ports or "none",
        "block_device_mapping_v2": list(_devices(request)),
    }
    group_id = request.server_group_id
    hints = {"os:scheduler_hints": {"group": group_id}} if group_id else {}
    return {"server": server, **hints}


def _devices(request: ServerRequest) -> Iterator[Json]:
    """Yield its volumes: libvirt names devices in the order of the request."""
    for place, volume in enumerate(request.volumes):
        device = {
            "source_type": "volume",
            "destination_type": "volume",
            "uuid": volume.volume_id,
            "boot_index": -1 if place else 0,
            "delete_on_termination": False,
        }
        yield device | ({"tag": volume.tag} if volume.tag else {})


def _discreet(error: CloudError) -> CloudError:
    """Return an error without what it tells of user data."""
    told, sign, _ = str(error).partition("user_data")
    if not sign:
        return error
    return type(error)(
        f"{told}{sign} (the rest of what Nova said may be secret, and is left out)",
        status=error.status,
        request_id=error.request_id,
    )
