"""How one operation is served: the token, the microversion, the latency, the faults.

All that a client may live through happens here, so that an operation is left with what
it is about.
"""

import asyncio
import inspect
import json
from collections.abc import Mapping, MutableMapping

from attrs import frozen
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from vnfdr.sandbox.bodies import check
from vnfdr.sandbox.faults import Effect, Fault
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal, Service, Version
from vnfdr.sandbox.site import Site, take
from vnfdr.sandbox.things import User

NO_TOKEN = "The request you have made requires authentication."  # noqa: S105 - words


class _NoAnswer(Exception):
    """A request that is not answered."""


def routes(
    site: Site, service: Service, prefix: str, operations: tuple[Operation, ...]
) -> list[Route]:
    """Return the routes of a service."""
    return [
        Route(prefix + o.path, Endpoint(site, service, o), methods=[o.method])
        for o in operations
    ]


@frozen
class Endpoint:
    """One operation, as an ASGI application."""

    site: Site
    service: Service
    operation: Operation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        request_id = f"req-{self.site.new_id()}"
        body = await _body(request)
        name = self.operation.named(body)
        resources = _resources(self.site, request.path_params, body)
        fault = self.site.faults.pick(name, resources)
        try:
            answer = await self._answer(request, body, request_id, fault)
        except Refusal as refusal:
            answer = self._refused(refusal)
        except _NoAnswer:
            await _vanish(scope, receive, fault)
            return
        except asyncio.CancelledError:
            return  # Nobody is served any more.
        headers = {
            **_request_ids(self.service, answer, request_id),
            **self._headers(request, answer),
        }
        await _response(answer, headers, self._media_type(answer))(scope, receive, send)

    async def _answer(
        self, request: Request, body: Json, request_id: str, fault: Fault | None
    ) -> Answer:
        """Carry the request out, and whatever befalls it.

        Raises:
            Refusal: it is refused.
            _NoAnswer: it is never answered.
        """
        effect = fault.effect if fault else None
        if effect in {Effect.HANG, Effect.DROP}:
            raise _NoAnswer
        usual = self.site.latency.of(self.operation.named(body), request.method)
        await take(usual + (fault.seconds if fault else 0.0))
        if fault is not None and effect is Effect.ANSWER:
            raise _failure(fault)
        if effect is Effect.EXPIRE:
            self.site.tokens.pop(request.headers.get("x-auth-token", ""), None)
        answer = await self._handled(self._call(request, body, request_id, effect))
        if effect is Effect.DROP_AFTER:
            raise _NoAnswer
        if fault is not None and effect is Effect.ANSWER_AFTER:
            raise _failure(fault)
        return answer

    async def _handled(self, call: Call) -> Answer:
        check(call.name, call.version, call.body)
        result = self.operation.handler(call)
        return await result if inspect.isawaitable(result) else result

    def _call(
        self, request: Request, body: Json, request_id: str, effect: Effect | None
    ) -> Call:
        user = _user(self.site, request, self.service)
        project = request.path_params.get("project_id", self.site.project_id)
        if project != self.site.project_id:
            raise Refusal(400, "Malformed request url")
        return Call(
            site=self.site,
            name=self.operation.named(body),
            method=request.method,
            path=request.path_params,
            query=request.query_params,
            headers=request.headers,
            body=body,
            user=user,
            version=_version(self.service, request),
            request_id=request_id,
            url=str(request.url),
            fate=effect,
        )

    def _refused(self, refusal: Refusal) -> Answer:
        if self.service.name and refusal.status != UNAUTHORIZED:
            return refusal.answer
        content = {
            "code": refusal.status,
            "message": refusal.message,
            "title": _TITLES.get(refusal.status, "Error"),
        }
        return Answer(refusal.status, {"error": content})

    def _headers(self, request: Request, answer: Answer) -> Mapping[str, str]:
        vary = {} if self.service.name else {"Vary": "X-Auth-Token"}
        if answer.status == UNAUTHORIZED:
            uri = f"{self.site.url}/identity/v3"
            return {"WWW-Authenticate": f'Keystone uri="{uri}"', **vary}
        if vary:
            return vary
        try:
            version = "{}.{}".format(*_version(self.service, request))
        except Refusal as refusal:
            if refusal.status != NOT_ACCEPTABLE:
                return {}
            version = _wanted(self.service, request)
        headers = {VERSION_HEADER: f"{self.service.name} {version}"}
        if self.service.name == "compute":
            headers[OLD_VERSION_HEADER] = version
        return headers | {"Vary": ", ".join(headers)}

    def _media_type(self, answer: Answer) -> str:
        by_nova = self.service.name == "compute" and answer.status != UNAUTHORIZED
        is_fault = by_nova and answer.status >= HTTP_ERRORS
        return "application/json" + ("; charset=UTF-8" if is_fault else "")


