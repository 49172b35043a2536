"""How slow a site is, and what goes wrong with its calls. All of it seeded.

A call is named by what it does: ``create snapshot``, ``list snapshots``, ``show
server``, ``freeze guest``, ``pause server``. `Faults.known` has them all.
"""

import enum
import threading
from collections import deque
from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase
from random import Random

from attrs import Factory, define, field, frozen

CALLS_KEPT = 100_000


@frozen
class Latency:
    """How long everything takes, in seconds.

    Args:
        get: until a request that reads is answered.
        post: until any other is.
        calls: the same for calls that are different, by name.
        snapshot: from the request until it is available.
        snapshots_at_once: how many the storage makes at the same time; of a site
            that is there already this does not change.
        volume: until a volume or a group is available, or a volume has grown.
        backup: until a backup is, or is restored, besides what its bytes take.
        delete: until something is gone.
        action: until Nova begins with an action of a server.
        boot: until a new server is active.
        migration: until a server that moves is at its new host.
        freeze: how long a guest needs to freeze.
        thaw: how long it needs to thaw.
    """

    get: float = 0.0
    post: float = 0.0
    calls: Mapping[str, float] = Factory(dict)
    snapshot: float = 0.05
    snapshots_at_once: int = 20
    volume: float = 0.02
    backup: float = 0.02
    delete: float = 0.01
    action: float = 0.02
    boot: float = 0.03
    migration: float = 0.03
    freeze: float = 0.01
    thaw: float = 0.005

    def of(self, call: str, method: str) -> float:
        """Return how long a request takes to be answered."""
        usual = self.get if method == "GET" else self.post
        return self.calls.get(call, usual)


LATENCIES: Mapping[str, Latency] = {
    "fast": Latency(),
    "small-cloud": Latency(
        get=0.03,
        post=0.1,
        # libvirt is asked, not an API: all that it takes is the guest's own time.
        calls={"freeze guest": 0.0, "thaw guest": 0.0, "show guest": 0.0},
        snapshot=0.6,
        volume=0.45,
        backup=4.0,
        delete=0.4,
        action=0.1,
        freeze=0.12,
        thaw=0.05,
    ),
}
"""Sites that people have: ``fast`` is for tests, ``small-cloud`` was measured on one
with Ceph."""


class Effect(enum.Enum):
    """What a fault does to a call."""

    DELAY = "it takes longer"
    HANG = "it is never heard of again, and does nothing"
    DROP = "the connection breaks before anything is done"
    DROP_AFTER = "the connection breaks when it is done"
    ANSWER = "it is refused, with a status, and nothing is done"
    ANSWER_AFTER = "it is done, and answered with the status of a failure"
    EXPIRE = "the token in use is found to have expired"
    ERROR = "it is accepted, and what is made ends in error"
    STUCK = "it is accepted, and what is made stays as it is for ever"


@define
class Fault:
    """Something that goes wrong.

    Args:
        call: the name of the call, or a pattern such as ``create *``.
        effect: what happens to it.
        resource: an id or a name of what it is about, or a pattern.
        status: what is answered, where the effect is an answer.
        retry_after: the header that goes with 413 and 429.
        seconds: how much longer it takes, where that is the effect.
        skip: how many calls that fit go well first.
        times: how often it happens; ``None`` is always.
        chance: how likely it is to happen to a call that fits.
    """

    call: str
    effect: Effect
    resource: str = "*"
    status: int = 503
    retry_after: str = "0"
    seconds: float = 0.0
    skip: int = 0
    times: int | None = 1
    chance: float = 1.0

    def fits(self, call: str, resources: Collection[str]) -> bool:
        """Tell whether a call is one that this may happen to."""
        return fnmatchcase(call, self.call) and (
            self.resource == "*"
            or any(fnmatchcase(name, self.resource) for name in resources)
        )


@define
class Faults:
    """What is set to go wrong at one site, and what was asked of it so far."""

    random: Random
    pending: list[Fault] = field(factory=list)
    calls: deque[str] = field(factory=lambda: deque(maxlen=CALLS_KEPT))
    """The names of the newest calls, in the order in which they came."""

    known: frozenset[str] = frozenset()
    """The names of all calls that there are, once the site is served."""

    _turn: threading.Lock = field(
        factory=threading.Lock, init=False, repr=False, eq=False
    )
    """Faults are set in one thread, and happen in another."""

    def add(self, *faults: Fault) -> None:
        """Let these happen from now on.

        Raises:
            ValueError: a fault is of a call that does not exist.
        """
        for fault in faults:
            if not any(fnmatchcase(name, fault.call) for name in self.known):
                there_are = ", ".join(sorted(self.known))
                raise ValueError(
                    f"no call is named {fault.call!r}; there are: {there_are}"
                )
        with self._turn:
            self.pending.extend(faults)

    def clear(self) -> None:
        """Let everything go well again."""
        with self._turn:
            self.pending.clear()

    def pick(self, call: str, resources: Collection[str]) -> Fault | None:
        """Say what happens to a call; the first fault that fits is used up by it."""
        self.calls.append(call)
        for fault in tuple(self.pending):
            if not fault.fits(call, resources):
                continue
            if fault.skip:
                fault.skip -= 1
            elif self.random.random() < fault.chance:
                self._use_up(fault)
                return fault
        return None

    def _use_up(self, fault: Fault) -> None:
        if fault.times is None:
            return
        fault.times -= 1
        if fault.times <= 0:
            with self._turn:
                self.pending[:] = [o for o in self.pending if o is not fault]
