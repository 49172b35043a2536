"""The embedded journal: one SQLite file for each run, written by one connection.

WAL with ``synchronous=FULL``: a commit is on the disk when it returns. Only the owner
can read the file, and only one process at a time can write it.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from attrs import define, field

from vnfdr.errors import JournalDamaged, JournalError, JournalUnwritable, PlanError
from vnfdr.plan.chain import digest, follow, link, storable
from vnfdr.plan.clock import Clock, SystemClock
from vnfdr.plan.codec import load_plan
from vnfdr.plan.journal import Entry, Past
from vnfdr.plan.locks import FileLock
from vnfdr.plan.stage import is_over
from vnfdr.private import make_directory, sync_directory

SCHEMA = """
create table plan (text text not null, digest text not null);
create table entry (
    number integer primary key,
    at text not null,
    body text not null,
    chain text not null
);
"""
PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@define
class SqliteJournal:
    """The journal of one run, in one file.

    Make one with `create` or `open`; use it as a context manager.
    """

    path: Path
    plan_text: str
    _connection: sqlite3.Connection
    _lock: FileLock | None = None
    _chain: str = ""
    _guard: threading.Lock = field(factory=threading.Lock)
    _clock: Clock = field(factory=SystemClock)

    @classmethod
    def create(
        cls, path: Path, plan_text: str, clock: Clock | None = None
    ) -> "SqliteJournal":
        """Make the journal of a new run, or open it again if it is there.

        Raises:
            JournalUnwritable: there is no writing at ``path``.
            JournalBusy: another process writes it.
            JournalDamaged: it is there, and cannot be trusted.
        """
        clock = clock or SystemClock()
        try:
            make_directory(path.parent)
            lock = FileLock.take(path.with_suffix(".lock"), clock)
            try:
                if not path.exists():
                    _make(path, plan_text)
            except BaseException:
                lock.release(is_over=True)
                raise
        except (OSError, sqlite3.Error) as error:
            raise JournalUnwritable(
                f"cannot write a journal at {path}: {error}; nothing was touched"
            ) from error
        return cls._locked(path, lock, clock)

    @classmethod
    def open(cls, path: Path, clock: Clock | None = None) -> "SqliteJournal":
        """Open the journal of a run, to go on writing it.

        Raises:
            JournalDamaged: it cannot be trusted.
            JournalBusy: another process writes it.
            JournalUnwritable: there is no writing it.
        """
        clock = clock or SystemClock()
        try:
            lock = FileLock.take(path.with_suffix(".lock"), clock)
        except OSError as error:
            raise JournalUnwritable(f"cannot write {path}: {error}") from error
        return cls._locked(path, lock, clock)

    @classmethod
    def _locked(cls, path: Path, lock: FileLock, clock: Clock) -> "SqliteJournal":
        """Open a journal that is ours to write."""
        try:
            cls.read(path).close()
            connection = _connect(path)
            try:
                opened = cls(path, _plan_text(connection, path), connection, lock)
                opened._clock = clock
                opened._chain = opened._end_of_chain()
            except BaseException:
                connection.close()
                raise
        except BaseException as error:
            lock.release(is_over=False)
            if isinstance(error, sqlite3.OperationalError):
                raise JournalUnwritable(f"cannot write {path}: {error}") from error
            if isinstance(error, sqlite3.Error):
                raise JournalDamaged(f"{path} cannot be read: {error}") from error
            raise
        return opened

    @classmethod
    def read(cls, path: Path) -> "SqliteJournal":
        """Open the journal of a run, only to read it.

        Raises:
            JournalDamaged: it cannot be trusted.
        """
        try:
            connection = _connect_to_read(path)
        except sqlite3.Error as error:
            raise JournalDamaged(f"{path} is not a journal: {error}") from error
        try:
            return cls(path, _plan_text(connection, path), connection)
        except BaseException:
            connection.close()
            raise

    def append(self, *entries: Entry) -> None:
        with self._guard:
            at = self._clock.date().isoformat(timespec="milliseconds")
            chain, rows = self._chain, []
            for entry in entries:
                body, chain = link(chain, entry)
                rows.append((at, body, chain))
            try:
                with self._connection:
                    self._connection.executemany(
                        "insert into entry (at, body, chain) values (?, ?, ?)", rows
                    )
            except sqlite3.Error as error:
                raise JournalUnwritable(f"cannot write {self.path}: {error}") from error
            self._chain = chain

    def __iter__(self) -> Iterator[Entry]:
        for entry, _ in follow(self._rows(), str(self.path)):
            yield entry

    def _end_of_chain(self) -> str:
        """Return the checksum that the next entry goes on from."""
        chain = ""
        for _, chain in follow(self._rows(), str(self.path)):  # noqa: B007 - the last
            pass
        return chain

    def _rows(self) -> list[tuple[object, object, object]]:
        try:
            with self._guard:
                return self._connection.execute(
                    "select number, body, chain from entry order by number"
                ).fetchall()
        except sqlite3.Error as error:
            raise JournalDamaged(f"{self.path} cannot be read: {error}") from error

    def close(self) -> None:
        """Close the file, and let others go on with the run if that is needed."""
        is_over = self._lock is not None and self._is_over()
        try:
            self._connection.close()
        finally:
            # Also when an impatient Ctrl-C comes here.
            if self._lock is not None:
                self._lock.release(is_over=is_over)
                self._lock = None

    def _is_over(self) -> bool:
        try:
            return is_over(Past.of(self), load_plan(self.plan_text))
        except (JournalError, PlanError):
            return False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _make(path: Path, plan_text: str) -> None:
    """Make a journal without entries: after a crash it is there whole, or not."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    try:
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        connection = _connect(new)
        try:
            text = storable(plan_text)
            with connection:
                connection.executescript(SCHEMA)
                connection.execute(
                    "insert into plan values (?, ?)", (text, digest(text))
                )
        finally:
            connection.close()
        new.rename(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False)
    try:
        for pragma, wanted in PRAGMAS.items():
            _set(connection, pragma, wanted)
    except BaseException:
        connection.close()
        raise
    return connection


def _set(connection: sqlite3.Connection, pragma: str, wanted: object) -> None:
    connection.execute(f"pragma {pragma} = {wanted}")
    (got,) = connection.execute(f"pragma {pragma}").fetchone()
    if got != wanted:
        raise sqlite3.OperationalError(f"{pragma} is {got}, not {wanted}")


def _connect_to_read(path: Path) -> sqlite3.Connection:
    """Connect, where nothing can be written too: guests are thawed from there."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
    try:
        connection.execute("select count(*) from plan")
    except sqlite3.OperationalError:
        connection.close()
        if path.with_name(f"{path.name}-wal").exists():
            raise
        # All of it is in the file itself, and nobody writes it.
        connection = sqlite3.connect(
            f"{uri}&immutable=1", uri=True, check_same_thread=False
        )
    return connection


def _plan_text(connection: sqlite3.Connection, path: Path) -> str:
    """Return the plan in a journal."""
    try:
        rows = connection.execute("select text, digest from plan").fetchall()
    except sqlite3.Error as error:
        raise JournalDamaged(f"{path} is not a journal: {error}") from error
    if len(rows) != 1 or digest(f"{rows[0][0]}") != rows[0][1]:
        raise JournalDamaged(f"{path}: the plan in it was changed")
    return str(rows[0][0])
