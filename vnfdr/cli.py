"""The command line: ``vnfdr``. Thin, over the library.

Results go to standard output, progress and complaints to standard error. Exit
statuses: 0 committed, or done; 1 not committed, and nothing remains of it; 2 stranded:
something remains, and is named; 64 wrong input, nothing was touched; 128 and the number
of a signal: interrupted by it, and nothing remains.
"""

import contextlib
import logging
import signal
import sys
import traceback
from pathlib import Path
from types import FrameType

import click

from vnfdr import recovery, runs
from vnfdr.comeback_command import clone, recover, rehearse
from vnfdr.display import Progress
from vnfdr.errors import SeveralProblems, UnknownCloud, VnfdrError
from vnfdr.journals import Summary, open_journals
from vnfdr.late import LateSite
from vnfdr.mapping_command import mapping
from vnfdr.plan import dump_value
from vnfdr.points_command import list_points
from vnfdr.provisional_command import commit, take_back
from vnfdr.prune_command import prune
from vnfdr.sandbox_command import sandbox
from vnfdr.shell import (
    COMMITTED,
    SIGNALLED,
    STRANDED,
    WRONG_INPUT,
    another_cloud_option,
    cloud_option,
    journal_option,
    json_option,
    open_gates_option,
    plan_of,
)
from vnfdr.signals import stop_on_signals
from vnfdr.sweep_command import sweep
from vnfdr.terminal import gatekeeper_at_terminal
from vnfdr.text import printable
from vnfdr.told import (
    complain,
    let_go,
    show,
    show_plan,
    status_of,
    tell_event,
    tell_outcome,
    tell_problems,
    tell_recovered,
    tell_result,
)

_group = click.argument("group_file", type=click.Path(path_type=Path))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="vnfdr")
@click.option("-v", "--verbose", is_flag=True, help="Log more, to standard error.")
def cli(*, verbose: bool) -> None:
    """Take consistent recovery points of whole groups of OpenStack servers."""
    level = logging.DEBUG if verbose else logging.ERROR
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(message)s")
    logging.getLogger("vnfdr").setLevel(level)


cli.add_command(mapping)
cli.add_command(list_points)
cli.add_command(commit)
cli.add_command(prune)
cli.add_command(sandbox)
cli.add_command(sweep)
for command in (recover, rehearse, clone):
    cli.add_command(command)
cli.add_command(take_back)


@cli.command()
@_group
@cloud_option(required=True)
@json_option
def plan(group_file: Path, cloud: str, *, as_json: bool) -> int:
    """Print what protecting a group would do, and how long guests would be held.

    Nothing is touched. Problems that preflight finds are printed too; the exit
    status is 1 if there are any.
    """
    group = runs.load_group(group_file)
    site = runs.connect(cloud)
    made = runs.protect(site, group)
    shown = show_plan(made, as_json=as_json)
    return tell_problems(runs.preflight(made, site)) or shown


@cli.command()
@_group
@cloud_option(required=True)
@journal_option
@json_option
@click.option("--dry-run", is_flag=True, help="Do what `vnfdr plan` does.")
@click.option("--no-preflight", is_flag=True, help="Do not look first.")
@open_gates_option
@click.pass_context
def protect(  # noqa: PLR0913 - one for each thing a shell may say
    context: click.Context,
    group_file: Path,
    cloud: str,
    journal: str | None,
    *,
    as_json: bool,
    dry_run: bool,
    no_preflight: bool,
    open_gates: bool,
) -> int:
    """Take one recovery point of a group; roll everything back if that fails."""
    if dry_run:
        done: int = context.invoke(
            plan, group_file=group_file, cloud=cloud, as_json=as_json
        )
        return done
    group = runs.load_group(group_file)
    site = runs.connect(cloud)
    made = runs.protect(site, group)
    if not as_json:
        complain(made)
    with stop_on_signals() as heard:
        with Progress(made) as progress:
            outcome = runs.run(
                made,
                site,
                journal=journal,
                listeners=(progress,),
                preflight=not no_preflight,
                stop=heard,
                gatekeeper=gatekeeper_at_terminal(
                    heard, open_gates=open_gates, pause=progress.paused
                ),
            )
        return tell_outcome(outcome, as_json=as_json, heard=heard.number)


