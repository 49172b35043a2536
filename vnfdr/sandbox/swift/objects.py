"""Swift's objects, and their bytes."""

import hashlib
from typing import Final

from vnfdr.sandbox.faults import Effect
from vnfdr.sandbox.objects import StoredObject
from vnfdr.sandbox.rest import Answer, Call, Operation, Refusal
from vnfdr.sandbox.swift.service import container_of, no, said
from vnfdr.sandbox.things import utc

NAME_MAX: Final = 1024
SAID: Final = ("x-object-meta-",)
BYTES: Final = "application/octet-stream"


def put(call: Call) -> Answer:
    """Keep some bytes under a name, in place of what had it."""
    name = call.path["object"]
    if len(name.encode()) > NAME_MAX:
        text = f"Object name length of {len(name.encode())} longer than {NAME_MAX}"
        raise Refusal(400, text)
    if not {"content-length", "transfer-encoding"} & set(call.headers):
        raise Refusal(411, "Missing Content-Length header.")
    container = container_of(call)
    if name in container.objects and call.headers.get("if-none-match") == "*":
        raise Refusal(412, "A precondition for this request was not met.")
    data, wanted = call.data, call.headers.get("etag")
    if wanted is not None and wanted.strip('"').lower() != _md5(data):
        raise no(422)
    if call.fate is Effect.ERROR:
        data = data[: len(data) // 2]
    kept = StoredObject(
        data,
        _md5(data),
        call.headers.get("content-type", BYTES),
        call.site.now(),
        said(call, *SAID),
    )
    container.objects[name] = kept
    return Answer(201, headers={"ETag": kept.etag, "Last-Modified": _date(kept)})


def get(call: Call) -> Answer:
    """Give bytes out, or tell of them."""
    kept = _object_of(call)
    headers = {
        **{name.title(): value for name, value in kept.metadata.items()},
        "ETag": kept.etag,
        "Last-Modified": _date(kept),
        "X-Timestamp": f"{kept.changed_at:.5f}",
    }
    return Answer(200, headers=headers, data=kept.data, kind=kept.kind)


def change(call: Call) -> Answer:
    """Change what is said of an object: all of it."""
    _object_of(call).metadata = said(call, *SAID)
    return Answer(202)


def delete(call: Call) -> Answer:
    """Forget an object."""
    _object_of(call)
    del container_of(call).objects[call.path["object"]]
    return Answer(204)


def _object_of(call: Call) -> StoredObject:
    kept = container_of(call).objects.get(call.path["object"])
    if kept is None:
        raise no(404)
    return kept


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _date(kept: StoredObject) -> str:
    return f"{utc(kept.changed_at):%a, %d %b %Y %H:%M:%S} GMT"


OPERATIONS = (
    # Starlette would answer HEAD by what answers GET.
    Operation("HEAD", "/{container}/{object:path}", "show object", get),
    Operation("GET", "/{container}/{object:path}", "read object", get),
    Operation("PUT", "/{container}/{object:path}", "put object", put),
    Operation("POST", "/{container}/{object:path}", "change object", change),
    Operation("DELETE", "/{container}/{object:path}", "delete object", delete),
)
