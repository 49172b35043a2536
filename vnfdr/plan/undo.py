"""Take a run back: thaw first, then undo everything, newest first.

One thing that cannot be undone does not stop the next; what is left is named.
"""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from vnfdr.errors import JournalBusy, JournalUnwritable, WaitedTooLong
from vnfdr.plan.course import Conditions
from vnfdr.plan.declaration import may_be_frozen
from vnfdr.plan.elapsed import TAKING_BACK
from vnfdr.plan.ending import certificate_of, end
from vnfdr.plan.events import Happening
from vnfdr.plan.journal import Entry, Fact, Past
from vnfdr.plan.outcome import Leftover, Outcome, Verdict
from vnfdr.plan.phase import Phase
from vnfdr.plan.plan import Plan
from vnfdr.plan.run import Run
from vnfdr.plan.step import Receipt, Step
from vnfdr.plan.threads import holders
from vnfdr.plan.together import LATE_SECONDS
from vnfdr.plan.window import release
from vnfdr.plan.worker import settle

log = logging.getLogger(__name__)

UNDONE_AT_ONCE = 8
LOOK_SECONDS, ANSWER_SECONDS_MAX = 1.0, 120.0
"""Twice as long as a request is waited for."""

FROZEN_GUEST = "frozen guest"
TAKEN_BACK = "it was taken back by word, when it was done"


def unwind(
    run: Run, failed: str, reason: str, cause: BaseException | None = None
) -> Outcome:
    """Thaw whatever may be frozen, undo whatever was started, and say how it ended.

    Nothing is undone before it is recorded that the run failed: a process that comes
    back and does not know would go on, and build on what is gone.
    """
    past = Past.of(run.journal)
    leftovers = list(_thaw(run, past))
    run.reach(TAKING_BACK)
    if given_up(past, run.plan) is None:
        run.record(Entry(failed, Fact.FAILED, note=reason))
    kept_for = _why_kept(run, cause)
    for phase in reversed(run.plan.phases):
        if kept_for:
            leftovers += _keep_phase(run, phase, past, kept_for)
        else:
            leftovers += _undo_phase(run, phase, past)
    return end(
        run,
        Outcome(
            run.plan.id,
            Verdict.STRANDED if leftovers else _verdict(past),
            failed,
            reason,
            cause,
            tuple(leftovers),
            certificate=certificate_of(past),
        ),
    )


def _verdict(past: Past) -> Verdict:
    """Return how a run ends of which nothing remains."""
    achieved = past.last(Fact.ACHIEVED) is not None
    return Verdict.COMMITTED if achieved else Verdict.COMPENSATED


def given_up(past: Past, plan: Plan) -> tuple[str, str] | None:
    """Tell what failed in a run, and why, as far as is recorded.

    Nothing failed in one that is undone for another reason.
    """
    if undone := past.last(Fact.REVOKED, Fact.ACHIEVED):
        return "", TAKEN_BACK if undone.fact is Fact.REVOKED else ""
    failed = past.last(Fact.FAILED)
    if failed is not None:
        return failed.part, failed.note
    if past.last(Fact.DECLARED) and not past.last(Fact.CLOSED):
        window = plan.window
        assert window is not None, "only a window is declared"
        return window.key, "the process that worked the window is gone"
    return None


def _thaw(run: Run, past: Past) -> list[Leftover]:
    """Thaw everything that the window declared, unless it is known to be thawed."""
    window = run.plan.window
    maybe_frozen = may_be_frozen(past, window) if window else frozenset()
    if window is None or not maybe_frozen:
        return []
    with holders(window) as threads:
        # Nobody knows any more what was answered.
        asked = set(maybe_frozen)
        conditions = Conditions(run.world, run.clock, unanswered=asked)
        frozen = release(window, maybe_frozen, conditions, threads)
    for hold in window.holds:
        if hold.key in maybe_frozen and hold.name not in frozen:
            run.tell(Happening.THAWED, hold.key, f"{hold.name} is thawed")
    if not frozen:
        run.record(Entry(window.key, Fact.UNDONE))
    settle(window, run.world)
    reason = "not proven thawed; run `vnfdr thaw` until it is, or reset the server"
    return [Leftover(Receipt(FROZEN_GUEST, name), reason) for name in frozen]


