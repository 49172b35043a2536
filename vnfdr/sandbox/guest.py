"""One guest: its program, its processors, and the agent that freezes and thaws it.

Nothing here makes a caller wait. An agent that hangs says so at once; how long that
takes in a real cloud is for whoever stands between the agent and the caller.
"""

import enum
import threading
import time
from collections import deque
from collections.abc import Callable

from attrs import define, evolve, field, frozen

from vnfdr.sandbox.agents import (
    Agent,
    AgentDeadError,
    AgentFaults,
    AgentTimeoutError,
    AlreadyFrozenError,
    HeldTooLongError,
    NotRunningError,
)
from vnfdr.sandbox.disks import Disk
from vnfdr.sandbox.paths import Stage
from vnfdr.sandbox.recorder import Recorder
from vnfdr.sandbox.records import signature

NANOSECONDS = 10**9
STILLS_KEPT = 1000


class Power(enum.Enum):
    """What a guest's processors do."""

    OFF = "off"
    RUNNING = "running"
    PAUSED = "paused"


@frozen
class Still:
    """A time for which a guest's file systems were frozen, by the guest's clock.

    It has no end as long as they are.
    """

    began_ns: int
    ended_ns: int | None = None


def _nobody_cares() -> None:
    """Nothing waits for the guest to go on."""


