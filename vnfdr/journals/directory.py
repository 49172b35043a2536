"""Journals in a directory, a file for each run.

One file for each run means one writer for each file, and that what happens to one
journal happens to one run.
"""

import contextlib
import fcntl
import threading
from collections.abc import Iterator
from pathlib import Path

from attrs import field, frozen

from vnfdr.errors import (
    JournalBusy,
    JournalDamaged,
    JournalUnwritable,
    PlanError,
    UnknownRun,
)
from vnfdr.journals.base import Other, Summary, refuse_if_busy, summary_of
from vnfdr.plan import Past, Plan, dump_plan, load_plan
from vnfdr.plan.clock import Clock, SystemClock
from vnfdr.plan.locks import busy, close_lock, holder_of, is_held, open_lock
from vnfdr.plan.sqlite import SqliteJournal
from vnfdr.plan.stage import is_over, is_provisional, is_to_begin
from vnfdr.private import make_directory

SUFFIX = ".journal"
TURN_SECONDS_MAX = 30.0
TURN_LOOK_SECONDS = 0.05


@frozen
class DirectoryJournals:
    """A directory of journals, for the processes of one machine."""

    directory: Path
    clock: Clock = field(factory=SystemClock, eq=False, repr=False)

    def begin(self, plan: Plan) -> SqliteJournal:
        path = self._path(plan.id)
        try:
            make_directory(self.directory)
        except OSError as error:
            raise JournalUnwritable(
                f"cannot write journals at {self.directory}: {error}; nothing was"
                " touched"
            ) from error
        with self._turn():
            was_there = path.exists()
            journal = SqliteJournal.create(path, dump_plan(plan), self.clock)
            try:
                self._let_begin(journal, plan)
            except BaseException:
                journal.close()
                if not was_there:
                    # Nothing was ever done in its name.
                    path.unlink()
                raise
        return journal

    def resume(self, run: str) -> tuple[SqliteJournal, Plan]:
        path = self._known(run)
        try:
            return self._taken_up(path)
        except JournalUnwritable:
            lock = path.with_suffix(".lock")
            if is_held(lock):
                raise busy(lock) from None
            raise

    def _taken_up(self, path: Path) -> tuple[SqliteJournal, Plan]:
        with self._turn():
            journal = SqliteJournal.open(path, self.clock)
            try:
                plan = load_plan(journal.plan_text)
                self._let_begin(journal, plan)
            except BaseException:
                journal.close()
                raise
        return journal, plan

    def read(self, run: str) -> tuple[SqliteJournal, Plan]:
        journal = SqliteJournal.read(self._known(run))
        return journal, load_plan(journal.plan_text)

    def failsafe(self, run: str) -> Path:
        return self._path(run).with_suffix(".failsafe")

    def summaries(self) -> Iterator[Summary]:
        for path in sorted(self.directory.glob(f"*{SUFFIX}")):
            try:
                journal, plan = self.read(path.stem)
                with journal:
                    yield summary_of(path.stem, plan, Past.of(journal))
            except (UnknownRun, JournalDamaged, PlanError) as error:
                # One that was refused is removed while others are looked at.
                if path.exists():
                    told = str(error)
                    yield Summary(path.stem, "?", "damaged", told, unfinished=True)

    def _let_begin(self, journal: SqliteJournal, plan: Plan) -> None:
        """Raise `GroupBusy` if a run that has yet to begin must not.

        A run that is unfinished has let no other begin since.
        """
        if is_to_begin(Past.of(journal), plan):
            refuse_if_busy(plan, self._others(plan.id))

    def _others(self, run: str) -> Iterator[Other]:
        """Yield the other runs that are not over: those with a lock's file."""
        for lock in sorted(self.directory.glob("*.lock")):
            if lock.stem != run:
                with contextlib.suppress(UnknownRun, JournalDamaged, PlanError):
                    yield from self._unfinished(lock)

    def _unfinished(self, lock: Path) -> Iterator[Other]:
        lives = is_held(lock)
        journal, plan = self.read(lock.stem)
        with journal:
            try:
                past = Past.of(journal)
                if lives or not is_over(past, plan):
                    waits = is_provisional(past, plan)
                    yield Other(plan, holder_of(lock), lives, waits=waits)
            except JournalDamaged as error:
                yield Other(plan, holder_of(lock), lives, str(error))

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        """Let one process at a time begin a run, or take one up."""
        try:
            handle = open_lock(self.directory / ".turn")
        except OSError as error:
            raise JournalUnwritable(
                f"cannot write journals at {self.directory}: {error}; nothing was"
                " touched"
            ) from error
        try:
            self._wait_for(handle)
            yield
        finally:
            close_lock(handle)

    def _wait_for(self, handle: int) -> None:
        clock, never = self.clock, threading.Event()
        give_up_at = clock.now() + TURN_SECONDS_MAX
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if clock.now() >= give_up_at:
                    raise JournalBusy(
                        f"another process has been looking through {self.directory}"
                        f" for {TURN_SECONDS_MAX:g} s; nothing was touched: end it"
                    ) from None
                clock.wait(TURN_LOOK_SECONDS, unless=never)
            else:
                return

    def _known(self, run: str) -> Path:
        path = self._path(run)
        if path.is_file():
            return path
        known = sorted(p.stem for p in self.directory.glob(f"*{SUFFIX}"))
        listed = ", ".join(known[-10:]) or "none"
        raise UnknownRun(
            f"no run {run!r} in {self.directory}; the newest runs there: {listed}"
        )

    def _path(self, run: str) -> Path:
        if run in {"", ".", ".."} or "/" in run or "\0" in run:
            raise UnknownRun(f"{run!r} is not the name of a run")
        return self.directory / f"{run}{SUFFIX}"
