"""Every action of a server, by its name in the request."""

from typing import Final

from vnfdr.sandbox.nova.actions import DEEDS, RESET, act, reset_state
from vnfdr.sandbox.nova.delete import delete_at_once
from vnfdr.sandbox.nova.locks import lock, unlock
from vnfdr.sandbox.nova.migrations import MIGRATE, migrate
from vnfdr.sandbox.rest import Answer, Call, Operation, Refusal

OTHERS: Final = {
    RESET: reset_state,
    "lock": lock,
    "unlock": unlock,
    "forceDelete": delete_at_once,
    MIGRATE: migrate,
}
NAMES: Final = (*DEEDS, *OTHERS)


def obey(call: Call) -> Answer:
    """Do what is asked for, if there is such an action."""
    if len(call.body) != 1:
        raise Refusal(400, "Malformed request body")
    (name,) = call.body
    other = OTHERS.get(name)
    return other(call) if other else act(call)


OPERATIONS = (
    Operation("POST", "/servers/{id}/action", "{action} server", obey, NAMES),
)
