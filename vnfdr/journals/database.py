"""One connection to a PostgreSQL that keeps journals: it may break, and is made again.

The URL of a database holds a secret, which is in no message, log or ``repr``.
"""

import contextlib
import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias, TypeVar

import psycopg
from attrs import define, field
from psycopg.conninfo import conninfo_to_dict

from vnfdr.errors import JournalUnwritable
from vnfdr.plan.clock import Clock, SystemClock

log = logging.getLogger(__name__)

ANSWER_SECONDS_MAX = 10
HUNG_UP_AFTER = 1.5
"""How many times that a transaction may take: who can say no does so sooner."""
PATIENCE_SECONDS = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0)
"""How long to wait before each attempt, when the server does not answer."""
GIVEN_UP_AFTER = 3.0
"""How many times that after the first attempt there is no other any more."""
DOWN_SECONDS_MAX = 3
"""How long a server that was out of reach may take to answer when it is back."""

SCHEMA = """
create table if not exists vnfdr_run (
    run text primary key,
    plan text not null,
    digest text not null,
    is_over boolean not null default false,
    epoch bigint not null default 0,
    token text,
    pid bigint,
    host text,
    since text,
    until timestamptz
);
create table if not exists vnfdr_entry (
    run text not null references vnfdr_run,
    number bigint not null,
    at timestamptz not null default clock_timestamp(),
    body text not null,
    chain text not null,
    primary key (run, number)
);
"""
OUR_TURN = 0x766E666472
"""The number of the lock that whoever begins a run, or takes one up, holds."""

Cursor: TypeAlias = "psycopg.Cursor[tuple[Any, ...]]"

T = TypeVar("T")


@define(eq=False)
class Database:
    """A database, for the threads of one process.

    Args:
        url: where it is.
        answer_seconds_max: how long the server may take for one thing.
    """

    _url: str = field(repr=False)
    _clock: Clock = field(factory=SystemClock, repr=False)
    _answer_seconds_max: int = ANSWER_SECONDS_MAX
    name: str = field(init=False)
    _secret: str = field(init=False, repr=False)
    _connection: "psycopg.Connection[tuple[Any, ...]] | None" = field(
        default=None, init=False, repr=False
    )
    _is_down: bool = field(default=False, init=False, repr=False)
    _guard: threading.RLock = field(factory=threading.RLock, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        try:
            told = conninfo_to_dict(self._url)
        except psycopg.Error:
            # Its own words would quote what may be the password.
            wrong = "the URL of the journal's database is not one of PostgreSQL"
            raise JournalUnwritable(wrong) from None
        self._secret = str(told.get("password") or "")
        host, port = told.get("host") or "localhost", told.get("port")
        where = f"{host}:{port}" if port else f"{host}"
        self.name = f"postgresql://{where}/{told.get('dbname') or ''}"

    def do(self, work: Callable[[Cursor], T]) -> T:
        """Do something in one transaction; repeat it if the connection breaks.

        It may have been done when the connection broke: ``work`` bears that.

        Raises:
            JournalUnwritable: the database cannot be reached, or refuses.
        """
        never, problem = threading.Event(), ""
        with self._guard:
            give_up_at = self._clock.now() + GIVEN_UP_AFTER * self._answer_seconds_max
            # A run that is taken back without it does not wait for each entry.
            for seconds in PATIENCE_SECONDS[:1] if self._is_down else PATIENCE_SECONDS:
                self._clock.wait(seconds, unless=never)
                if problem and self._clock.now() >= give_up_at:
                    break
                try:
                    return self._once(work)
                except psycopg.OperationalError as error:
                    problem = self._told(error)
                    log.info("%s: %s", self.name, problem)
                    self.close()
                except psycopg.Error as error:
                    problem = self._told(error)
                    break
            self._is_down = True
        raise JournalUnwritable(f"{self.name} cannot be used: {problem}")

    def _once(self, work: Callable[[Cursor], T]) -> T:
        connection = self._connected()
        with (
            _hung_up_on(connection, HUNG_UP_AFTER * self._answer_seconds_max),
            connection.transaction(),
            connection.cursor() as cursor,
        ):
            done = work(cursor)
        self._is_down = False
        return done

    def _connected(self) -> "psycopg.Connection[tuple[Any, ...]]":
        if self._connection is None or self._connection.closed:
            seconds = self._answer_seconds_max
            soon = min(seconds, DOWN_SECONDS_MAX) if self._is_down else seconds
            self._connection = psycopg.connect(
                self._url,
                autocommit=True,
                connect_timeout=soon,
                application_name="vnfdr",
                tcp_user_timeout=seconds * 1000,
                keepalives_idle=5,
                keepalives_interval=2,
                keepalives_count=3,
                options=f"-c statement_timeout={seconds}s",
            )
        return self._connection

    def _told(self, error: psycopg.Error) -> str:
        text = " ".join(str(error).split()) or repr(type(error).__name__)
        return text.replace(self._secret, "***") if self._secret else text

    def close(self) -> None:
        """Close the connection; the next use makes another."""
        with self._guard:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


@contextlib.contextmanager
def _hung_up_on(
    connection: "psycopg.Connection[tuple[Any, ...]]", seconds: float
) -> Iterator[None]:
    """Break a connection when this takes too long: no answer comes late on it."""
    is_silent = threading.Event()

    def hang_up() -> None:
        is_silent.set()
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)

    with socket.socket(fileno=os.dup(connection.fileno())) as line:
        timer = threading.Timer(seconds, hang_up)
        timer.daemon = True
        timer.start()
        try:
            yield
        except psycopg.OperationalError as error:
            if is_silent.is_set():
                silent = f"it has not answered for {seconds:g} s"
                raise psycopg.OperationalError(silent) from error
            raise
        finally:
            timer.cancel()
            timer.join()


def take_turn(cursor: Cursor) -> None:
    """Let nobody else begin a run, or take one up, until the transaction ends."""
    cursor.execute("select pg_advisory_xact_lock(%s)", (OUR_TURN,))
    cursor.execute(SCHEMA)
