"""The worker: a process that works one window, and may be killed at any moment.

It thaws everything and gives up as soon as its controller or its failsafe is gone.
"""

import os
import queue
import signal
import sys
import threading
from multiprocessing.connection import Connection

from attrs import evolve, field, frozen

from vnfdr.failsafe.marks import Marks
from vnfdr.failsafe.messages import (
    Job,
    Leave,
    Prepare,
    Ready,
    Refused,
    Stop,
    Work,
    portable,
)
from vnfdr.failsafe.processes import line_of
from vnfdr.plan import StopEvent, SystemClock, Window
from vnfdr.plan.stopping import Bell
from vnfdr.plan.worker import InProcess, Worker


def main() -> None:
    """Do one job, until the controller hangs up."""
    for nothing_to_us in (signal.SIGINT, signal.SIGHUP):
        signal.signal(nothing_to_us, signal.SIG_IGN)
    line = line_of(sys.argv)
    job: Job = line.recv()
    desk = _Desk(line)
    # A handler interrupts anything, whatever that has locked: it only rings.
    terminated: Bell = queue.SimpleQueue()
    signal.signal(signal.SIGTERM, lambda *_: terminated.put(None))
    for listen in (
        desk.read,
        lambda: desk.mourn(job.life),
        lambda: desk.heed(terminated),
    ):
        threading.Thread(target=listen, daemon=True).start()
    desk.do(job)


@frozen
class _Desk:
    """Where a worker hears what it has to do, and is told to stop."""

    line: Connection
    stop: StopEvent = field(factory=StopEvent)
    orders: "queue.SimpleQueue[object]" = field(factory=queue.SimpleQueue)

    def read(self) -> None:
        """Take orders in, until there are no more."""
        try:
            while True:
                order = self.line.recv()
                if isinstance(order, Leave):
                    break
                if isinstance(order, Stop):
                    self.stop.set()
                else:
                    self.orders.put(order)
        except (OSError, EOFError):
            pass
        self.leave()

    def mourn(self, life: int) -> None:
        """Leave when the failsafe is gone."""
        os.read(life, 1)
        self.leave()

    def heed(self, terminated: Bell) -> None:
        """Thaw everything as soon as it rings."""
        terminated.get()
        self.stop.set()

    def leave(self) -> None:
        """Thaw everything, and do nothing that is ordered later."""
        self.stop.set()
        self.orders.put(None)

    def do(self, job: Job) -> None:
        """Get ready, then do what is ordered."""
        task = job.task
        marks = Marks([hold.key for hold in task.window.holds], task.marks)
        try:
            world = task.make_world()
        except Exception as error:  # noqa: BLE001 - told to the controller
            self.say(Refused(portable(task.window, error)))
            return
        self.say(Ready())
        here = InProcess(world, SystemClock(), marks.maybe_frozen, marks.unanswered)
        with here.open(task.window) as worker:
            while (order := self.orders.get()) is not None:
                self.say(self.carry_out(order, worker, task.window, marks))

    def carry_out(
        self, order: object, worker: Worker, window: Window, marks: Marks
    ) -> object:
        """Do one thing that was ordered; return the answer."""
        try:
            if isinstance(order, Prepare):
                return worker.prepare()
            assert isinstance(order, Work), order
            worked = worker.work(order.prepared, self.stop)
        except Exception as error:  # noqa: BLE001 - told to the controller
            return Refused(portable(window, error))
        if not marks.maybe_frozen:
            marks.end()
        failure = worked.failure and portable(window, worked.failure)
        return evolve(worked, failure=failure)

    def say(self, message: object) -> None:
        """Tell the controller; when it is gone, there is nobody to tell."""
        try:
            self.line.send(message)
        except OSError:
            self.stop.set()


if __name__ == "__main__":
    main()
