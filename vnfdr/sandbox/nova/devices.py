"""The volumes that a new server is asked to have, the one that it boots from first."""

from typing import Final

from attrs import frozen

from vnfdr.sandbox.disks import Disk
from vnfdr.sandbox.rest import Call, Json, Refusal, invalid
from vnfdr.sandbox.things import Volume

DEVICES: Final = "block_device_mapping_v2"
WRONG: Final = "Block Device Mapping is Invalid: "


@frozen
class Device:
    """One of them."""

    volume: Volume
    disk: Disk
    boot_index: int
    tag: str | None
    delete_on_termination: bool


def devices_in(call: Call, asked: Json) -> list[Device]:
    """Return them in the order of their device names: the root, then as asked for.

    Raises:
        Refusal: a server cannot boot from that.
    """
    items = asked.get(DEVICES) or []
    if asked.get("imageRef"):
        text = "the sandbox boots from volumes alone, not from images."
        raise Refusal(400, f"{WRONG}{text}")
    if not items:
        raise Refusal(400, "Missing imageRef attribute")
    devices = [_device(call, item) for item in items]
    roots = [device for device in devices if device.boot_index == 0]
    for root in roots:
        if not root.volume.bootable:
            raise Refusal(400, f"Block Device {root.volume.id} is not bootable.")
    indexes = sorted(d.boot_index for d in devices if d.boot_index >= 0)
    if not roots or indexes != list(range(len(indexes))):
        raise Refusal(
            400,
            f"{WRONG}Boot sequence for the instance and image/block device mapping"
            " combination is not valid.",
        )
    for place, device in enumerate(devices):
        twice = any(device.volume is earlier.volume for earlier in devices[:place])
        status = "reserved" if twice else device.volume.status
        if status != "available":
            reason = not_available(call, device.volume, status)
            raise Refusal(400, f"Invalid volume: {reason}")
    return [*roots, *(device for device in devices if device.boot_index != 0)]


def not_available(call: Call, volume: Volume, status: str) -> str:
    """Return what Nova tells of Cinder's refusal to let a volume be attached."""
    return (
        f"Invalid input received: Invalid volume: Volume {volume.id} status must be"
        " available or downloading to reserve, but the current status is"
        f" {status}. (HTTP 400) (Request-ID: {call.request_id})"
    )


def check_boot_indexes(asked: Json) -> None:
    """See that a request says in Nova's form what a server is to boot from.

    Raises:
        Refusal: it does not.
    """
    for item in asked.get(DEVICES) or []:
        if not isinstance(item, dict):
            raise invalid(item, DEVICES, f"{item!r} is not of type 'object'")
        _boot_index(item)


def _device(call: Call, item: Json) -> Device:
    if item.get("source_type") != "volume":
        source = item.get("source_type")
        text = f"the sandbox boots from volumes alone, not from source {source!r}."
        raise Refusal(400, f"{WRONG}{text}")
    volume, index = call.site.volumes.get(str(item.get("uuid"))), _boot_index(item)
    if volume is None or volume.disk is None:
        if index == 0:
            raise Refusal(400, f"{WRONG}failed to get volume {item.get('uuid')}.")
        raise Refusal(400, f"Volume {item.get('uuid')} could not be found.")
    return Device(
        volume,
        volume.disk,
        index,
        item.get("tag"),
        is_true(item.get("delete_on_termination")),
    )


def _boot_index(item: Json) -> int:
    asked = item.get("boot_index")
    if asked is None:
        return -1
    try:
        return int(asked)
    except (TypeError, ValueError):
        why = f"{asked!r} does not match '^-?[0-9]+$'"
        raise invalid(asked, "boot_index", why) from None


def is_true(asked: object) -> bool:
    """Read a truth as Nova does, from JSON or from a word."""
    return str(asked).lower() in {"true", "1", "yes", "on"}
