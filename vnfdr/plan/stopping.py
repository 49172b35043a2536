"""Be asked to stop, and hear of that while something else is waited for."""

import itertools
import threading
from collections.abc import Collection
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Protocol, TypeAlias, runtime_checkable

UNHEARD_SECONDS_MAX = 1.0
"""The main thread is not woken by a signal that the system gave to another one."""

Bell: TypeAlias = "SimpleQueue[None]"
"""Whoever waits for several things waits for this; each of them puts something in."""


class Stop(Protocol):
    """Asks a run to stop: a `threading.Event`, or `vnfdr.stop_on_signals`."""

    def is_set(self) -> bool:
        """Tell whether it asks. Once it does, it goes on to."""
        ...


@runtime_checkable
class Ringing(Stop, Protocol):
    """Asks a run to stop, and need not be looked at again and again."""

    def ring(self, bell: Bell) -> None:
        """Ring when it asks; at once, if it does already."""
        ...


class StopEvent(threading.Event):
    """An event that rings."""

    def __init__(self) -> None:
        super().__init__()
        self._bells: list[Bell] = []

    def ring(self, bell: Bell) -> None:
        """Ring when it is set; at once, if it is already."""
        self._bells.append(bell)
        if self.is_set():
            bell.put(None)

    def set(self) -> None:
        """Set it, and wake whoever waits."""
        super().set()
        for bell in tuple(self._bells):
            bell.put(None)


def wait_for_all(
    answers: "Collection[Future[None]]", stop: StopEvent, seconds_max: float
) -> None:
    """Wait until all have come, or one of them has failed.

    Returns early when asked to stop, and when the time is over.
    """
    bell: Bell = SimpleQueue()
    count = itertools.count(1)

    def note(answer: "Future[None]") -> None:
        is_last = next(count) == len(answers)
        if is_last or answer.cancelled() or answer.exception() is not None:
            bell.put(None)

    for answer in answers:
        answer.add_done_callback(note)
    stop.ring(bell)
    with suppress(Empty):
        bell.get(timeout=max(seconds_max, 0.0))
