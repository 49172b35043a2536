"""How Swift lists names: in the order of their bytes, page by page."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from vnfdr.sandbox.rest import Answer, Call, Refusal

JSON = "application/json; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
ASKED_FOR_JSON = ("json", "application/json")


def page(call: Call, names: Iterable[str]) -> list[str]:
    """Return the names that are asked for.

    With a delimiter, one that ends with it stands for all that begin so.

    Raises:
        Refusal: more are asked for than are listed at once.
    """
    query, most = call.query, call.site.objects.listing_max
    limit = query.get("limit", str(most))
    if not limit.isdigit() or int(limit) > most:
        raise Refusal(412, f"Value of limit must be a positive integer <= {most}")
    marker, end = query.get("marker", ""), query.get("end_marker", "")
    prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
    there = sorted(name for name in names if name.startswith(prefix))
    found = [
        name
        for name in _folded(there, prefix, delimiter)
        if name > marker and (not end or name < end)
    ]
    return found[: int(limit)]


def _folded(names: Iterable[str], prefix: str, delimiter: str) -> Iterator[str]:
    seen = ""
    for name in names:
        head, found, _ = name[len(prefix) :].partition(delimiter or name)
        folded = prefix + head + delimiter if delimiter and found else name
        if folded != seen:
            yield folded
        seen = folded


def listed(
    call: Call, entries: list[dict[str, Any]], headers: dict[str, str]
) -> Answer:
    """Answer with a list, in the form that is asked for."""
    wanted = call.query.get("format", call.headers.get("accept", ""))
    if wanted in ASKED_FOR_JSON:
        return Answer(
            200, headers=headers, data=json.dumps(entries).encode(), kind=JSON
        )
    if not entries:
        return Answer(204, headers=headers)
    lines = "".join(f"{e.get('name', e.get('subdir'))}\n" for e in entries)
    return Answer(200, headers=headers, data=lines.encode(), kind=TEXT)
