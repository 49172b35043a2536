"""What a plan is made of: parts, each a frozen value that can be written down.

* `Step`: one thing to do, find again and undo;
* `Hold`: something to hold still, and let go again;
* `Watch`: one look at how all the cuts of a window stand;
* `Requirement`: what must be true before anything is touched.

Every verb is handed the *world*: whatever the steps of a plan work on. The engine
passes it through and never looks inside. Verbs may be called again after a crash,
so all of them must be safe to repeat.
"""

import abc
import enum
from collections.abc import Iterator, Mapping
from typing import ClassVar, Generic, TypeVar

from attrs import frozen

from vnfdr.model import Level, Policy
from vnfdr.point import Certificate

W = TypeVar("W")


@frozen
class Receipt:
    """The one thing a step left behind, named so that it can be undone.

    A step that leaves two things behind is two steps.
    """

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Receipts(dict[str, Receipt]):
    """What has been done so far, by step key.

    Attributes:
        certificate: that of the window, once it was closed.
    """

    certificate: Certificate | None = None


@frozen
class Call:
    """One call that a part will make, as a preview shows it.

    Args:
        what: the call, for instance ``POST /snapshots``.
        on: what it is made on.
    """

    what: str
    on: str

    def __str__(self) -> str:
        return f"{self.what}  {self.on}"


class Part(abc.ABC, Generic[W]):
    """A piece of a plan. Subclasses are frozen attrs values.

    ``kind`` is how a written plan names the class: its name in the entry-point
    group ``vnfdr.steps``.
    """

    kind: ClassVar[str]

    @property
    @abc.abstractmethod
    def key(self) -> str:
        """Name this part, uniquely for all time."""

    @property
    @abc.abstractmethod
    def title(self) -> str:
        """Say in a few words what it does, for a printed plan."""

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls that doing it makes when all goes well, waits left out."""
        return ()

    @abc.abstractmethod
    def check(self, world: W) -> Iterator[str]:
        """Yield a sentence for each reason why it would not work now.

        Touches nothing.
        """


class Requirement(Part[W]):
    """Something that must be true before anything is touched."""


class Step(Part[W]):
    """Something to do, how to tell that it was done, and how to undo it.

    There is no default ``undo``: a step that needs none says why.

    ``only_waits`` is for one of which nothing remains, whenever it is left alone: a run
    that is taken back does not wait for its end.
    """

    only_waits: ClassVar[bool] = False

    @property
    def sources(self) -> tuple[str, ...]:
        """The keys of the steps whose receipts this one works on.

        When one of those was left out, so is this.
        """
        return ()

    @abc.abstractmethod
    def do(self, world: W, done: Receipts) -> Receipt:
        """Have the effect; return what undoing it will need.

        Raises `vnfdr.errors.AnswerLost` when it may have had its effect.
        """

    @abc.abstractmethod
    def find(self, world: W) -> Receipt | None:
        """Return the receipt of an effect already there, whole or not."""

    def adopt(self, world: W, receipt: Receipt) -> None:
        """Wait until an effect that was found is whole; raise if it never will be.

        Nothing to do where what can be found is whole.
        """

    @abc.abstractmethod
    def undo(self, world: W, receipt: Receipt) -> None:
        """Take the effect back; succeed if it is already gone."""


class Cut(Step[W]):
    """A step whose effect falls at one instant: a snapshot.

    In a window ``do`` asks for it and returns at once; a `Watch` tells when it is
    there.
    """

    @property
    @abc.abstractmethod
    def held_by(self) -> tuple[str, ...]:
        """The keys of the holds without which this cut means nothing."""


class CutState(enum.Enum):
    """How a cut that was asked for stands."""

    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"


@frozen
class Seen:
    """What a look saw of one cut."""

    state: CutState
    receipt: Receipt


class Watch(Part[W]):
    """One look at every cut of a window, whatever their number."""

    @abc.abstractmethod
    def prepare(self, world: W) -> None:
        """Do everything slow, before the window: open connections."""

    @abc.abstractmethod
    def look(self, world: W) -> Mapping[str, Seen]:
        """Return what is to be seen of each cut, by key. One call."""


class Hold(Part[W]):
    """Something that is held still for the length of a window.

    Thawing is not a step of its own: a hold without its release cannot be said.
    """

    @property
    @abc.abstractmethod
    def name(self) -> str:
        """What people call the thing that is held."""

    @property
    @abc.abstractmethod
    def level(self) -> Level:
        """How still it is to be."""

    @property
    @abc.abstractmethod
    def reaches(self) -> Level:
        """How still it is when the hold succeeds."""

    @property
    @abc.abstractmethod
    def policy(self) -> Policy:
        """What to do when it cannot be held."""

    @property
    @abc.abstractmethod
    def holds(self) -> bool:
        """Whether this holds anything; on purpose, some do not."""

    @property
    @abc.abstractmethod
    def timeout_seconds(self) -> float:
        """How long it may take until it is held."""

    @property
    @abc.abstractmethod
    def held_seconds_max(self) -> float | None:
        """How long it can be held: some let themselves go. ``None`` is for ever."""

    @abc.abstractmethod
    def prepare(self, world: W) -> None:
        """Do everything slow, before the window."""

    @abc.abstractmethod
    def reach(self, world: W) -> None:
        """Be ready to release it: connect, and touch nothing.

        For a process that only releases, and may look nothing up when it does.
        """

    @abc.abstractmethod
    def hold(self, world: W) -> int:
        """Hold it still; return how many parts of it stopped (file systems)."""

    @abc.abstractmethod
    def release(self, world: W) -> int:
        """Let it go and prove it; return how many parts of it started again.

        Raises `vnfdr.errors.ThawedItself` when it is let go, and was before.
        """

    @abc.abstractmethod
    def witness(self, world: W) -> str:
        """Return what differs when it is not the same thing any more."""

    @property
    @abc.abstractmethod
    def late_seconds(self) -> float:
        """How long after its process died a hold may still come about."""

    @abc.abstractmethod
    def may_be_held(self, world: W) -> bool:
        """Tell whether it is held, or cannot be asked."""

    @abc.abstractmethod
    def settle(self, world: W) -> None:
        """Put back what `prepare` changed. Its failure harms nobody."""
