"""Where a guest is by now, as Nova tells it."""

from vnfdr.backends.libvirt_uri import uri_of
from vnfdr.backends.proven import NotProven
from vnfdr.cloud import Site
from vnfdr.errors import CloudError, Gone, QuiesceError
from vnfdr.model import Guest, Server


def server_now(site: Site | None, guest: Guest) -> tuple[Server, str] | None:
    """Return the server of a guest and its host's URI; nothing if nobody knows one.

    Raises:
        NotProven: Nova does not tell.
    """
    if site is None:
        return None
    try:
        server = site.servers.get(guest.server_id)
        return server, uri_of(site, server)
    except Gone:
        return None
    except (CloudError, QuiesceError) as unknown:
        raise NotProven(str(unknown)) from unknown
