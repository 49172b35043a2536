"""Work a window: freeze in order, cut together, thaw in the exact reverse order.

With early thaw each guest is let go as soon as its own cuts are there.
On every path out, an exception in any line included, everything is thawed before
anything is written and before anybody is told. Nothing in here knows what a guest or
a snapshot is.
"""

import gc
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime

from attrs import field, frozen

from vnfdr.plan.course import Conditions, Course
from vnfdr.plan.cutting import Cutting
from vnfdr.plan.failure import PartFailed
from vnfdr.plan.holding import Holding
from vnfdr.plan.phase import Window
from vnfdr.plan.step import Receipt
from vnfdr.plan.threads import cutters, holders
from vnfdr.point import CutEvidence, GuestEvidence


@frozen
class Worked:
    """What came of a window.

    Args:
        began: when it began, for people.
        guests: the evidence for each hold, in the window's order.
        cuts: the evidence for each cut, in the window's order.
        receipts: what the cuts left behind, by key.
        frozen: the names of what is not proven thawed.
        failure: what failed first, if something did.
        witnesses: who each guest is now, by key.
        voided: why none of it counts, if none does: somebody else thawed.
    """

    began: datetime
    guests: tuple[GuestEvidence, ...]
    cuts: tuple[CutEvidence, ...]
    receipts: Mapping[str, Receipt]
    frozen: tuple[str, ...]
    failure: PartFailed | None
    witnesses: Mapping[str, str] = field(factory=dict)
    voided: str = ""


def work(window: Window, conditions: Conditions) -> Worked:
    """Work the window; return when everything is thawed, or its lease is over.

    Raises:
        RuntimeError: the machine gives no more threads; nothing was touched.
    """
    failure: PartFailed | None = None
    with holders(window) as for_guests, cutters(window) as for_cuts, _no_collection():
        course = Course.begin(conditions, window.hold_limit_seconds)
        holding = Holding(window, course, for_guests)
        cutting = Cutting(window, course, for_cuts)
        try:
            holding.hold_all()
            cutting.cut_all(holding.skipped, holding.release_unneeded)
        except PartFailed as error:
            failure = error
        except BaseException as error:  # noqa: BLE001 - thaw first, whatever it was
            failure = PartFailed(window.key, error)
        finally:
            cutting.give_up()
            holding.release_all()
            cutting.finish()
    return Worked(
        began=course.date,
        guests=tuple(holding.evidence.values()),
        cuts=tuple(cutting.evidence.values()),
        receipts=cutting.receipts,
        frozen=holding.frozen_names,
        failure=failure,
    )


@contextmanager
def _no_collection() -> Iterator[None]:
    """Collect no garbage meanwhile: it stops all threads, for a tenth of a second.

    What is dropped goes all the same, unless it refers to itself.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def release(
    window: Window,
    keys: Collection[str],
    conditions: Conditions,
    threads: ThreadPoolExecutor,
) -> tuple[str, ...]:
    """Thaw what may be frozen, by key; return the names of what is not proven.

    For a window whose worker is gone: whatever is known, all of it is thawed. What
    the worker asked for last may come about after it died, so whatever it had no
    answer for, and was not found frozen, is looked at until that cannot happen any
    more. No other guest is: who freezes one after its thaw is not we.
    """
    course = Course.begin(conditions, window.hold_limit_seconds)
    holding = Holding(window, course, threads)
    for key in keys:
        conditions.maybe_frozen.add(key)
    holding.release_all()
    holding.release_late()
    return holding.frozen_names