@cli.command("runs")
@journal_option
@json_option
def list_runs(journal: str | None, *, as_json: bool) -> int:
    """List the runs that are recorded, oldest first."""
    found = list(open_journals(journal).summaries())
    if as_json:
        return show(f"[{', '.join(dump_value(summary) for summary in found)}]")
    return show("\n".join(map(_line_of, found)) or "no run is recorded there")


def _line_of(summary: Summary) -> str:
    detail = f"  {summary.detail}" if summary.detail else ""
    return printable(f"{summary.run}  {summary.state:<12}  {summary.plan}{detail}")


@cli.command()
@click.argument("run", required=False)
@another_cloud_option
@journal_option
@json_option
@open_gates_option
def resume(
    run: str | None,
    cloud: str | None,
    journal: str | None,
    *,
    as_json: bool,
    open_gates: bool,
) -> int:
    """Go on with a run whose process is gone, or take it back if it broke.

    Without RUN: every unfinished run whose process is gone, the oldest first, each on
    the cloud that it was made for. Guests that windows may have left frozen are thawed
    before anything else, those of all runs together.
    """
    if run is None:
        if cloud is not None:
            wrong = "--os-cloud needs RUN: each run knows its own cloud"
            raise click.UsageError(wrong)
        with stop_on_signals() as heard:
            found = recovery.recover_runs(
                journal,
                site=runs.connect,
                listeners=(tell_event,),
                stop=heard,
                gatekeeper=gatekeeper_at_terminal(heard, open_gates=open_gates),
            )
            return tell_recovered(found, as_json=as_json)
    made = plan_of(run, journal)
    site = runs.connect(cloud) if cloud else None
    with stop_on_signals() as heard:
        with Progress(made) as progress:
            try:
                outcome = recovery.resume(
                    run,
                    site,
                    journal=journal,
                    listeners=(progress,),
                    stop=heard,
                    gatekeeper=gatekeeper_at_terminal(
                        heard, open_gates=open_gates, pause=progress.paused
                    ),
                    renamed=True,
                )
            except UnknownCloud as error:
                complain(printable(f"vnfdr: {run} is not resumed: {error}"))
                return STRANDED
        return tell_outcome(outcome, as_json=as_json, heard=heard.number)


@cli.command()
@click.argument("run")
@another_cloud_option
@journal_option
def thaw(run: str, cloud: str | None, journal: str | None) -> int:
    """Thaw every guest of a run, whatever its journal says; needs the journal alone.

    The cloud is asked only where the backend needs it, or where a server has moved.
    """
    site = LateSite(cloud, runs.connect) if cloud else None
    frozen = recovery.thaw(run, site, journal=journal)
    for name in frozen:
        complain(f"{name} is not proven thawed")
    if not frozen:
        tell_result("every guest is thawed", "that every guest is thawed")
    return STRANDED if frozen else COMMITTED


def _terminate(number: int, _: FrameType | None) -> None:
    """End as Ctrl-C does, where nothing is to be taken back."""
    sys.exit(SIGNALLED + number)


def main() -> None:
    """Run the command line, and exit with its status."""
    signal.signal(signal.SIGTERM, _terminate)
    try:
        status = cli(standalone_mode=False)
    except click.exceptions.Abort:
        status = SIGNALLED + signal.SIGINT
    except click.ClickException as error:
        with contextlib.suppress(OSError, ValueError):
            error.show()
        status = WRONG_INPUT
    except SeveralProblems as error:
        complain(printable(f"vnfdr: {error.subject}:"))
        for problem in error.problems:
            complain(printable(f"  {problem}"))
        status = WRONG_INPUT
    except VnfdrError as error:
        complain(printable(f"vnfdr: {error}"))
        status = status_of(error)
    except Exception:  # noqa: BLE001 - a bug, and nobody knows what it left behind
        complain(traceback.format_exc())
        status = STRANDED
    let_go()
    sys.exit(status if isinstance(status, int) else COMMITTED)
