"""Where the libvirt of a server's compute host listens. No I/O happens here."""

import enum
from collections.abc import Iterator
from string import Formatter

from attrs import frozen

from vnfdr.backends.sessions import CLIENT
from vnfdr.backends.settings import Words, settings
from vnfdr.cloud import Site
from vnfdr.errors import NotQuiescable
from vnfdr.model import Server

TEMPLATE = "qemu+tls://{hypervisor}/system"


class Wish(enum.Enum):
    """Whether something is to be there."""

    NONE = "none"
    WANTED = "wanted"
    REQUIRED = "required"


@frozen
class _Host:
    host: str
    uri: str


@frozen
class _Ssh:
    """How a compute host is reached by ssh, and libvirt from there."""

    command: Words = CLIENT
    address: str = "{host}"
    uri: str = "qemu:///system"


@frozen
class LibvirtSettings:
    """What a site says of its compute hosts."""

    uri: str = TEMPLATE
    hosts: tuple[_Host, ...] = ()
    host_timer: Wish = Wish.NONE
    ssh: _Ssh = _Ssh()


def uri_of(site: Site | None, server: Server) -> str:
    """Return the URI for ``server``: from the table of hosts, or by the template.

    Raises:
        NotQuiescable: Nova does not tell where the server is, or the settings are
            wrong.
    """
    found = libvirt_settings(site)
    for uri in (found.uri, *(entry.uri for entry in found.hosts)):
        if _has_password(uri):
            raise NotQuiescable(
                f"server {server.name!r} cannot be found: a libvirt URI of the site has"
                " a password in it, which plans and journals would keep; libvirt takes"
                " none from a URI: use certificates, keys, or its authentication file"
            )
    for entry in found.hosts:
        if entry.host and entry.host in {server.host, server.hypervisor}:
            return entry.uri
    known = {"host": server.host, "hypervisor": server.hypervisor}
    for name in _names(found.uri, server):
        if not known.get(name):
            raise NotQuiescable(_why_unknown(server, found.uri, name, known))
    return found.uri.format(**known)


def _has_password(uri: str) -> bool:
    """Tell whether a password, or what may be one, is written before the host."""
    return ":" in uri.partition("://")[2].partition("/")[0].rpartition("@")[0]


def libvirt_settings(site: Site | None) -> LibvirtSettings:
    """Return what the site says of its compute hosts.

    Raises:
        NotQuiescable: it is wrong.
    """
    return settings(site, "libvirt", LibvirtSettings)


def _names(template: str, server: Server) -> Iterator[str]:
    try:
        parts = Formatter().parse(template)
        yield from (name for _, name, _, _ in parts if name is not None)
    except ValueError as error:
        raise NotQuiescable(
            f"server {server.name!r} cannot be found: libvirt URI {template!r}: {error}"
        ) from error


def _why_unknown(
    server: Server, template: str, name: str, known: dict[str, str]
) -> str:
    if name not in known:
        return (
            f"server {server.name!r} cannot be found: libvirt URI {template!r} may use"
            f" {{host}} and {{hypervisor}}, not {{{name}}}"
        )
    return (
        f"server {server.name!r} cannot be found: Nova shows its {name} to"
        " administrators only; use an administrator's credentials, set a libvirt URI"
        " that does not need it, or choose another backend"
    )
