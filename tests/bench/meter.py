"""What a window costs the client: time, processor, looks."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from attrs import define, field, frozen

from vnfdr.model import Guest, Snapshot
from vnfdr.openstack.snapshots import CinderSnapshots
from vnfdr.sandbox.quiesce import SandboxQuiesce


@define
class Meter:
    """Runs from the first freeze that is sent to the last thaw that is answered."""

    looks: int = 0
    _began: tuple[float, float] | None = field(default=None, init=False)
    _ended: tuple[float, float] | None = field(default=None, init=False)

    @contextmanager
    def around(self) -> Iterator[None]:
        """Run at least as long as this block does."""
        self.begin()
        try:
            yield
        finally:
            self.end()

    def begin(self) -> None:
        """Begin, unless it runs."""
        self._began = self._began or _now()

    def end(self) -> None:
        """End here, or later."""
        self._ended = _now()

    @property
    def window_seconds(self) -> float:
        """How long the window was for the client."""
        return self._between(0)

    @property
    def cpu_seconds(self) -> float:
        """How much of the processor all threads of the client took meanwhile."""
        return self._between(1)

    def _between(self, which: int) -> float:
        assert self._began is not None, "there was a window"
        assert self._ended is not None, "there was a window"
        return self._ended[which] - self._began[which]


@frozen
class MeteredQuiesce(SandboxQuiesce):
    """Freezes guests of the sandbox, and lets a meter run meanwhile."""

    meter: Meter = field(factory=Meter)

    def freeze(self, guest: Guest) -> int:
        self.meter.begin()
        return super().freeze(guest)

    def thaw(self, guest: Guest) -> int:
        try:
            return super().thaw(guest)
        finally:
            self.meter.end()


@frozen
class MeteredSnapshots(CinderSnapshots):
    """Cinder's snapshots, whose looks are counted."""

    meter: Meter = field(factory=Meter)

    def look(self, point: str) -> tuple[Snapshot, ...]:
        self.meter.looks += 1
        return super().look(point)


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()
