"""What a step may ask of Nova: servers, and what it takes to create one again."""

from collections.abc import Mapping
from typing import Protocol

from attrs import field, frozen

from vnfdr.model import Blueprint, Marked, Server


@frozen
class ActionResult:
    """How a server action went: ``message`` is Nova's, ``None`` while it runs."""

    finished: bool
    message: str | None


@frozen
class BootVolume:
    """A volume that a new server has from the start.

    Args:
        volume_id: the volume; the first of a server's is the one it boots from.
        tag: the device tag that its metadata shows in the guest; empty for none.
    """

    volume_id: str
    tag: str = ""


@frozen
class ServerRequest:
    """A server to be created, every name of it translated to the site's own.

    Args:
        tag: the key that it is found by, in its metadata ``vnfdr-key``.
        name: what it is called.
        flavor_id: its flavor.
        volumes: all its volumes in the order of their devices, the root first. None
            of them is deleted with the server.
        port_ids: its ports in the order of its interfaces; empty for none.
        metadata: what else its metadata holds, the rest of our mark included.
        description: empty for none.
        hostname: what its guest is told it is called; empty for Nova's own choice.
        tags: Nova's tags.
        availability_zone: empty for the site's default.
        key_name: the keypair, which the user has; empty for none.
        server_group_id: the server group that places it; empty for none.
        config_drive: whether it has one.
        user_data: for cloud-init, as it is, not encoded; never shown, never logged.
    """

    tag: str
    name: str
    flavor_id: str
    volumes: tuple[BootVolume, ...]
    port_ids: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(factory=dict)
    description: str = ""
    hostname: str = ""
    tags: tuple[str, ...] = ()
    availability_zone: str = ""
    key_name: str = ""
    server_group_id: str = ""
    config_drive: bool = False
    user_data: bytes = field(default=b"", repr=False)


class Servers(Protocol):
    """Nova's servers."""

    def get(self, server_id: str) -> Server:
        """Return one server; raise `Gone` when there is none."""
        ...

    def named(self, name: str) -> tuple[Server, ...]:
        """Return the servers of the project that have exactly this name."""
        ...

    def names(self) -> tuple[str, ...]:
        """Return ``name (id)`` of every server of the project, sorted."""
        ...

    def act(self, server_id: str, action: str) -> str:
        """Ask for a parameterless server action; return the request's id.

        Raises `Unsupported` when the cloud knows no such action, and `Conflict`
        when the server is in the wrong state.
        """
        ...

    def action_result(self, server_id: str, request_id: str) -> ActionResult | None:
        """Tell how the action asked for by ``request_id`` went, once it is known."""
        ...

    def marked(self) -> tuple[Marked, ...]:
        """Return the servers that carry a mark."""
        ...

    def delete(self, server_id: str) -> None:
        """Delete a server."""
        ...

    def blueprint(self, server_id: str) -> Blueprint:
        """Return all that is needed to create the server again, secrets left out.

        Its disks are the volumes that it has now, in the order of their devices.
        Raises `Gone` when there is none.
        """
        ...

    def create(self, request: ServerRequest) -> str:
        """Create a server, wait until it is ACTIVE, return its id.

        Raises `vnfdr.errors.CloudError` with Nova's own words when it ends in ERROR
        (no valid host), and `QuotaExceeded` when the project may not have it.
        """
        ...

    def find(self, tag: str) -> Server | None:
        """Return the server that carries ``tag``."""
        ...

    def wait(self, server_id: str) -> None:
        """Wait until a server that was found half made is ACTIVE."""
        ...
