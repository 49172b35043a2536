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
from vnfdr.sandbox.microversions import (
    OLD_VERSION_HEADER,
    VERSION_HEADER,
    version_of,
    wanted_of,
)
from vnfdr.sandbox.names import names_of
from vnfdr.sandbox.rest import (
    NO_RESOURCE,
    Answer,
    Call,
    Json,
    Operation,
    Refusal,
    Service,
    as_error,
)
from vnfdr.sandbox.site import Site, take
from vnfdr.sandbox.things import User

NO_TOKEN = "The request you have made requires authentication."  # noqa: S105 - words


class _NoAnswer(Exception):
    """A request that is not answered."""


@frozen
class _Asked:
    """A request, with its body as it came and, where that is JSON, as it is meant."""

    request: Request
    data: bytes
    body: Json


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
        asked = await _read(request)
        name = self.operation.named(asked.body)
        resources = _resources(self.site, request.path_params, asked.body)
        fault = self.site.faults.pick(name, resources)
        try:
            answer = await self._answer(asked, request_id, fault)
        except Refusal as refusal:
            answer = self._refused(request, refusal)
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
        self, asked: _Asked, request_id: str, fault: Fault | None
    ) -> Answer:
        """Carry the request out, and whatever befalls it.

        Raises:
            Refusal: it is refused.
            _NoAnswer: it is never answered.
        """
        effect = fault.effect if fault else None
        if effect in {Effect.HANG, Effect.DROP}:
            raise _NoAnswer
        request, name = asked.request, self.operation.named(asked.body)
        usual = self.site.latency.of(name, request.method)
        await take(usual + (fault.seconds if fault else 0.0))
        if fault is not None and effect is Effect.ANSWER:
            raise _failure(fault)
        if effect is Effect.EXPIRE:
            self.site.tokens.pop(request.headers.get("x-auth-token", ""), None)
        answer = await self._handled(self._call(asked, request_id, effect))
        if effect is Effect.DROP_AFTER:
            raise _NoAnswer
        if fault is not None and effect is Effect.ANSWER_AFTER:
            raise _failure(fault)
        return answer

    async def _handled(self, call: Call) -> Answer:
        if call.version < self.operation.since:
            raise Refusal(404, NO_RESOURCE)
        check(call.name, call.version, call.body)
        result = self.operation.handler(call)
        return await result if inspect.isawaitable(result) else result

    def _call(self, asked: _Asked, request_id: str, effect: Effect | None) -> Call:
        request = asked.request
        user = _user(self.site, request, self.service)
        project = request.path_params.get("project_id", self.site.project_id)
        if project != self.site.project_id:
            raise Refusal(400, "Malformed request url")
        return Call(
            site=self.site,
            name=self.operation.named(asked.body),
            method=request.method,
            path=request.path_params,
            query=request.query_params,
            headers=request.headers,
            body=asked.body,
            user=user,
            version=version_of(self.service, request),
            request_id=request_id,
            url=str(request.url),
            fate=effect,
            data=asked.data,
        )

    def _refused(self, request: Request, refusal: Refusal) -> Answer:
        status, after = refusal.status, refusal.retry_after
        headers = {"Retry-After": after} if after else {}
        if status == UNAUTHORIZED:
            return Answer(status, as_error(refusal), headers)
        accepted = request.headers.get("accept", "")
        wants_json = self.service.heeds_accept and "application/json" in accepted
        shows = self.service.shows
        if shows is None or wants_json:
            return Answer(status, self.service.says(refusal), headers)
        page = shows(refusal).encode()
        return Answer(status, headers=headers, data=page, kind=HTML)

    def _headers(self, request: Request, answer: Answer) -> Mapping[str, str]:
        vary = {} if self.service.name else {"Vary": "X-Auth-Token"}
        if answer.status == UNAUTHORIZED:
            uri = f"{self.site.url}/identity/v3"
            return {"WWW-Authenticate": f'Keystone uri="{uri}"', **vary}
        if vary:
            return vary
        try:
            version = "{}.{}".format(*version_of(self.service, request))
        except Refusal as refusal:
            if refusal.status != NOT_ACCEPTABLE:
                return {}
            version = wanted_of(self.service, request)
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
BYTES = "application/octet-stream"
HTML = "text/html; charset=UTF-8"
_UNSCOPED = {
    "volume": (400, "Malformed request url"),
    "compute": (403, "Policy doesn't allow os_compute_api to be performed."),
}
"""What who has a token of no project is told; by the others, that it is none."""
_WORDS = {409: "Conflict", 413: "Over limit", 429: "Too many requests"}


async def _read(request: Request) -> _Asked:
    data = await request.body()
    is_json = request.headers.get("content-type") != BYTES
    try:
        found = json.loads(data) if data and is_json else {}
    except ValueError:
        found = {}
    return _Asked(request, data, found if isinstance(found, dict) else {})


def _resources(site: Site, path: Mapping[str, str], body: Json) -> set[str]:
    """Return all names of what a request is about."""
    ids = {value for key, value in path.items() if key != "project_id"}
    for inner in body.values():
        if isinstance(inner, dict):
            ids |= {str(v) for k, v in inner.items() if k.endswith(("_id", "Id")) and v}
            ids.add(str(inner.get("name", "")))
    return {name for thing_id in ids for name in names_of(site, thing_id)}


def _user(site: Site, request: Request, service: Service) -> User:
    if not service.wants_token:
        return NOBODY
    token = site.tokens.get(request.headers.get("x-auth-token", ""))
    if token is None or token.expires_at <= site.now():
        raise Refusal(UNAUTHORIZED, NO_TOKEN)
    if not token.scoped:
        raise Refusal(*_UNSCOPED.get(service.name, (UNAUTHORIZED, NO_TOKEN)))
    return token.user


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
    if answer.data is not None:
        return Response(answer.data, answer.status, everything, answer.kind)
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
        if (connection := connections.get(scope["client"])) is not None:
            connection.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