@define(eq=False)
class Guest:
    """A guest with its disks in the order in which it writes them: the root disk last.

    It begins switched off. `faults` may be set at any time, `disks` while it is off.
    """

    id: str
    name: str
    disks: tuple[Disk, ...]
    clock: Callable[[], int] = field(default=time.time_ns, repr=False)
    """Nanoseconds: dates the records, and says when a late freeze happens."""
    goes_on: Callable[[], None] = field(default=_nobody_cares, repr=False)
    """Called when the guest can write again."""
    faults: AgentFaults = field(factory=AgentFaults)
    stage: Stage | None = None
    """Where on the path of a call it works, if it is on one."""
    power: Power = field(default=Power.OFF, init=False)
    boots: int = field(default=0, init=False)
    """How often it was booted: another number is another run of the guest."""
    recovered: tuple[str, ...] = field(default=(), init=False)
    """The ids of the disks that needed recovery at the last boot."""
    stills: deque[Still] = field(
        factory=lambda: deque(maxlen=STILLS_KEPT), init=False, repr=False
    )
    """When it stood still, whoever froze it; the newest last."""
    _recorder: Recorder = field(init=False, repr=False)
    _is_frozen: bool = field(default=False, init=False, repr=False)
    _agent_says_frozen: bool = field(default=False, init=False, repr=False)
    _freezes_at_ns: int | None = field(default=None, init=False, repr=False)
    _lets_go_at_ns: int | None = field(default=None, init=False, repr=False)
    _has_let_go: bool = field(default=False, init=False, repr=False)
    _lock: threading.RLock = field(factory=threading.RLock, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._recorder = Recorder(signature(self.name), self.disks)

    @property
    def signature(self) -> str:
        """What its records are signed with."""
        return self._recorder.signature

    @property
    def is_still(self) -> bool:
        """Whether its file systems are frozen, whatever its agent says."""
        with self._lock:
            self._do_what_is_late()
            return self._is_frozen

    @property
    def is_writing(self) -> bool:
        """Whether it writes a record when its turn comes."""
        return self.power is Power.RUNNING and not self._is_frozen

    @property
    def wants_turns(self) -> bool:
        """Whether it writes, or will go on to without being told."""
        is_due = self.power is Power.RUNNING and self._lets_go_at_ns is not None
        return is_due or self.is_writing

    @property
    def status(self) -> str:
        """What the agent says: ``frozen`` or ``thawed``, by its own bookkeeping."""
        with self._lock:
            self._reach_agent()
            return "frozen" if self._agent_says_frozen else "thawed"

    def freeze(self) -> int:
        """Stop before the next record; return how many file systems were frozen."""
        with self._lock:
            self._reach_agent()
            if self._agent_says_frozen:
                raise AlreadyFrozenError
            if self.faults.late_freeze_seconds:
                late_ns = int(self.faults.late_freeze_seconds * NANOSECONDS)
                self._freezes_at_ns = self.clock() + late_ns
                raise AgentTimeoutError
            return self._freeze_as_agent()

    def thaw(self) -> int:
        """Go on; return how many file systems were found frozen."""
        with self._lock:
            self._reach_agent()
            self._agent_says_frozen = False
            self._lets_go_at_ns = None
            if self._has_let_go:
                self._has_let_go = False
                raise HeldTooLongError
            count = self.thaw_from_console()
        return max(0, count + self.faults.thaw_count_off_by) if count else 0

    def freeze_from_console(self) -> int:
        """Freeze without the agent's knowing, as ``fsfreeze`` in a shell does."""
        with self._lock:
            if self._is_frozen:
                return 0
            self._is_frozen = True
            self.stills.append(Still(self.clock()))
            self._recorder.flush()
            return len(self.disks)

    def thaw_from_console(self) -> int:
        """Thaw without the agent's knowing: it goes on saying ``frozen``."""
        with self._lock:
            if not self._is_frozen:
                return 0
            self._stand_still_no_more()
        self.goes_on()
        return len(self.disks)

    def pause(self) -> None:
        """Stop the processors; nothing is flushed, and the agent cannot answer."""
        with self._lock:
            if self.power is Power.RUNNING:
                self.power = Power.PAUSED

    def resume(self) -> None:
        """Let the processors go on."""
        with self._lock:
            if self.power is Power.PAUSED:
                self.power = Power.RUNNING
        self.goes_on()

    def power_off(self) -> None:
        """Shut down in an orderly way if it runs; pull the plug if it is paused."""
        with self._lock:
            if self.power is Power.RUNNING:
                self._recorder.flush()
            self.pull_the_plug()

    def pull_the_plug(self) -> None:
        """Stop at once: nothing is flushed, and what memory holds is lost."""
        with self._lock:
            self.power = Power.OFF
            self._stand_still_no_more()
            self._agent_says_frozen = False
            self._freezes_at_ns = self._lets_go_at_ns = None
            self._has_let_go = False

    def boot(self) -> None:
        """Mount the disks, recover what needs it, and go on after the last record."""
        with self._lock:
            if self.power is not Power.OFF:
                return
            self._recorder = Recorder(signature(self.name), self.disks)
            self.recovered = self._recorder.mount()
            self.boots += 1
            self.power = Power.RUNNING
        self.goes_on()

    def plug(self, disk: Disk) -> None:
        """Take a disk in, and write to it from now on."""
        with self._lock:
            self.disks = (*self.disks[:-1], disk, *self.disks[-1:])
            if self.power is not Power.OFF:
                self._recorder.adopt(disk)

    def unplug(self, disk: Disk) -> None:
        """Lose a disk: it stays as it is."""
        with self._lock:
            self.disks = tuple(other for other in self.disks if other is not disk)
            self._recorder.disks = self.disks

    def write_record(self) -> int:
        """Write one record to every disk; return its number, 0 if it may not write."""
        with self._lock:
            self._do_what_is_late()
            return self._recorder.write(self.clock()) if self.is_writing else 0

    def hear(self, other: str, number: int) -> None:
        """Take note that ``other`` has written a record, and quote it from now on."""
        with self._lock:
            if self.power is not Power.OFF:
                self._recorder.hear(other, number)

    def _reach_agent(self) -> None:
        if self.power is not Power.RUNNING:
            raise NotRunningError
        if self.faults.agent is Agent.DEAD:
            raise AgentDeadError
        self._do_what_is_late()
        if self.faults.agent is Agent.HUNG or self._freezes_at_ns is not None:
            raise AgentTimeoutError

    def _do_what_is_late(self) -> None:
        if self.power is not Power.RUNNING:
            return
        if self._freezes_at_ns is not None and self.clock() >= self._freezes_at_ns:
            self._freezes_at_ns = None
            self._freeze_as_agent()
        if self._lets_go_at_ns is not None and self.clock() >= self._lets_go_at_ns:
            self._lets_go_at_ns = None
            self._agent_says_frozen, self._has_let_go = False, True
            self._stand_still_no_more()
            self.goes_on()

    def _stand_still_no_more(self) -> None:
        if self._is_frozen and self.stills:
            self.stills[-1] = evolve(self.stills[-1], ended_ns=self.clock())
        self._is_frozen = False

    def _freeze_as_agent(self) -> int:
        count = self.freeze_from_console()
        # An agent that found nothing to freeze goes back to thawed by itself.
        self._agent_says_frozen = count > 0
        if count and self.faults.holds_seconds is not None:
            held_ns = int(self.faults.holds_seconds * NANOSECONDS)
            self._lets_go_at_ns = self.clock() + held_ns
        return count
