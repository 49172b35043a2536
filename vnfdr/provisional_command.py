"""The commands ``vnfdr commit`` and ``vnfdr take-back``: a provisional run's word."""

import click

from vnfdr import provisional, runs
from vnfdr.display import Progress
from vnfdr.plan import Verdict
from vnfdr.shell import (
    COMMITTED,
    STRANDED,
    another_cloud_option,
    journal_option,
    json_option,
    plan_of,
)
from vnfdr.signals import stop_on_signals
from vnfdr.told import tell_outcome


@click.command()
@click.argument("run")
@journal_option
@json_option
def commit(run: str, journal: str | None, *, as_json: bool) -> int:
    """Keep what a provisional run made, for good; needs the journal alone."""
    tell_outcome(provisional.confirm(run, journal=journal), as_json=as_json)
    return COMMITTED


@click.command("take-back")
@click.argument("run")
@another_cloud_option
@journal_option
@json_option
def take_back(
    run: str, cloud: str | None, journal: str | None, *, as_json: bool
) -> int:
    """Undo all that a provisional run made, newest first.

    The exit status is 0 when nothing of it remains, and 2 when something does, which
    is named. When it is interrupted it goes on all the same; when its process dies,
    say it again.
    """
    made = plan_of(run, journal)
    site = runs.connect(cloud) if cloud else None
    with stop_on_signals() as heard:
        with Progress(made, back=True) as progress:
            outcome = provisional.take_back(
                run,
                site,
                journal=journal,
                listeners=(progress,),
                stop=heard,
                renamed=True,
            )
        tell_outcome(outcome, as_json=as_json)
        return STRANDED if outcome.verdict is Verdict.STRANDED else COMMITTED
