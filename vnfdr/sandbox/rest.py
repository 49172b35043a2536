"""What all services have in common: one request, understood, refused or answered.

A service is a table of operations, each with a handler that takes a `Call`. What comes
before that, and after, is in `vnfdr.sandbox.endpoint`.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, Final

from attrs import Factory, frozen
from starlette.datastructures import QueryParams

from vnfdr.sandbox.faults import Effect
from vnfdr.sandbox.site import Site
from vnfdr.sandbox.things import User

Json = dict[str, Any]
Version = tuple[int, int]

FAULTS: Final = {
    400: "badRequest",
    401: "unauthorized",
    403: "forbidden",
    404: "itemNotFound",
    405: "badMethod",
    409: "conflictingRequest",
    413: "overLimit",
    429: "overLimit",
    501: "notImplemented",
    503: "serviceUnavailable",
}
"""What Nova and Cinder wrap the reason of a failure in."""

TITLES: Final = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
}


NO_RESOURCE: Final = "The resource could not be found."


@frozen
class Answer:
    """What is sent back."""

    status: int
    content: Json | None = None
    headers: Mapping[str, str] = Factory(dict)
    data: bytes | None = None
    """Bytes, where the answer is no JSON."""
    kind: str = "application/octet-stream"
    """What the bytes are."""


class Refusal(Exception):
    """A request that is answered with the status of a failure.

    Args:
        status: of the answer.
        message: why.
        retry_after: when to try again, for who believes it.
        kind: what Neutron calls such a failure.
    """

    def __init__(
        self, status: int, message: str, retry_after: str = "", kind: str = ""
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.retry_after = retry_after
        self.kind = kind


def as_fault(refusal: Refusal) -> Json:
    """Return how Nova and Cinder say it."""
    inner: Json = {"code": refusal.status, "message": refusal.message}
    if refusal.retry_after:
        inner["retryAfter"] = refusal.retry_after
    return {FAULTS.get(refusal.status, "computeFault"): inner}


def as_error(refusal: Refusal) -> Json:
    """Return how Keystone says it, and whoever wants a token."""
    title = TITLES.get(refusal.status, "Error")
    inner = {"code": refusal.status, "message": refusal.message, "title": title}
    return {"error": inner}


def invalid(value: object, key: str, why: str) -> Refusal:
    """Return how Nova and Cinder refuse a body that is not as their schemas want it."""
    return Refusal(
        400, f"Invalid input for field/attribute {key}. Value: {value}. {why}"
    )


@frozen
class Service:
    """One service.

    Args:
        name: by which its microversions go, if it has any.
        lowest: the oldest of them.
        highest: the newest.
        wants_token: whether one must be signed in.
        says: how it words a refusal.
        shows: how it does for who does not ask for JSON, if that is different.
        heeds_accept: whether it listens to who asks for JSON.
    """

    name: str
    lowest: Version = (0, 0)
    highest: Version = (0, 0)
    wants_token: bool = True
    says: Callable[[Refusal], Json] = as_fault
    shows: Callable[[Refusal], str] | None = None
    heeds_accept: bool = True


@frozen
class Call:
    """One request, as far as it was understood."""

    site: Site
    name: str
    method: str
    path: Mapping[str, str]
    query: QueryParams
    headers: Mapping[str, str]
    body: Json
    user: User
    version: Version
    request_id: str
    url: str
    fate: Effect | None = None
    data: bytes = b""
    """The body as it came."""

    @property
    def id(self) -> str:
        """The thing that it is about."""
        return self.path["id"]

    def inner(self, key: str) -> Json:
        """Return the object that the body wraps.

        Raises:
            Refusal: there is none.
        """
        found = self.body.get(key)
        if not isinstance(found, dict):
            raise invalid(found, key, f"{found!r} is not of type 'object'")
        return found

    def only_admin(self, rule: str) -> None:
        """Refuse a user who is no administrator."""
        if not self.user.admin:
            raise Refusal(403, f"Policy doesn't allow {rule} to be performed.")


Handler = Callable[[Call], Answer] | Callable[[Call], Awaitable[Answer]]


@frozen
class Operation:
    """One of the things that a service does.

    ``{action}`` in its name is the first key of the body, which is one of ``actions``.
    Who asks with a microversion before ``since`` does not find it.
    """

    method: str
    path: str
    name: str
    handler: Handler
    actions: Collection[str] = ()
    since: Version = (0, 0)

    def named(self, body: Json) -> str:
        """Return the name of one call of it."""
        return self.name.replace("{action}", next(iter(body), "act on"))

    @property
    def names(self) -> frozenset[str]:
        """The names of all its calls."""
        return frozenset(self.named({action: None}) for action in self.actions or ("",))
