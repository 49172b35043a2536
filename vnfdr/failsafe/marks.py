"""What may be frozen now, in memory that two processes share.

The worker writes a byte before it sends a freeze and after a thaw is proven: no
system call, nothing that could wait. The failsafe reads them once the worker is dead,
so that it knows which freezes were sent, and never thaws a guest that is not ours.
"""

import mmap
import os
from collections.abc import Iterator, MutableSet, Sequence
from typing import Self

from attrs import field, frozen

from vnfdr.plan import Window

AWAY, MARKED = 0, 1


@frozen(eq=False)
class Marks(MutableSet[str]):
    """A set of keys, out of those that it was made for.

    Args:
        keys: all that may ever be in it.
        handle: the memory, to be passed on to another process.
    """

    keys: Sequence[str]
    handle: int
    _places: dict[str, int] = field(init=False, repr=False)
    _memory: mmap.mmap = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        places = {key: place for place, key in enumerate(self.keys, 1)}
        object.__setattr__(self, "_places", places)
        object.__setattr__(self, "_memory", mmap.mmap(self.handle, len(places) + 1))

    @classmethod
    def new(cls, keys: Sequence[str]) -> Self:
        """Make an empty one."""
        handle = os.memfd_create("vnfdr-marks")
        os.ftruncate(handle, len(keys) + 1)
        return cls(keys, handle)

    def __contains__(self, key: object) -> bool:
        return self._memory[self._places[str(key)]] == MARKED

    def __iter__(self) -> Iterator[str]:
        return (key for key in self.keys if key in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def add(self, value: str) -> None:
        self._memory[self._places[value]] = MARKED

    def discard(self, value: str) -> None:
        self._memory[self._places[value]] = AWAY

    def names(self, window: Window) -> tuple[str, ...]:
        """Return the names of the guests that are in it."""
        return tuple(hold.name for hold in window.holds if hold.key in self)

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
