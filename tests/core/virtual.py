"""Virtual time: it passes when a call is made, and when everybody waits.

What is to happen later happens at its moment, and the guests write in between. Who
waits for long waits for an instant of real time, so that every other thread comes to
where it waits too; then the first of them goes on at its moment.
"""

import heapq
import itertools
import threading
from collections.abc import Callable

from attrs import define, field

from vnfdr.sandbox.guests import GuestNetwork

NANOSECONDS = 10**9
BEGAN = 1_750_000_000.0

PACE_SECONDS = 0.01
TURNS_MAX = 3
"""However long nothing else happens: to be out of step, one turn is enough."""

LOOKING_SECONDS = 0.0001
LULL_SECONDS = 0.0003
LULLS = 2


@define(eq=False)
class Time:
    """The time of one world."""

    seconds: float = 0.0
    network: GuestNetwork = field(init=False)
    lock: threading.RLock = field(factory=threading.RLock)
    stirs: int = 0
    mishaps: list[str] = field(factory=list)
    """What went wrong with this world itself."""
    _sleeping: list[float] = field(factory=list)
    _to_come: list = field(factory=list)
    _numbers: "itertools.count[int]" = field(factory=itertools.count)
    _wrote_at: float = 0.0

    def __attrs_post_init__(self) -> None:
        self.network = GuestNetwork(PACE_SECONDS, self.nanoseconds)

    def nanoseconds(self) -> int:
        """Return the date, as guests read it."""
        return int((BEGAN + self.seconds) * NANOSECONDS)

    def date(self) -> float:
        """Return the date, as services read it."""
        return BEGAN + self.seconds

    def look(self) -> float:
        """Return the time; to look takes time too."""
        with self.lock:
            self.pass_by(LOOKING_SECONDS)
            return self.seconds

    def pass_by(self, seconds: float) -> None:
        """Let time pass, and everything happen that is due."""
        with self.lock:
            self.stirs += 1
            self._go_to(self.seconds + seconds)

    def later(self, seconds: float, effect: Callable[[], object]) -> None:
        """Let something happen at its time."""
        with self.lock:
            due = (self.seconds + seconds, next(self._numbers), effect)
            heapq.heappush(self._to_come, due)

    def sleep(self, seconds: float, *unless: threading.Event) -> None:
        """Wait until the time has come, or one of the events has."""
        with self.lock:
            until = self.seconds + seconds
            self._sleeping.append(until)
        try:
            while self.seconds < until and not any(e.is_set() for e in unless):
                if self._is_quiet(unless[0]):
                    self._go_on(until)
        finally:
            with self.lock:
                self._sleeping.remove(until)
                self.stirs += 1

    def _is_quiet(self, unless: threading.Event) -> bool:
        """Tell whether nobody does anything for an instant of real time."""
        stirs = self.stirs
        for _ in range(LULLS):
            if unless.wait(LULL_SECONDS) or self.stirs != stirs:
                return False
        return True

    def _go_on(self, until: float) -> None:
        with self.lock:
            if until == min(self._sleeping) and until > self.seconds:
                self._go_to(until)

    def _go_to(self, seconds: float) -> None:
        while self._to_come and self._to_come[0][0] <= seconds:
            due, _, effect = heapq.heappop(self._to_come)
            self._write(due)
            try:
                effect()
            except Exception as error:  # noqa: BLE001 - the judge decides
                self.mishaps.append(f"at {due:.2f} s: {error!r}")
        self._write(seconds)

    def _write(self, until: float) -> None:
        """Let the guests write, as they would have until then."""
        self.seconds = max(self.seconds, until)
        turns = int((until - self._wrote_at) / PACE_SECONDS)
        if turns > 0:
            self._wrote_at = until
        for _ in range(min(turns, TURNS_MAX)):
            self.network.turn()
