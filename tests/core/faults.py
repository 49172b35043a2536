"""What may go wrong with a call of a run, and when."""

import enum
import threading
from collections import Counter
from collections.abc import Sequence
from random import Random

from attrs import define, field, frozen


class Effect(enum.Enum):
    """What happens to a call."""

    RETRYABLE = "it is refused: the service is briefly unwell"
    CONFLICT = "it is refused: something is in the wrong state"
    QUOTA = "it is refused: there is no room"
    FORBIDDEN = "it is refused: these credentials may not"
    FAIL = "it fails, and has no effect"
    BUG = "what makes it has a mistake, and raises what nobody expects"
    LOST = "its answer is lost, and it had no effect"
    LOST_AFTER = "its answer is lost, and it had its effect"
    LATE = "its answer is lost, and it has its effect a little later"
    HANG = "it is not answered within its time limit, and has no effect"
    HANG_AFTER = "it is not answered within its time limit, and had its effect"
    TWICE = "it is done twice, and the second answer comes"
    SLOW = "it takes long, and is answered well"
    ERROR = "it is accepted, and what it makes or deletes ends in error"
    STUCK = "it is accepted, and what it makes or deletes never gets any further"
    CRASH = "the process dies before it is made"
    CRASH_AFTER = "the process dies when it has had its effect"
    CRASH_LATE = "the process dies, and it has its effect a little later"
    STOP = "somebody asks the run to stop while it is made"
    FREEZE = "somebody else freezes a guest first"
    THAW = "somebody else thaws a guest first"
    FSFREEZE = "somebody freezes a guest first, unknown to its agent"
    REBOOT = "a guest is rebooted first"
    MIGRATE = "a guest is moved to another host first"
    DEAD = "the agent of a guest dies first"
    LATE_FREEZE = "the agent of a guest gets slow: a freeze times out, and comes"
    MISCOUNT = "the agent of a guest does not count any more what it thaws"
    HUNG = "the agent of a guest answers no more"
    WELL = "the agent of a guest is well again"


CRASHES = (Effect.CRASH, Effect.CRASH_AFTER, Effect.CRASH_LATE)
MEDDLING = (
    Effect.FREEZE,
    Effect.THAW,
    Effect.FSFREEZE,
    Effect.REBOOT,
    Effect.MIGRATE,
    Effect.DEAD,
    Effect.LATE_FREEZE,
    Effect.MISCOUNT,
    Effect.HUNG,
    Effect.WELL,
)
"""What befalls a guest, whatever call it comes with."""


@frozen
class Fault:
    """Something that goes wrong.

    Args:
        call: the name of the call; ``*`` is any.
        nth: the first of these calls that it happens to, counting from 0.
        effect: what happens.
        times: how many of them it happens to.
        amount: how much, from 0 to 1: how long, or which guest.
    """

    call: str
    nth: int
    effect: Effect
    times: int = 1
    amount: float = 0.5


@define(eq=False)
class Faults:
    """What is set to go wrong in a world, and what was asked of it so far."""

    seed: int = 0
    pending: Sequence[Fault] = ()
    happened: list[Fault] = field(factory=list)
    calls: list[str] = field(factory=list)
    _counts: Counter[str] = field(factory=Counter)
    _lock: threading.Lock = field(factory=threading.Lock)

    def pick(self, call: str) -> Fault | None:
        """Say what happens to a call, if something does."""
        with self._lock:
            places = {call: self._counts[call], "*": len(self.calls)}
            self._counts[call] += 1
            self.calls.append(call)
            for fault in self.pending:
                at = places.get(fault.call, -1) - fault.nth
                if 0 <= at < fault.times:
                    self.happened.append(fault)
                    return fault
            return None

    def luck(self, *of: object) -> float:
        """Return a number from 0 to 1: always the same, whichever thread asks."""
        return Random(f"{self.seed} {of}").random()  # noqa: S311 - no secret
