"""``vnfdr mapping``: how names translate to a site, suggested and checked."""

import json
from pathlib import Path

import attrs
import click

from vnfdr import mappings, runs
from vnfdr.errors import InputError
from vnfdr.points import load_point
from vnfdr.shell import (
    COMMITTED,
    COMPENSATED,
    cloud_option,
    group_option,
    json_option,
)
from vnfdr.told import complain, show


@click.command()
@click.argument("place")
@click.argument("point")
@group_option
@cloud_option(required=True)
@json_option
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Where to write the suggestion, instead of standard output; a new file.",
)
@click.option(
    "--check",
    "checked",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Suggest nothing: say what is wrong with this mapping, and what it loses.",
)
def mapping(  # noqa: PLR0913 - one for each thing a shell may say
    place: str,
    point: str,
    cloud: str,
    *,
    group: str | None,
    output: Path | None,
    checked: Path | None,
    as_json: bool,
) -> int:
    """Suggest how the names of a recovery point translate to a site, or check it.

    PLACE is where manifests are kept; POINT is the id of a recovery point, the
    beginning of one, or latest. What is to mend
    and what is lost is told, of a suggestion to standard error. With --check, the
    exit status is 1 when there is something to mend.
    """
    if checked and output:
        wrong = "--check writes no mapping: leave --output away"
        raise click.UsageError(wrong)
    given = mappings.load_mapping(checked) if checked else None
    manifest = load_point(place, point, group)
    site = runs.connect(cloud)
    found = given or mappings.suggest_mapping(manifest, site)
    judgement = mappings.validate_mapping(found, manifest, site)
    told = json.dumps(attrs.asdict(judgement), indent=1) if as_json else judgement
    if given is None:
        complain(told)
        return _write(mappings.dump_mapping(found), output)
    shown = show(told)
    return shown if judgement.passes else COMPENSATED


def _write(text: str, output: Path | None) -> int:
    """Write a suggestion, and never over what somebody may have edited."""
    if output is None:
        return show(text, newline=False)
    try:
        with output.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise InputError(f"{output} is not written: {error.strerror}") from error
    return COMMITTED
