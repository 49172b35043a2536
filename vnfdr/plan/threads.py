"""Threads that stand by: none has to be started while a guest is frozen.

A thread that cannot be started any more, for want of memory or by a limit of the
machine, is thus found out before anything is touched, and never by a thaw.
"""

import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from vnfdr.plan.phase import Window


@contextlib.contextmanager
def holders(window: Window) -> Iterator[ThreadPoolExecutor]:
    """Yield threads for the guests: one for each freeze, and one for each thaw.

    A freeze that hangs must not take the thread that a thaw needs.

    Raises:
        RuntimeError: the machine gives no more threads.
    """
    with _standing_by(2 * len(window.holds), "vnfdr-guest") as pool:
        yield pool


@contextlib.contextmanager
def cutters(window: Window) -> Iterator[ThreadPoolExecutor]:
    """Yield threads for the cuts.

    Raises:
        RuntimeError: the machine gives no more threads.
    """
    with _standing_by(window.cuts_at_once, "vnfdr-cut") as pool:
        yield pool


@contextlib.contextmanager
def _standing_by(count: int, name: str) -> Iterator[ThreadPoolExecutor]:
    together = threading.Barrier(count + 1)
    with ThreadPoolExecutor(count, name) as pool:
        try:
            for _ in range(count):
                pool.submit(together.wait)
            together.wait()
        except BaseException:
            together.abort()
            raise
        yield pool
