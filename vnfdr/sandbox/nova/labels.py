"""What users write on a server: its name, its description, metadata and tags."""

from vnfdr.sandbox.nova.servers import server_of, view
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal, invalid
from vnfdr.sandbox.things import Server

KEY, TAG = "/servers/{id}/metadata/{key}", "/servers/{id}/tags/{tag}"


def rename(call: Call) -> Answer:
    """Change a server's name, description or host name. Its guest is not told."""
    server, asked = server_of(call), call.inner("server")
    server.name = str(asked.get("name", server.name)).strip()
    server.description = asked.get("description", server.description)
    server.hostname = asked.get("hostname", server.hostname)
    return Answer(200, {"server": view(call, server)})


def metadata(call: Call) -> Answer:
    """Tell all metadata."""
    return Answer(200, {"metadata": server_of(call).metadata})


def add(call: Call) -> Answer:
    """Add metadata."""
    server = server_of(call)
    server.metadata = {**server.metadata, **_metadata(call.inner("metadata"))}
    return Answer(200, {"metadata": server.metadata})


def replace(call: Call) -> Answer:
    """Put other metadata in its place."""
    server = server_of(call)
    server.metadata = _metadata(call.inner("metadata"))
    return Answer(200, {"metadata": server.metadata})


def remove(call: Call) -> Answer:
    """Take a key out of the metadata."""
    server, key = server_of(call), call.path["key"]
    if key not in server.metadata:
        raise Refusal(404, "Metadata item was not found")
    server.metadata = {k: v for k, v in server.metadata.items() if k != key}
    return Answer(204)


def tags(call: Call) -> Answer:
    """List a server's tags."""
    return Answer(200, {"tags": server_of(call).tags})


def set_tags(call: Call) -> Answer:
    """Put other tags in their place."""
    server, asked = server_of(call), call.body.get("tags")
    if not isinstance(asked, list):
        raise invalid(asked, "tags", f"{asked!r} is not of type 'array'")
    server.tags = sorted({str(tag) for tag in asked})
    return Answer(200, {"tags": server.tags})


def add_tag(call: Call) -> Answer:
    """Add a tag."""
    server, tag = server_of(call), call.path["tag"]
    if tag in server.tags:
        return Answer(204)
    server.tags = sorted([*server.tags, tag])
    return Answer(201, headers={"Location": f"{call.url}"})


def remove_tag(call: Call) -> Answer:
    """Remove a tag."""
    server = _tagged(call)
    server.tags = [tag for tag in server.tags if tag != call.path["tag"]]
    return Answer(204)


def _tagged(call: Call) -> Server:
    server, tag = server_of(call), call.path["tag"]
    if tag not in server.tags:
        raise Refusal(404, f"Server {server.id} doesn't have a tag '{tag}'")
    return server


def _metadata(asked: Json) -> dict[str, str]:
    for key, value in asked.items():
        if not isinstance(value, str):
            raise invalid(value, key, f"{value!r} is not of type 'string'")
    return dict(asked)


OPERATIONS = (
    Operation("PUT", "/servers/{id}", "rename server", rename),
    Operation("GET", "/servers/{id}/metadata", "show server metadata", metadata),
    Operation("POST", "/servers/{id}/metadata", "add server metadata", add),
    Operation("PUT", "/servers/{id}/metadata", "replace server metadata", replace),
    Operation("DELETE", KEY, "remove server metadata", remove),
    Operation("GET", "/servers/{id}/tags", "list server tags", tags),
    Operation("PUT", "/servers/{id}/tags", "set server tags", set_tags),
    Operation("PUT", TAG, "add server tag", add_tag),
    Operation("DELETE", TAG, "remove server tag", remove_tag),
)
