"""Journals in a PostgreSQL, shared by controllers on several machines."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen
from platformdirs import user_state_path

from vnfdr.errors import (
    JournalBusy,
    JournalDamaged,
    JournalUnwritable,
    PlanError,
    UnknownRun,
)
from vnfdr.journals.base import (
    Other,
    Summary,
    refuse_if_busy,
    shared,
    summary_of,
)
from vnfdr.journals.database import (
    ANSWER_SECONDS_MAX,
    Cursor,
    Database,
    take_turn,
)
from vnfdr.journals.leased import LEASE_SECONDS, Lease, LeasedJournal, rows_of
from vnfdr.plan import Past, Plan, dump_plan, load_plan
from vnfdr.plan.chain import digest, follow, storable
from vnfdr.plan.clock import Clock, SystemClock
from vnfdr.plan.locks import Holder
from vnfdr.plan.stage import is_over, is_provisional, is_to_begin
from vnfdr.private import make_directory

OTHERS_SHOWN = 10


@frozen
class _Row:
    """A run, as it is stored."""

    run: str
    plan_text: str
    digest: str
    epoch: int
    token: str | None
    pid: int | None
    host: str | None
    since: str | None
    seconds_left: float | None

    @property
    def lives(self) -> bool:
        """Whether somebody has its lease."""
        return self.seconds_left is not None and self.seconds_left > 0

    @property
    def holder(self) -> Holder | None:
        """Who has its lease, or had it last."""
        if self.pid is None or self.host is None or self.since is None:
            return None
        return Holder(self.pid, self.host, self.since)

    @property
    def plan(self) -> Plan:
        """What it does.

        Raises:
            JournalDamaged: it was changed.
            PlanError: it cannot be read.
        """
        if digest(self.plan_text) != self.digest:
            raise JournalDamaged(f"run {self.run}: the plan in its journal was changed")
        return load_plan(self.plan_text)


ROW = """
select run, plan, digest, epoch, token, pid, host, since,
    extract(epoch from until - now())::float from vnfdr_run
