"""What a volume knows of the image that it was made from, or is told of it."""

from vnfdr.sandbox.cinder.metadata import metadata_in
from vnfdr.sandbox.cinder.schema import required
from vnfdr.sandbox.rest import Answer, Call, Json, Refusal
from vnfdr.sandbox.things import Volume


def add(_: Call, volume: Volume, asked: Json) -> Answer:
    """Add to it."""
    volume.image_metadata = {**volume.image_metadata, **metadata_in(asked)}
    return Answer(200, {"metadata": volume.image_metadata})


def show(_: Call, volume: Volume, _asked: Json) -> Answer:
    """Tell all of it."""
    if not volume.image_metadata:
        raise _missing(volume)
    return Answer(200, {"metadata": volume.image_metadata})


def remove(_: Call, volume: Volume, asked: Json) -> Answer:
    """Take a key out of it."""
    key = required(asked, "key", "os-unset_image_metadata")
    if key not in volume.image_metadata:
        raise _missing(volume)
    volume.image_metadata = {k: v for k, v in volume.image_metadata.items() if k != key}
    return Answer(200)


def _missing(volume: Volume) -> Refusal:
    return Refusal(
        404, f"Glance metadata for volume/snapshot {volume.id} cannot be found."
    )
