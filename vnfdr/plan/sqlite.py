"""The embedded journal: one SQLite file for each run, written by one connection.

WAL with ``synchronous=FULL``: a commit is on the disk when it returns. Each entry
carries a checksum over itself and the one before, so that a change, a gap or a torn
end is noticed and told by its number. Only the owner can read the file, and only
one process at a time can write it.
"""

import fcntl
import hashlib
import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import attrs
from attrs import define, field

from vnfdr.errors import JournalBusy, JournalDamaged, JournalUnwritable
from vnfdr.plan.clock import Clock, SystemClock
from vnfdr.plan.journal import Entry, Fact
from vnfdr.plan.step import Receipt

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
    _lock_file: int | None
    _chain: str = ""
    _guard: threading.Lock = field(factory=threading.Lock)
    _clock: Clock = field(factory=SystemClock)

    @classmethod
    def create(cls, path: Path, plan_text: str) -> "SqliteJournal":
        """Make the journal of a new run, or open it again if it is there.

        Raises:
            JournalUnwritable: there is no writing at ``path``.
            JournalBusy: another process writes it.
        """
        if path.exists():
            return cls.open(path)
        try:
            _make_directory(path.parent)
            lock = _lock(path)
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            connection = _connect(path)
            with connection:
                connection.executescript(SCHEMA)
                connection.execute(
                    "insert into plan values (?, ?)", (plan_text, _digest(plan_text))
                )
            _sync_directory(path.parent)
        except (OSError, sqlite3.Error) as error:
            raise JournalUnwritable(
                f"cannot write a journal at {path}: {error}; nothing was touched"
            ) from error
        return cls(path, plan_text, connection, lock)

    @classmethod
    def open(cls, path: Path) -> "SqliteJournal":
        """Open the journal of a run, to go on writing it.

        Raises:
            JournalDamaged: it cannot be trusted.
            JournalBusy: another process writes it.
            JournalUnwritable: there is no writing it.
        """
        journal = cls.read(path)
        journal.close()
        try:
            lock = _lock(path)
            connection = _connect(path)
        except (OSError, sqlite3.Error) as error:
            raise JournalUnwritable(f"cannot write {path}: {error}") from error
        opened = cls(path, journal.plan_text, connection, lock)
        opened._chain = opened._check_to_the_end()
        return opened

    @classmethod
    def read(cls, path: Path) -> "SqliteJournal":
        """Open the journal of a run, only to read it.

        Raises:
            JournalDamaged: it cannot be trusted.
        """
        try:
            connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False
            )
            rows = connection.execute("select text, digest from plan").fetchall()
        except sqlite3.Error as error:
            raise JournalDamaged(f"{path} is not a journal: {error}") from error
        if len(rows) != 1 or _digest(rows[0][0]) != rows[0][1]:
            raise JournalDamaged(f"{path}: the plan in it was changed")
        return cls(path, rows[0][0], connection, None)

    def append(self, *entries: Entry) -> None:
        with self._guard:
            at = self._clock.date().isoformat(timespec="milliseconds")
            chain, rows = self._chain, []
            for entry in entries:
                body = json.dumps(_to_document(entry), ensure_ascii=False)
                chain = _digest(chain + body)
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
        for body, _ in self._checked():
            yield _from_document(body, f"{self.path}: {body!r}")

    def _check_to_the_end(self) -> str:
        """Return the end of the chain, which the next entry goes on from."""
        chain = ""
        for body, chain in self._checked():  # noqa: B007 - the last one is wanted
            _from_document(body, f"{self.path}: {body!r}")
        return chain

    def _checked(self) -> Iterator[tuple[str, str]]:
        """Yield the body and the chain of every entry that can be trusted."""
        chain = ""
        for expected, (number, body, digest) in enumerate(self._rows(), start=1):
            chain = _digest(chain + body)
            if number != expected or chain != digest:
                raise JournalDamaged(
                    f"{self.path}: entry {expected} was changed or is missing;"
                    " nothing was undone: look at what carries this run's name"
                )
            yield body, chain

    def _rows(self) -> list[tuple[int, str, str]]:
        try:
            with self._guard:
                return self._connection.execute(
                    "select number, body, chain from entry order by number"
                ).fetchall()
        except sqlite3.Error as error:
            raise JournalDamaged(f"{self.path} cannot be read: {error}") from error

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
        if self._lock_file is not None:
            os.close(self._lock_file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False)
    for pragma, wanted in PRAGMAS.items():
        connection.execute(f"pragma {pragma} = {wanted}")
        (got,) = connection.execute(f"pragma {pragma}").fetchone()
        if got != wanted:
            raise sqlite3.OperationalError(f"{pragma} is {got}, not {wanted}")
    return connection


def _make_directory(path: Path) -> None:
    """Make a directory for its owner alone, and so those above it that are missing."""
    if path.is_dir():
        return
    _make_directory(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)


def _lock(path: Path) -> int:
    """Take the right to write, which the kernel gives back when we die."""
    lock = os.open(path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise JournalBusy(
            f"another process is carrying out the run of {path.stem}"
        ) from None
    return lock


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _to_document(entry: Entry) -> dict[str, object]:
    return attrs.asdict(entry, value_serializer=_plain)


def _plain(_: object, __: object, value: object) -> object:
    return value.value if isinstance(value, Fact) else value


def _from_document(body: str, where: str) -> Entry:
    try:
        document = json.loads(body)
        receipt = document["receipt"]
        return Entry(
            part=document["part"],
            fact=Fact(document["fact"]),
            receipt=Receipt(**receipt) if receipt else None,
            note=document["note"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise JournalDamaged(f"{where} is no entry of a journal") from error
