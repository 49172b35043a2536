"""Who works a window: this process, or another one that may be killed.

The engine declares a window and writes down what came of it. Between the two it
hands it to a worker, and never touches a guest itself.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping, MutableSet
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Protocol

from attrs import evolve, field, frozen

from vnfdr.model import Policy
from vnfdr.plan.clock import Clock
from vnfdr.plan.course import Conditions
from vnfdr.plan.failure import PartFailed
from vnfdr.plan.phase import Window
from vnfdr.plan.step import Hold
from vnfdr.plan.stopping import StopEvent
from vnfdr.plan.window import Worked, work

GUESTS_AT_ONCE = 8


@frozen
class Prepared:
    """What is known of the guests before the first of them is frozen, by key.

    Args:
        unprepared: why some could not be prepared, where policy allows that.
        witnesses: who each guest is.
        failsafe: by what its failsafe calls the window; empty where it has none.
    """

    unprepared: Mapping[str, str]
    witnesses: Mapping[str, str]
    failsafe: str = ""


class Worker(Protocol):
    """Works one window."""

    def prepare(self) -> Prepared:
        """Do everything slow.

        Raises:
            PartFailed: a guest that has to be held cannot be.
        """
        ...

    def work(self, prepared: Prepared, stop: StopEvent) -> Worked:
        """Work the window; return when everything is thawed, or is told not to be.

        Never raises once a freeze may have been sent.
        """
        ...


class Guard(Protocol):
    """Finds a worker for a window."""

    def open(self, window: Window) -> AbstractContextManager[Worker]:
        """Return a worker who is ready; in the end, put back what it changed.

        Raises:
            VnfdrError: nobody could see to it that every guest is thawed. Nothing
                was touched.
        """
        ...


@frozen
class InProcess:
    """Works windows in this process.

    When that dies in a window, its guests stay frozen until the run is resumed.

    Args:
        world: what the window's parts work on.
        clock: the time.
        maybe_frozen: the keys of the guests that may be frozen, at any moment.
        unanswered: of those whose freeze may come about still.
    """

    world: object
    clock: Clock
    maybe_frozen: MutableSet[str] = field(factory=set)
    unanswered: MutableSet[str] = field(factory=set)

    @contextlib.contextmanager
    def open(self, window: Window) -> Iterator[Worker]:
        """Return a worker for one window."""
        try:
            yield _Here(self, window)
        finally:
            settle(window, self.world)


@frozen
class _Here:
    """A worker that is this process."""

    within: InProcess
    window: Window

    def prepare(self) -> Prepared:
        world = self.within.world
        unprepared = with_every_guest(self.window, lambda hold: hold.prepare(world))
        # A change before the watch looks is seen by it, a later one by the witnesses.
        witnesses = self._witnesses()
        self.window.watch.prepare(world)
        return Prepared(unprepared, witnesses)

    def work(self, prepared: Prepared, stop: StopEvent) -> Worked:
        conditions = Conditions(
            self.within.world,
            self.within.clock,
            stop,
            prepared.unprepared,
            self.within.maybe_frozen,
            self.within.unanswered,
        )
        worked = work(self.window, conditions)
        return evolve(worked, witnesses=self._witnesses())

    def _witnesses(self) -> dict[str, str]:
        """Ask who each guest is; a guest that cannot be asked has no witness."""
        seen: dict[str, str] = {}

        def ask(hold: Hold[object]) -> None:
            seen[hold.key] = hold.witness(self.within.world)

        _each(self.window, ask)
        return seen


def with_every_guest(
    window: Window, verb: Callable[[Hold[object]], None]
) -> dict[str, str]:
    """Do something with every guest; return why it failed, by key, where it may.

    Raises:
        PartFailed: it failed with a guest that has to be held.
    """
    failures = _each(window, verb)
    for hold in window.holds:
        if hold.key in failures and hold.policy is Policy.REQUIRE:
            raise PartFailed(hold.key, failures[hold.key])
    return {key: str(error) for key, error in failures.items()}


def settle(window: Window, world: object) -> None:
    """Put back what was changed for a window, once all of it is thawed."""
    _each(window, lambda hold: hold.settle(world))


def _each(
    window: Window, verb: Callable[[Hold[object]], None]
) -> dict[str, BaseException]:
    """Do something with every guest, side by side; return the failures by key."""
    with ThreadPoolExecutor(GUESTS_AT_ONCE, "vnfdr-guest") as pool:
        tasks = {h.key: pool.submit(verb, h) for h in window.holds if h.holds}
    failures = {key: task.exception() for key, task in tasks.items()}
    return {key: error for key, error in failures.items() if error is not None}
