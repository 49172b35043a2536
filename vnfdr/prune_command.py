"""The command ``vnfdr prune``: remove the recovery points that nobody wants to keep."""

from collections.abc import Mapping
from pathlib import Path

import click

from vnfdr import runs, tidying
from vnfdr.display import Progress
from vnfdr.model import Retention
from vnfdr.shell import (
    STRANDED,
    cloud_option,
    journal_option,
    json_option,
)
from vnfdr.signals import stop_on_signals
from vnfdr.told import complain, show_plan, tell_outcome, tell_problems


@click.command()
@click.argument("group_file", type=click.Path(path_type=Path))
@cloud_option(required=True)
@journal_option
@json_option
@click.option("--dry-run", is_flag=True, help="Say what stays and what goes; no more.")
@click.option(
    "--place",
    "places",
    multiple=True,
    help="Where manifests are, beside the places that the group file names.",
)
@click.option("--keep-last", type=int, help="Keep the last N points.", metavar="N")
@click.option("--daily", type=int, help="Keep one of each of N days.", metavar="N")
@click.option("--weekly", type=int, help="Keep one of each of N weeks.", metavar="N")
@click.option("--monthly", type=int, help="Keep one of each of N months.", metavar="N")
def prune(  # noqa: PLR0913 - one for each thing a shell may say
    group_file: Path,
    cloud: str,
    journal: str | None,
    places: tuple[str, ...],
    *,
    as_json: bool,
    dry_run: bool,
    **counts: int | None,
) -> int:
    """Remove the recovery points of a group that its retention does not keep.

    What the options say about keeping takes the place of what the group file says.
    The exit status is 2 when something that was to go is still there.
    """
    group = runs.load_group(group_file)
    site = runs.connect(cloud)
    plan = tidying.retain(site, group, places, _policy(counts))
    if dry_run:
        shown = show_plan(plan, as_json=as_json)
        return tell_problems(runs.preflight(plan, site)) or shown
    if not as_json:
        complain(plan)
    with stop_on_signals() as heard:
        with Progress(plan) as progress:
            outcome = runs.run(
                plan, site, journal=journal, listeners=(progress,), stop=heard
            )
        status = tell_outcome(outcome, as_json=as_json, heard=heard.number)
        return STRANDED if outcome.leftovers else status


def _policy(counts: Mapping[str, int | None]) -> Retention | None:
    """Return what the options say of keeping; ``None`` where they say nothing."""
    said = {rule: count for rule, count in counts.items() if count is not None}
    return Retention(**said) if said else None
