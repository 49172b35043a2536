"""Cinder's types of groups, which administrators make."""

from typing import Final

from vnfdr.sandbox.catalogue import Kind, named
from vnfdr.sandbox.cinder.schema import is_set, required
from vnfdr.sandbox.cinder.volume_types import no_kind
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal, Version, invalid

TYPES: Final[Version] = (3, 11)


def names(call: Call) -> Answer:
    """List the types, newest first."""
    found = reversed(list(call.site.types.groups.values()))
    return Answer(200, {"group_types": [_view(call, kind) for kind in found]})


def show(call: Call) -> Answer:
    """Tell of one type."""
    return Answer(200, {"group_type": _view(call, _kind(call))})


def create(call: Call) -> Answer:
    """Make a type."""
    call.only_admin("group:group_types:create")
    asked = call.inner("group_type")
    name = str(required(asked, "name", "group_type")).strip()
    _check_name(call, name)
    kind = call.site.types.add_group_type(name, _specs_in(asked))
    kind.description = asked.get("description")
    kind.is_public = is_set(asked.get("is_public", True))
    return Answer(202, {"group_type": _view(call, kind)})


def update(call: Call) -> Answer:
    """Rename a type, or describe it otherwise."""
    call.only_admin("group:group_types:update")
    kind, asked = _kind(call), call.inner("group_type")
    name = str(asked.get("name") or kind.name).strip()
    if not name:
        raise Refusal(400, "Group type name can not be empty.")
    if name != kind.name:
        _check_name(call, name)
    kind.name = name
    kind.description = asked.get("description", kind.description)
    kind.is_public = is_set(asked.get("is_public", kind.is_public))
    return Answer(200, {"group_type": _view(call, kind)})


def delete(call: Call) -> Answer:
    """Remove a type that no group is of."""
    call.only_admin("group:group_types:delete")
    kind = _kind(call)
    if any(group.type_id == kind.id for group in call.site.groups.values()):
        raise Refusal(400, "Target group type is still in use.")
    del call.site.types.groups[kind.id]
    return Answer(202)


def specs(call: Call) -> Answer:
    """List what a type specifies."""
    call.only_admin("group:group_types_specs:get_all")
    return Answer(200, {"group_specs": _kind(call).specs})


def add_specs(call: Call) -> Answer:
    """Let a type specify more."""
    call.only_admin("group:group_types_specs:create")
    kind, asked = _kind(call), _specs_in(call.body)
    kind.specs |= asked
    return Answer(202, {"group_specs": asked})


def spec(call: Call) -> Answer:
    """Tell one thing that a type specifies."""
    call.only_admin("group:group_types_specs:get")
    kind, key = _kind(call), call.path["key"]
    if key not in kind.specs:
        raise Refusal(404, f"Group Type {kind.id} has no extra spec with key {key}.")
    return Answer(200, {key: kind.specs[key]})


def change_spec(call: Call) -> Answer:
    """Let a type specify one thing otherwise."""
    call.only_admin("group:group_types_specs:update")
    kind, key = _kind(call), call.path["key"]
    if key not in call.body:
        raise Refusal(400, "Request body and URI mismatch")
    kind.specs[key] = str(call.body[key])
    return Answer(200, {key: kind.specs[key]})


def remove_spec(call: Call) -> Answer:
    """Let a type not specify one thing any more."""
    call.only_admin("group:group_types_specs:delete")
    kind, key = _kind(call), call.path["key"]
    if kind.specs.pop(key, None) is None:
        raise Refusal(404, f"Group Type {kind.id} has no specs with key {key}.")
    return Answer(202)


def group_kind_named(call: Call, wanted: str) -> Kind:
    """Return the type of groups that goes by an id or a name.

    Raises:
        Refusal: there is none.
    """
    kind = named(call.site.types.groups, wanted)
    if kind is None:
        raise no_kind(wanted, "Group type")
    return kind


def _kind(call: Call) -> Kind:
    if call.id == "default":
        raise Refusal(404, "Default group type can not be found.")
    kind = call.site.types.groups.get(call.id)
    if kind is None:
        raise Refusal(404, f"Group type {call.id} could not be found.")
    return kind


def _check_name(call: Call, name: str) -> None:
    if any(kind.name == name for kind in call.site.types.groups.values()):
        raise Refusal(409, f"Group Type {name} already exists.")


def _specs_in(asked: Json) -> dict[str, str]:
    found = asked.get("group_specs") or {}
    if not isinstance(found, dict):
        raise invalid(found, "group_specs", f"{found!r} is not of type 'object'")
    return {str(key): str(value) for key, value in found.items()}


def _view(call: Call, kind: Kind) -> Json:
    told: Json = {
        "id": kind.id,
        "name": kind.name,
        "description": kind.description,
        "is_public": kind.is_public,
    }
    if call.user.admin:
        told["group_specs"] = kind.specs
    return told


_ONE, _SPECS = "/group_types/{id}", "/group_types/{id}/group_specs"
_SPEC = f"{_SPECS}/{{key}}"
OPERATIONS = tuple(
    Operation(method, path, name, handler, since=TYPES)
    for method, path, name, handler in (
        ("GET", "/group_types", "list group types", names),
        ("POST", "/group_types", "create group type", create),
        ("GET", _ONE, "show group type", show),
        ("PUT", _ONE, "update group type", update),
        ("DELETE", _ONE, "delete group type", delete),
        ("GET", _SPECS, "list group specs", specs),
        ("POST", _SPECS, "add group specs", add_specs),
        ("GET", _SPEC, "show group spec", spec),
        ("PUT", _SPEC, "change group spec", change_spec),
        ("DELETE", _SPEC, "remove group spec", remove_spec),
    )
)
