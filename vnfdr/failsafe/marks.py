"""What may be frozen now, in memory that two processes share.

The worker writes a byte before it sends a freeze, another when that is answered, and
the first again after a thaw is proven: no system call, nothing that could wait. The
failsafe reads them once the worker is dead, so that it knows which freezes were sent,
which of those may come about still, and never thaws a guest that is not ours.
"""

import mmap
import os
from collections.abc import Iterator, Mapping, MutableSet, Sequence
from typing import Self

from attrs import field, frozen

from vnfdr.plan import Window

AWAY, MARKED = 0, 1


@frozen(eq=False)
class Row(MutableSet[str]):
    """A set of keys, out of those that have a place in the memory."""

    places: Mapping[str, int]
    memory: mmap.mmap = field(repr=False)

    def __contains__(self, key: object) -> bool:
        return self.memory[self.places[str(key)]] == MARKED

    def __iter__(self) -> Iterator[str]:
        return (key for key in self.places if key in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def add(self, value: str) -> None:
        self.memory[self.places[value]] = MARKED

    def discard(self, value: str) -> None:
        self.memory[self.places[value]] = AWAY


@frozen(eq=False)
class Marks:
    """Two sets of keys, out of those that it was made for.

    Args:
        keys: all that may ever be in them.
        handle: the memory, to be passed on to another process.
    """

    keys: Sequence[str]
    handle: int
    maybe_frozen: Row = field(init=False)
    unanswered: Row = field(init=False)
    _memory: mmap.mmap = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        memory = mmap.mmap(self.handle, _size(self.keys))
        rows = (
            Row({key: place for place, key in enumerate(self.keys, start)}, memory)
            for start in (1, 1 + len(self.keys))
        )
        for name, value in zip(
            ("maybe_frozen", "unanswered", "_memory"), (*rows, memory), strict=True
        ):
            object.__setattr__(self, name, value)

    @classmethod
    def new(cls, keys: Sequence[str]) -> Self:
        """Make empty ones."""
        handle = os.memfd_create("vnfdr-marks")
        os.ftruncate(handle, _size(keys))
        return cls(keys, handle)

    def names(self, window: Window) -> tuple[str, ...]:
        """Return the names of the guests that may be frozen."""
        marked = self.maybe_frozen
        return tuple(hold.name for hold in window.holds if hold.key in marked)

    @property
    def has_any(self) -> bool:
        """Whether a guest may be frozen, or a freeze may come about still."""
        return bool(self.maybe_frozen or self.unanswered)

    @property
    def is_over(self) -> bool:
        """Whether the window was worked to its end, and all of it is thawed."""
        return self._memory[0] == MARKED

    def end(self) -> None:
        """Say that the window is over."""
        self._memory[0] = MARKED

    def close(self) -> None:
        """Give the memory back."""
        self._memory.close()
        os.close(self.handle)


def _size(keys: Sequence[str]) -> int:
    return 1 + 2 * len(keys)
