"""What a place for journals promises, and which runs it lets begin.

One run of a group at a site at a time, and one of each server: a run that would freeze
what an unfinished run may have frozen is refused before anything is touched; and so is
one of a group that another run has brought there, until that is confirmed.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol, Self

from attrs import frozen

from vnfdr.errors import GroupBusy
from vnfdr.plan import Hold, Journal, Past, Plan
from vnfdr.plan.declaration import may_be_frozen
from vnfdr.plan.ending import ended
from vnfdr.plan.journal import Fact
from vnfdr.plan.locks import Holder
from vnfdr.plan.stage import is_provisional, is_refused, is_unfinished
from vnfdr.plan.undo import TAKEN_BACK

TO_CONFIRM = "committed, to be confirmed"


@frozen
class Summary:
    """One run, as its journal tells it.

    Args:
        run: its name.
        plan: what it does.
        state: how it ended, or where it stands.
        detail: why, if something failed.
        unfinished: whether it needs to be resumed.
    """

    run: str
    plan: str
    state: str
    detail: str = ""
    unfinished: bool = False


class KeptJournal(Journal, Protocol):
    """The journal of one run, out of those that are kept in one place."""

    @property
    def plan_text(self) -> str:
        """The run's plan as JSON."""
        ...

    def close(self) -> None:
        """Let it go: others may write it now."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class Journals(Protocol):
    """A place where the journals of many runs are kept."""

    def begin(self, plan: Plan) -> KeptJournal:
        """Return the journal of a plan's run, new or gone on with.

        Raises:
            GroupBusy: another run of the group, or of a server in it, is not over, or
                is to be confirmed.
            JournalError: it cannot be written, or is damaged, or is being written.
        """
        ...

    def resume(self, run: str) -> tuple[KeptJournal, Plan]:
        """Return the journal of a run, to be written, and its plan.

        Raises:
            UnknownRun: there is no such run here.
            GroupBusy: it has yet to begin, and another run of the group is not over.
            JournalError: it cannot be written, or is damaged, or is being written.
        """
        ...

    def read(self, run: str) -> tuple[KeptJournal, Plan]:
        """Return the journal of a run, only to be read, and its plan.

        Raises:
            UnknownRun: there is no such run here.
            JournalDamaged: it cannot be trusted.
        """
        ...

    def failsafe(self, run: str) -> Path:
        """Return the file in which the failsafe of a run writes what it does.

        Raises:
            JournalUnwritable: there is no place for it.
        """
        ...

    def summaries(self) -> Iterator[Summary]:
        """Yield every run, oldest first; a damaged journal is told, not skipped."""
        ...


@frozen
class Other:
    """Another run, which is not over, as far as it matters here.

    Args:
        plan: what it does.
        holder: who carries it out, or did.
        lives: whether that process lives.
        damaged: what is wrong with its journal, if something is.
        waits: whether it is done, and waits to be confirmed.
    """

    plan: Plan
    holder: Holder | None
    lives: bool
    damaged: str = ""
    waits: bool = False

    @property
    def remedy(self) -> str:
        """What to do about it."""
        run, who = self.plan.id, f" ({self.holder})" if self.holder else ""
        if self.lives:
            return f"which is being carried out{who}: wait until it is over"
        if self.damaged:
            return (
                f"whose journal is damaged{who}: thaw its guests with `vnfdr thaw"
                f" {run}`, look at what carries its name, then move the journal away:"
                f" {self.damaged}"
            )
        if self.waits:
            return (
                f"which is done, and is to be confirmed: `vnfdr commit {run}` keeps all"
                f" that it made, and `vnfdr take-back {run}` removes it"
            )
        frozen = "; guests may be frozen" if self.plan.window else ""
        return (
            f"which is unfinished, and its process is gone{who}{frozen}: resume it"
            f" first, with `vnfdr resume {run}`"
        )


def refuse_if_busy(plan: Plan, others: Iterable[Other]) -> None:
    """Raise `GroupBusy` if another run holds what this plan would hold."""
    for other in others:
        common = shared(plan, other.plan)
        if common:
            raise GroupBusy(
                f"run {plan.id} cannot begin: {common} in run {other.plan.id},"
                f" {other.remedy}; nothing was touched",
                run=other.plan.id,
            )


def shared(plan: Plan, other: Plan) -> str:
    """Say what two plans have in common; nothing if they may run side by side."""
    if plan.id == other.id:
        return ""
    group, theirs = _group_of(plan), _group_of(other)
    if group and (plan.site, group) == (other.site, theirs):
        return f"group {group!r} of {plan.site!r} is"
    held = {_about(other, hold.key) for hold in _held_by(other)}
    names = [hold.name for hold in _held_by(plan) if _about(plan, hold.key) in held]
    return f"{', '.join(names)} is held with group {theirs!r}" if names else ""


def _group_of(plan: Plan) -> str:
    """Return the group that a plan is about; nothing if it is about none."""
    return plan.window.group if plan.window else plan.group


def _held_by(plan: Plan) -> list[Hold[Any]]:
    """Return what a plan holds still."""
    return [hold for hold in plan.window.holds if hold.holds] if plan.window else []


def _about(plan: Plan, key: str) -> str:
    """Return what a key is about, whichever run it belongs to."""
    return key.removeprefix(f"{plan.id}:")


def summary_of(run: str, plan: Plan, past: Past) -> Summary:
    """Return how a run stands."""
    unfinished = is_unfinished(past, plan)
    outcome = ended(past, run)
    if outcome:
        state, detail = outcome.verdict.value, outcome.reason
        if is_provisional(past, plan):
            state = TO_CONFIRM
    elif is_refused(past):
        refused = past.last(Fact.REFUSED)
        state, detail = "refused", refused.note if refused else ""
    else:
        failed = past.last(Fact.FAILED)
        state = "unfinished" if past.entries else "not begun"
        detail = failed.note if failed else ""
        if past.last(Fact.REVOKED):
            detail = TAKEN_BACK
    if plan.window and may_be_frozen(past, plan.window):
        detail = f"guests may be frozen{f'; {detail}' if detail else ''}"
    return Summary(run, plan.name, state, detail, unfinished)