def _why_kept(run: Run, cause: BaseException | None) -> str:
    """Return why nothing may be undone; empty when it may."""
    if isinstance(cause, JournalBusy):
        # Whoever has the run now undoes it, or goes on and needs what is there.
        return f"not undone: {cause}"
    if given_up(Past.of(run.journal), run.plan) is None:
        return (
            "not undone, for the journal cannot be written; resume the run when it can"
        )
    return ""


def _keep_phase(run: Run, phase: Phase, past: Past, why: str) -> list[Leftover]:
    """Name what a phase started, and leave it."""
    return [
        _leave(run, step, past.receipts.get(step.key), JournalUnwritable(why))
        for step in _started(phase, past)
    ]


def _undo_phase(run: Run, phase: Phase, past: Past) -> list[Leftover]:
    """Undo what a phase started, newest first, some at a time."""
    steps = _started(phase, past)
    if not steps:
        return []
    with ThreadPoolExecutor(UNDONE_AT_ONCE, "vnfdr-undo") as pool:
        found = list(pool.map(lambda step: _look(run, step, past), steps))
        if None in found:
            # A step that failed has no receipt, but may have had its effect; and the
            # effect may be late: absence proves nothing at first.
            run.clock.wait(LATE_SECONDS, unless=threading.Event())
            found = list(pool.map(lambda step: _see(run, step, past), steps))
        undone = pool.map(lambda step, seen: _undo(run, step, seen), steps, found)
        return [leftover for leftover in undone if leftover is not None]


def _started(phase: Phase, past: Past) -> list[Step[Any]]:
    """Return what there may be to undo, newest first."""
    started = past.parts(Fact.STARTED) - past.parts(Fact.UNDONE)
    return [step for step in reversed(phase.steps) if step.key in started]


def _look(run: Run, step: Step[object], past: Past) -> Receipt | Exception | None:
    """Return what a step left behind, or why that cannot be told."""
    try:
        return past.receipts.get(step.key) or step.find(run.world)
    except Exception as error:  # noqa: BLE001 - told as a leftover
        return error


def _see(run: Run, step: Step[object], past: Past) -> Receipt | Exception | None:
    """Look again; of a request that has no answer yet, until it has one.

    What it comes to is found by its key, once it was heard.
    """
    give_up_at = run.clock.now() + ANSWER_SECONDS_MAX
    while True:
        under_way = run.is_under_way(step.key) and not step.only_waits
        seen = _look(run, step, past)
        if seen is not None or not under_way:
            return seen
        if run.clock.now() >= give_up_at:
            return WaitedTooLong(
                f"{step.title}: asked for when the run was stopped, and not answered"
                f" for {ANSWER_SECONDS_MAX:g} s; what comes of it, `vnfdr sweep` finds"
            )
        run.clock.wait(LOOK_SECONDS, unless=threading.Event())


def _undo(
    run: Run, step: Step[object], found: Receipt | Exception | None
) -> Leftover | None:
    if isinstance(found, Exception):
        return _leave(run, step, Receipt("effect of", step.key), found)
    try:
        if found is not None:
            step.undo(run.world, found)
    except Exception as error:
        log.exception("%s could not be undone", step.key)
        return _leave(run, step, found, error)
    run.record(Entry(step.key, Fact.UNDONE))
    run.tell(Happening.UNDONE, step.key, f"undone: {step.title}")
    return None


def _leave(
    run: Run, step: Step[object], receipt: Receipt | None, error: Exception
) -> Leftover:
    """Name what could not be undone."""
    leftover = Leftover(receipt or Receipt("effect of", step.key), str(error))
    run.record(Entry(step.key, Fact.LEFT, note=str(leftover)))
    run.tell(Happening.LEFT, step.key, f"stays: {leftover}")
    return leftover
