"""Swift's accounts and containers."""

from typing import Final

from vnfdr.sandbox.objects import Container, StoredObject
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal
from vnfdr.sandbox.swift.listing import listed, page
from vnfdr.sandbox.swift.service import check_account, container_of, no, said
from vnfdr.sandbox.things import stamp

NAME_MAX: Final = 256
SAID: Final = ("x-container-meta-", "x-container-read", "x-container-write")


def account(call: Call) -> Answer:
    """List the containers of an account."""
    check_account(call)
    there = call.site.objects.containers
    entries = [
        {
            "name": name,
            "count": len(there[name].objects),
            "bytes": _size(there[name]),
            "last_modified": stamp(there[name].created_at),
        }
        for name in page(call, list(there))
    ]
    sizes = {"X-Account-Container-Count": str(len(there))}
    return (
        Answer(204, headers=sizes) if _is_head(call) else listed(call, entries, sizes)
    )


def show(call: Call) -> Answer:
    """Tell of a container, and not what is in it."""
    return Answer(204, headers=_about(container_of(call)))


def objects(call: Call) -> Answer:
    """List what is in a container."""
    container = container_of(call)
    entries = [
        _entry(name, container.objects.get(name))
        for name in page(call, list(container.objects))
    ]
    return listed(call, entries, _about(container))


def put(call: Call) -> Answer:
    """Make a container, or change it where it is there."""
    check_account(call)
    name, there = call.path["container"], call.site.objects.containers
    if len(name.encode()) > NAME_MAX:
        text = f"Container name length of {len(name.encode())} longer than {NAME_MAX}"
        raise Refusal(400, text)
    is_new = name not in there
    container = there.setdefault(name, Container(call.site.now()))
    _change(container, call)
    return Answer(201 if is_new else 202)


def change(call: Call) -> Answer:
    """Change what is said of a container, and who may read it."""
    _change(container_of(call), call)
    return Answer(204)


def delete(call: Call) -> Answer:
    """Delete a container that is empty."""
    if container_of(call).objects:
        raise no(409)
    del call.site.objects.containers[call.path["container"]]
    return Answer(204)


def _change(container: Container, call: Call) -> None:
    container.metadata |= said(call, *SAID)
    for name in [name for name, value in container.metadata.items() if not value]:
        del container.metadata[name]


def _about(container: Container) -> dict[str, str]:
    return {
        **{name.title(): value for name, value in container.metadata.items()},
        "X-Container-Object-Count": str(len(container.objects)),
        "X-Container-Bytes-Used": str(_size(container)),
        "X-Timestamp": f"{container.created_at:.5f}",
    }


def _size(container: Container) -> int:
    return sum(len(kept.data) for kept in container.objects.values())


def _entry(name: str, kept: StoredObject | None) -> Json:
    if kept is None:
        return {"subdir": name}
    return {
        "name": name,
        "hash": kept.etag,
        "bytes": len(kept.data),
        "content_type": kept.kind,
        "last_modified": stamp(kept.changed_at),
    }


def _is_head(call: Call) -> bool:
    return call.method == "HEAD"


OPERATIONS = (
    # Starlette would answer HEAD by what answers GET.
    Operation("HEAD", "", "show account", account),
    Operation("GET", "", "list containers", account),
    Operation("HEAD", "/{container}", "show container", show),
    Operation("GET", "/{container}", "list objects", objects),
    Operation("PUT", "/{container}", "create container", put),
    Operation("POST", "/{container}", "change container", change),
    Operation("DELETE", "/{container}", "delete container", delete),
)
