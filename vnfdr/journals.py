"""The place where the journals of all runs are kept: a directory, a file for each.

One file for each run means one writer for each file, and that what happens to one
journal happens to one run. The default place is the user's state directory
(``~/.local/state/vnfdr`` on Linux), or ``VNFDR_JOURNAL``.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from vnfdr.errors import JournalDamaged, PlanError, UnknownRun
from vnfdr.plan import Past, Plan, dump_plan, load_plan
from vnfdr.plan.ending import ended
from vnfdr.plan.journal import Fact
from vnfdr.plan.sqlite import SqliteJournal

SUFFIX = ".journal"


@frozen
class Summary:
    """One run, as its journal tells it.

    Args:
        run: its name.
        plan: what it does.
        state: how it ended, or where it stands.
        detail: why, if something failed.
    """

    run: str
    plan: str
    state: str
    detail: str = ""


@frozen
class Journals:
    """A directory of journals."""

    directory: Path

    @classmethod
    def at(cls, place: "Journals | Path | str | None") -> "Journals":
        """Return the journals at ``place``, or at the default one."""
        if isinstance(place, Journals):
            return place
        chosen = place or os.environ.get("VNFDR_JOURNAL") or _usual_place()
        return cls(Path(chosen).expanduser())

    def begin(self, plan: Plan) -> SqliteJournal:
        """Return the journal of a plan's run, new or gone on with.

        Raises:
            JournalError: it cannot be written, or is damaged, or is being written.
        """
        return SqliteJournal.create(self._path(plan.id), dump_plan(plan))

    def resume(self, run: str) -> tuple[SqliteJournal, Plan]:
        """Return the journal of a run, to be written, and its plan.

        Raises:
            UnknownRun: there is no such run here.
            JournalError: it cannot be written, or is damaged, or is being written.
        """
        journal = SqliteJournal.open(self._known(run))
        return journal, load_plan(journal.plan_text)

    def read(self, run: str) -> tuple[SqliteJournal, Plan]:
        """Return the journal of a run, only to be read, and its plan.

        Raises:
            UnknownRun: there is no such run here.
            JournalDamaged: it cannot be trusted.
        """
        journal = SqliteJournal.read(self._known(run))
        return journal, load_plan(journal.plan_text)

    def failsafe(self, run: str) -> Path:
        """Return the file in which the failsafe of a run writes what it does."""
        return self._path(run).with_suffix(".failsafe")

    def summaries(self) -> Iterator[Summary]:
        """Yield every run, oldest first; a damaged journal is told, not skipped."""
        for path in sorted(self.directory.glob(f"*{SUFFIX}")):
            try:
                yield self._summary(path.stem)
            except (JournalDamaged, PlanError) as error:
                yield Summary(path.stem, "?", "damaged", str(error))

    def _summary(self, run: str) -> Summary:
        journal, plan = self.read(run)
        with journal:
            past = Past.of(journal)
        outcome = ended(past, run)
        if outcome:
            return Summary(run, plan.name, outcome.verdict.value, outcome.reason)
        refused = past.last(Fact.REFUSED)
        if refused and len(past.parts(Fact.STARTED)) == 0:
            return Summary(run, plan.name, "refused", refused.note)
        failed = past.last(Fact.FAILED)
        state = "unfinished" if past.entries else "not begun"
        return Summary(run, plan.name, state, failed.note if failed else "")

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


def _usual_place() -> Path:
    # Only who names no place pays for finding one: it takes a dozen modules.
    from platformdirs import user_state_path  # noqa: PLC0415

    return user_state_path("vnfdr")
