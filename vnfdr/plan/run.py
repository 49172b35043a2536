"""One run: a plan, what it works on, and where what happens is recorded."""

import logging
from collections.abc import Sequence
from concurrent.futures import Future

from attrs import field, frozen

from vnfdr.plan.clock import Clock, SystemClock
from vnfdr.plan.elapsed import reached
from vnfdr.plan.events import Bulletin, Happening, Listener
from vnfdr.plan.failure import Interrupted
from vnfdr.plan.journal import Entry
from vnfdr.plan.plan import Plan
from vnfdr.plan.remembered import Remembered
from vnfdr.plan.stopping import Stop, StopEvent
from vnfdr.plan.worker import Guard

log = logging.getLogger(__name__)


@frozen
class Manner:
    """How a run is carried out.

    Args:
        preflight: whether every part is asked first whether it would work.
        listeners: who is told what happens, as it happens.
        clock: the time.
        guard: finds who works a window; by default this process does it itself.
        stop: asks the run to stop: to thaw at once, and to take everything back.
    """

    preflight: bool = True
    listeners: Sequence[Listener] = ()
    clock: Clock = field(factory=SystemClock)
    guard: Guard | None = None
    stop: Stop = field(factory=StopEvent)


@frozen
class Run:
    """A plan on its way.

    Args:
        plan: what is done.
        world: what its parts work on.
        journal: where it is recorded.
        bulletin: passes on what happens.
        clock: the time.
        guard: finds who works a window.
        stop: set as soon as anybody asks it to stop: its caller, Ctrl-C, or a listener
            that raised.
        under_way: the attempts at its steps, by key.
    """

    plan: Plan
    world: object
    journal: Remembered
    bulletin: Bulletin
    clock: Clock
    guard: Guard
    stop: StopEvent = field(factory=StopEvent)
    under_way: "dict[str, Future[None]]" = field(factory=dict)

    def go_on(self) -> None:
        """Raise if the run should be given up."""
        self.bulletin.raise_if_failed()
        if self.stop.is_set():
            raise Interrupted

    def is_under_way(self, key: str) -> bool:
        """Tell whether a step was begun here, and has not ended."""
        attempt = self.under_way.get(key)
        return attempt is not None and not attempt.done()

    def record(self, *entries: Entry) -> None:
        """Record, whatever becomes of the record: for when going on matters more."""
        try:
            self.journal.append(*entries)
        except Exception:
            log.exception("the journal cannot be written; going on without")

    def reach(self, phase: str) -> None:
        """Begin a phase: tell it, and have it recorded with what is recorded next."""
        self.journal.announce(reached(phase, self.clock))
        self.tell(Happening.PHASE, phase, phase)

    def tell(self, happening: Happening, key: str, text: str) -> None:
        """Tell whoever listens."""
        self.bulletin.tell(happening, key, text)
