"""What a shell is told of how runs ended: on standard output, and by a status.

Either stream may be gone, full or closed by then. What was done stands all the same,
and the status is that of the run.
"""

import contextlib
import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence

import click
from attrs import asdict

from vnfdr.errors import (
    CloudError,
    GroupBusy,
    InputError,
    JournalBusy,
    JournalUnwritable,
    ManifestError,
    VnfdrError,
)
from vnfdr.plan import Event, Outcome, Plan, Verdict, dump_plan, dump_value
from vnfdr.recovery import RUNNING, Recovered
from vnfdr.shell import COMMITTED, COMPENSATED, SIGNALLED, STRANDED, WRONG_INPUT
from vnfdr.text import printable

STATUSES = {
    Verdict.COMMITTED: COMMITTED,
    Verdict.COMPENSATED: COMPENSATED,
    Verdict.STRANDED: STRANDED,
}

# In a run, what befalls a manifest is a reason, and is not raised.
NOTHING_TOUCHED = (
    InputError,
    JournalUnwritable,
    JournalBusy,
    GroupBusy,
    ManifestError,
)


def complain(text: object) -> None:
    """Print to standard error; where that is gone, go on without."""
    with contextlib.suppress(OSError, ValueError):
        click.echo(text, err=True)


def show(text: object, *, newline: bool = True) -> int:
    """Print what was asked for, where nothing else was done; return the exit status."""
    try:
        click.echo(text, nl=newline)
    except BrokenPipeError:
        return SIGNALLED + signal.SIGPIPE
    except (OSError, ValueError) as error:
        complain(printable(f"vnfdr: this cannot be printed: {error}"))
        return COMPENSATED
    return COMMITTED


def show_plan(plan: Plan, *, as_json: bool) -> int:
    """Print what a dry run is about; return the exit status."""
    return show(dump_plan(plan) if as_json else f"{plan}\n\n{plan.preview()}")


def tell_result(text: object, what: str) -> None:
    """Print what was done, or complain that it cannot be: it is done all the same."""
    try:
        click.echo(text)
    except (OSError, ValueError) as error:
        complain(
            printable(
                f"vnfdr: {what} cannot be printed: {error}; what was done stands, and"
                " the exit status tells how it ended"
            )
        )


def let_go() -> None:
    """Forget what standard output and standard error do not take.

    Python would try again at its end, and make the exit status another one.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def tell_outcome(outcome: Outcome, *, as_json: bool, heard: int = 0) -> int:
    """Print how a run ended; return the exit status."""
    what = f"the outcome of run {outcome.run}, {outcome.verdict.value},"
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
        tell_result(json.dumps(document, indent=1, ensure_ascii=False), what)
    else:
        told = filter(None, (outcome, outcome.recovery_point))
        tell_result("\n".join(map(str, told)), what)
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
        complain(printable(f"preflight: {problem}"))
    if not problems:
        complain("preflight: nothing to mend")
    return COMPENSATED if problems else COMMITTED


def tell_recovered(found: Sequence[Recovered], *, as_json: bool) -> int:
    """Print what became of each unfinished run; return the exit status."""
    if as_json:
        documents = [_document(each) for each in found]
        told = json.dumps(documents, indent=1, ensure_ascii=False)
    else:
        lines = [line for each in found for line in _lines(each)]
        told = "\n".join(lines) or "no run is unfinished"
    tell_result(told, "what became of the unfinished runs")
    return max((_status_of_recovered(each) for each in found), default=COMMITTED)


def tell_event(event: Event) -> None:
    """Print what happens in a run, as it happens, to standard error."""
    complain(printable(f"{event.run}  {event.text}"))


def _lines(each: Recovered) -> Iterator[str]:
    frozen = [f"{name} is not proven thawed" for name in each.frozen]
    detail = "; ".join(filter(None, [*frozen, each.detail]))
    yield printable(f"{each.run}  {each.state:<12}  {each.plan}  {detail}")
    for leftover in each.outcome.leftovers if each.outcome else ():
        yield printable(f"  left behind: {leftover}")


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
