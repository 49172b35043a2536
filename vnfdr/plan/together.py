"""Do the steps of a phase side by side; after the first failure start no more."""

import logging
import threading
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait

from vnfdr.errors import AnswerLost
from vnfdr.plan.events import Happening
from vnfdr.plan.failure import PartFailed
from vnfdr.plan.journal import Entry, Fact, Past
from vnfdr.plan.outcome import Leftover
from vnfdr.plan.phase import Together
from vnfdr.plan.run import Run
from vnfdr.plan.step import Receipt, Step

log = logging.getLogger(__name__)

LOOK_UP_SECONDS = 0.2


def do_together(
    run: Run, phase: Together, receipts: dict[str, Receipt]
) -> list[Leftover]:
    """Do every step that is not done; put what they leave into ``receipts``.

    Returns what a final phase could not do. Any other phase raises the first
    failure, once the steps that were on their way have ended.
    """
    begun = Past.of(run.journal).parts(Fact.STARTED)
    broken = threading.Event()
    pool = ThreadPoolExecutor(phase.at_once, "vnfdr-step")
    try:
        on_the_way = {
            step.key: pool.submit(
                _attempt, run, step, step.key in begun, receipts, broken
            )
            for step in phase.steps
            if step.key not in receipts
        }
        _see_through(run, phase, on_the_way, broken)
    finally:
        # A step that waits for hours is not waited for when the run is stopped: its
        # effect is found by its key and undone, and the wait then ends by itself.
        pool.shutdown(wait=not run.stop.is_set(), cancel_futures=True)
    return [
        _left_over(run, phase, key, f) for key, f in on_the_way.items() if _failure(f)
    ]


def _see_through(
    run: Run,
    phase: Together,
    on_the_way: "dict[str, Future[None]]",
    broken: threading.Event,
) -> None:
    """Wait for the steps; raise the first failure unless the phase is final."""
    pending = set(on_the_way.values())
    while pending:
        _, pending = wait(pending, LOOK_UP_SECONDS, FIRST_EXCEPTION)
        run.go_on()
        for key, future in on_the_way.items():
            failure = _failure(future)
            if failure is not None and not phase.final:
                broken.set()
                wait(pending)
                raise PartFailed(key, failure)


def _failure(future: "Future[None]") -> BaseException | None:
    return future.exception() if future.done() and not future.cancelled() else None


def _attempt(
    run: Run,
    step: Step[object],
    begun: bool,  # noqa: FBT001 - handed over by submit, positionally
    receipts: dict[str, Receipt],
    broken: threading.Event,
) -> None:
    """Do one step, unless the phase is broken already."""
    if broken.is_set() or run.stop.is_set():
        return
    if not all(source in receipts for source in step.sources):
        run.tell(Happening.DONE, step.key, f"left out: {step.title}")
        return
    run.journal.append(Entry(step.key, Fact.STARTED))
    run.tell(Happening.STARTED, step.key, step.title)
    receipt = _found(run, step) if begun else None
    if receipt is None:
        try:
            receipt = step.do(run.world, receipts)
        except AnswerLost:
            receipt = _found(run, step)
            if receipt is None:
                raise
    run.journal.append(Entry(step.key, Fact.DONE, receipt))
    receipts[step.key] = receipt
    run.tell(Happening.DONE, step.key, f"{step.title}: {receipt}")


def _found(run: Run, step: Step[object]) -> Receipt | None:
    """Look for the effect of an earlier attempt, and wait until it is whole."""
    receipt = step.find(run.world)
    if receipt is not None:
        step.adopt(run.world, receipt)
    return receipt


def _left_over(run: Run, phase: Together, key: str, future: "Future[None]") -> Leftover:
    """Record what a final phase could not do."""
    reason = str(_failure(future))
    step = next(step for step in phase.steps if step.key == key)
    receipt = Receipt("not done", step.title)
    log.warning("%s: %s", key, reason)
    run.record(Entry(key, Fact.LEFT, receipt, reason))
    run.tell(Happening.LEFT, key, f"{step.title}: {reason}")
    return Leftover(receipt, reason)
