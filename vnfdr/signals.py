"""Hear signals without being torn apart: they are noted, and nothing is raised.

A library installs no handlers in a process that is not its own. Whoever owns the
process may, and this is how.
"""

import contextlib
import signal
from collections.abc import Iterator
from queue import SimpleQueue
from types import FrameType

from attrs import define, field

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@define(eq=False)
class Heard:
    """What was heard of signals so far.

    A handler interrupts anything, another handler included; so it takes no lock.
    """

    number: int = 0
    """The first signal that came; 0 as long as none has."""
    _bells: "list[SimpleQueue[None]]" = field(factory=list, init=False, repr=False)

    def is_set(self) -> bool:
        """Tell whether a signal has come."""
        return self.number != 0

    def wait(self) -> None:
        """Wait until one comes."""
        bell: SimpleQueue[None] = SimpleQueue()
        self.ring(bell)
        bell.get()

    def ring(self, bell: "SimpleQueue[None]") -> None:
        """Ring when one comes; at once, if one has come."""
        self._bells.append(bell)
        if self.is_set():
            bell.put(None)

    def _hear(self, number: int, _: FrameType | None) -> None:
        self.number = self.number or number
        for bell in self._bells:
            bell.put(None)


@contextlib.contextmanager
def stop_on_signals() -> Iterator[Heard]:
    """Until the block ends, note SIGINT, SIGTERM and SIGHUP instead of obeying them.

    What it yields is what `vnfdr.run` takes as ``stop``: a run then thaws at once
    and takes everything back, however often a signal comes. A signal that is ignored
    when the block begins, as under ``nohup``, stays so. For the main thread of a
    process that is the caller's own.

    Raises:
        ValueError: this is not the main thread.
    """
    heard = Heard()
    before = {number: signal.getsignal(number) for number in SIGNALS}
    ours = {n: h for n, h in before.items() if h not in {signal.SIG_IGN, None}}
    try:
        for number in ours:
            signal.signal(number, heard._hear)  # noqa: SLF001 - its own other half
        yield heard
    finally:
        for number, handler in ours.items():
            signal.signal(number, handler)
