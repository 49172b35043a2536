"""Glance itself: its versions, and how it says no."""

from html import escape
from http import HTTPStatus
from typing import Final

from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal, Service


def as_json(refusal: Refusal) -> Json:
    """Return how Glance says it to who asks for JSON."""
    title = HTTPStatus(refusal.status).phrase
    return {
        "message": f"{refusal.message}<br /><br />\n\n\n",
        "code": f"{refusal.status} {title}",
        "title": title,
    }


def as_page(refusal: Refusal) -> str:
    """Return how Glance says it to everybody else."""
    title = f"{refusal.status} {HTTPStatus(refusal.status).phrase}"
    return (
        f"<html>\n <head>\n  <title>{title}</title>\n </head>\n <body>\n"
        f"  <h1>{title}</h1>\n  {escape(refusal.message)}<br /><br />\n\n\n\n"
        " </body>\n</html>"
    )


SERVICE = Service("", says=as_json, shows=as_page)
OPEN = Service("", wants_token=False, says=as_json, shows=as_page)
VERSIONS: Final = ("v2.17", "v2.15", *(f"v2.{x}" for x in (9, 7, 6, 5, 4, 3, 2, 1, 0)))


def versions(call: Call) -> Answer:
    """Tell which versions there are; one need not sign in for that."""
    links = [{"rel": "self", "href": f"{call.site.url}/image/v2/"}]
    told = [
        {
            "id": version,
            "status": "CURRENT" if version == VERSIONS[0] else "SUPPORTED",
            "links": links,
        }
        for version in VERSIONS
    ]
    is_asked_for = call.url.partition("?")[0].rstrip("/").endswith("/versions")
    return Answer(200 if is_asked_for else 300, {"versions": told})


OPEN_OPERATIONS = tuple(
    Operation("GET", path, "list image versions", versions)
    for path in ("", "/", "/versions", "/v2", "/v2/")
)
