"""What the sandbox's guests write: numbered records that quote each other.

Block 0 of a guest's disk begins with its mark: is the file system on it clean, or does
it need recovery? The next blocks are a ring of records, each 256 bytes of text::

    number(10) time_ns(19) guest other:number other:number ...

A guest writes a record to each of its disks, the root disk last, and only then tells
others its number. A record quotes the highest number that its writer had heard from
each other guest.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Protocol

from attrs import field, frozen

from vnfdr.sandbox.blocks import BLOCK_BYTES

RECORD_BYTES = 256
RING_BLOCKS = 16
RING_BYTES = RING_BLOCKS * BLOCK_BYTES
RING_RECORDS = RING_BYTES // RECORD_BYTES

MARK = "vnfdr sandbox file system: "
CLEAN, DIRTY = (
    f"{MARK}{state}\n".ljust(RECORD_BYTES).encode()
    for state in ("clean", "needs recovery")
)

_NUMBER_DIGITS = 10
_NOTHING = bytes(RECORD_BYTES)
_NAME_LETTERS_MAX = 32


class Readable(Protocol):
    """A disk, an image, or whatever else has bytes."""

    def read(self, offset: int, length: int) -> bytes:
        """Return ``length`` bytes from ``offset``."""
        ...


@frozen
class Record:
    """One record of one guest, as it is on each of its disks."""

    number: int
    at_ns: int
    guest: str
    heard: Mapping[str, int] = field(factory=dict, hash=False)

    def __bytes__(self) -> bytes:
        text = f"{self.number:010} {self.at_ns:019} {self.guest}"
        # The newest first: of many, the oldest are left out.
        for other, number in reversed(list(self.heard.items())):
            quote = f" {other}:{number}"
            # A quote that is left out hides a cause; it never invents one.
            if len(text) + len(quote) < RECORD_BYTES:
                text += quote
        return (text.ljust(RECORD_BYTES - 1) + "\n").encode("ascii")

    @classmethod
    def parse(cls, slot: bytes) -> "Record":
        """Read one record; what is none is a ``ValueError``."""
        number, at_ns, guest, *heard = slot.decode("ascii").split()
        quotes = (quote.split(":") for quote in heard)
        quoted = {other: int(last) for other, last in quotes}
        return cls(int(number), int(at_ns), guest, quoted)


@frozen
class Log:
    """All that is on one disk of a guest."""

    numbers: tuple[int, ...]
    """Of the records in the ring, oldest first."""
    last: Record | None
    broken_at: tuple[int, ...]
    """Where on the disk something is that is no record."""
    needs_recovery: bool
    is_marked: bool
    """Whether a guest has ever used the disk."""

    @property
    def end(self) -> int:
        """The number of the last record, 0 if there is none."""
        return self.last.number if self.last else 0


def signature(name: str) -> str:
    """Return how a guest of this name signs: short, and without spaces or colons."""
    plain = re.sub(r"[^A-Za-z0-9_.-]", "_", name)
    if plain == name and 0 < len(name) <= _NAME_LETTERS_MAX:
        return name
    return f"{plain[:20]}~{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def place_of(number: int) -> int:
    """Return where on a disk the record with this number is."""
    return BLOCK_BYTES + (number - 1) % RING_RECORDS * RECORD_BYTES


def read_log(disk: Readable) -> Log:
    """Read what a guest wrote to ``disk``."""
    mark = disk.read(0, RECORD_BYTES)
    is_marked = mark in (CLEAN, DIRTY)
    ring = disk.read(BLOCK_BYTES, RING_BYTES) if is_marked else b""
    found = dict(_numbers(ring))
    broken = [at for at, number in found.items() if number is None]
    numbers = sorted(number for number in found.values() if number is not None)
    last = None
    if numbers:
        at = place_of(numbers[-1]) - BLOCK_BYTES
        try:
            last = Record.parse(ring[at : at + RECORD_BYTES])
        except ValueError:
            broken.append(at)
    return Log(
        tuple(numbers),
        last,
        tuple(BLOCK_BYTES + at for at in broken),
        mark == DIRTY,
        is_marked,
    )


def _numbers(ring: bytes) -> Iterator[tuple[int, int | None]]:
    """Yield where something is, and its number if it is a record in its place."""
    for at in range(0, len(ring), RECORD_BYTES):
        digits = ring[at : at + _NUMBER_DIGITS]
        if digits.isdigit() and ring[at + RECORD_BYTES - 1] == ord("\n"):
            number = int(digits)
            in_place = number > 0 and place_of(number) == BLOCK_BYTES + at
            yield at, number if in_place else None
        elif ring[at : at + RECORD_BYTES] != _NOTHING:
            yield at, None
