"""What a site's Glance has: images, called pictures here.

An image is what `vnfdr.sandbox.disks` calls a disk's bytes at one instant.
"""

from attrs import Factory, define

from vnfdr.sandbox.disks import Disk


@define
class Picture:
    """An image of Glance."""

    id: str
    name: str
    owner: str
    created_at: int
    updated_at: int
    status: str = "queued"
    disk_format: str | None = None
    container_format: str | None = None
    visibility: str = "shared"
    protected: bool = False
    min_disk: int = 0
    min_ram: int = 0
    tags: list[str] = Factory(list)
    properties: dict[str, str] = Factory(dict)
    disk: Disk | None = None
    size: int | None = None
    checksum: str | None = None
    sha512: str | None = None
