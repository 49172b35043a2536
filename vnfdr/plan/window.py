"""Work a window: freeze in order, cut together, thaw in the exact reverse order.

Three rules hold on every path out, an exception in any line included:

* whatever a freeze was sent to, and may be frozen, is thawed; a guest that somebody
  else had frozen is not;
* one thaw never waits for another that hangs: thaws set out in order, and one that
  takes too long is left behind to its own thread while the next sets out;
* nothing is written and nobody is told before the last thaw has set out.

Nothing in here knows what a guest or a snapshot is.
"""

import contextlib
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from datetime import datetime
from typing import Any

import attrs
from attrs import define, field, frozen

from vnfdr.errors import (
    AlreadyFrozen,
    AnswerLost,
    FreezeFailed,
    NotQuiescable,
    QuiesceError,
    Retryable,
    VnfdrError,
    WaitedTooLong,
)
from vnfdr.model import Policy
from vnfdr.plan.clock import Clock
from vnfdr.plan.phase import Window
from vnfdr.plan.step import Cut, CutState, Hold, Receipt
from vnfdr.point import CutEvidence, GuestEvidence

TICK_SECONDS = 0.05
THAW_PATIENCE_SECONDS = 0.4
RETRY_SECONDS = 0.5
LOST_CUT_SECONDS = 5.0


class Interrupted(VnfdrError):
    """Somebody asked the run to stop."""

    def __init__(self) -> None:
        super().__init__("the run was asked to stop")


class CutFailed(VnfdrError):
    """A cut did not come about, or not in time."""


@frozen
class Worked:
    """What came of a window.

    Args:
        began: when it began, for people.
        guests: the evidence for each hold, in the window's order.
        cuts: the evidence for each cut, in the window's order.
        receipts: what the cuts left behind, by key.
        failed: the key of the part that failed first, empty when none did.
        cause: why.
        frozen: the names of what is not proven thawed.
    """

    began: datetime
    guests: tuple[GuestEvidence, ...]
    cuts: tuple[CutEvidence, ...]
    receipts: Mapping[str, Receipt]
    failed: str = ""
    cause: BaseException | None = None
    frozen: tuple[str, ...] = ()


@frozen
class Conditions:
    """What a window is worked under.

    Args:
        world: what its parts work on.
        clock: the time.
        stop: ends it early, when set: everything is thawed, and nothing counts.
        unprepared: why some guests could not be prepared, by key; no freeze is
            sent to those.
    """

    world: object
    clock: Clock
    stop: threading.Event = field(factory=threading.Event)
    unprepared: Mapping[str, str] = field(factory=dict)


def work(window: Window, conditions: Conditions) -> Worked:
    """Work the window; return when everything is thawed, or its lease is over."""
    with _pools(window) as (holders, cutters):
        at_work = _AtWork(window, conditions, holders, cutters)
        try:
            at_work.hold_all()
            at_work.cut_all()
        except BaseException as error:  # noqa: BLE001 - thaw first, whatever it was
            at_work.fail(at_work.current, error)
        finally:
            at_work.release_all()
        return at_work.evidence()


def release(window: Window, conditions: Conditions) -> tuple[str, ...]:
    """Thaw everything a window declared; return the names of what is not proven.

    For a window whose worker is gone: whatever is known, all of it is thawed.
    """
    with _pools(window) as (holders, cutters):
        at_work = _AtWork(window, conditions, holders, cutters)
        at_work.to_release.update(hold.key for hold in window.holds if hold.holds)
        at_work.release_all()
        return at_work.evidence().frozen


@contextlib.contextmanager
def _pools(window: Window) -> Iterator[tuple[ThreadPoolExecutor, ThreadPoolExecutor]]:
    """Yield threads for the guests and others for the cuts.

    A cut that hangs must not take the thread that a thaw needs.
    """
    holders = ThreadPoolExecutor(2 * len(window.holds), "vnfdr-guest")
    with holders, ThreadPoolExecutor(window.cuts_at_once, "vnfdr-cut") as cutters:
        yield holders, cutters


