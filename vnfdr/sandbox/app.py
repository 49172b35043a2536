"""All services of one site, as one ASGI application."""

import asyncio
from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from vnfdr.sandbox import control, keystone
from vnfdr.sandbox.cinder import (
    backups,
    metadata,
    quotas,
    records,
    snapshots,
    volumes,
)
from vnfdr.sandbox.cinder import service as cinder
from vnfdr.sandbox.endpoint import Endpoint, routes
from vnfdr.sandbox.nova import actions, servers
from vnfdr.sandbox.nova import service as nova
from vnfdr.sandbox.site import Site

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
        operation.named({action: None})
        for operation in operations
        for action in actions.NAMES
    )
    app = Starlette(
        routes=list(served), exception_handlers={404: _unknown, 405: _unknown}
    )
    app.state.connections = connections
    app.state.site = site
    return app


def _routes(site: Site) -> list[Route]:
    in_project = "/volume/v3/{project_id}"
    return [
        *routes(site, cinder.SERVICE, in_project, snapshots.OPERATIONS),
        *routes(site, cinder.SERVICE, in_project, records.OPERATIONS),
        *routes(site, cinder.SERVICE, in_project, backups.OPERATIONS),
        *routes(site, cinder.SERVICE, in_project, volumes.OPERATIONS),
        *routes(site, cinder.SERVICE, in_project, metadata.OPERATIONS),
        *routes(site, cinder.SERVICE, in_project, quotas.OPERATIONS),
        *routes(site, cinder.SERVICE, in_project, cinder.OPERATIONS),
        *routes(site, cinder.SERVICE, "/volume", cinder.VERSION_OPERATIONS),
        *routes(site, cinder.OPEN, "/volume", cinder.OPEN_OPERATIONS),
        *routes(site, nova.SERVICE, "/compute/v2.1", servers.OPERATIONS),
        *routes(site, nova.SERVICE, "/compute/v2.1", actions.OPERATIONS),
        *routes(site, nova.SERVICE, "/compute/v2.1", nova.OPERATIONS),
        *routes(site, nova.OPEN, "/compute", nova.OPEN_OPERATIONS),
        *routes(site, keystone.SERVICE, "/identity", keystone.OPERATIONS),
        *routes(site, control.SERVICE, "/control", control.OPERATIONS),
    ]


def _unknown(request: Request, _error: Exception) -> Response:
    """Answer who asks for what no service has, or in a way that none has."""
    site: Site = request.app.state.site
    headers = {"x-openstack-request-id": f"req-{site.new_id()}"}
    return HTMLResponse(NO_SUCH_PAGE, 404, headers)
