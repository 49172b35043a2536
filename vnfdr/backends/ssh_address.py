"""Where a server's guest listens for ssh, and what to freeze there. No I/O."""

import shlex
from typing import Self

from attrs import frozen

from vnfdr.backends.sessions import CLIENT, checked
from vnfdr.backends.settings import Words, settings
from vnfdr.cloud import Site
from vnfdr.errors import NotQuiescable
from vnfdr.model import Guest, Server


@frozen
class _Entry:
    server: str
    address: str = ""
    file_systems: Words = ()


@frozen
class _Settings:
    command: Words = CLIENT
    address: str = "{name}"
    file_systems: Words = ()
    servers: tuple[_Entry, ...] = ()


@frozen
class Door:
    """How one guest is reached.

    Args:
        destination: what ssh connects to: a host, with a user where needed.
        file_systems: the mount points to freeze; none of them means all.
    """

    destination: str
    file_systems: Words = ()

    def __str__(self) -> str:
        return shlex.join([self.destination, *self.file_systems])

    @classmethod
    def of(cls, guest: Guest) -> Self:
        """Read what was written as the guest's address."""
        destination, *file_systems = shlex.split(guest.address) or [""]
        return cls(checked(destination), tuple(file_systems))


def door_of(site: Site | None, server: Server) -> Door:
    """Return how the guest of ``server`` is reached: by the table, or the template.

    Raises:
        NotQuiescable: the settings are wrong, or make no address.
    """
    found = settings(site, "ssh", _Settings)
    listed = [e for e in found.servers if e.server in {server.id, server.name}]
    entry = listed[0] if listed else _Entry(server.name)
    address = entry.address or found.address
    try:
        destination = address.format(name=server.name, id=server.id)
    except (LookupError, ValueError) as error:
        raise NotQuiescable(
            f"server {server.name!r} cannot be found: ssh address {address!r} may use"
            f" {{name}} and {{id}}: {error!r}"
        ) from error
    try:
        checked(destination)
    except NotQuiescable as error:
        problem = f"server {server.name!r} cannot be found: {error}"
        raise NotQuiescable(problem) from error
    return Door(destination, entry.file_systems or found.file_systems)


def client_of(site: Site | None) -> tuple[str, ...]:
    """Return the ssh client to use, with its first options.

    Raises:
        NotQuiescable: the settings are wrong.
    """
    command = settings(site, "ssh", _Settings).command
    if not command:
        empty = "the site's setting 'ssh' is wrong: its command is empty"
        raise NotQuiescable(empty)
    return command
