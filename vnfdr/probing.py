"""Ask a recovered server whether it is at work. Once; who asks again is a step."""

import http.client
import importlib
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import TimeoutError as TooLate
from typing import Any
from urllib.parse import urlsplit

from vnfdr.backends import Stillness
from vnfdr.backends.bounded import begin
from vnfdr.errors import QuiesceError
from vnfdr.mapping import ADDRESS, AgentProbe, CallProbe, HttpProbe, Probe, TcpProbe
from vnfdr.model import Server
from vnfdr.world import World

ATTEMPT_SECONDS_MAX = 5.0
"""How long one connection, or one answer, is waited for."""
CALL_SECONDS_MAX = 60.0
"""How long a function of the user's own may take."""


def refusal_of(probe: Probe, server: Server, world: World) -> str:
    """Return why a server does not answer a probe now; empty when it does."""
    match probe:
        case AgentProbe():
            return _ask_agent(probe, server, world)
        case TcpProbe():
            return _connect(probe, server)
        case HttpProbe():
            return _get(probe, server)
        case CallProbe():
            return _call(probe, server)


def describe(probe: Probe) -> str:
    """Return what a probe asks, in a few words."""
    match probe:
        case AgentProbe():
            return f"its agent answers, by {probe.agent!r}"
        case TcpProbe():
            where = f"{probe.address}, port" if probe.address else "port"
            return f"{where} {probe.tcp} accepts connections"
        case HttpProbe():
            return f"{probe.http} is answered with {probe.status}"
        case CallProbe():
            return f"{probe.call} says yes"


def function_of(probe: CallProbe) -> Callable[[Server, tuple[str, ...]], object]:
    """Return the function that a probe names.

    Raises:
        ValueError: there is no such function; says why.
    """
    module, _, name = probe.call.partition(":")
    try:
        found: Any = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(f"{probe.call!r} cannot be imported: {error}") from error
    if not callable(found):
        raise ValueError(f"{probe.call!r} is no function")  # noqa: TRY004 - a bad name
    return found  # type: ignore[no-any-return]  # because: checked when it is called


def _ask_agent(probe: AgentProbe, server: Server, world: World) -> str:
    try:
        backend = world.backend(probe.agent)
        stillness = backend.stillness(backend.locate(server))
    except QuiesceError as error:
        return str(error)
    if stillness is Stillness.THAWED:
        return ""
    if stillness is Stillness.FROZEN:
        return "its agent says that it is frozen"
    return "its agent does not answer"


def _connect(probe: TcpProbe, server: Server) -> str:
    address = probe.address or _first_address(server)
    if not address:
        return "it has no address"
    try:
        socket.create_connection((address, probe.tcp), ATTEMPT_SECONDS_MAX).close()
    except OSError as error:
        return f"{address}, port {probe.tcp}: {error.strerror or error}"
    return ""


def _get(probe: HttpProbe, server: Server) -> str:
    """Ask once for a URL; a redirection is an answer like any other."""
    address = _first_address(server)
    if ADDRESS in probe.http and not address:
        return "it has no address"
    host = f"[{address}]" if ":" in address else address
    url = urlsplit(probe.http.replace(ADDRESS, host))
    path = f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
    connection = _connection(url.scheme, url.netloc)
    try:
        connection.request("GET", path)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"{url.geturl()}: {error}"
    finally:
        connection.close()
    wrong = f"{url.geturl()} is answered with {status}, and not with {probe.status}"
    return "" if status == probe.status else wrong


def _connection(scheme: str, netloc: str) -> http.client.HTTPConnection:
    if scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(
            netloc, timeout=ATTEMPT_SECONDS_MAX, context=context
        )
    return http.client.HTTPConnection(netloc, timeout=ATTEMPT_SECONDS_MAX)


def _call(probe: CallProbe, server: Server) -> str:
    try:
        function = function_of(probe)
        task = begin(lambda: function(server, server.addresses))
        content = task.result(CALL_SECONDS_MAX)
    except TooLate:
        return f"{probe.call} takes more than {CALL_SECONDS_MAX:g} s"
    except Exception as error:  # noqa: BLE001 - whatever a function of the user's raises
        return f"{probe.call}: {error}"
    return "" if content else f"{probe.call} says no"


def _first_address(server: Server) -> str:
    return server.addresses[0] if server.addresses else ""
