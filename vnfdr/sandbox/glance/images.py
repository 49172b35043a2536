"""Glance's images, without their bytes."""

import json
from typing import Final

from vnfdr.sandbox.pictures import Picture
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal
from vnfdr.sandbox.things import zulu

OWN: Final = (
    "name",
    "disk_format",
    "container_format",
    "visibility",
    "protected",
    "min_disk",
    "min_ram",
    "tags",
)
"""What every image has, and users set."""
FORMATS: Final = {"disk_format", "container_format"}
READ_ONLY: Final = {
    "id",
    "owner",
    "status",
    "size",
    "virtual_size",
    "checksum",
    "os_hash_algo",
    "os_hash_value",
    "created_at",
    "updated_at",
    "self",
    "file",
    "schema",
}
FILTERS: Final = ("name", "status", "visibility", "owner", "id", "disk_format")
NOT_FOUND: Final = "No image found with ID {id}"
VISIBILITIES: Final = ("community", "public", "private", "shared")


def create(call: Call) -> Answer:
    """Make an image that has no bytes yet."""
    asked = {key: value for key, value in call.body.items() if key != "id"}
    for key in asked:
        if key in READ_ONLY:
            raise Refusal(403, f"Attribute '{key}' is read-only.")
    picture_id = str(call.body.get("id") or call.site.new_id())
    if picture_id in call.site.pictures:
        raise Refusal(409, f"Image ID {picture_id} already exists!")
    now = int(call.site.now())
    picture = Picture(picture_id, "", call.site.project_id, now, now)
    for key, value in asked.items():
        _set(call, picture, key, value)
    call.site.pictures[picture_id] = picture
    headers = {"Location": f"{call.site.url}/image/v2/images/{picture_id}"}
    return Answer(201, view(picture), headers)


def show(call: Call) -> Answer:
    """Tell of one image."""
    return Answer(200, view(picture_of(call)))


def images(call: Call) -> Answer:
    """List images, newest first."""
    there = reversed(list(call.site.pictures.values()))
    tags = set(call.query.getlist("tag"))
    wanted = {key: call.query[key] for key in FILTERS if key in call.query}
    fit = [
        told
        for told in map(view, there)
        if tags <= set(told["tags"])
        and all(told[key] == value for key, value in wanted.items())
    ]
    after, limit = call.query.get("marker"), call.query.get("limit", "")
    if after is not None:
        ids = [told["id"] for told in fit]
        if after not in ids:
            raise Refusal(400, NOT_FOUND.format(id=after))
        fit = fit[ids.index(after) + 1 :]
    page = fit[: int(limit)] if limit.isdigit() else fit
    told = {"images": page, "first": "/v2/images", "schema": "/v2/schemas/images"}
    if len(page) < len(fit) and page:
        told["next"] = f"/v2/images?limit={limit}&marker={page[-1]['id']}"
    return Answer(200, told)


def change(call: Call) -> Answer:
    """Change an image, as a JSON patch says."""
    picture = picture_of(call)
    for step in _patch(call):
        key = str(step.get("path", "")).lstrip("/")
        if key in READ_ONLY:
            raise Refusal(403, f"Attribute '{key}' is read-only.")
        if step.get("op") == "remove":
            _remove(picture, key)
        elif step.get("op") == "replace" and key not in {*OWN, *picture.properties}:
            raise Refusal(409, f"Property {key} does not exist.")
        else:
            _set(call, picture, key, step.get("value"))
    picture.updated_at = int(call.site.now())
    return Answer(200, view(picture))


def delete(call: Call) -> Answer:
    """Delete an image, with its bytes."""
    picture = picture_of(call, "Failed to find image {id} to delete")
    if picture.protected:
        text = f"Image {picture.id} is protected and cannot be deleted."
        raise Refusal(403, text)
    call.site.pictures.pop(picture.id)
    if picture.disk is not None:
        call.site.disks.delete(picture.disk)
    return Answer(204)


def picture_of(call: Call, words: str = NOT_FOUND) -> Picture:
    """Return the image that a call is about.

    Raises:
        Refusal: there is none.
    """
    picture = call.site.pictures.get(call.id)
    if picture is None:
        raise Refusal(404, words.format(id=call.id))
    return picture


def _patch(call: Call) -> list[Json]:
    try:
        found = json.loads(call.data)
    except ValueError:
        raise Refusal(400, "Malformed JSON in request body.") from None
    if not isinstance(found, list):
        raise Refusal(400, "Request body must be a JSON array of operation objects.")
    return found


def _set(call: Call, picture: Picture, key: str, value: object) -> None:
    if key in FORMATS and picture.status != "queued":
        raise Refusal(403, f"Attribute {key} can be only replaced for a queued image.")
    if key == "visibility":
        if value not in VISIBILITIES:
            text = f"'{value}' is not one of {list(VISIBILITIES)}"
            raise Refusal(400, f"Provided object does not match schema 'image': {text}")
        if value == "public" and not call.user.admin:
            text = "You are not authorized to complete publicize_image action."
            raise Refusal(403, text)
    if key in OWN:
        setattr(picture, key, value)
    else:
        picture.properties[key] = str(value)


def _remove(picture: Picture, key: str) -> None:
    if key in OWN:
        raise Refusal(403, f"Property '{key}' is a base property and can't be removed.")
    if key not in picture.properties:
        raise Refusal(409, f"Property {key} does not exist.")
    del picture.properties[key]


def view(picture: Picture) -> Json:
    """Return all that Glance shows of an image."""
    where = f"/v2/images/{picture.id}"
    return {
        **picture.properties,
        **{key: getattr(picture, key) for key in OWN},
        "id": picture.id,
        "owner": picture.owner,
        "status": picture.status,
        "size": picture.size,
        "virtual_size": picture.size,
        "checksum": picture.checksum,
        "os_hash_algo": "sha512" if picture.sha512 else None,
        "os_hash_value": picture.sha512,
        "os_hidden": False,
        "created_at": zulu(picture.created_at),
        "updated_at": zulu(picture.updated_at),
        "self": where,
        "file": f"{where}/file",
        "schema": "/v2/schemas/image",
    }


OPERATIONS = (
    Operation("POST", "/images", "create image", create),
    Operation("GET", "/images", "list images", images),
    Operation("GET", "/images/{id}", "show image", show),
    Operation("PATCH", "/images/{id}", "change image", change),
    Operation("DELETE", "/images/{id}", "delete image", delete),
)
