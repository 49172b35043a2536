"""A window under way: what it is worked under, and how long it has been open."""

from collections.abc import Collection, Mapping, MutableSet
from concurrent.futures import Future
from datetime import datetime

from attrs import field, frozen

from vnfdr.errors import WaitedTooLong
from vnfdr.plan.clock import Clock
from vnfdr.plan.failure import Interrupted
from vnfdr.plan.stopping import UNHEARD_SECONDS_MAX, StopEvent, wait_for_all


@frozen
class Conditions:
    """What a window is worked under.

    Args:
        world: what its parts work on.
        clock: the time.
        stop: ends it early, when set: everything is thawed, and nothing counts.
        unprepared: why some guests could not be prepared, by key; no freeze is
            sent to those.
        maybe_frozen: the keys of the guests that may be frozen, from before each
            freeze is sent until its thaw is proven. Others may look into it.
        unanswered: the keys of the guests whose freeze was sent, and may come about
            still: nobody has said what became of it.
    """

    world: object
    clock: Clock
    stop: StopEvent = field(factory=StopEvent)
    unprepared: Mapping[str, str] = field(factory=dict)
    maybe_frozen: MutableSet[str] = field(factory=set)
    unanswered: MutableSet[str] = field(factory=set)


@frozen
class Course:
    """A window under way.

    Args:
        conditions: what it is worked under.
        limit_seconds: how long it may last.
        began: when it began, on the clock that never jumps.
        date: the same for people.
    """

    conditions: Conditions
    limit_seconds: float
    began: float
    date: datetime

    @classmethod
    def begin(cls, conditions: Conditions, limit_seconds: float) -> "Course":
        """Begin one now."""
        clock = conditions.clock
        return cls(conditions, limit_seconds, clock.now(), clock.date())

    @property
    def seconds(self) -> float:
        """Seconds since it began."""
        return self.conditions.clock.now() - self.began

    def go_on(self) -> None:
        """Raise if it should be given up."""
        if self.conditions.stop.is_set():
            raise Interrupted
        if self.seconds > self.limit_seconds:
            raise WaitedTooLong(
                f"the window reached its limit of {self.limit_seconds:g} s"
            )

    def wait_for(self, answers: "Collection[Future[None]]") -> None:
        """Wait until all have come or one has failed, and for a second at most.

        Returns early where `go_on` raises.
        """
        seconds_left = self.limit_seconds - self.seconds
        seconds_max = min(seconds_left, UNHEARD_SECONDS_MAX)
        wait_for_all(answers, self.conditions.stop, seconds_max)

    def pause(self, seconds: float) -> None:
        """Wait; return early when asked to stop."""
        self.conditions.clock.wait(seconds, unless=self.conditions.stop)
