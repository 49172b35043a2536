"""What was measured of one way of protecting a group."""

import statistics
from collections.abc import Callable, Sequence

from attrs import field, frozen

from tests.bench.meter import Meter
from tests.bench.sandbox import Witnessed
from tests.bench.ways import Done

OURS, BARE, TASKFLOW, SCRIPT = "vnfdr", "bare calls", "TaskFlow", "plain script"
LOOKS = ("list snapshots", "show snapshot")


@frozen
class Round:
    """One window: as the sandbox saw it, and as the client did."""

    witnessed: Witnessed
    meter: Meter
    done: Done
    consistent: bool


@frozen
class Figures:
    """What was measured of one way, in all rounds."""

    way: str
    cloud: str
    servers: int
    shape: str
    bound_seconds: float
    rounds: Sequence[Round] = field(repr=False)

    @property
    def window_seconds(self) -> float:
        """From when the first guest stood still until the last went on; median."""
        return self._median(lambda r: r.witnessed.window_seconds)

    @property
    def worst_seconds(self) -> float:
        """How long the guest stood still that was worst off; median."""
        return self._median(lambda r: r.witnessed.worst_seconds)

    @property
    def mean_seconds(self) -> float:
        """How long a guest stood still on average; median."""
        return self._median(lambda r: r.witnessed.mean_seconds)

    @property
    def requests(self) -> float:
        """How many requests were made in the window; median."""
        return self._median(lambda r: r.witnessed.calls.total())

    @property
    def cpu_seconds(self) -> float:
        """What the whole window cost the client; median."""
        return self._median(lambda r: r.meter.cpu_seconds)

    @property
    def cpu_ms_per_request(self) -> float:
        """What one of them cost the client; median."""
        return self._median(
            lambda r: 1000 * r.meter.cpu_seconds / r.witnessed.calls.total()
        )

    @property
    def polls_per_tick(self) -> float | None:
        """How many requests it took to look once; most."""
        looks = [r.meter.looks for r in self.rounds]
        if not all(looks):
            return None
        polls = [sum(r.witnessed.calls[c] for c in LOOKS) for r in self.rounds]
        return max(p / n for p, n in zip(polls, looks, strict=True))

    @property
    def prediction(self) -> float | None:
        """What it predicted of its own window, as a ratio to what it was; median."""
        if any(r.done.predicted_seconds is None for r in self.rounds):
            return None
        return self._median(
            lambda r: (r.done.predicted_seconds or 0) / (r.done.window_seconds or 1)
        )

    @property
    def consistent(self) -> bool:
        """Whether the bytes of every round's snapshots are one moment."""
        return all(r.consistent for r in self.rounds)

    def _median(self, of: Callable[[Round], float]) -> float:
        return statistics.median(map(of, self.rounds))
