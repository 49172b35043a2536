"""The controller's side of a window: it hands the work over, and watches over it."""

import contextlib
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime
from multiprocessing.connection import wait
from uuid import uuid4

from attrs import evolve, field, frozen

from vnfdr.errors import FailsafeFailed, FailsafeFired
from vnfdr.failsafe.marks import Marks
from vnfdr.failsafe.messages import (
    WORKER_GONE,
    Job,
    Leave,
    MakeWorld,
    Prepare,
    Ready,
    Refused,
    Report,
    StandBy,
    Stop,
    Task,
    Watch,
    Work,
)
from vnfdr.failsafe.processes import Child
from vnfdr.failsafe.record import Record
from vnfdr.plan import StopEvent, SystemClock, Window
from vnfdr.plan.failure import PartFailed
from vnfdr.plan.holding import evidence_of
from vnfdr.plan.window import Worked
from vnfdr.plan.worker import Prepared, Worker

START_SECONDS_MAX = 120.0
PREPARE_SECONDS_MAX = 600.0
ANSWER_SECONDS_MAX = 10.0
ATTENTION_SECONDS = 0.05
GONE = "is gone, too"


@frozen
class Guarded:
    """Has windows worked by a process of their own, with a failsafe beside it.

    Args:
        make_world: makes what a window's parts work on, in those processes.
        record: where the failsafe writes down what it does.
    """

    make_world: MakeWorld
    record: Record = field(factory=Record)

    @contextlib.contextmanager
    def open(self, window: Window) -> Iterator[Worker]:
        """Start both processes; return when they are connected to every guest.

        Raises:
            FailsafeFailed: one of them does not start, or does not answer.
            PartFailed: one of them cannot reach what it needs.
        """
        with ExitStack() as stack:
            marks = Marks.new([hold.key for hold in window.holds])
            record = evolve(self.record, window=uuid4().hex)
            stack.callback(marks.close)
            task = Task(window, self.make_world, marks.handle)
            worker, failsafe = _start(stack, task, marks)
            failsafe.send(StandBy(task, worker.process.pid, os.getpid(), record))
            unreached = _expect_ready(failsafe).unreached
            _expect_ready(worker)
            yield _Apart(window, marks, worker, failsafe, unreached, record.window)


def _start(stack: ExitStack, task: Task, marks: Marks) -> tuple[Child, Child]:
    """Start both; the failsafe's life is a pipe of which the worker sees the end."""
    seen, life = os.pipe()
    try:
        worker = Child.start(
            "the window's worker", "vnfdr.failsafe.working", (task.marks, seen)
        )
        stack.callback(worker.end)
        failsafe = Child.start(
            "the failsafe", "vnfdr.failsafe.standing", (task.marks, life)
        )
        # It is left alone as long as there is something for it to thaw.
        stack.callback(failsafe.end, lambda: marks.has_any and not marks.is_over)
    finally:
        os.close(seen)
        os.close(life)
    worker.send(Job(task, seen))
    return worker, failsafe


def _expect_ready(child: Child) -> Ready:
    answer = child.answer(START_SECONDS_MAX)
    if isinstance(answer, Refused):
        raise answer.problem
    assert isinstance(answer, Ready), answer
    return answer


@frozen
class _Apart:
    """A worker that is another process."""

    window: Window
    marks: Marks
    worker: Child
    failsafe: Child
    unreached: Mapping[str, str]
    name: str
    """By what the failsafe calls the window."""

    def prepare(self) -> Prepared:
        self.worker.send(Prepare())
        answer = self.worker.answer(PREPARE_SECONDS_MAX)
        if isinstance(answer, Refused):
            raise answer.problem
        assert isinstance(answer, Prepared), answer
        self.failsafe.send(Watch())
        _expect_ready(self.failsafe)
        # A guest that the failsafe cannot thaw is not frozen.
        unprepared = {**self.unreached, **answer.unprepared}
        return evolve(answer, unprepared=unprepared, failsafe=self.name)

    def work(self, prepared: Prepared, stop: StopEvent) -> Worked:
        began = SystemClock().date()
        worked = None
        with contextlib.suppress(FailsafeFailed):
            self.worker.send(Work(prepared))
            worked = self._result(stop)
        if worked is None:
            # Gone, or as good as gone: it shall do nothing more.
            self.worker.kill()
        report = self._relieve()
        if isinstance(worked, Worked):
            return self._checked(worked, report, stop)
        return self._lost(began, report, worked)

    def _relieve(self) -> Report | None:
        """Relieve the failsafe; return what it did, or nothing if it is gone."""
        patience = ANSWER_SECONDS_MAX
        if self.marks.maybe_frozen:
            patience += self.window.lease_seconds
        if self.marks.unanswered:
            # It looks for what comes late, too.
            patience += max(hold.late_seconds for hold in self.window.holds)
        with contextlib.suppress(FailsafeFailed):
            self.failsafe.send(Leave())
        try:
            answer = self.failsafe.answer(patience)
        except FailsafeFailed:
            return None
        return answer if isinstance(answer, Report) else None

    def _result(self, stop: StopEvent) -> Worked | Refused | None:
        """Return what came of the window; nothing if the worker is gone."""
        until = time.monotonic() + 2 * self.window.lease_seconds
        stopped = False
        watched = [self.worker.line, self.failsafe.line]
        while time.monotonic() < until:
            if stop.is_set() and not stopped:
                self.worker.send(Stop())
                stopped = True
            ready = wait(watched, ATTENTION_SECONDS)
            if self.worker.line in ready:
                answer = self.worker.answer(ANSWER_SECONDS_MAX)
                return answer if isinstance(answer, Worked | Refused) else None
            if self.failsafe.line in ready:
                # It has fired, or is gone; the worker is dead, or thaws by itself.
                watched = [self.worker.line]
        return None

    def _checked(
        self, worked: Worked, report: Report | None, stop: StopEvent
    ) -> Worked:
        """Return what came of the window, in the light of what the failsafe did."""
        if report is None:
            stopped_for_it = worked.failure is not None and not stop.is_set()
            gone = FailsafeFailed("the failsafe is gone; everything was thawed at once")
            failure = PartFailed(self.window.key, gone)
            return evolve(worked, failure=failure) if stopped_for_it else worked
        if not report.fired:
            return worked
        return evolve(
            worked,
            frozen=report.frozen,
            failure=worked.failure or self._fired(report.fired),
            voided=report.fired,
        )

    def _lost(
        self, began: datetime, report: Report | None, refused: Refused | None
    ) -> Worked:
        """Return what came of a window that its worker refused, or died of."""
        why = WORKER_GONE if refused is None else str(refused.problem.cause)
        if report is not None:
            reason, frozen = report.fired or why, report.frozen
        else:
            frozen = self.marks.names(self.window)
            task = ", ".join(frozen) or "who freezes late"
            goes_on = f"goes on to thaw {task}"
            reason = f"{why}; the failsafe {goes_on if self.failsafe.lives else GONE}"
        guests = (evidence_of(hold) for hold in self.window.holds)
        return Worked(
            began=began,
            guests=tuple(evolve(guest, problem=reason) for guest in guests),
            cuts=(),
            receipts={},
            frozen=frozen,
            failure=self._fired(reason) if refused is None else refused.problem,
            voided=reason,
        )

    def _fired(self, reason: str) -> PartFailed:
        return PartFailed(self.window.key, FailsafeFired(reason))
