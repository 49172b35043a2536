"""Carry a plan out, or take it back.

`run` goes down the phases. When something fails, `unwind` goes back up. What they
know of an earlier attempt they read from the journal, so that running and resuming
are the same call. A crash inside the window is never resumed: thaw first, undo the
rest.
"""

import logging
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from queue import Empty, SimpleQueue

from vnfdr.errors import JournalError, PreflightFailed
from vnfdr.plan.ending import certificate_of, end, ended
from vnfdr.plan.events import Bulletin, Happening
from vnfdr.plan.failure import PartFailed
from vnfdr.plan.journal import Entry, Fact, Journal, Past
from vnfdr.plan.outcome import Outcome, Verdict
from vnfdr.plan.phase import Phase, Window
from vnfdr.plan.plan import Lasting, Plan
from vnfdr.plan.remembered import Remembered
from vnfdr.plan.run import Manner, Run
from vnfdr.plan.step import Receipts
from vnfdr.plan.stopping import (
    UNHEARD_SECONDS_MAX,
    Bell,
    Ringing,
    Stop,
    StopEvent,
)
from vnfdr.plan.together import do_together
from vnfdr.plan.undo import given_up, unwind
from vnfdr.plan.windowed import do_window
from vnfdr.plan.worker import InProcess

log = logging.getLogger(__name__)

ATTENTION_SECONDS = 0.1


def run(
    plan: Plan, world: object, journal: Journal, manner: Manner | None = None
) -> Outcome:
    """Do everything in ``plan``, or undo everything that was done.

    After a crash, call it again with the same plan and journal: it thaws first if
    the window was open and takes everything back, or else goes on from where the
    journal ends. A run that ended stranded is taken back once more.

    Ctrl-C, a listener that raises and ``manner.stop`` thaw at once and take
    everything back.

    Raises:
        JournalError: the journal cannot be read or written; nothing was touched.
    """
    manner = manner or Manner()
    stop = StopEvent()
    with (
        Bulletin(plan.id, manner.listeners, stop.set) as bulletin,
        ThreadPoolExecutor(1, "vnfdr-run") as pool,
    ):
        guard = manner.guard or InProcess(world, manner.clock)
        kept = Remembered(journal)
        this = Run(plan, world, kept, bulletin, manner.clock, guard, stop)
        task = pool.submit(_run, this, manner)
        try:
            return _undisturbed(this, task, manner.stop)
        except BaseException:
            # An interrupt that came while another was dealt with. The run is waited
            # for all the same, and shall not go on as if nobody had asked.
            stop.set()
            _see_out(task)
            raise


def _undisturbed(this: Run, task: "Future[Outcome]", stop: Stop) -> Outcome:
    """Wait for a run on another thread, so that a signal cannot tear it apart."""
    bell: Bell = SimpleQueue()
    task.add_done_callback(lambda _: bell.put(None))
    patience = ATTENTION_SECONDS
    if isinstance(stop, Ringing):
        stop.ring(bell)
        patience = UNHEARD_SECONDS_MAX
    while not task.done():
        try:
            with suppress(Empty):
                bell.get(timeout=patience)
            if stop.is_set():
                this.stop.set()
        except KeyboardInterrupt:
            this.stop.set()
            log.warning("interrupted: thawing, then taking everything back")
    return task.result()


def _see_out(task: "Future[Outcome]") -> None:
    """Wait for a run that is to stop, however often that is interrupted."""
    while not task.done():
        with suppress(KeyboardInterrupt):
            wait([task])


def _run(this: Run, manner: Manner) -> Outcome:
    past = Past.of(this.journal)
    before = ended(past, this.plan.id)
    if before and before.verdict is not Verdict.STRANDED:
        return before
    broken = (before.failed, before.reason) if before else given_up(past, this.plan)
    if broken:
        return unwind(this, *broken)
    if manner.preflight and not past.parts(Fact.STARTED):
        problems = this.plan.preflight(this.world)
        if problems:
            return _refuse(this, problems)
        this.tell(Happening.CHECKED, this.plan.id, "preflight found nothing to mend")
    return _go_down(this, past)


def _refuse(this: Run, problems: tuple[str, ...]) -> Outcome:
    refusal = PreflightFailed(problems)
    this.record(Entry(this.plan.id, Fact.REFUSED, note="; ".join(problems)))
    this.tell(Happening.FAILED, "preflight", str(refusal))
    return Outcome(
        this.plan.id, Verdict.COMPENSATED, "preflight", str(refusal), refusal
    )


def _to_come(plan: Plan, past: Past) -> tuple[Phase, ...]:
    """Return the phases that are not over, as far as is known.

    A run that has come to its final ones is seen through: all before was done.
    """
    begun = past.parts(Fact.STARTED)
    final = tuple(phase for phase in plan.phases if phase.final)
    if any(step.key in begun for phase in final for step in phase.steps):
        return final
    return plan.phases


def _go_down(this: Run, past: Past) -> Outcome:
    receipts = Receipts(past.receipts)
    receipts.certificate = certificate_of(past)
    leftovers = []
    for phase in _to_come(this.plan, past):
        try:
            if not phase.final:
                this.go_on()
            this.reach(phase.name)
            if isinstance(phase, Window):
                do_window(this, phase, receipts)
            else:
                leftovers += do_together(this, phase, receipts)
        except PartFailed as failure:
            return _give_up(this, failure.part, failure.cause)
        except Exception as error:  # noqa: BLE001 - whatever a step raises, undo
            return _give_up(this, phase.name, error)
    if this.plan.lasting is Lasting.TRIAL:
        return _take_down(this)
    return end(
        this,
        Outcome(
            this.plan.id,
            Verdict.COMMITTED,
            leftovers=tuple(leftovers),
            receipts=receipts,
            certificate=receipts.certificate,
        ),
    )


def _take_down(this: Run) -> Outcome:
    """Undo a trial of which everything is done."""
    try:
        this.journal.append(Entry(this.plan.id, Fact.ACHIEVED))
    except Exception as error:  # noqa: BLE001 - what is not recorded is not undone
        return _give_up(this, this.plan.id, error)
    return unwind(this, "", "")


def _give_up(this: Run, failed: str, cause: BaseException) -> Outcome:
    """Take back a run in which something failed."""
    reason = str(cause) or repr(cause)
    log.warning("%s failed: %s", failed, reason)
    if isinstance(cause, JournalError) and not Past.of(this.journal).entries:
        raise cause
    this.tell(Happening.FAILED, failed, f"{failed} failed: {reason}")
    return unwind(this, failed, reason, cause)
