"""A process that works on a world: it makes calls and waits, and may die at any."""

import contextlib
import signal
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Self

from attrs import define, field, frozen

from tests.core.faults import CRASHES, Effect, Fault, Faults
from tests.core.virtual import Time
from vnfdr.errors import (
    AnswerLost,
    CloudError,
    Conflict,
    Forbidden,
    QuotaExceeded,
    Retryable,
    VnfdrError,
)

LATE_SECONDS_MAX = 2.5
SLOW_SECONDS_MAX = 6.0
ANSWER_SECONDS_MAX = 0.03
HEARD_SECONDS_MAX = 30.0

REFUSALS: Mapping[Effect, type[CloudError]] = {
    Effect.RETRYABLE: Retryable,
    Effect.CONFLICT: Conflict,
    Effect.QUOTA: QuotaExceeded,
    Effect.FORBIDDEN: Forbidden,
    Effect.FAIL: CloudError,
}

BEFORE = frozenset({*REFUSALS, Effect.BUG, Effect.LOST, Effect.HANG, Effect.LATE})


class Crash(BaseException):
    """The process died here. No ``except Exception`` will save it."""


@frozen
class Protocol:
    """How the calls of one kind fail.

    Args:
        refused: the errors of those that certainly did nothing.
        lost: the error of those that may have done something.
        seconds: how long an answer is waited for.
        in_order: whether what comes late still comes before what is asked next.
        once: whether no transport repeats it, so that it is never done twice.
    """

    refused: Mapping[Effect, type[VnfdrError]]
    lost: type[VnfdrError]
    seconds: float = 20.0
    in_order: bool = False
    once: bool = False


HTTP = Protocol(REFUSALS, AnswerLost)
CREATING = Protocol(REFUSALS, AnswerLost, once=True)


@define(eq=False)
class Process:
    """A process; when it is dead, none of its threads does anything any more."""

    time: Time
    faults: Faults
    meddle: Callable[[Fault], None]
    stops: "Stops"
    dead: threading.Event = field(factory=threading.Event)

    def call(
        self,
        name: str,
        effect: Callable[[Effect | None], object],
        protocol: Protocol = HTTP,
    ):
        """Make a call: whatever goes wrong with it goes wrong here."""
        self.live()
        fault = self._do(lambda: self._befall(name))
        self.time.pass_by(self.faults.luck(name) * ANSWER_SECONDS_MAX)
        if fault is None:
            return self._do(lambda: effect(None))
        if fault.effect in CRASHES:
            self._die(fault, effect)
        if fault.effect in BEFORE:
            return self._fail(fault, effect, protocol)
        return self._go_on(fault, effect, protocol)

    def _befall(self, name: str) -> Fault | None:
        """Say what happens to a call; what befalls a guest with it does so here.

        Before anybody else moves: another thread may be through with all its calls in
        no time.
        """
        fault = self.faults.pick(name)
        if fault is not None and fault.effect not in {*CRASHES, *BEFORE}:
            self.meddle(fault)
        return fault

    def live(self) -> None:
        """Raise `Crash` if this process is dead."""
        if self.dead.is_set():
            raise Crash

    def sleep(self, seconds: float, *unless: threading.Event) -> None:
        """Wait, unless it dies or something else happens first."""
        self.live()
        self.time.sleep(seconds, *unless, self.dead)
        self.live()

    def _do(self, effect: Callable[[], object]):
        with self.time.lock:
            self.live()
            return effect()

    def _die(self, fault: Fault, effect: Callable[[Effect | None], object]) -> None:
        with self.time.lock:
            self.live()
            self.dead.set()
            if fault.effect is Effect.CRASH_AFTER:
                effect(None)
            if fault.effect is Effect.CRASH_LATE:
                self._later(fault, effect)
        raise Crash

    def _fail(
        self,
        fault: Fault,
        effect: Callable[[Effect | None], object],
        protocol: Protocol,
    ):
        if fault.effect is Effect.BUG:
            raise RuntimeError("somebody made a mistake")
        if fault.effect in REFUSALS:
            kind = protocol.refused.get(fault.effect, protocol.lost)
            raise kind(fault.effect.value)
        if fault.effect is Effect.HANG:
            self.sleep(protocol.seconds)
        if fault.effect is Effect.LATE and protocol.in_order:
            self._do(lambda: effect(None))
        elif fault.effect is Effect.LATE:
            self._later(fault, effect)
        raise protocol.lost(fault.effect.value)

    def _go_on(
        self,
        fault: Fault,
        effect: Callable[[Effect | None], object],
        protocol: Protocol,
    ):
        if fault.effect is Effect.SLOW:
            self.sleep(fault.amount * SLOW_SECONDS_MAX)
        if fault.effect is Effect.STOP:
            self.stops.ask()
        result = self._do(lambda: effect(fault.effect))
        if fault.effect is Effect.TWICE and not protocol.once:
            result = self._do(lambda: effect(None))
        if fault.effect is Effect.HANG_AFTER:
            self.sleep(protocol.seconds)
        if fault.effect in {Effect.LOST_AFTER, Effect.HANG_AFTER}:
            raise protocol.lost(fault.effect.value)
        return result

    def _later(self, fault: Fault, effect: Callable[[Effect | None], object]) -> None:
        """Let a call have its effect when nobody waits for its answer any more."""

        def come_late() -> None:
            with contextlib.suppress(Exception):
                effect(None)

        self.time.later(fault.amount * LATE_SECONDS_MAX, come_late)


@frozen
class ProcessClock:
    """The clock of one process."""

    process: Process

    def now(self) -> float:
        self.process.live()
        return self.process.time.look()

    def date(self) -> datetime:
        return datetime.fromtimestamp(self.process.time.date(), UTC)

    def wait(self, seconds: float, *, unless: threading.Event) -> None:
        self.process.sleep(seconds, unless)


@define(eq=False)
class Stops:
    """Ctrl-C, pressed by a thread of the run itself, and heard by the main thread.

    A context manager: inside it, the signal raises `KeyboardInterrupt` as usual.
    """

    asked: int = 0
    _heard: threading.Event = field(factory=threading.Event)
    _before: object = None

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def ask(self) -> None:
        """Press Ctrl-C, and wait until it was heard."""
        self.asked += 1
        self._heard.clear()
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        self._heard.wait(HEARD_SECONDS_MAX)

    def _hear(self, number: int, frame: object) -> None:
        self._heard.set()
        raise KeyboardInterrupt
