"""The metadata of volumes and of snapshots, which users read and change."""

from collections.abc import Callable, Iterator
from functools import partial

from vnfdr.sandbox.bodies import check_characters
from vnfdr.sandbox.cinder.nouns import SNAPSHOT, VOLUME
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


def show_item(call: Call, *, owner: Owner) -> Answer:
    """Tell one key of it."""
    thing, key = owner(call), call.path["key"]
    return Answer(200, {"meta": {key: _item(thing, key)}})


def change_item(call: Call, *, owner: Owner) -> Answer:
    """Give one key of it a value."""
    thing, key = owner(call), call.path["key"]
    meta = call.inner("meta")
    check_characters(meta)
    if key not in meta:
        raise Refusal(400, "Request body and URI mismatch")
    if len(meta) > 1:
        raise Refusal(400, "Request body contains too many items")
    thing.metadata = {**thing.metadata, **meta}
    return Answer(200, {"meta": meta})


def remove(call: Call, *, owner: Owner) -> Answer:
    """Take a key out of it."""
    thing, key = owner(call), call.path["key"]
    _item(thing, key)
    thing.metadata = {k: v for k, v in thing.metadata.items() if k != key}
    return Answer(200)


def metadata_in(body: Json) -> dict[str, str]:
    """Return the metadata of a body that was found to be in order."""
    return dict(body.get(FIELD) or {})


def _item(thing: Volume | Snapshot, key: str) -> str:
    if key not in thing.metadata:
        title = "Volume" if isinstance(thing, Volume) else "Snapshot"
        raise Refusal(404, f"{title} {thing.id} has no metadata with key {key}.")
    return thing.metadata[key]


def _operations(noun: str, owner: Owner) -> Iterator[Operation]:
    calls = (
        ("GET", "", "show {} metadata", show),
        ("POST", "", "stamp {}", add),
        ("PUT", "", "replace {} metadata", replace),
        ("GET", "/{key}", "show {} metadata", show_item),
        ("PUT", "/{key}", "change {} metadata", change_item),
        ("DELETE", "/{key}", "remove {} metadata", remove),
    )
    for method, key, name, does in calls:
        yield Operation(
            method,
            f"/{noun}s/{{id}}/metadata{key}",
            name.format(noun),
            partial(does, owner=owner),
        )


OPERATIONS = (
    *_operations("volume", VOLUME.one),
    *_operations("snapshot", SNAPSHOT.one),
)
