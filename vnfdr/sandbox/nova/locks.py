"""Locks: they keep the users of a project off a server, not its administrators."""

from typing import Final

from vnfdr.sandbox.nova.actions import begin, end
from vnfdr.sandbox.nova.servers import server_of
from vnfdr.sandbox.rest import Answer, Call

REASON: Final = (2, 73)


def lock(call: Call) -> Answer:
    """Lock a server; the reason of who came first stays."""
    server, asked = server_of(call), call.body["lock"]
    if not server.locked:
        end(call, server, begin(call, server, "lock", "api_lock"))
        server.locked = True
        if call.version >= REASON and isinstance(asked, dict):
            server.locked_reason = asked.get("locked_reason")
    return Answer(202)


def unlock(call: Call) -> Answer:
    """Unlock a server, whether it was locked or not."""
    server = server_of(call)
    end(call, server, begin(call, server, "unlock", "api_unlock"))
    server.locked, server.locked_reason = False, None
    return Answer(202)