"""


@frozen
class PostgresJournals:
    """Journals in a database, for controllers on any machine.

    Args:
        url: where it is; a secret, if there is a password in it.
        lease_seconds: after how long without a sign of life another controller may
            take a run over.
        answer_seconds_max: how long the database may take for one thing.
    """

    url: str = field(repr=False)
    lease_seconds: float = LEASE_SECONDS
    clock: Clock = field(factory=SystemClock, eq=False, repr=False)
    answer_seconds_max: int = ANSWER_SECONDS_MAX
    place: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "place", self._database().name)

    def begin(self, plan: Plan) -> LeasedJournal:
        text = storable(dump_plan(plan))

        def make(cursor: Cursor) -> None:
            cursor.execute(
                "insert into vnfdr_run (run, plan, digest) values (%s, %s, %s)"
                " on conflict do nothing",
                (plan.id, text, digest(text)),
            )

        return self._held(plan.id, make)[0]

    def resume(self, run: str) -> tuple[LeasedJournal, Plan]:
        return self._held(run, lambda _: None)

    def read(self, run: str) -> tuple[LeasedJournal, Plan]:
        database = self._database()
        try:
            row = database.do(lambda cursor: self._row(cursor, run))
            return LeasedJournal(run, row.plan_text, database), row.plan
        except BaseException:
            database.close()
            raise

    def failsafe(self, run: str) -> Path:
        """Return a file on this machine: the failsafe of a run has no database."""
        directory = user_state_path("vnfdr") / "shared"
        try:
            make_directory(directory)
        except OSError as error:
            raise JournalUnwritable(
                f"no directory {directory} for the failsafe's record: {error.strerror}"
            ) from error
        return directory / f"{run}.failsafe"

    def summaries(self) -> Iterator[Summary]:
        database = self._database()
        try:
            for row in database.do(_all_rows):
                yield self._summary(database, row)
        finally:
            database.close()

    def _database(self) -> Database:
        return Database(self.url, self.clock, self.answer_seconds_max)

    def _summary(self, database: Database, row: _Row) -> Summary:
        try:
            rows = database.do(lambda cursor: rows_of(cursor, row.run))
            past = Past(tuple(entry for entry, _ in follow(rows, self._where(row.run))))
            return summary_of(row.run, row.plan, past)
        except (JournalDamaged, PlanError) as error:
            return Summary(row.run, "?", "damaged", str(error), unfinished=True)

    def _held(self, run: str, make: Any) -> tuple[LeasedJournal, Plan]:  # noqa: ANN401
        """Take a run's lease, unless it is not free or not to begin."""
        database, token = self._database(), os.urandom(16).hex()

        def take(cursor: Cursor) -> _Row:
            take_turn(cursor)
            make(cursor)
            row = self._row(cursor, run)
            return row if row.token == token else self._take(cursor, row, token)

        try:
            row = database.do(take)
            lease = Lease(row.epoch, self.lease_seconds)
            return LeasedJournal.held(run, row.plan_text, database, lease), row.plan
        except BaseException:
            database.close()
            raise

    def _take(self, cursor: Cursor, row: _Row, token: str) -> _Row:
        if row.lives:
            raise JournalBusy(
                f"run {row.run} is being carried out already, by"
                f" {row.holder or 'another process'}; its lease runs out in"
                f" {row.seconds_left:.0f} s if that is gone"
            )
        if is_to_begin(self._past(cursor, row.run), row.plan):
            self._let_begin(cursor, row.plan)
        me = Holder.me(self.clock)
        cursor.execute(
            "update vnfdr_run set epoch = epoch + 1, token = %s, pid = %s, host = %s,"
            " since = %s, is_over = false, until = now() + make_interval(secs => %s)"
            " where run = %s",
            (token, me.pid, me.host, me.since, self.lease_seconds, row.run),
        )
        return evolve(row, epoch=row.epoch + 1, token=token)

    def _let_begin(self, cursor: Cursor, plan: Plan) -> None:
        """Raise `GroupBusy` if a run that has yet to begin must not.

        One that has done nothing, and whose lease has run out, shall not begin beside
        this one when it wakes up.
        """
        cursor.execute(f"{ROW} where not is_over and run <> %s", (plan.id,))
        for row in [_Row(*found) for found in cursor.fetchall()]:
            try:
                other = Other(row.plan, row.holder, row.lives)
            except (JournalDamaged, PlanError):
                continue
            try:
                past = self._past(cursor, row.run)
                idle = is_over(past, other.plan)
                other = evolve(other, waits=is_provisional(past, other.plan))
            except JournalDamaged as error:
                idle, other = False, evolve(other, damaged=str(error))
            if row.lives or not idle:
                refuse_if_busy(plan, (other,))
            elif shared(plan, other.plan):
                cursor.execute(
                    "update vnfdr_run set epoch = epoch + 1 where run = %s", (row.run,)
                )

    def _past(self, cursor: Cursor, run: str) -> Past:
        rows = rows_of(cursor, run)
        return Past(tuple(entry for entry, _ in follow(rows, self._where(run))))

    def _where(self, run: str) -> str:
        return f"{self.place}, run {run}"

    def _row(self, cursor: Cursor, run: str) -> _Row:
        if _has_tables(cursor):
            cursor.execute(f"{ROW} where run = %s", (run,))
            if found := cursor.fetchone():
                return _Row(*found)
        known = [row.run for row in _all_rows(cursor)]
        listed = ", ".join(known[-OTHERS_SHOWN:]) or "none"
        raise UnknownRun(
            f"no run {run!r} in {self.place}; the newest runs there: {listed}"
        )


def _has_tables(cursor: Cursor) -> bool:
    cursor.execute("select to_regclass('vnfdr_entry') is not null")
    return bool((cursor.fetchone() or [False])[0])


def _all_rows(cursor: Cursor) -> list[_Row]:
    if not _has_tables(cursor):
        return []
    cursor.execute(f"{ROW} order by run")
    return [_Row(*found) for found in cursor.fetchall()]
