"""All services of one site, as one ASGI application."""

import asyncio
from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from vnfdr.sandbox import control, keystone
from vnfdr.sandbox.cinder import (
    backends,
    backups,
    group_copies,
    group_snapshots,
    group_types,
    groups,
    metadata,
    quotas,
    records,
    snapshots,
    volume_actions,
    volume_types,
    volumes,
)
from vnfdr.sandbox.cinder import service as cinder
from vnfdr.sandbox.endpoint import Endpoint, routes
from vnfdr.sandbox.glance import data, images
from vnfdr.sandbox.glance import service as glance
from vnfdr.sandbox.neutron import groups as security_groups
from vnfdr.sandbox.neutron import networks, subnets
from vnfdr.sandbox.neutron import ports as network_ports
from vnfdr.sandbox.neutron import service as neutron
from vnfdr.sandbox.nova import (
    attach,
    create,
    delete,
    history,
    hosts,
    keypairs,
    labels,
    migrations,
    orders,
    ports,
    servers,
)
from vnfdr.sandbox.nova import placing as server_groups
from vnfdr.sandbox.nova import quotas as compute_quotas
from vnfdr.sandbox.nova import service as nova
from vnfdr.sandbox.site import Site
from vnfdr.sandbox.swift import containers, objects
from vnfdr.sandbox.swift import service as swift

CINDER = (
    backends,
    records,
    backups,
    snapshots,
    volume_actions,
    volumes,
    metadata,
    volume_types,
    group_types,
    group_copies,
    groups,
    group_snapshots,
    quotas,
    cinder,
)
"""Its nouns. Where two paths fit, the first one has it."""

NO_SUCH_PAGE = """<html>
 <head>
  <title>404 Not Found</title>
 </head>
 <body>
  <h1>404 Not Found</h1>
  The resource could not be found.<br /><br />
 </body>
</html>
"""
"""What a service says of a path that leads nowhere; it is no JSON."""


def application(
    site: Site, connections: Mapping[object, asyncio.Transport]
) -> Starlette:
    """Return the application; ``connections`` are the open ones, by their client."""
    served = _routes(site)
    endpoints = (route.app for route in served)
    operations = [e.operation for e in endpoints if isinstance(e, Endpoint)]
    site.faults.known = frozenset(
        name for operation in operations for name in operation.names
    )
    app = Starlette(
        routes=list(served), exception_handlers={404: _unknown, 405: _unknown}
    )
    app.state.connections = connections
    app.state.site = site
    return app


NOVA = (
    *servers.OPERATIONS,
    *create.OPERATIONS,
    *delete.OPERATIONS,
    *labels.OPERATIONS,
    *orders.OPERATIONS,
    *history.OPERATIONS,
    *migrations.OPERATIONS,
    *attach.OPERATIONS,
    *ports.OPERATIONS,
    *keypairs.OPERATIONS,
    *server_groups.OPERATIONS,
    *compute_quotas.OPERATIONS,
    *hosts.OPERATIONS,
    *nova.OPERATIONS,
)


NEUTRON = (
    *networks.OPERATIONS,
    *subnets.OPERATIONS,
    *network_ports.OPERATIONS,
    *security_groups.OPERATIONS,
    *neutron.OPERATIONS,
)
GLANCE = (*images.OPERATIONS, *data.OPERATIONS)
SWIFT = (*containers.OPERATIONS, *objects.OPERATIONS)


def _routes(site: Site) -> list[Route]:
    in_project = "/volume/v3/{project_id}"
    return [
        *(
            route
            for noun in CINDER
            for route in routes(site, cinder.SERVICE, in_project, noun.OPERATIONS)
        ),
        *routes(site, cinder.SERVICE, "/volume", cinder.VERSION_OPERATIONS),
        *routes(site, cinder.OPEN, "/volume", cinder.OPEN_OPERATIONS),
        *routes(site, nova.SERVICE, "/compute/v2.1", NOVA),
        *routes(site, nova.OPEN, "/compute", nova.OPEN_OPERATIONS),
        *routes(site, neutron.SERVICE, "/networking/v2.0", NEUTRON),
        *routes(site, neutron.OPEN, "/networking", neutron.OPEN_OPERATIONS),
        *routes(site, glance.SERVICE, "/image/v2", GLANCE),
        *routes(site, glance.OPEN, "/image", glance.OPEN_OPERATIONS),
        *routes(site, swift.SERVICE, "/object-store/v1/{account}", SWIFT),
        *routes(site, keystone.SERVICE, "/identity", keystone.OPERATIONS),
        *routes(site, control.SERVICE, "/control", control.OPERATIONS),
    ]


def _unknown(request: Request, _error: Exception) -> Response:
    """Answer who asks for what no service has, or in a way that none has."""
    site: Site = request.app.state.site
    headers = {"x-openstack-request-id": f"req-{site.new_id()}"}
    return HTMLResponse(NO_SUCH_PAGE, 404, headers)
