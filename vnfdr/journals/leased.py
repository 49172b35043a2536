"""The journal of one run in a database, written by whoever has the run's lease.

A lease has a number, its epoch. Each append checks it in its own transaction: who has
lost the lease writes nothing any more, however late it wakes up.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from typing import Any, Self, TypeAlias

from attrs import define, field, frozen

from vnfdr.errors import (
    JournalBusy,
    JournalDamaged,
    JournalError,
    JournalUnwritable,
    PlanError,
)
from vnfdr.journals.database import Cursor, Database
from vnfdr.plan import Entry, Past, load_plan
from vnfdr.plan.chain import follow, link
from vnfdr.plan.locks import Holder
from vnfdr.plan.stage import is_over

log = logging.getLogger(__name__)

LEASE_SECONDS = 60.0
RENEWALS_PER_LEASE = 4

End: TypeAlias = tuple[int, str]
"""Where a journal ends: the number and the checksum of its last entry."""
NOTHING: End = (0, "")


@frozen
class Lease:
    """The right to carry out a run.

    Args:
        epoch: its number; each lease of a run has a higher one.
        seconds: how long it lasts, unless it is renewed.
    """

    epoch: int
    seconds: float = LEASE_SECONDS


@define(eq=False)
class LeasedJournal:
    """The journal of one run, in a database. Without a lease it can only be read.

    Where it ends is known; after an append that failed it is one of several places.
    """

    run: str
    plan_text: str
    _database: Database
    _lease: Lease | None = None
    _ends: frozenset[End] = frozenset({NOTHING})
    _guard: threading.Lock = field(factory=threading.Lock)
    _closing: threading.Event = field(factory=threading.Event)
    _renewer: threading.Thread | None = None
    _is_closed: bool = False

    @classmethod
    def held(
        cls, run: str, plan_text: str, database: Database, lease: Lease
    ) -> "LeasedJournal":
        """Return a journal to be written; its lease is renewed until it is closed."""
        journal = cls(run, plan_text, database, lease)
        for number, (_, chain) in enumerate(follow(journal._rows(), journal._where), 1):
            journal._ends = frozenset({(number, chain)})
        journal._renewer = threading.Thread(
            target=journal._renew_again, name="vnfdr-lease", daemon=True
        )
        journal._renewer.start()
        return journal

    @property
    def _where(self) -> str:
        return f"{self._database.name}, run {self.run}"

    def append(self, *entries: Entry) -> None:
        with self._guard:
            if self._is_closed:
                # A step that nobody waited for would take the lease once more.
                raise JournalUnwritable(f"{self._where}: it was closed")
            tried: set[End] = set()
            try:
                end = self._database.do(lambda c: self._append(c, entries, tried))
            except BaseException:
                # It may be there all the same: only the next append can see that.
                self._ends |= tried
                raise
            self._ends = frozenset({end})

    def __iter__(self) -> Iterator[Entry]:
        for entry, _ in follow(self._rows(), self._where):
            yield entry

    def close(self) -> None:
        """Give the lease back, and close the connection."""
        if self._lease is not None and not self._closing.is_set():
            self._closing.set()
            if self._renewer is not None:
                self._renewer.join()
            with self._guard:
                self._is_closed = True
            try:
                is_over = self._is_over()
                self._database.do(lambda cursor: self._let_go(cursor, is_over=is_over))
            except JournalError as error:
                log.warning("the lease of %s runs out by itself: %s", self.run, error)
        self._is_closed = True
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _append(self, cursor: Cursor, entries: Sequence[Entry], tried: set[End]) -> End:
        """Write entries, unless an earlier try has; return where the journal ends."""
        self._renew(cursor)
        last = self._last(cursor)
        if last in tried:
            # Ours, and the answer was lost.
            return last
        if last not in self._ends:
            raise JournalDamaged(
                f"{self._where}: entry {last[0]} is not what was written here; look at"
                " what carries this run's name"
            )
        (number, chain), rows = last, []
        for entry in entries:
            body, chain = link(chain, entry)
            number += 1
            rows.append((self.run, number, body, chain))
        tried.add((number, chain))
        cursor.executemany(
            "insert into vnfdr_entry (run, number, body, chain) values"
            " (%s, %s, %s, %s)",
            rows,
        )
        return number, chain

    def _last(self, cursor: Cursor) -> End:
        cursor.execute(
            "select number, chain from vnfdr_entry where run = %s"
            " order by number desc limit 1",
            (self.run,),
        )
        number, chain = cursor.fetchone() or NOTHING
        return number, chain

    def _renew(self, cursor: Cursor) -> None:
        """Have the lease begin anew.

        Raises:
            JournalBusy: somebody else has it now.
        """
        if self._lease is None:
            raise JournalUnwritable(f"{self._where}: it was opened to be read")
        cursor.execute(
            "update vnfdr_run set until = now() + make_interval(secs => %s)"
            " where run = %s and epoch = %s",
            (self._lease.seconds, self.run, self._lease.epoch),
        )
        if cursor.rowcount != 1:
            raise JournalBusy(
                f"run {self.run} was taken over by {self._other(cursor)}; nothing is"
                " recorded or undone here any more"
            )

    def _other(self, cursor: Cursor) -> str:
        cursor.execute(
            "select pid, host, since from vnfdr_run where run = %s", (self.run,)
        )
        found = cursor.fetchone()
        return str(Holder(*found)) if found else "somebody who removed it"

    def _renew_again(self) -> None:
        """Renew the lease, again and again, until it is given back or lost."""
        assert self._lease is not None, "only a lease is renewed"
        while not self._closing.wait(self._lease.seconds / RENEWALS_PER_LEASE):
            try:
                self._database.do(self._renew)
            except JournalBusy as error:
                log.warning("%s", error)
                return
            except JournalError as error:
                log.warning("the lease of %s is not renewed: %s", self.run, error)

    def _let_go(self, cursor: Cursor, *, is_over: bool) -> None:
        assert self._lease is not None, "only a lease is given back"
        cursor.execute(
            "update vnfdr_run set until = null, is_over = %s"
            " where run = %s and epoch = %s",
            (is_over, self.run, self._lease.epoch),
        )

    def _is_over(self) -> bool:
        try:
            return is_over(Past.of(self), load_plan(self.plan_text))
        except (JournalError, PlanError):
            return False

    def _rows(self) -> list[tuple[Any, ...]]:
        return self._database.do(lambda cursor: rows_of(cursor, self.run))


def rows_of(cursor: Cursor, run: str) -> list[tuple[Any, ...]]:
    """Return the entries of a run as they are stored."""
    cursor.execute(
        "select number, body, chain from vnfdr_entry where run = %s order by number",
        (run,),
    )
    return cursor.fetchall()
