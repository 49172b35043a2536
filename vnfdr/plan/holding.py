"""Hold the guests of a window in order, and let them go in reverse order, or early.

Whatever a freeze was sent to, and may be frozen, is thawed; a guest that somebody
else had frozen is not. One thaw never waits for another that hangs: thaws set out in
order, and one that takes too long is left to its own thread while the next sets out.
"""

import logging
import threading
from collections.abc import Collection, Iterable, MutableSet, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

import attrs
from attrs import define, field

from vnfdr.errors import (
    AlreadyFrozen,
    FreezeFailed,
    NotQuiescable,
    QuiesceError,
    ThawedItself,
)
from vnfdr.model import Policy
from vnfdr.plan.course import Course
from vnfdr.plan.failure import PartFailed
from vnfdr.plan.phase import Window
from vnfdr.plan.step import Hold
from vnfdr.point import GuestEvidence

log = logging.getLogger(__name__)

THAW_PATIENCE_SECONDS = 0.4
RETRY_SECONDS = 0.5
LATE_LOOK_SECONDS, LATE_LOOK_SECONDS_MAX = 0.05, 1.0
"""What comes late mostly comes at once; later looks are further apart."""


@define
class Holding:
    """The guests of a window while it is worked: what was seen, in memory only."""

    window: Window
    course: Course
    pool: ThreadPoolExecutor
    evidence: dict[str, GuestEvidence] = field(init=False)
    _thaws: "dict[str, Future[None]]" = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self.evidence = {hold.key: evidence_of(hold) for hold in self.window.holds}

    @property
    def maybe_frozen(self) -> MutableSet[str]:
        """The keys of the guests that may be frozen now."""
        return self.course.conditions.maybe_frozen

    def hold_all(self) -> None:
        """Freeze tier after tier; the first failure that matters ends it."""
        for tier in self.window.tiers:
            self.course.go_on()
            held = [hold for hold in tier if hold.holds and self._is_prepared(hold)]
            self._see_held([self.pool.submit(self._hold, hold) for hold in held])

    def _see_held(self, asked: "list[Future[None]]") -> None:
        """Wait for freezes; once they are in vain, for none with a guest held."""
        pending = asked
        try:
            while pending:
                self.course.go_on()
                self.course.wait_for(pending)
                # Looked at once: one that comes in between belongs to the next turn.
                come = set(filter(Future.done, pending))
                for answer in (answer for answer in pending if answer in come):
                    answer.result()
                pending = [answer for answer in pending if answer not in come]
        except BaseException:
            unanswered = set(asked)
            while unanswered:
                self._release_answered()
                # A thaw that overtakes its freeze would be no thaw.
                _, unanswered = wait(unanswered, return_when=FIRST_COMPLETED)
            raise

    def _release_answered(self) -> None:
        """Begin to thaw those that are known to be held."""
        unanswered = self.course.conditions.unanswered
        holds = reversed(self.window.holds)
        self._set_out_all(hold for hold in holds if hold.key not in unanswered)

    def release_unneeded(self, needed: Collection[str]) -> None:
        """Let those go that nobody needs any more."""
        holds = reversed(self.window.holds)
        self._set_out_all(hold for hold in holds if hold.key not in needed)

    def release_all(self) -> None:
        """Thaw whatever may be frozen; return when it is proven, or time is up."""
        give_up_at = self._give_up_at()
        unclear, in_order = [], []
        for tier in reversed(self.window.tiers):
            mine = [hold for hold in tier if self._is_to_thaw(hold)]
            unclear += [hold for hold in mine if self.evidence[hold.key].problem]
            in_order.append([h for h in mine if not self.evidence[h.key].problem])
        # What did not answer its freeze may not answer its thaw: nobody waits for it.
        for hold in unclear:
            self._set_out(hold, give_up_at)
        for tier_held in in_order:
            setting_out = [self._set_out(hold, give_up_at) for hold in tier_held]
            wait(setting_out, timeout=THAW_PATIENCE_SECONDS)
        wait(self._thaws.values())

    def _give_up_at(self) -> float:
        return self.course.conditions.clock.now() + self.window.lease_seconds

    def _is_to_thaw(self, hold: Hold[object]) -> bool:
        """Tell whether it may be frozen, and nobody thaws it already."""
        # In this order: a thaw may end in between, and then it is not frozen any more.
        return not self._is_thawing(hold) and hold.key in self.maybe_frozen

    def _is_thawing(self, hold: Hold[object]) -> bool:
        thaw = self._thaws.get(hold.key)
        return thaw is not None and not thaw.done()

    def _set_out_all(self, holds: Iterable[Hold[object]]) -> None:
        """Begin to thaw those of some guests that are to be thawed."""
        give_up_at = self._give_up_at()
        for hold in holds:
            if self._is_to_thaw(hold):
                self._set_out(hold, give_up_at)

    def _set_out(self, hold: Hold[object], give_up_at: float) -> "Future[None]":
        """Begin to thaw one guest."""
        self._thaws[hold.key] = self.pool.submit(self._release, hold, give_up_at)
        return self._thaws[hold.key]

    def release_late(self) -> None:
        """Look until no hold that a dead process asked for can come about any more.

        One that was answered, or was found and released, has come about already.
        Nobody is waited for meanwhile: a guest that cannot be reached must not keep
        anybody from looking at another, once more when its time is over.
        """
        clock, never = self.course.conditions.clock, threading.Event()
        began, pause = clock.now(), LATE_LOOK_SECONDS
        late = [hold for hold in self.window.holds if self._may_come(hold)]
        while late:
            over = [h for h in late if clock.now() >= began + h.late_seconds]
            self._release_found([hold for hold in late if not self._is_thawing(hold)])
            late = [h for h in late if h not in over and self._may_come(h)]
            if late:
                clock.wait(pause, unless=never)
                pause = min(2 * pause, LATE_LOOK_SECONDS_MAX)
        wait(self._thaws.values())

    def _release_found(self, late: Sequence[Hold[object]]) -> None:
        """Look at guests, and begin to thaw those that may be held."""
        looks = zip(late, self.pool.map(self._may_be_held, late), strict=True)
        held = [hold for hold, is_held in looks if is_held]
        for hold in held:
            self.maybe_frozen.add(hold.key)
        self._set_out_all(held)

    def _may_be_held(self, hold: Hold[object]) -> bool:
        try:
            return hold.may_be_held(self.course.conditions.world)
        except Exception as error:  # noqa: BLE001 - what cannot be asked may be held
            log.warning("%s cannot be asked: %s", hold.name, error)
            return True

    def _may_come(self, hold: Hold[object]) -> bool:
        seen = self.evidence[hold.key]
        if hold.key not in self.course.conditions.unanswered:
            return False
        return hold.holds and seen.thawed_at is not None and seen.thawed == 0

    @property
    def skipped(self) -> set[str]:
        """The keys of those that could not be held, and are left out for it."""
        skips = [hold for hold in self.window.holds if hold.policy is Policy.SKIP]
        return {hold.key for hold in skips if self.evidence[hold.key].problem}

    @property
    def frozen_names(self) -> tuple[str, ...]:
        """The names of what is not proven thawed."""
        holds = self.window.holds
        return tuple(hold.name for hold in holds if hold.key in self.maybe_frozen)

    def _is_prepared(self, hold: Hold[object]) -> bool:
        """Tell whether a freeze may be sent; note why if not."""
        problem = self.course.conditions.unprepared.get(hold.key, "")
        self._note(hold, problem=problem)
        return not problem

    def _hold(self, hold: Hold[object]) -> None:
        """Freeze one guest, as its policy has it."""
        unanswered = self.course.conditions.unanswered
        unanswered.add(hold.key)
        self.maybe_frozen.add(hold.key)
        self._note(hold, freeze_asked_at=self.course.seconds)
        try:
            count = hold.hold(self.course.conditions.world)
        except QuiesceError as error:
            if isinstance(error, AlreadyFrozen | FreezeFailed | NotQuiescable):
                # Not frozen by us, for certain: there is nothing to release.
                self.maybe_frozen.discard(hold.key)
                unanswered.discard(hold.key)
            self._note(hold, problem=str(error))
            if hold.policy is Policy.REQUIRE:
                raise PartFailed(hold.key, error) from error
        else:
            # Once it is answered, another thread may thaw it, and note that.
            self._note(hold, frozen_at=self.course.seconds, froze=count)
            unanswered.discard(hold.key)

    def _release(self, hold: Hold[object], give_up_at: float) -> None:
        """Thaw one guest, again and again until it is proven."""
        self._note(hold, thaw_asked_at=self.course.seconds)
        clock, never = self.course.conditions.clock, threading.Event()
        while True:
            try:
                count = hold.release(self.course.conditions.world)
            except ThawedItself as error:
                self._note(hold, problem=str(error), thawed_at=self.course.seconds)
                self.maybe_frozen.discard(hold.key)
                return
            except Exception as error:  # noqa: BLE001 - nothing ends a thaw but proof
                if clock.now() >= give_up_at:
                    self._note(hold, problem=f"thaw: {error}")
                    return
                clock.wait(RETRY_SECONDS, unless=never)
            else:
                self._note(hold, thawed=count, thawed_at=self.course.seconds)
                self.maybe_frozen.discard(hold.key)
                return

    def _note(self, hold: Hold[object], **seen: Any) -> None:  # noqa: ANN401 - as evolve
        """Write down what was seen of a guest."""
        self.evidence[hold.key] = attrs.evolve(self.evidence[hold.key], **seen)


def evidence_of(hold: Hold[object]) -> GuestEvidence:
    """Return the evidence for a guest of which nothing was seen yet."""
    return GuestEvidence(
        hold.key, hold.name, hold.level, hold.reaches, hold.policy, holds=hold.holds
    )
