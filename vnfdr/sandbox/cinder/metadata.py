"""The metadata of volumes and of snapshots, which users read and change."""

from collections.abc import Callable, Iterator
from functools import partial

from vnfdr.sandbox.cinder.lists import SNAPSHOT, VOLUME, one
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal
from vnfdr.sandbox.things import Snapshot, Volume

FIELD = "metadata"
LENGTH_MAX = 255


Owner = Callable[[Call], Volume | Snapshot]
"""Finds the thing whose metadata a call is about."""


def show(call: Call, *, owner: Owner) -> Answer:
    """Tell all of it."""
    return Answer(200, {"metadata": owner(call).metadata})


def add(call: Call, *, owner: Owner) -> Answer:
    """Add to it."""
    thing = owner(call)
    thing.metadata = {**thing.metadata, **metadata_in(call.body)}
    return Answer(200, {"metadata": thing.metadata})


def replace(call: Call, *, owner: Owner) -> Answer:
    """Put something else in its place."""
    thing = owner(call)
    thing.metadata = metadata_in(call.body)
    return Answer(200, {"metadata": thing.metadata})


def remove(call: Call, *, owner: Owner) -> Answer:
    """Take a key out of it."""
    thing, key = owner(call), call.path["key"]
    if key not in thing.metadata:
        raise Refusal(404, f"Metadata with key '{key}' could not be found.")
    thing.metadata = {k: v for k, v in thing.metadata.items() if k != key}
    return Answer(200)


def metadata_in(body: Json) -> dict[str, str]:
    """Return the metadata of a body.

    Raises:
        Refusal: it is none.
    """
    found = body.get(FIELD) or {}
    if not isinstance(found, dict):
        raise _wrong(FIELD, found, f"{found!r} is not of type 'object'")
    for key, value in found.items():
        if not isinstance(value, str):
            raise _wrong(key, value, f"{value!r} is not of type 'string'")
        if len(value) > LENGTH_MAX:
            raise _wrong(key, value, f"{value!r} is too long")
    return dict(found)


def _wrong(key: str, value: object, why: str) -> Refusal:
    return Refusal(
        400, f"Invalid input for field/attribute {key}. Value: {value}. {why}"
    )


def _volume(call: Call) -> Volume:
    return one(call.site.volumes, VOLUME, call.id)


def _snapshot(call: Call) -> Snapshot:
    return one(call.site.snapshots, SNAPSHOT, call.id)


def _operations(noun: str, owner: Owner) -> Iterator[Operation]:
    path = f"/{noun}s/{{id}}/metadata"
    yield Operation("GET", path, f"show {noun} metadata", partial(show, owner=owner))
    yield Operation("POST", path, f"stamp {noun}", partial(add, owner=owner))
    yield Operation(
        "PUT", path, f"replace {noun} metadata", partial(replace, owner=owner)
    )
    yield Operation(
        "DELETE",
        f"{path}/{{key}}",
        f"remove {noun} metadata",
        partial(remove, owner=owner),
    )


OPERATIONS = (*_operations("volume", _volume), *_operations("snapshot", _snapshot))
