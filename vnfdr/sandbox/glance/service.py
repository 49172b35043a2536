"""Glance itself: its versions, and how it says no."""

from typing import Final

from vnfdr.sandbox.rest import TITLES, Answer, Call, Json, Operation, Refusal, Service


def as_webob(refusal: Refusal) -> Json:
    """Return how Glance says it."""
    title = TITLES.get(refusal.status, "Error")
    return {
        "message": f"{refusal.message}<br /><br />\n\n\n",
        "code": f"{refusal.status} {title}",
        "title": title,
    }


SERVICE = Service("", says=as_webob)
OPEN = Service("", wants_token=False, says=as_webob)
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
