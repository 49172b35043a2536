"""Ask for every cut of a window at once, and look until all of them are there.

One look serves them all, whatever their number. The first that fails ends it. A cut
whose answer was lost is not asked for again: the looks show whether it came about.
"""

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import attrs
from attrs import define, field

from vnfdr.errors import AnswerLost, Retryable
from vnfdr.plan.course import Course
from vnfdr.plan.failure import CutFailed, PartFailed
from vnfdr.plan.phase import Window
from vnfdr.plan.step import Cut, CutState, Receipt, Receipts, Seen
from vnfdr.point import CutEvidence

TICK_SECONDS = 0.05
TICKS_GONE_BY = 40
"""The time between two looks is so small a part of the time that has gone by."""

TICKS_TO_COME = 10
"""Or, where all guests wait for the last cut, of the time that is still to come,"""

SLOWEST_TICK_SECONDS = 0.25
"""but then no longer than this, or than twice the former."""

LOST_CUT_SECONDS = 5.0


@define
class Cutting:
    """The cuts of a window while it is worked: what was seen, in memory only."""

    window: Window
    course: Course
    pool: ThreadPoolExecutor
    evidence: dict[str, CutEvidence] = field(init=False)
    receipts: dict[str, Receipt] = field(factory=dict)
    _requests: "dict[str, Future[None]]" = field(factory=dict, init=False)
    _to_come: set[str] = field(factory=set, init=False)
    """The keys of what was asked for, and was not seen ready yet."""
    _seen: Mapping[str, Seen] = field(factory=dict, init=False)
    """What the last look saw."""
    _errors: dict[str, BaseException] = field(factory=dict, init=False)
    """By the keys of the requests that failed: a look at all of them costs too much."""

    def __attrs_post_init__(self) -> None:
        cuts = self.window.cuts
        self.evidence = {cut.key: CutEvidence(cut.key, cut.held_by) for cut in cuts}

    def cut_all(
        self, skipped: set[str], let_go: Callable[[Collection[str]], None]
    ) -> None:
        """Ask for every cut that does not belong to a guest that is left out.

        Args:
            skipped: the keys of the guests that are left out.
            let_go: where guests go on early, told after each look which of them are
                needed still, by key.
        """
        began = self.course.seconds
        for cut in self.window.cuts:
            if skipped.intersection(cut.held_by):
                self._note(cut.key, left_out=True)
            else:
                self._requests[cut.key] = self.pool.submit(self._request, cut)
        self._to_come = set(self._requests)
        self._see_accepted()
        self._see_ready(let_go, began)

    def give_up(self) -> None:
        """Send no more requests; those on their way are let be."""
        for request in self._requests.values():
            request.cancel()

    def finish(self) -> None:
        """Wait for the answers of the requests that are on their way."""
        wait(self._requests.values())

    def _request(self, cut: Cut[object]) -> None:
        self._note(cut.key, asked_at=self.course.seconds)
        try:
            self.receipts[cut.key] = cut.do(self.course.conditions.world, Receipts())
        except BaseException as error:
            self._errors[cut.key] = error
            raise

    def _see_accepted(self) -> None:
        requests = self._requests.values()
        while pending := [request for request in requests if not request.done()]:
            self.course.go_on()
            self.course.wait_for(pending)
            self._raise_refusal(patient=True)
        self._raise_refusal(patient=True)

    def _see_ready(
        self, let_go: Callable[[Collection[str]], None], began: float
    ) -> None:
        patient_until = self.course.seconds + LOST_CUT_SECONDS
        pause = self.window.expected_cut_seconds
        while self._to_come:
            self.course.go_on()
            self._raise_refusal(patient=self.course.seconds < patient_until)
            self.course.pause(pause)
            self._look()
            if self.window.early_thaw:
                let_go(self._needed())
            pause = self._tick_seconds(began)

    def _tick_seconds(self, began: float) -> float:
        """Return when the next look is worth its cost, which the cloud bears, too.

        It adds little to the time that the guests have stood still for. Where a guest
        waits for its own cuts alone, each look may be the one that lets it go. Where
        all wait for the last cut, a look may come later while many are to come, by the
        pace of those so far.
        """
        ready = len(self._requests) - len(self._to_come)
        gone_by = self.course.seconds - began
        little = max(TICK_SECONDS, gone_by / TICKS_GONE_BY)
        if self.window.early_thaw or not ready:
            return little
        to_come = len(self._to_come) * gone_by / ready
        most = max(SLOWEST_TICK_SECONDS, 2 * little)
        return min(max(little, to_come / TICKS_TO_COME), most)

    def _needed(self) -> set[str]:
        """Return the keys of the guests that a cut is still to be made of."""
        return {hold for key in self._to_come for hold in self.evidence[key].held_by}

    def _raise_refusal(self, *, patient: bool) -> None:
        """Raise if a cut was refused; one whose answer was lost may be there yet."""
        for key, error in tuple(self._errors.items()):
            seen = key not in self._to_come
            if not (isinstance(error, AnswerLost) and (patient or seen)):
                raise PartFailed(key, error)

    def _look(self) -> None:
        """See how the cuts stand, in one call."""
        try:
            seen = self.window.watch.look(self.course.conditions.world)
        except (AnswerLost, Retryable):
            return  # There is another look after this one, until the limit.
        news = {k: cut for k, cut in seen.items() if cut is not self._seen.get(k)}
        self._seen = seen
        self._take_in(news)

    def _take_in(self, news: Mapping[str, Seen]) -> None:
        now = self.course.seconds
        for key in self._requests.keys() & news.keys():
            cut = news[key]
            self.receipts[key] = cut.receipt
            if cut.state is CutState.FAILED:
                failure = CutFailed(f"{cut.receipt} failed in the back end")
                raise PartFailed(key, failure)
            if cut.state is CutState.READY and key in self._to_come:
                self._to_come.discard(key)
                self._note(key, ready_at=now)

    def _note(self, key: str, **seen: Any) -> None:  # noqa: ANN401 - as evolve
        self.evidence[key] = attrs.evolve(self.evidence[key], **seen)
