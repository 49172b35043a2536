"""Where the libvirt of a server's compute host listens. No I/O happens here."""

from collections.abc import Iterator
from string import Formatter

import cattrs
from attrs import frozen

from vnfdr.cloud import Site
from vnfdr.errors import NotQuiescable
from vnfdr.model import Server

TEMPLATE = "qemu+tls://{hypervisor}/system"

_converter = cattrs.Converter(forbid_extra_keys=True)


@frozen
class _Host:
    host: str
    uri: str


@frozen
class _Settings:
    uri: str = TEMPLATE
    hosts: tuple[_Host, ...] = ()


def uri_of(site: Site | None, server: Server) -> str:
    """Return the URI for ``server``: from the table of hosts, or by the template.

    Raises:
        NotQuiescable: Nova does not tell where the server is, or the settings are
            wrong.
    """
    settings = _settings(site, server)
    for uri in (settings.uri, *(entry.uri for entry in settings.hosts)):
        if _has_password(uri):
            raise NotQuiescable(
                f"server {server.name!r} cannot be found: a libvirt URI of the site has"
                " a password in it, which plans and journals would keep; libvirt takes"
                " none from a URI: use certificates, keys, or its authentication file"
            )
    for entry in settings.hosts:
        if entry.host and entry.host in {server.host, server.hypervisor}:
            return entry.uri
    known = {"host": server.host, "hypervisor": server.hypervisor}
    for name in _names(settings.uri, server):
        if not known.get(name):
            raise NotQuiescable(_why_unknown(server, settings.uri, name, known))
    return settings.uri.format(**known)


def _has_password(uri: str) -> bool:
    """Tell whether a password, or what may be one, is written before the host."""
    return ":" in uri.partition("://")[2].partition("/")[0].rpartition("@")[0]


def _settings(site: Site | None, server: Server) -> _Settings:
    found = site.settings.get("libvirt", {}) if site else {}
    try:
        return _converter.structure(found, _Settings)
    except (cattrs.BaseValidationError, TypeError, AttributeError) as error:
        problems = "; ".join(cattrs.transform_error(error))
        raise NotQuiescable(
            f"server {server.name!r} cannot be found: the site's setting 'libvirt' is"
            f" wrong: {problems}"
        ) from error


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
