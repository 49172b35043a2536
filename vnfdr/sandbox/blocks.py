"""Maps of blocks that share one file, and each other's blocks.

A map says which block of the file holds which block of a disk; one that is not mapped
is all zeros. To copy a map copies no bytes: who then writes to a block that another
map has too gets a block of its own.
"""

import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from attrs import define, field

BLOCK_BYTES = 32768
"""What is copied, hashed and backed up as a whole."""

ZEROS = bytes(BLOCK_BYTES)


class DiskGoneError(Exception):
    """A disk or an image was used after it was deleted."""


@define(eq=False)
class BlockFile:
    """The blocks of all disks, each with the number of maps that it is in."""

    path: Path
    descriptor: int = field(init=False)
    users: list[int] = field(factory=list)
    unused: list[int] = field(factory=list)
    lock: threading.Lock = field(factory=threading.Lock)

    def __attrs_post_init__(self) -> None:
        self.descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)

    def add(self, content: bytes) -> int:
        with self.lock:
            slot = self.unused.pop() if self.unused else len(self.users)
            if slot == len(self.users):
                self.users.append(1)
            else:
                self.users[slot] = 1
        self.write(slot, 0, content)
        return slot

    def write(self, slot: int, at: int, data: bytes) -> None:
        os.pwrite(self.descriptor, data, slot * BLOCK_BYTES + at)

    def read(self, slot: int, at: int, length: int) -> bytes:
        return os.pread(self.descriptor, length, slot * BLOCK_BYTES + at)

    def share(self, slots: Iterable[int]) -> None:
        with self.lock:
            for slot in slots:
                self.users[slot] += 1

    def release(self, slots: Iterable[int]) -> None:
        with self.lock:
            for slot in slots:
                self.users[slot] -= 1
                if not self.users[slot]:
                    self.unused.append(slot)

    def close(self) -> None:
        # Whoever comes late must not meet a file that got the same number.
        descriptor, self.descriptor = self.descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)
            self.path.unlink(missing_ok=True)


@define(eq=False)
class BlockMap:
    """The blocks of one disk; every use of it is one instant for every other."""

    name: str
    size_bytes: int
    file: BlockFile
    slots: dict[int, int] = field(factory=dict)
    gone: bool = False
    lock: threading.Lock = field(factory=threading.Lock)

    def read(self, offset: int, length: int) -> bytes:
        self._check_range(offset, length)
        with self.lock:
            self._check_there()
            return b"".join(
                self._piece(index, at, size)
                for index, at, size in _pieces(offset, length)
            )

    def write(self, offset: int, data: bytes) -> None:
        self._check_range(offset, len(data))
        with self.lock:
            self._check_there()
            done = 0
            for index, at, size in _pieces(offset, len(data)):
                self._put(index, at, data[done : done + size])
                done += size

    def clear(self, indexes: range) -> None:
        with self.lock:
            self._check_there()
            cleared = [index for index in self.slots if index in indexes]
            self.file.release([self.slots.pop(index) for index in cleared])

    def copy(self, name: str, size_bytes: int) -> "BlockMap":
        with self.lock:
            return self._copied(name, size_bytes)

    def delete(self) -> None:
        with self.lock:
            self.gone = True
            self.file.release(self.slots.values())
            self.slots.clear()

    def contents(self) -> Iterator[tuple[int, bytes]]:
        """Yield what this map holds now, whatever is written to it meanwhile."""
        still = self.copy(self.name, self.size_bytes)
        try:
            for index in sorted(still.slots):
                content = still.read(index * BLOCK_BYTES, BLOCK_BYTES)
                if content != ZEROS:
                    yield index, content
        finally:
            still.delete()

    def _copied(self, name: str, size_bytes: int) -> "BlockMap":
        self._check_there()
        self.file.share(self.slots.values())
        return BlockMap(name, size_bytes, self.file, dict(self.slots))

    def _put(self, index: int, at: int, data: bytes) -> None:
        slot = self.slots.get(index)
        if data == ZEROS:
            if slot is not None:
                self.file.release([self.slots.pop(index)])
        elif slot is not None and self.file.users[slot] == 1:
            self.file.write(slot, at, data)
        else:
            old = self._piece(index, 0, BLOCK_BYTES)
            new = old[:at] + data + old[at + len(data) :]
            self.slots[index] = self.file.add(new)
            if slot is not None:
                self.file.release([slot])

    def _piece(self, index: int, at: int, length: int) -> bytes:
        slot = self.slots.get(index)
        return bytes(length) if slot is None else self.file.read(slot, at, length)

    def _check_range(self, offset: int, length: int) -> None:
        if offset < 0 or length < 0 or offset + length > self.size_bytes:
            raise ValueError(
                f"{length} bytes at {offset} are not within {self.name}, "
                f"which has {self.size_bytes} bytes"
            )

    def _check_there(self) -> None:
        if self.gone:
            raise DiskGoneError(f"{self.name} was deleted")


def copy_at_once(maps: Mapping[str, BlockMap]) -> list[BlockMap]:
    """Copy maps, each to a new name; all of them are held for one instant."""
    with ExitStack() as held:
        # Two that want some of the same maps take them in the same order.
        for content in sorted(maps.values(), key=lambda content: content.name):
            held.enter_context(content.lock)
        return [
            content._copied(name, content.size_bytes)  # noqa: SLF001 - it is held
            for name, content in maps.items()
        ]


def _pieces(offset: int, length: int) -> Iterator[tuple[int, int, int]]:
    """Cut a range at the blocks' borders: block, where in it, how many bytes."""
    end = offset + length
    while offset < end:
        index, at = divmod(offset, BLOCK_BYTES)
        size = min(BLOCK_BYTES - at, end - offset)
        yield index, at, size
        offset += size
