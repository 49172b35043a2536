"""Swift itself: whose account it is, and how it says no."""

from typing import Final

from vnfdr.sandbox.objects import Container, account_of
from vnfdr.sandbox.rest import Call, Refusal, Service

WORDS: Final = {
    403: ("Forbidden", "Access was denied to this resource."),
    404: ("Not Found", "The resource could not be found."),
    409: (
        "Conflict",
        "There was a conflict when trying to complete your request.",
    ),
    422: (
        "Unprocessable Entity",
        "Unable to process the contained instructions",
    ),
}
"""What it says of a status, where it says no more."""


def as_page(refusal: Refusal) -> str:
    """Return how Swift says it: a page, or a line where it has more to say."""
    if refusal.message or refusal.status not in WORDS:
        return refusal.message
    title, words = WORDS[refusal.status]
    return f"<html><h1>{title}</h1><p>{words}</p></html>"


SERVICE = Service("", shows=as_page, heeds_accept=False)


def no(status: int) -> Refusal:
    """Return a refusal of which its status says all."""
    return Refusal(status, "")


def check_account(call: Call) -> None:
    """See that the account is that of who asks.

    Raises:
        Refusal: it is somebody else's.
    """
    if call.path["account"] != account_of(call.site.project_id):
        raise no(403)


def container_of(call: Call) -> Container:
    """Return the container that a call is about.

    Raises:
        Refusal: there is none, or it is in somebody else's account.
    """
    check_account(call)
    container = call.site.objects.containers.get(call.path["container"])
    if container is None:
        raise no(404)
    return container


def said(call: Call, *prefixes: str) -> dict[str, str]:
    """Return what the headers say of a container or an object."""
    return {
        name.lower(): value
        for name, value in call.headers.items()
        if name.lower().startswith(prefixes)
    }
