"""The bytes of Glance's images."""

import hashlib

from vnfdr.sandbox.blocks import BLOCK_BYTES
from vnfdr.sandbox.disks import GIB
from vnfdr.sandbox.faults import Effect
from vnfdr.sandbox.glance.images import FORMATS, picture_of
from vnfdr.sandbox.rest import Answer, Call, Operation, Refusal

BYTES = "application/octet-stream"


def upload(call: Call) -> Answer:
    """Take an image's bytes in."""
    picture = picture_of(call)
    if call.headers.get("content-type") != BYTES:
        raise Refusal(415, "The server cannot process the content type.")
    if picture.status != "queued":
        raise Refusal(
            409,
            f"Image status transition from {picture.status} to saving is not allowed",
        )
    missing = [key for key in sorted(FORMATS) if getattr(picture, key) is None]
    if missing:
        names = ", ".join(missing)
        raise Refusal(400, f"Properties {names} must be set prior to saving data.")
    if call.fate is Effect.ERROR:
        picture.status = "killed"
        return Answer(204)
    disk = call.site.disks.create(max(1, -(-len(call.data) // GIB)))
    for place in range(0, len(call.data), BLOCK_BYTES):
        block = call.data[place : place + BLOCK_BYTES]
        if any(block):
            disk.write(place, block)
    picture.disk, picture.size = disk, len(call.data)
    picture.checksum = hashlib.md5(call.data, usedforsecurity=False).hexdigest()
    picture.sha512 = hashlib.sha512(call.data).hexdigest()
    picture.status, picture.updated_at = "active", int(call.site.now())
    return Answer(204)


def download(call: Call) -> Answer:
    """Give an image's bytes out."""
    picture = picture_of(call)
    if picture.disk is None or picture.size is None:
        return Answer(204)
    headers = {"Content-MD5": picture.checksum or ""}
    return Answer(200, headers=headers, data=picture.disk.read(0, picture.size))


OPERATIONS = (
    Operation("PUT", "/images/{id}/file", "upload image", upload),
    Operation("GET", "/images/{id}/file", "download image", download),
)
