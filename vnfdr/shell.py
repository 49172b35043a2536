"""What commands have in common: options that mean the same, and exit statuses."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

COMMITTED, COMPENSATED, STRANDED, WRONG_INPUT = 0, 1, 2, 64

Command = Callable[..., Any]

journal_option = click.option(
    "--journal",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="VNFDR_JOURNAL",
    help="The directory where runs are recorded.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def cloud_option(*, required: bool) -> Callable[[Command], Command]:
    """Return the option that names a cloud."""
    return click.option(
        "--os-cloud",
        "cloud",
        envvar="OS_CLOUD",
        required=required,
        help="The cloud in clouds.yaml.",
    )
