"""Cinder's types of volumes; what they specify is accepted, and does nothing here."""

import uuid
from collections.abc import Mapping
from typing import Final

from vnfdr.sandbox.catalogue import Kind, named
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal

USER_VISIBLE: Final = (
    "RESKEY:availability_zones",
    "multiattach",
    "replication_enabled",
)
"""The specs that users who are no administrators see."""


def names(call: Call) -> Answer:
    """List the types, newest first."""
    found = reversed(list(call.site.types.volumes.values()))
    return Answer(200, {"volume_types": [_view(call, kind) for kind in found]})


def show(call: Call) -> Answer:
    """Tell of one type, or of the one that volumes have if nobody says otherwise."""
    return Answer(200, {"volume_type": _view(call, _kind(call))})


def specs(call: Call) -> Answer:
    """List what a type specifies."""
    return Answer(200, {"extra_specs": _specs(call, _kind(call))})


def spec(call: Call) -> Answer:
    """Tell one thing that a type specifies."""
    kind, key = _kind(call), call.path["key"]
    found = _specs(call, kind)
    if key not in found:
        raise Refusal(404, f"Volume Type {kind.id} has no extra specs with key {key}.")
    return Answer(200, {key: found[key]})


def kind_named(call: Call, wanted: str) -> Kind:
    """Return the type of volumes that goes by an id or a name.

    Raises:
        Refusal: there is none.
    """
    kind = named(call.site.types.volumes, wanted)
    if kind is None:
        raise no_kind(wanted, "Volume type")
    return kind


def no_kind(wanted: str, title: str) -> Refusal:
    """Say that there is no type that goes by an id or a name."""
    try:
        uuid.UUID(wanted)
    except ValueError:
        title = f"{title} with name"
    return Refusal(404, f"{title} {wanted} could not be found.")


def _kind(call: Call) -> Kind:
    if call.id == "default":
        return call.site.types.default
    kind = call.site.types.volumes.get(call.id)
    if kind is None:
        # Here an id is looked for, and a name is none.
        raise Refusal(404, f"Volume type {call.id} could not be found.")
    return kind


def _view(call: Call, kind: Kind) -> Json:
    told: Json = {
        "id": kind.id,
        "name": kind.name,
        "description": kind.description,
        "is_public": kind.is_public,
        "os-volume-type-access:is_public": kind.is_public,
        "extra_specs": _specs(call, kind),
    }
    if call.user.admin:
        told["qos_specs_id"] = None
    return told


def _specs(call: Call, kind: Kind) -> Mapping[str, str]:
    if call.user.admin:
        return kind.specs
    return {key: kind.specs[key] for key in USER_VISIBLE if key in kind.specs}


OPERATIONS = (
    Operation("GET", "/types", "list volume types", names),
    Operation("GET", "/types/{id}", "show volume type", show),
    Operation("GET", "/types/{id}/extra_specs", "list extra specs", specs),
    Operation("GET", "/types/{id}/extra_specs/{key}", "show extra spec", spec),
)
