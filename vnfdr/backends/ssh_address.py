"""Where a server's guest listens for ssh, and what to freeze there. No I/O."""

import shlex
from typing import Self, TypeAlias

import cattrs
from attrs import frozen

from vnfdr.backends.sessions import CLIENT, checked
from vnfdr.cloud import Site
from vnfdr.errors import NotQuiescable
from vnfdr.model import Guest, Server

_converter = cattrs.Converter(forbid_extra_keys=True)
_Words: TypeAlias = tuple[str, ...]


def _words(value: object, _: object) -> _Words:
    """Return several words, which may be given as one text."""
    if isinstance(value, str):
        value = shlex.split(value)
    if isinstance(value, list | tuple) and all(isinstance(v, str) for v in value):
        return tuple(value)
    raise TypeError(f"{value!r} is not a list of words")


_converter.register_structure_hook_func(lambda kind: kind == _Words, _words)


@frozen
class _Entry:
    server: str
    address: str = ""
    file_systems: _Words = ()


@frozen
class _Settings:
    command: _Words = CLIENT
    address: str = "{name}"
    file_systems: _Words = ()
    servers: tuple[_Entry, ...] = ()


@frozen
class Door:
    """How one guest is reached.

    Args:
        destination: what ssh connects to: a host, with a user where needed.
        file_systems: the mount points to freeze; none of them means all.
    """

    destination: str
    file_systems: _Words = ()

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
    settings = _settings(site)
    found = [e for e in settings.servers if e.server in {server.id, server.name}]
    entry = found[0] if found else _Entry(server.name)
    address = entry.address or settings.address
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
    return Door(destination, entry.file_systems or settings.file_systems)


def client_of(site: Site | None) -> tuple[str, ...]:
    """Return the ssh client to use, with its first options.

    Raises:
        NotQuiescable: the settings are wrong.
    """
    command = _settings(site).command
    if not command:
        empty = "the site's setting 'ssh' is wrong: its command is empty"
        raise NotQuiescable(empty)
    return command


def _settings(site: Site | None) -> _Settings:
    found = site.settings.get("ssh", {}) if site else {}
    try:
        return _converter.structure(found, _Settings)
    except (cattrs.BaseValidationError, TypeError, AttributeError) as error:
        problems = "; ".join(cattrs.transform_error(error))
        raise NotQuiescable(f"the site's setting 'ssh' is wrong: {problems}") from error
