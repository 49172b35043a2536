"""What commands have in common: options that mean the same, and exit statuses."""

from collections.abc import Callable
from typing import Any

import click

from vnfdr.journals import open_journals
from vnfdr.plan import Plan

COMMITTED, COMPENSATED, STRANDED, WRONG_INPUT = 0, 1, 2, 64
SIGNALLED = 128

Command = Callable[..., Any]

journal_option = click.option(
    "--journal",
    envvar="VNFDR_JOURNAL",
    help="Where runs are recorded: a directory, or the URL of a PostgreSQL.",
)
# A run knows its cloud, and whatever OS_CLOUD says is about something else.
another_cloud_option = click.option(
    "--os-cloud",
    "cloud",
    help="What clouds.yaml calls the run's cloud now, if that has changed.",
)
group_option = click.option(
    "--group",
    help="The group that POINT is of; latest needs it where PLACE knows several.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
open_gates_option = click.option(
    "--open-gates", is_flag=True, help="Open every gate of the plan unasked."
)


def cloud_option(*, required: bool) -> Callable[[Command], Command]:
    """Return the option that names a cloud."""
    return click.option(
        "--os-cloud",
        "cloud",
        envvar="OS_CLOUD",
        required=required,
        help="The cloud in clouds.yaml.",
    )


def plan_of(run: str, journal: str | None) -> Plan:
    """Return what a run does."""
    kept, made = open_journals(journal).read(run)
    kept.close()
    return made