@define
class _AtWork:
    """A window while it is worked: what was seen, in memory only."""

    window: Window
    conditions: Conditions
    holders: ThreadPoolExecutor
    cutters: ThreadPoolExecutor
    began: float = field(init=False)
    date: datetime = field(init=False)
    current: str = field(init=False)
    guests: dict[str, GuestEvidence] = field(init=False)
    cuts: dict[str, CutEvidence] = field(init=False)
    receipts: dict[str, Receipt] = field(factory=dict)
    requests: "dict[str, Future[None]]" = field(factory=dict)
    to_release: set[str] = field(factory=set)
    failed: str = ""
    cause: BaseException | None = None

    def __attrs_post_init__(self) -> None:
        self.began = self.conditions.clock.now()
        self.date = self.conditions.clock.date()
        self.current = self.window.key
        self.guests = {hold.key: guest_of(hold) for hold in self.window.holds}
        self.cuts = {c.key: CutEvidence(c.key, c.held_by) for c in self.window.cuts}

    @property
    def seconds(self) -> float:
        """Seconds since the window began."""
        return self.conditions.clock.now() - self.began

    def fail(self, key: str, error: BaseException) -> None:
        """Remember the first failure: later ones follow from it."""
        if self.cause is None:
            self.failed, self.cause = key, error

    def go_on(self) -> None:
        """Raise if the window should be given up."""
        if self.conditions.stop.is_set():
            raise Interrupted
        if self.seconds > self.window.hold_limit_seconds:
            raise WaitedTooLong(
                f"the window reached its limit of {self.window.hold_limit_seconds:g} s"
            )

    def note(self, key: str, **seen: Any) -> None:  # noqa: ANN401 - as evolve has it
        """Write down what was seen of a guest."""
        self.guests[key] = attrs.evolve(self.guests[key], **seen)

    # Holding.

    def hold_all(self) -> None:
        """Freeze tier after tier; the first failure that matters ends it."""
        for tier in self.window.tiers:
            self.go_on()
            held = [hold for hold in tier if hold.holds and self.is_prepared(hold)]
            asked = {h.key: self.holders.submit(self.hold, h) for h in held}
            wait(asked.values())
            for key, answer in asked.items():
                self.current = key
                answer.result()
        self.current = self.window.key

    def is_prepared(self, hold: Hold[object]) -> bool:
        """Tell whether a freeze may be sent; note why if not."""
        problem = self.conditions.unprepared.get(hold.key, "")
        self.note(hold.key, problem=problem)
        return not problem

    def hold(self, hold: Hold[object]) -> None:
        """Freeze one guest, as its policy has it."""
        self.to_release.add(hold.key)
        self.note(hold.key, freeze_asked_at=self.seconds)
        try:
            count = hold.hold(self.conditions.world)
        except QuiesceError as error:
            if isinstance(error, AlreadyFrozen | FreezeFailed | NotQuiescable):
                # Not frozen by us, for certain: there is nothing to release.
                self.to_release.discard(hold.key)
            self.note(hold.key, problem=str(error))
            if hold.policy is Policy.REQUIRE:
                raise
        else:
            self.note(hold.key, frozen_at=self.seconds, froze=count)

    # Cutting.

    def cut_all(self) -> None:
        """Ask for every cut at once, then look until all of them are there."""
        skipped = {h.key for h in self.window.holds if self.is_skipped(h)}
        for cut in self.window.cuts:
            if skipped.intersection(cut.held_by):
                self.cuts[cut.key] = attrs.evolve(self.cuts[cut.key], left_out=True)
                continue
            self.requests[cut.key] = self.cutters.submit(self.request, cut)
        pending = set(self.requests.values())
        while pending:
            self.go_on()
            _, pending = wait(pending, TICK_SECONDS, FIRST_EXCEPTION)
            self.all_ready(self.conditions.clock.now())
        asked_at = self.conditions.clock.now()
        pause = self.window.expected_cut_seconds
        while not self.all_ready(asked_at):
            self.go_on()
            self.conditions.clock.wait(pause, unless=self.conditions.stop)
            self.look()
            pause = TICK_SECONDS

    def is_skipped(self, hold: Hold[object]) -> bool:
        """Tell whether a guest could not be held and is left out for it."""
        return hold.policy is Policy.SKIP and bool(self.guests[hold.key].problem)

    def request(self, cut: Cut[object]) -> None:
        """Ask for one cut."""
        self.cuts[cut.key] = attrs.evolve(self.cuts[cut.key], asked_at=self.seconds)
        self.receipts[cut.key] = cut.do(self.conditions.world, {})

    def all_ready(self, asked_at: float) -> bool:
        """Tell whether every cut is there; raise for one that will not be."""
        waiting = [key for key in self.requests if self.cuts[key].ready_at is None]
        for key in waiting:
            self.current = key
            request = self.requests[key]
            error = request.exception() if request.done() else None
            lost = isinstance(error, AnswerLost)
            if error and not (
                lost and self.conditions.clock.now() < asked_at + LOST_CUT_SECONDS
            ):
                raise error
        self.current = self.window.key
        return not waiting

    def look(self) -> None:
        """See how the cuts stand, in one call."""
        try:
            seen = self.window.watch.look(self.conditions.world)
        except (AnswerLost, Retryable):
            return  # There is another look after this one, until the limit.
        now = self.seconds
        for key in self.requests.keys() & seen.keys():
            self.receipts[key] = seen[key].receipt
            if seen[key].state is CutState.FAILED:
                self.current = key
                raise CutFailed(f"{seen[key].receipt} failed in the back end")
            if seen[key].state is CutState.READY and self.cuts[key].ready_at is None:
                self.cuts[key] = attrs.evolve(self.cuts[key], ready_at=now)

    # Letting go.

    def release_all(self) -> None:
        """Thaw whatever may be frozen; return when it is proven, or time is up."""
        give_up_at = self.conditions.clock.now() + self.window.lease_seconds
        unclear, held = [], []
        for tier in reversed(self.window.tiers):
            mine = [hold for hold in tier if hold.key in self.to_release]
            unclear += [h for h in mine if self.guests[h.key].problem]
            held.append([h for h in mine if not self.guests[h.key].problem])
        # What did not answer its freeze may not answer its thaw: nobody waits for it.
        thaws = [
            self.holders.submit(self.release, hold, give_up_at) for hold in unclear
        ]
        for tier_held in held:
            setting_out = [
                self.holders.submit(self.release, hold, give_up_at)
                for hold in tier_held
            ]
            wait(setting_out, timeout=THAW_PATIENCE_SECONDS)
            thaws += setting_out
        for request in self.requests.values():
            request.cancel()
        wait(thaws)
        wait(self.requests.values())

    def release(self, hold: Hold[object], give_up_at: float) -> None:
        """Thaw one guest, again and again until it is proven."""
        self.note(hold.key, thaw_asked_at=self.seconds)
        never = threading.Event()
        while True:
            try:
                count = hold.release(self.conditions.world)
            except Exception as error:  # noqa: BLE001 - nothing ends a thaw but proof
                if self.conditions.clock.now() >= give_up_at:
                    self.note(hold.key, problem=f"thaw: {error}")
                    return
                self.conditions.clock.wait(RETRY_SECONDS, unless=never)
            else:
                self.note(hold.key, thawed=count, thawed_at=self.seconds)
                self.to_release.discard(hold.key)
                return

    def evidence(self) -> Worked:
        """Return what was seen, in the window's order."""
        names = {hold.key: hold.name for hold in self.window.holds}
        return Worked(
            began=self.date,
            guests=tuple(self.guests.values()),
            cuts=tuple(self.cuts.values()),
            receipts=self.receipts,
            failed=self.failed,
            cause=self.cause,
            frozen=tuple(names[key] for key in names if key in self.to_release),
        )


def guest_of(hold: Hold[object]) -> GuestEvidence:
    """Return the evidence for a guest of which nothing was seen yet."""
    return GuestEvidence(
        hold.key, hold.name, hold.level, hold.reaches, hold.policy, holds=hold.holds
    )
