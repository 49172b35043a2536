"""Time, handed in: the engine reads no clock of its own."""

import threading
import time
from datetime import UTC, datetime
from typing import Protocol

from attrs import frozen


class Clock(Protocol):
    """Measures, dates and waits."""

    def now(self) -> float:
        """Return seconds on a clock that never jumps."""
        ...

    def date(self) -> datetime:
        """Return the date and time in UTC: for people, never for a deadline."""
        ...

    def wait(self, seconds: float, *, unless: threading.Event) -> None:
        """Wait, or return early when ``unless`` is set."""
        ...


@frozen
class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        return time.monotonic()

    def date(self) -> datetime:
        return datetime.fromtimestamp(time.time(), UTC)

    def wait(self, seconds: float, *, unless: threading.Event) -> None:
        unless.wait(seconds)
