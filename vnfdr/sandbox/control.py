"""The door to the guests, for who stands outside of OpenStack as libvirt does.

It wants no token, and knows nothing of Nova's states. How long a hung agent keeps its
caller waiting is decided here.
"""

import time
from collections.abc import Callable
from typing import Final

from vnfdr.sandbox.guests import (
    AgentDeadError,
    AgentError,
    AgentTimeoutError,
    AlreadyFrozenError,
    HeldTooLongError,
    NotRunningError,
    Power,
)
from vnfdr.sandbox.rest import Answer, Call, Operation, Service, as_error
from vnfdr.sandbox.site import take
from vnfdr.sandbox.things import Server

SERVICE = Service("", wants_token=False, says=as_error)
AGENT_SECONDS: Final = 5.0
"""How long an agent that does not answer is waited for, unless the caller says."""

_REASONS: Final[tuple[tuple[type[AgentError], int, str], ...]] = (
    (AlreadyFrozenError, 409, "already frozen"),
    (AgentDeadError, 503, "no agent"),
    (AgentTimeoutError, 504, "no answer"),
    (HeldTooLongError, 500, "held too long"),
)


async def show(call: Call) -> Answer:
    """Ask a guest's agent how it is, and tell whether the guest is the same one."""

    def ask(server: Server) -> Answer:
        identity = f"{server.host}, boot {server.guest.boots}"
        return Answer(200, {"status": server.guest.status, "identity": identity})

    return await _asked(call, ask)


async def freeze(call: Call) -> Answer:
    """Freeze a guest, unless that comes later than its caller waits for."""
    until = float(call.body.get("until", time.time() + AGENT_SECONDS))
    await take(call.site.latency.freeze)

    def ask(server: Server) -> Answer:
        if time.time() > until:
            raise AgentTimeoutError
        return Answer(200, {"count": server.guest.freeze()})

    return await _asked(call, ask)


async def thaw(call: Call) -> Answer:
    """Thaw a guest."""
    await take(call.site.latency.thaw)
    return await _asked(call, lambda s: Answer(200, {"count": s.guest.thaw()}))


async def _asked(call: Call, ask: Callable[[Server], Answer]) -> Answer:
    server = call.site.servers.get(call.id)
    if server is None:
        return _refused(404, "no guest", f"no domain with matching uuid '{call.id}'")
    try:
        return ask(server)
    except NotRunningError as error:
        paused = server.guest.power is Power.PAUSED
        return _refused(409, "paused" if paused else "off", str(error))
    except AgentError as error:
        found = (r for r in _REASONS if isinstance(error, r[0]))
        _, status, reason = next(found)
        if isinstance(error, AgentTimeoutError):
            until = float(call.body.get("until", time.time() + AGENT_SECONDS))
            await take(until - time.time())
        return _refused(status, reason, str(error))


def _refused(status: int, reason: str, message: str) -> Answer:
    return Answer(status, {"reason": reason, "message": message})


OPERATIONS = (
    Operation("GET", "/guests/{id}", "show guest", show),
    Operation("POST", "/guests/{id}/freeze", "freeze guest", freeze),
    Operation("POST", "/guests/{id}/thaw", "thaw guest", thaw),
)