NOBODY = User("", "", "", admin=False)
UNAUTHORIZED, NOT_ACCEPTABLE = 401, 406
HTTP_ERRORS = 400
VERSION_HEADER = "OpenStack-API-Version"
OLD_VERSION_HEADER = "X-OpenStack-Nova-API-Version"
_TITLES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}
_WORDS = {409: "Conflict", 413: "Over limit", 429: "Too many requests"}


async def _body(request: Request) -> Json:
    content = await request.body()
    try:
        found = json.loads(content) if content else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _resources(site: Site, path: Mapping[str, str], body: Json) -> set[str]:
    """Return all names of what a request is about."""
    ids = {value for key, value in path.items() if key != "project_id"}
    for inner in body.values():
        if isinstance(inner, dict):
            ids |= {str(v) for k, v in inner.items() if k.endswith("_id") and v}
            ids.add(str(inner.get("name", "")))
    return {name for thing_id in ids for name in site.names_of(thing_id)}


def _user(site: Site, request: Request, service: Service) -> User:
    if not service.wants_token:
        return NOBODY
    token = site.tokens.get(request.headers.get("x-auth-token", ""))
    if token is None or token.expires_at <= site.now():
        raise Refusal(UNAUTHORIZED, NO_TOKEN)
    if not token.scoped and service.name == "volume":
        raise Refusal(400, "Malformed request url")
    if not token.scoped:
        raise Refusal(
            403, f"Policy doesn't allow os_{service.name}_api to be performed."
        )
    return token.user


def _version(service: Service, request: Request) -> Version:
    """Read which microversion is asked for; without a word it is the lowest."""
    wanted = _wanted(service, request)
    if not wanted and service.name == "volume" and VERSION_HEADER in request.headers:
        raise Refusal(
            400,
            "The server could not comply with the request since it is either malformed"
            " or otherwise incorrect.",
        )
    if not wanted:
        return service.lowest
    if wanted == "latest":
        return service.highest
    major, _, minor = wanted.partition(".")
    if not (major.isdigit() and minor.isdigit()):
        raise Refusal(
            400,
            f"API Version String {wanted} is of invalid format. Must be of format"
            " MajorNum.MinorNum.",
        )
    version = int(major), int(minor)
    if not service.lowest <= version <= service.highest:
        raise Refusal(
            406,
            f"Version {wanted} is not supported by the API."
            f" Minimum is {service.lowest[0]}.{service.lowest[1]}"
            f" and maximum is {service.highest[0]}.{service.highest[1]}.",
        )
    return version


def _wanted(service: Service, request: Request) -> str:
    """Return what the headers say, nothing if they speak of other services."""
    for asked in request.headers.get(VERSION_HEADER, "").split(","):
        name, _, version = asked.strip().partition(" ")
        if name == service.name:
            return version.strip()
    if service.name == "compute":
        return request.headers.get(OLD_VERSION_HEADER, "")
    return ""


def _request_ids(service: Service, answer: Answer, request_id: str) -> Json:
    """Return the id of a request under the names that a service gives it."""
    told = {"x-openstack-request-id": request_id}
    by_door = service.name == "volume" and answer.status == UNAUTHORIZED
    if service.name and not by_door:
        told["x-compute-request-id"] = request_id
    return told


def _failure(fault: Fault) -> Refusal:
    words = _WORDS.get(fault.status, "The sandbox was told to fail.")
    after = fault.retry_after if fault.status in {413, 429} else ""
    return Refusal(fault.status, words, after)


def _response(answer: Answer, headers: Mapping[str, str], media_type: str) -> Response:
    everything: MutableMapping[str, str] = {**headers, **answer.headers}
    if answer.content is None:
        return Response(status_code=answer.status, headers=everything)
    return Response(
        json.dumps(answer.content),
        answer.status,
        headers=everything,
        media_type=media_type,
    )


async def _vanish(scope: Scope, receive: Receive, fault: Fault | None) -> None:
    """Answer nothing: wait until the client has gone, or send it away."""
    if fault is None or fault.effect is not Effect.HANG:
        connections: Mapping[object, asyncio.Transport] = scope["app"].state.connections
        connections[scope["client"]].abort()
    while (await receive())["type"] != "http.disconnect":
        pass
