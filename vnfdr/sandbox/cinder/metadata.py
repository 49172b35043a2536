"""The metadata of volumes and of snapshots, which users read and change."""

from collections.abc import Callable, Iterator
from functools import partial

from vnfdr.sandbox.bodies import check_characters
from vnfdr.sandbox.cinder.lists import SNAPSHOT, VOLUME, one
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal
from vnfdr.sandbox.things import Snapshot, Volume

FIELD = "metadata"


Owner = Callable[[Call], Volume | Snapshot]
"""Finds the thing whose metadata a call is about."""


def show(call: Call, *, owner: Owner) -> Answer:
    """Tell all of it."""
    return Answer(200, {"metadata": owner(call).metadata})


def add(call: Call, *, owner: Owner) -> Answer:
    """Add to it."""
    thing = owner(call)
    check_characters(call.body)
    thing.metadata = {**thing.metadata, **metadata_in(call.body)}
    return Answer(200, {"metadata": thing.metadata})


def replace(call: Call, *, owner: Owner) -> Answer:
    """Put something else in its place."""
    thing = owner(call)
    check_characters(call.body)
    thing.metadata = metadata_in(call.body)
    return Answer(200, {"metadata": thing.metadata})


def remove(call: Call, *, owner: Owner) -> Answer:
    """Take a key out of it."""
    thing, key = owner(call), call.path["key"]
    if key not in thing.metadata:
        title = "Volume" if isinstance(thing, Volume) else "Snapshot"
        raise Refusal(404, f"{title} {thing.id} has no metadata with key {key}.")
    thing.metadata = {k: v for k, v in thing.metadata.items() if k != key}
    return Answer(200)


def metadata_in(body: Json) -> dict[str, str]:
    """Return the metadata of a body that was found to be in order."""
    return dict(body.get(FIELD) or {})


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
