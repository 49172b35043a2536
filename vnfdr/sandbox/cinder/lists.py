"""What Cinder's lists have in common: filters as it reads them, and pages."""

import ast
from collections.abc import Callable, Mapping
from typing import Final

from starlette.datastructures import URL

from vnfdr.sandbox.cinder.nouns import Noun, T, Thing
from vnfdr.sandbox.rest import Answer, Call, Json, Refusal

PAGING: Final = {"limit", "marker", "offset", "sort", "sort_key", "sort_dir"}
NO_FILTERS: Final = {*PAGING, "all_tenants", "with_count", "list_volume"}
SNAPSHOT_METADATA, STRICT = (3, 22), (3, 31)
NEVER = object()


def listed(call: Call, noun: Noun[T], view: Callable[[Call, T], Json]) -> Answer:
    """Return the page that is asked for, newest first."""
    wanted = _filters(call, noun)
    things = list(noun.things(call.site).values())
    fit = [thing for thing in reversed(things) if _fits(thing, wanted)]
    after = call.query.get("marker")
    if after:
        ids = [thing.id for thing in fit]
        if after not in ids:
            raise noun.missing(after)
        fit = fit[ids.index(after) + 1 :]
    limit = _limit(call)
    page = fit[:limit]
    content: Json = {noun.plural: [view(call, thing) for thing in page]}
    if page and len(page) == limit:
        following = URL(call.url).include_query_params(marker=page[-1].id)
        content[noun.links] = [{"rel": "next", "href": str(following)}]
    return Answer(200, content)


def links_to(call: Call, plural: str, thing_id: str) -> list[Json]:
    """Return where a thing is, in both ways that Cinder has of saying so."""
    path = f"{call.site.project_id}/{plural}/{thing_id}"
    return [
        {"rel": "self", "href": f"{call.site.url}/volume/v3/{path}"},
        {"rel": "bookmark", "href": f"{call.site.url}/volume/{path}"},
    ]


def _limit(call: Call) -> int:
    asked = call.query.get("limit", str(call.site.page_max))
    if not asked.lstrip("-").isdigit():
        raise Refusal(400, "limit param must be an integer")
    if int(asked) < 0:
        raise Refusal(400, "limit param must be positive")
    return min(int(asked), call.site.page_max)


def _filters(call: Call, noun: Noun[T]) -> Json:
    wanted: Json = {k: v for k, v in call.query.items() if k not in NO_FILTERS}
    if not call.user.admin:
        unknown = sorted(wanted.keys() - noun.filters)
        if unknown and call.version >= STRICT:
            named = ", ".join(unknown)
            raise Refusal(400, f"Invalid filters {named} are found in query options.")
        wanted = {k: v for k, v in wanted.items() if k in noun.filters}
    if noun.name == "snapshot" and call.version < SNAPSHOT_METADATA:
        wanted.pop("metadata", None)
    if "metadata" in wanted:
        wanted["metadata"] = _literal(wanted["metadata"])
    return wanted


def _literal(text: str) -> object:
    """Read a filter as Cinder does: as a Python literal, else as it stands."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def _fits(thing: Thing, wanted: Json) -> bool:
    return all(_is(thing, key, value) for key, value in wanted.items())


def _is(thing: Thing, key: str, value: object) -> bool:
    if key == "metadata":
        found = _folded(getattr(thing, key, {}))
        return isinstance(value, dict) and _folded(value) <= found
    return str(getattr(thing, key, NEVER)).lower() == str(value).lower()


def _folded(metadata: Mapping[str, object]) -> set[tuple[str, str]]:
    """Return metadata as MySQL compares it: without regard to case, or to type."""
    return {(str(k).lower(), str(v).lower()) for k, v in metadata.items()}
