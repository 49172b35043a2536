"""The journal: what happened in one run, in the order it happened, never rewritten.

The journal is the truth and memory is a copy of it. An entry is on disk before the
call it announces is made, and before the answer it records is used; the window is
the exception: everything it will touch is declared before, and what came of it is
written after the thaw.
"""

import enum
from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

from attrs import field, frozen

from vnfdr.plan.step import Receipt


class Fact(enum.Enum):
    """What an entry says of its part, in the past tense."""

    STARTED = "started"
    """It is about to be done: from here on it may have had its effect."""

    DONE = "done"
    """It had its effect: the receipt says what."""

    FAILED = "failed"
    """It failed: the note says why. The run goes no further."""

    UNDONE = "undone"
    """Nothing of it remains."""

    LEFT = "left"
    """It could not be undone: the note says why."""

    REFUSED = "refused"
    """Preflight would not let it begin: the note says why. Nothing was touched."""

    DECLARED = "declared"
    """The window is about to open: from here on anything in it may be frozen."""

    CLOSED = "closed"
    """Everything in the window is proven thawed: the note is the certificate."""

    REACHED = "reached"
    """This phase of the plan began: the note says when, for people."""

    ACHIEVED = "achieved"
    """All of a trial was done. From here on everything that it made is undone."""

    ENDED = "ended"
    """The run is over: the note is its verdict."""

    CONFIRMED = "confirmed"
    """What the run made stays for good. The note says since when."""

    REVOKED = "revoked"
    """The run had ended, and is taken back. From here on everything is undone."""


@frozen
class Entry:
    """One line of a journal.

    Args:
        part: the key of the part it is about, or the run's name.
        fact: what it says.
        receipt: what was left behind, if something was.
        note: the reason, certificate or verdict.
    """

    part: str
    fact: Fact
    receipt: Receipt | None = None
    note: str = ""


@runtime_checkable
class Journal(Protocol):
    """Somewhere to append the entries of one run, and to read them back in order."""

    def append(self, *entries: Entry) -> None:
        """Record the entries, all or none, so that they survive this process.

        Raises `vnfdr.errors.JournalUnwritable` when they may not.
        """
        ...

    def __iter__(self) -> Iterator[Entry]:
        """Yield every entry, oldest first.

        Raises `vnfdr.errors.JournalDamaged` at one that cannot be trusted.
        """
        ...


@frozen
class MemoryJournal:
    """A journal for tests and for runs that are not worth resuming."""

    entries: list[Entry] = field(factory=list)

    def append(self, *entries: Entry) -> None:
        self.entries.extend(entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self.entries))


@frozen
class Past:
    """What a journal says happened so far."""

    entries: Sequence[Entry]

    @classmethod
    def of(cls, journal: Journal) -> "Past":
        """Read a journal to its end."""
        return cls(tuple(journal))

    def parts(self, fact: Fact) -> frozenset[str]:
        """Name every part of which ``fact`` was recorded."""
        return frozenset(e.part for e in self.entries if e.fact is fact)

    def last(self, *facts: Fact) -> Entry | None:
        """Return the newest entry that records one of some facts."""
        return next((e for e in reversed(self.entries) if e.fact in facts), None)

    @property
    def receipts(self) -> dict[str, Receipt]:
        """The receipts of everything that was done, by key."""
        return {e.part: e.receipt for e in self.entries if e.receipt is not None}
