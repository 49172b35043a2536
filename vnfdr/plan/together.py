"""Do the steps of a phase side by side; after the first failure start no more."""

import logging
import threading
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait

from attrs import define, field

from vnfdr.errors import AnswerLost
from vnfdr.plan.events import Happening
from vnfdr.plan.failure import PartFailed
from vnfdr.plan.journal import Entry, Fact, Past
from vnfdr.plan.outcome import Leftover
from vnfdr.plan.phase import Together
from vnfdr.plan.run import Run
from vnfdr.plan.step import Receipt, Receipts, Step

log = logging.getLogger(__name__)

LOOK_UP_SECONDS = 0.2
LATE_SECONDS = 3.0
"""How long an effect may come about after nobody waits for its answer any more."""


def do_together(run: Run, phase: Together, receipts: Receipts) -> list[Leftover]:
    """Do every step that is not done; put what they leave into ``receipts``.

    Returns what a final phase could not do: it is seen through, whatever happens.
    Any other phase raises the first failure, once the steps that were on their way
    have ended, and gives up when the run is asked to stop.
    """
    begun = Past.of(run.journal).parts(Fact.STARTED)
    return _SideBySide(run, phase, receipts, begun).do()


@define
class _SideBySide:
    """A phase while its steps are done."""

    run: Run
    phase: Together
    receipts: Receipts
    begun: frozenset[str]
    broken: threading.Event = field(factory=threading.Event)

    def do(self) -> list[Leftover]:
        pool = ThreadPoolExecutor(self.phase.at_once, "vnfdr-step")
        steps = [step for step in self.phase.steps if step.key not in self.receipts]
        try:
            on_the_way = {s.key: pool.submit(self.attempt, s) for s in steps}
            self.run.under_way.update(on_the_way)
            self.see_through(on_the_way)
        finally:
            # A step that waits for hours is not waited for when the run is stopped:
            # its effect is found by its key and undone, and its wait ends with that.
            pool.shutdown(wait=not self.is_stopped, cancel_futures=True)
        failures = [(step, _failure(on_the_way[step.key])) for step in steps]
        return [self.leave(step, error) for step, error in failures if error]

    @property
    def is_stopped(self) -> bool:
        """Whether the run was asked to stop, where that still matters."""
        return self.run.stop.is_set() and not self.phase.final

    def is_in_vain(self) -> bool:
        """Tell whether a step would only have to be undone."""
        return self.broken.is_set() or self.is_stopped

    def see_through(self, on_the_way: "dict[str, Future[None]]") -> None:
        """Wait for the steps; raise the first failure unless the phase is final."""
        pending = set(on_the_way.values())
        while pending:
            _, pending = wait(pending, LOOK_UP_SECONDS, FIRST_EXCEPTION)
            if self.phase.final:
                continue
            self.run.go_on()
            for key, future in on_the_way.items():
                if failure := _failure(future):
                    self.broken.set()
                    while pending and not self.is_stopped:
                        _, pending = wait(pending, LOOK_UP_SECONDS)
                    raise PartFailed(key, failure)

    def attempt(self, step: Step[object]) -> None:
        """Do one step, unless the phase is broken already."""
        if self.is_in_vain():
            return
        if not all(source in self.receipts for source in step.sources):
            self.run.tell(Happening.DONE, step.key, f"left out: {step.title}")
            return
        self.run.journal.append(Entry(step.key, Fact.STARTED))
        if self.is_in_vain():
            return  # Who takes the run back may have read the journal before.
        self.run.tell(Happening.STARTED, step.key, step.title)
        receipt = self.found_late(step) if step.key in self.begun else None
        receipt = receipt or self.done(step)
        self.run.journal.append(Entry(step.key, Fact.DONE, receipt))
        self.receipts[step.key] = receipt
        self.run.tell(Happening.DONE, step.key, f"{step.title}: {receipt}")

    def done(self, step: Step[object]) -> Receipt:
        """Do a step; when its answer is lost, look whether it had its effect."""
        try:
            return step.do(self.run.world, self.receipts)
        except AnswerLost:
            receipt = self.found(step)
            if receipt is None:
                raise
            return receipt

    def found_late(self, step: Step[object]) -> Receipt | None:
        """Look for the effect of a process that died, which may yet come about.

        To do such a step at once could do it twice.
        """
        if receipt := self.found(step):
            return receipt
        self.run.clock.wait(LATE_SECONDS, unless=self.run.stop)
        return self.found(step)

    def found(self, step: Step[object]) -> Receipt | None:
        """Look for the effect of an earlier attempt, and wait until it is whole."""
        receipt = step.find(self.run.world)
        if receipt is not None:
            step.adopt(self.run.world, receipt)
        return receipt

    def leave(self, step: Step[object], error: BaseException) -> Leftover:
        """Record what a final phase could not do."""
        receipt = Receipt("not done", step.title)
        log.warning("%s: %s", step.key, error)
        self.run.record(Entry(step.key, Fact.LEFT, note=f"{receipt}: {error}"))
        self.run.tell(Happening.LEFT, step.key, f"{step.title}: {error}")
        return Leftover(receipt, str(error))


def _failure(future: "Future[None]") -> BaseException | None:
    return future.exception() if future.done() and not future.cancelled() else None
