"""The command ``vnfdr sweep``: what runs left behind, listed and deleted."""

import json
from datetime import timedelta

import click

from vnfdr import runs, tidying
from vnfdr.display import SweepProgress
from vnfdr.shell import (
    COMMITTED,
    STRANDED,
    cloud_option,
    journal_option,
    json_option,
)
from vnfdr.sweeping import Found, Sweep
from vnfdr.told import tell_result


@click.command()
@cloud_option(required=True)
@journal_option
@json_option
@click.option("--delete", is_flag=True, help="Delete what may be; or else only look.")
@click.option(
    "--unknown-older-than",
    "hours",
    metavar="HOURS",
    type=float,
    help="Count runs that no journal here knows and that have no verdict as ended,"
    " once all that they made is that old; at least 1.",
)
def sweep(
    cloud: str,
    journal: str | None,
    hours: float | None,
    *,
    as_json: bool,
    delete: bool,
) -> int:
    """List what runs left behind, and delete what no run will come back to.

    The exit status is 0 when nothing remains that somebody has to see to, and else 2.
    """
    unknown_older_than = None if hours is None else _age(hours)
    site = runs.connect(cloud)
    with SweepProgress() as progress:
        swept = tidying.sweep(
            site,
            journal=journal,
            delete=delete,
            unknown_older_than=unknown_older_than,
            listeners=(progress,),
        )
    told = json.dumps(_document(swept), indent=1) if as_json else swept
    tell_result(told, "what the sweep found")
    return COMMITTED if swept.clean else STRANDED


def _age(hours: float) -> timedelta:
    try:
        return timedelta(hours=hours)
    except (ValueError, OverflowError) as error:
        wrong = f"{hours} is no number of hours that anything can be old"
        raise click.BadParameter(wrong, param_hint="--unknown-older-than") from error


def _document(swept: Sweep) -> dict[str, object]:
    return {
        "site": swept.site,
        "found": [_entry(found) for found in swept.found],
        "unseen": list(swept.unseen),
        "interrupted": swept.interrupted,
        "clean": swept.clean,
    }


def _entry(found: Found) -> dict[str, object]:
    thing = found.thing
    return {
        "fate": found.fate.value,
        "reason": found.reason,
        "run": found.run,
        "noun": thing.noun,
        "id": thing.id,
        "name": thing.name,
        "key": thing.key,
        "group": thing.group,
        "verdict": thing.verdict,
        "status": thing.status,
        "created_at": thing.created_at.isoformat(),
        "age_seconds": round(found.age.total_seconds()),
        "size_gib": thing.size_gib,
        "dependents": thing.dependents,
    }
