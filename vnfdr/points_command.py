"""The command ``vnfdr points``: what can be brought back, from where it is kept."""

import json

import click

from vnfdr.points import KeptPoint, points
from vnfdr.shell import STRANDED, json_option
from vnfdr.told import show


@click.command("points")
@click.argument("place")
@click.option("--group", help="Only the points of this group.")
@json_option
def list_points(place: str, group: str | None, *, as_json: bool) -> int:
    """List the recovery points whose manifests are kept at PLACE, newest first.

    PLACE is a directory or a URL. No cloud is asked. The exit status is 0, or 2 when
    a manifest is damaged.
    """
    found = points(place, group)
    if as_json:
        shown = show(json.dumps([_entry(each) for each in found], indent=1))
    else:
        shown = show("\n".join(map(str, found)) or "no points are kept there")
    return shown if all(each.manifest for each in found) else STRANDED


def _entry(found: KeptPoint) -> dict[str, object]:
    age = found.age
    return {
        "point": found.point,
        "group": found.group,
        "taken_at": found.taken_at.isoformat() if found.taken_at else None,
        "age_seconds": round(age.total_seconds()) if age is not None else None,
        "level": found.level.value if found.level else None,
        "consistent": found.consistent,
        "size_gib": found.size_gib,
        "whole": found.whole,
        "flaws": list(found.flaws),
        "damaged": found.manifest is None,
        "name": found.name,
    }
