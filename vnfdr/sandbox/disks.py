"""Volumes and snapshots with real bytes, as cheap as what was written to them."""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from attrs import define, field

from vnfdr.sandbox.blocks import (
    BLOCK_BYTES,
    BlockFile,
    BlockMap,
    DiskGoneError,
    copy_at_once,
)

__all__ = ["BLOCK_BYTES", "Disk", "DiskGoneError", "DiskStore", "Image"]

GIB = 2**30


@define(eq=False)
class Disk:
    """A volume's bytes: zeros where nothing was written."""

    id: str
    size_bytes: int
    content: BlockMap = field(repr=False)

    def read(self, offset: int, length: int) -> bytes:
        return self.content.read(offset, length)

    def write(self, offset: int, data: bytes) -> None:
        """Write all of ``data`` at once: an image has all of it, or nothing."""
        self.content.write(offset, data)

    def blocks(self) -> Iterator[tuple[int, bytes]]:
        """Yield index and content of every non-zero block, all of one instant."""
        return self.content.contents()

    def zero_blocks(self, indexes: range) -> None:
        """Write zeros to whole blocks; what holds none costs nothing."""
        self.content.clear(indexes)


@define(eq=False)
class Image:
    """A snapshot: the bytes of a disk at one instant, whatever becomes of the disk."""

    id: str
    size_bytes: int
    content: BlockMap = field(repr=False)

    def read(self, offset: int, length: int) -> bytes:
        return self.content.read(offset, length)

    def blocks(self) -> Iterator[tuple[int, bytes]]:
        """Yield index and content of every block that is not all zeros."""
        return self.content.contents()


@define(eq=False)
class DiskStore:
    """All disks and images of a site, in one file of ``directory``.

    A context manager that removes the file; the directory too, if nothing else is
    in it.
    """

    directory: Path
    _file: BlockFile = field(init=False, repr=False)
    _maps: dict[str, BlockMap] = field(factory=dict, init=False, repr=False)
    _numbers: Iterator[int] = field(
        factory=lambda: itertools.count(1), init=False, repr=False
    )

    def __attrs_post_init__(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        self._file = BlockFile(self.directory / "blocks")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def create(self, size_gib: int, source: Image | None = None) -> Disk:
        """Make a disk of zeros, or one that begins as a clone of ``source``."""
        name, size_bytes = f"disk-{next(self._numbers)}", size_gib * GIB
        if source is None:
            content = BlockMap(name, size_bytes, self._file)
        elif source.content.file is not self._file:
            raise ValueError(f"{source.id} is of another store")
        elif source.size_bytes <= size_bytes:
            content = source.content.copy(name, size_bytes)
        else:
            raise ValueError(f"{source.id} does not fit into {size_gib} GiB")
        self._maps[name] = content
        return Disk(name, size_bytes, content)

    def image(self, disk: Disk) -> Image:
        """Take an image; its instant is the moment of this call."""
        (image,) = self.images([disk])
        return image

    def images(self, disks: Sequence[Disk]) -> list[Image]:
        """Take images of several disks, all at the same moment."""
        wanted = {f"image-{next(self._numbers)}": disk.content for disk in disks}
        contents = copy_at_once(wanted)
        self._maps |= dict(zip(wanted, contents, strict=True))
        return [Image(c.name, c.size_bytes, c) for c in contents]

    def extend(self, disk: Disk, size_gib: int) -> None:
        """Add zeros at the end of a disk, for whoever uses it too."""
        disk.size_bytes = disk.content.size_bytes = size_gib * GIB

    def delete(self, disk_or_image: Disk | Image) -> None:
        """Forget it, and use its blocks again; to delete twice is no error."""
        self._maps.pop(disk_or_image.id, None)
        disk_or_image.content.delete()

    def close(self) -> None:
        """Delete every disk and image, and the file; to close twice is no error."""
        while self._maps:
            _, content = self._maps.popitem()
            content.delete()
        self._file.close()
        with suppress(OSError):
            self.directory.rmdir()
