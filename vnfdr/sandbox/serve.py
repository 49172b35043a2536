"""Serve sites on loopback, from one thread with an event loop of its own.

Nothing in it polls: a sandbox that nobody talks to, and whose guests do not run,
sleeps.
"""

import asyncio
import socket
import threading
from collections.abc import Sequence

from attrs import define, field, frozen
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

from vnfdr.errors import InputError
from vnfdr.sandbox.app import application
from vnfdr.sandbox.site import Site

LOOPBACK = "127.0.0.1"
BACKLOG = 2048
KEEP_ALIVE_SECONDS = 3600
START_SECONDS_MAX = 30.0

Connections = dict[object, asyncio.Transport]


@frozen
class _Door:
    """One site, and the socket at which it is to be found."""

    site: Site
    listener: socket.socket
    connections: Connections = field(factory=dict)

    async def open(self) -> Server:
        config = Config(
            application(self.site, self.connections),
            http=_keeping(self.connections),
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
        config.load()
        # Its own main loop looks around ten times a second.
        server = Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[self.listener])
        return server

    def close(self, server: Server) -> None:
        for listening in server.servers:
            listening.close()
        for connection in tuple(self.connections.values()):
            connection.abort()


@define(eq=False)
class Serving:
    """The thread that serves some sites."""

    sites: Sequence[Site]
    port: int = 0
    """That of the first site; the others' follow. 0 lets the system choose."""
    _doors: list[_Door] = field(factory=list, init=False)
    _started: threading.Event = field(factory=threading.Event, init=False)
    _loop: asyncio.AbstractEventLoop | None = field(default=None, init=False)
    _stop: asyncio.Event = field(factory=asyncio.Event, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)

    def start(self) -> None:
        """Listen, each site at a port of its own, and serve.

        Raises:
            InputError: a port cannot be had.
        """
        for number, site in enumerate(self.sites):
            listener = _listener(self.port + number if self.port else 0)
            site.url = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
            self._doors.append(_Door(site, listener))
        self._thread = threading.Thread(
            target=asyncio.run, args=(self._serve(),), name="sandbox", daemon=True
        )
        self._thread.start()
        if not self._started.wait(START_SECONDS_MAX):
            problem = f"the sandbox did not start within {START_SECONDS_MAX:g} s"
            raise RuntimeError(problem)

    def stop(self) -> None:
        """Serve no more: break all connections, and forget what was under way."""
        if self._thread is not None and self._loop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()
            self._thread = None
        for door in self._doors:
            door.listener.close()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        servers = [await door.open() for door in self._doors]
        self._started.set()
        await self._stop.wait()
        for door, server in zip(self._doors, servers, strict=True):
            door.close(server)
        # Let the requests that wait for ever see that their clients are gone.
        await asyncio.sleep(0)


def _listener(port: int) -> socket.socket:
    """Return a socket that listens there, and that nobody else has.

    It says that it is TCP: asyncio would otherwise not know, and let Nagle's
    algorithm and delayed acknowledgements cost 40 ms with each answer.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    # A port that was just given up may be had again.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise InputError(
            f"port {port} of {LOOPBACK} cannot be had: {error.strerror};"
            " choose another one, or let the system choose"
        ) from error
    return listener


def _keeping(connections: Connections) -> type[H11Protocol]:
    """Return a protocol that keeps a list of its connections, by their clients."""

    class Protocol(H11Protocol):
        """One connection of a client."""

        # uvicorn narrows the argument, and so must we.
        def connection_made(  # type: ignore[override]  # because: see above
            self, transport: asyncio.Transport
        ) -> None:
            connections[transport.get_extra_info("peername")] = transport
            super().connection_made(transport)

        def connection_lost(self, exc: Exception | None) -> None:
            connections.pop(self.client, None)
            super().connection_lost(exc)

    return Protocol
