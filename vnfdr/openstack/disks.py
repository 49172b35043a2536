"""The disks of a server, as Nova shows them: on volumes, and on its compute host."""

from collections.abc import Iterator
from typing import Any

from vnfdr.openstack.api import Json


def device_order(device: str) -> tuple[bool, int, str]:
    """Put ``vdaa`` after ``vdz``, and what has no device last."""
    return (not device, len(device), device)


def local_disks(seen: Json) -> Iterator[str]:
    """Say which disks live on the compute host; Cinder cannot protect those."""
    flavor: dict[str, Any] = seen["flavor"]
    if seen.get("image"):
        yield "an image-backed root disk"
    if flavor.get("ephemeral"):
        yield f"an ephemeral disk of {flavor['ephemeral']} GiB"
    if flavor.get("swap"):
        yield f"a swap disk of {flavor['swap']} MiB"
