"""All guests of a site, driven by one thread."""

import threading
import time
from collections.abc import Callable
from typing import Self

from attrs import define, field

from vnfdr.sandbox.agents import (
    Agent,
    AgentDeadError,
    AgentError,
    AgentFaults,
    AgentTimeoutError,
    AlreadyFrozenError,
    HeldTooLongError,
    NotRunningError,
)
from vnfdr.sandbox.disks import Disk, DiskGoneError
from vnfdr.sandbox.guest import Guest, Power
from vnfdr.sandbox.paths import Stage, told

__all__ = [
    "Agent",
    "AgentDeadError",
    "AgentError",
    "AgentFaults",
    "AgentTimeoutError",
    "AlreadyFrozenError",
    "Guest",
    "GuestNetwork",
    "HeldTooLongError",
    "NotRunningError",
    "Power",
]

PACE_SECONDS = 0.05
"""How often a guest writes, as long as there are few."""

_SLICES_PER_TURN = 4


@define(eq=False)
class GuestNetwork:
    """All guests of a site: each tells some others of every record it writes.

    A context manager: inside it, one thread gives each guest its turn, and sleeps
    without a time limit while none of them writes or will. Without it, `turn` does.
    """

    pace_seconds: float = PACE_SECONDS
    clock: Callable[[], int] = time.time_ns
    """Nanoseconds: dates the records, and says when a late freeze happens."""
    records_per_second_max: float = 800.0
    """Of all guests together: many guests write more slowly than the pace."""
    _guests: list[Guest] = field(factory=list, init=False, repr=False)
    _awake: threading.Condition = field(
        factory=threading.Condition, init=False, repr=False
    )
    _thread: threading.Thread | None = field(default=None, init=False, repr=False)
    _is_idle: bool = field(default=False, init=False, repr=False)
    _is_stopping: bool = field(default=False, init=False, repr=False)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def add(
        self,
        guest_id: str,
        name: str,
        disks: tuple[Disk, ...],
        stage: Stage | None = None,
    ) -> Guest:
        """Make a guest, switched off, that talks to those that were made before it."""
        guest = Guest(guest_id, name, disks, self.clock, self._wake, stage=stage)
        with self._awake:
            self._guests = [*self._guests, guest]
        return guest

    def remove(self, guest: Guest) -> None:
        """Switch a guest off, and forget it."""
        guest.power_off()
        with self._awake:
            self._guests = [other for other in self._guests if other is not guest]

    def start(self) -> None:
        """Let a thread drive the guests, until `stop`."""
        with self._awake:
            if self._thread is not None:
                return
            self._is_stopping = False
            self._thread = threading.Thread(
                target=self._drive, name="sandbox guests", daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """Give no more turns; guests stay as they are."""
        with self._awake:
            thread, self._thread = self._thread, None
            self._is_stopping = True
            self._awake.notify_all()
        if thread is not None:
            thread.join()

    def turn(self) -> None:
        """Let every guest write one record, if it writes now."""
        self._turn(self._guests, slice(None))

    def _drive(self) -> None:
        step = 0
        while self._wait_for_work():
            guests = self._guests
            step = (step + 1) % _SLICES_PER_TURN
            self._turn(guests, slice(step, None, _SLICES_PER_TURN))

    def _wait_for_work(self) -> bool:
        """Wait for the next slice of guests; false when it is time to stop."""
        with self._awake:
            while not self._is_stopping:
                if any(guest.wants_turns for guest in self._guests):
                    slowest = len(self._guests) / self.records_per_second_max
                    seconds = max(self.pace_seconds, slowest)
                    self._awake.wait(seconds / _SLICES_PER_TURN)
                    return not self._is_stopping
                self._is_idle = True
                self._awake.wait()
                self._is_idle = False
        return False

    def _turn(self, guests: list[Guest], which: slice) -> None:
        for place in range(len(guests))[which]:
            guest = guests[place]
            try:
                number = guest.write_record()
            except DiskGoneError:
                # What a kernel does whose root disk was pulled out.
                guest.pull_the_plug()
                continue
            for other in told(guests, place, number) if number else ():
                other.hear(guest.signature, number)

    def _wake(self) -> None:
        with self._awake:
            if self._is_idle:
                self._awake.notify_all()
