"""What a shell is told of how runs ended: on standard output, and by a status."""

import json
from collections.abc import Sequence

import click
from attrs import asdict

from vnfdr.errors import (
    CloudError,
    GroupBusy,
    InputError,
    JournalBusy,
    JournalUnwritable,
    VnfdrError,
)
from vnfdr.plan import Event, Outcome, Verdict, dump_value
from vnfdr.recovery import RUNNING, Recovered
from vnfdr.shell import COMMITTED, COMPENSATED, SIGNALLED, STRANDED, WRONG_INPUT
from vnfdr.text import printable

STATUSES = {
    Verdict.COMMITTED: COMMITTED,
    Verdict.COMPENSATED: COMPENSATED,
    Verdict.STRANDED: STRANDED,
}

NOTHING_TOUCHED = (InputError, JournalUnwritable, JournalBusy, GroupBusy)


def tell_outcome(outcome: Outcome, *, as_json: bool, heard: int = 0) -> int:
    """Print how a run ended; return the exit status."""
    if as_json:
        document = {
            "run": outcome.run,
            "verdict": outcome.verdict.value,
            "failed": outcome.failed,
            "reason": outcome.reason,
            "leftovers": [str(leftover) for leftover in outcome.leftovers],
            "phases": [asdict(phase) for phase in outcome.phases],
            "recovery_point": None,
        }
        if outcome.recovery_point:
            document["recovery_point"] = json.loads(dump_value(outcome.recovery_point))
        click.echo(json.dumps(document, indent=1, ensure_ascii=False))
    else:
        click.echo(outcome)
        if outcome.recovery_point:
            click.echo(outcome.recovery_point)
    return status_of_run(outcome, heard=heard)


def status_of_run(outcome: Outcome, *, heard: int = 0) -> int:
    """Return the exit status for how a run ended.

    A run that was taken back for a signal exits with that, but what remains of it
    matters most.
    """
    if heard and outcome.verdict is Verdict.COMPENSATED:
        return SIGNALLED + heard
    return STATUSES[outcome.verdict]


def tell_problems(problems: Sequence[str]) -> int:
    """Print what preflight found, to standard error; return the exit status."""
    for problem in problems:
        click.echo(printable(f"preflight: {problem}"), err=True)
    if not problems:
        click.echo("preflight: nothing to mend", err=True)
    return COMPENSATED if problems else COMMITTED


def tell_recovered(found: Sequence[Recovered], *, as_json: bool) -> int:
    """Print what became of each unfinished run; return the exit status."""
    if as_json:
        told = [_document(each) for each in found]
        click.echo(json.dumps(told, indent=1, ensure_ascii=False))
    elif not found:
        click.echo("no run is unfinished")
    for each in () if as_json else found:
        frozen = [f"{name} is not proven thawed" for name in each.frozen]
        detail = "; ".join(filter(None, [*frozen, each.detail]))
        click.echo(printable(f"{each.run}  {each.state:<12}  {each.plan}  {detail}"))
        for leftover in each.outcome.leftovers if each.outcome else ():
            click.echo(printable(f"  left behind: {leftover}"))
    return max((_status_of_recovered(each) for each in found), default=COMMITTED)


def tell_event(event: Event) -> None:
    """Print what happens in a run, as it happens, to standard error."""
    click.echo(printable(f"{event.run}  {event.text}"), err=True)


def _status_of_recovered(each: Recovered) -> int:
    if each.outcome:
        return STATUSES[each.outcome.verdict]
    return COMMITTED if each.state == RUNNING else STRANDED


def _document(each: Recovered) -> dict[str, object]:
    leftovers = each.outcome.leftovers if each.outcome else ()
    return {
        "run": each.run,
        "plan": each.plan,
        "state": each.state,
        "detail": each.detail,
        "frozen": list(each.frozen),
        "leftovers": [str(leftover) for leftover in leftovers],
    }


def status_of(error: VnfdrError) -> int:
    """Return the exit status for an error that ended a command."""
    if isinstance(error, NOTHING_TOUCHED):
        return WRONG_INPUT
    return COMPENSATED if isinstance(error, CloudError) else STRANDED
