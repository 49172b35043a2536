"""The failsafe: a process that stands by while a window is open.

All that it needs is imported, looked up, connected and in memory before it says that
it is ready. When it fires it first kills the worker, since one that was only paused
would freeze guests again, and then thaws what the worker may have frozen.
"""

import contextlib
import ctypes
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection, wait

from attrs import frozen

from vnfdr.failsafe.marks import Marks
from vnfdr.failsafe.messages import (
    WORKER_GONE,
    Leave,
    Ready,
    Refused,
    Report,
    StandBy,
    Watch,
    portable,
)
from vnfdr.failsafe.processes import line_of
from vnfdr.failsafe.record import Deed, Record
from vnfdr.plan import Conditions, SystemClock, Window, release
from vnfdr.plan.threads import holders
from vnfdr.plan.worker import settle, with_every_guest

DEATH_SECONDS_MAX = 5.0
THAW_SECONDS_MAX = 3600.0
ALL_MEMORY_NOW = 1
STACK_BYTES = 1 << 19
"""Of each of its threads, all of it in memory: two for each guest."""

CONTROLLER_GONE = "the process that began the run is gone"
GIVEN_UP = "the window was given up with guests that may be frozen"


def main() -> None:
    """Stand by for one window."""
    for nothing_to_us in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(nothing_to_us, signal.SIG_IGN)
    threading.stack_size(STACK_BYTES)
    line = line_of(sys.argv)
    order: StandBy = line.recv()
    with contextlib.ExitStack() as stack:
        try:
            threads = stack.enter_context(holders(order.task.window))
            post = _Post.take(order, line, threads)
        except Exception as error:  # noqa: BLE001 - told to the controller
            problem = portable(order.task.window, error)
            with contextlib.suppress(OSError):
                line.send(Refused(problem))
            return
        post.stand()


@frozen
class _Post:
    """Where a failsafe stands: all that it needs, at hand."""

    window: Window
    world: object
    marks: Marks
    line: Connection
    worker: int
    controller: int
    record: Record
    threads: ThreadPoolExecutor

    @classmethod
    def take(
        cls, order: StandBy, line: Connection, threads: ThreadPoolExecutor
    ) -> "_Post":
        """Connect to every guest; say so, durably."""
        window = order.task.window
        worker, controller = map(os.pidfd_open, (order.worker, order.controller))
        marks = Marks([hold.key for hold in window.holds], order.task.marks)
        world = order.task.make_world()
        unreached = with_every_guest(window, lambda hold: hold.reach(world))
        order.record.write(Deed.ARMED)
        _stay_in_memory()
        line.send(Ready(unreached))
        return cls(
            window, world, marks, line, worker, controller, order.record, threads
        )

    def stand(self) -> None:
        """Wait for the window, watch it, and do what is needed."""
        try:
            if self.controller in wait([self.line, self.controller]):
                return
            if not isinstance(self.line.recv(), Watch):
                return
            self.line.send(Ready())
        except (OSError, EOFError):
            return
        reason = self._watch()
        if reason:
            self._kill_worker()
        fired = "" if self.marks.is_over else reason
        if fired:
            self._thaw()
        self._report(fired)
        if fired:
            settle(self.window, self.world)

    def _watch(self) -> str:
        """Return why guests have to be thawed; empty when they need not."""
        until = time.monotonic() + self.window.lease_seconds
        watched: list[Connection | int] = [self.line, self.worker, self.controller]
        while True:
            # Once all is thawed there is no lease: whoever was slow may take its time.
            left = None if self.marks.is_over else max(0, until - time.monotonic())
            ready = wait(watched, left)
            if self.controller in ready or (self.line in ready and self._hung_up()):
                return CONTROLLER_GONE
            if self.line in ready:
                return GIVEN_UP if self.marks.maybe_frozen else ""
            if not self.marks.is_over:
                limit = f"the lease of {self.window.lease_seconds:g} s ran out"
                return WORKER_GONE if self.worker in ready else limit
            watched = [self.line, self.controller]

    def _hung_up(self) -> bool:
        try:
            return not isinstance(self.line.recv(), Leave)
        except (OSError, EOFError):
            return True

    def _kill_worker(self) -> None:
        """Make sure that the worker can do nothing more."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.worker, signal.SIGKILL)
        wait([self.worker], DEATH_SECONDS_MAX)

    def _thaw(self) -> None:
        """Thaw what is marked, until all of it is proven; nothing twice."""
        marked = self.marks.maybe_frozen
        conditions = Conditions(
            self.world,
            SystemClock(),
            maybe_frozen=marked,
            unanswered=self.marks.unanswered,
        )
        give_up_at = time.monotonic() + THAW_SECONDS_MAX
        while marked and time.monotonic() < give_up_at:
            with contextlib.suppress(Exception):
                release(self.window, tuple(marked), conditions, self.threads)

    def _report(self, fired: str) -> None:
        """Write down what was done, and tell it if somebody listens."""
        frozen = self.marks.names(self.window) if fired else ()
        deed = Deed.DISARMED
        if fired:
            deed = Deed.FAILED if frozen else Deed.THAWED
        with contextlib.suppress(OSError):
            self.record.write(deed, "; ".join([fired, *frozen]))
        with contextlib.suppress(OSError):
            self.line.send(Report(fired, frozen))


def _stay_in_memory() -> None:
    """Keep what this process has by now from the disk, where that is allowed.

    What it asks for later comes from memory anyway, and must not count against how
    much of that may be kept: a thaw would fail for it.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mlockall(ALL_MEMORY_NOW)


if __name__ == "__main__":
    main()
