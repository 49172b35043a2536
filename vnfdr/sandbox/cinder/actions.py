"""Actions: calls whose body says, by its first key, what is to be done to a thing."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, Generic

from attrs import frozen

from vnfdr.sandbox.cinder.nouns import Noun, T, T_contra
from vnfdr.sandbox.rest import (
    NO_RESOURCE,
    Answer,
    Call,
    Json,
    Operation,
    Refusal,
    Version,
    invalid,
)

NOT_SERVED: Final = frozenset(
    {
        "os-attach",
        "os-begin_detaching",
        "os-detach",
        "os-extend_volume_completion",
        "os-force_detach",
        "os-initialize_connection",
        "os-migrate_volume",
        "os-migrate_volume_completion",
        "os-reimage",
        "os-reserve",
        "os-roll_detaching",
        "os-terminate_connection",
        "os-unmanage",
        "os-unreserve",
        "os-update_snapshot_status",
        "os-volume_upload_image",
        "disable_replication",
        "enable_replication",
        "failover_replication",
        "list_replication_targets",
    }
)
"""What a real Cinder does, and this one does not."""


@frozen
class Deed(Generic[T_contra]):
    """One action.

    Args:
        does: does it to the thing, with what the body says of it.
        rule: the policy by which it is for administrators only, if it is.
        since: the microversion that brought it.
    """

    does: Callable[[Call, T_contra, Json], Answer]
    rule: str = ""
    since: Version = (3, 0)


def acting(noun: Noun[T], deeds: Mapping[str, Deed[T]]) -> Operation:
    """Return the call that carries out whichever of these is asked for."""
    return Operation(
        "POST",
        f"/{noun.plural}/{{id}}/action",
        f"{{action}} {noun.name.replace('_', ' ')}",
        partial(_act, noun=noun, deeds=deeds),
        tuple(deeds),
    )


def no_such_action(name: str) -> Refusal:
    """Say that an action does not exist, or that it is not to be had here."""
    if name in NOT_SERVED:
        return Refusal(501, f"The sandbox does not serve the action {name}.")
    return Refusal(
        400,
        f"There is no such action: {name}. Verify the request body and Content-Type"
        " header and try again.",
    )


def _act(call: Call, *, noun: Noun[T], deeds: Mapping[str, Deed[T]]) -> Answer:
    name = next(iter(call.body), "")
    deed = deeds.get(name)
    if deed is None:
        raise no_such_action(name)
    if call.version < deed.since:
        raise Refusal(404, NO_RESOURCE)
    thing = noun.one(call)
    if deed.rule:
        call.only_admin(deed.rule)
    asked = call.body[name] if call.body[name] is not None else {}
    if not isinstance(asked, dict):
        raise invalid(asked, name, f"{asked!r} is not of type 'object'")
    return deed.does(call, thing, asked)
