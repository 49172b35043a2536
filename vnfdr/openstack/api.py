"""One HTTP request at a time to one service, and its answer as plain data.

Every request names its microversion, goes past openstacksdk's cache and fails with an
error of `vnfdr.errors`. The verbs say how often a request may be made: `get`, `post`,
`put`, `delete` and `exchange` are repeated through hiccups, `get_once` is not, and
`post_once` must not be. Once `learn` has shown the way, what has a time limit goes by
the shortest.
"""

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from json import loads
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlsplit
from uuid import uuid4

from attrs import field, frozen
from openstack.exceptions import raise_from_response
from openstack.proxy import Proxy
from requests import Response
from requests.exceptions import InvalidJSONError

from vnfdr.line import Reply
from vnfdr.openstack.express import Form, note, request_id_in
from vnfdr.openstack.translation import only_once, repeatable
from vnfdr.retry import through_hiccups

Json = dict[str, Any]

CINDER_VERSION: Final = "3.64"
"""Of Wallaby: metadata of backups, snapshots by metadata, ``force`` still heeded."""

NOVA_VERSION: Final = "2.79"
"""Of Train: a server shows its flavor, and what was done to it, newest first."""


@frozen
class Answer:
    """What came back, and what the operator of the cloud finds the request by."""

    content: Json
    request_id: str


@frozen
class Api:
    """One service of one cloud, at one microversion."""

    adapter: Proxy
    version: str
    _forms: list[Form] = field(factory=list, init=False, repr=False)
    """The form that was learnt; empty at first."""

    @through_hiccups
    def get(
        self, path: str, what: str, params: Mapping[str, str] | None = None
    ) -> Json:
        """Read, patiently."""
        return self.get_once(path, what, params)

    def get_once(
        self,
        path: str,
        what: str,
        params: Mapping[str, str] | None = None,
        *,
        within_seconds: float | None = None,
        reader: Callable[[bytes], Json] = loads,
    ) -> Json:
        """Read, or fail at once; ``reader`` makes sense of what was answered."""
        with repeatable(what):
            reply = self._send("GET", path, within_seconds, params=params or {})
            return _content(reply, reader)

    @through_hiccups
    def post(self, path: str, what: str, body: Json) -> None:
        """Ask for what may be asked for again."""
        with repeatable(what):
            self._send("POST", path, None, json=body)

    def post_once(
        self, path: str, what: str, body: Json, *, within_seconds: float | None = None
    ) -> Answer:
        """Ask for what must not happen twice."""
        request_id = new_request_id()
        with only_once(what, request_id):
            reply = self._send(
                "POST", path, within_seconds, json=body, global_request_id=request_id
            )
            return Answer(_content(reply), request_id_in(reply.headers))

    @through_hiccups
    def put(self, path: str, what: str, body: Json) -> None:
        """Say how something is to be, whatever it was."""
        with repeatable(what):
            self._send("PUT", path, None, json=body)

    @through_hiccups
    def delete(self, path: str, what: str) -> None:
        """Ask for a deletion; `Gone` when there is nothing to delete."""
        with repeatable(what):
            self._send("DELETE", path, None)

    @through_hiccups
    def exchange(
        self,
        method: str,
        path: str,
        what: str,
        **request: Any,  # noqa: ANN401 - what requests takes
    ) -> Reply:
        """Ask for what is no JSON, or for headers, and may be asked for again."""
        with repeatable(what):
            return self._send(method, path, None, **request)

    def warm(self, path: str, params: Mapping[str, str], connections: int) -> None:
        """Open connections, and send what has a time limit over those from now on."""
        with repeatable("warm up"):
            answer = self._send_usually("GET", path, params=params)
            raise_from_response(answer)
        address = str(self.adapter.get_endpoint()).rstrip("/")
        session = self.adapter.session
        self._forms[:] = [Form.of(answer, session, address, connections)]

    def _send(
        self,
        method: str,
        path: str,
        within_seconds: float | None,
        **request: Any,  # noqa: ANN401 - what requests takes
    ) -> Reply:
        if within_seconds is not None:
            usual = float(self.adapter.session.timeout or within_seconds)
            request["timeout"] = min(within_seconds, usual)
            if reply := self._send_quickly(method, path, **request):
                return reply
        answer = self._send_usually(method, path, **request)
        raise_from_response(answer)
        return Reply(answer.status_code, answer.headers, answer.content)

    def _send_quickly(
        self,
        method: str,
        path: str,
        **request: Any,  # noqa: ANN401 - what a form takes
    ) -> Reply | None:
        """Send by the shortest way; nothing when it is not known, or led nowhere.

        A token that has ended, and a service that has moved, are seen to by the usual
        way.
        """
        for form in self._forms:
            return form.send(method, path, **request)
        return None

    def _send_usually(
        self,
        method: str,
        path: str,
        **request: Any,  # noqa: ANN401 - what requests takes
    ) -> Response:
        """Send through the SDK, which asks for a new token when one has ended."""
        response = self._request(path, method, **request)
        if _is_unauthorized(response):
            # keystoneauth renews the token, and asks again for one of the threads
            # that share it; the others find it being renewed and get the 401, which
            # means that nothing was done.
            response = self._request(path, method, **request)
        return response

    def _request(
        self,
        path: str,
        method: str,
        **request: Any,  # noqa: ANN401 - what requests takes
    ) -> Response:
        # keystoneauth would log bodies: a server's has its user data.
        response = self.adapter.request(
            path,
            method,
            microversion=self.version,
            skip_cache=True,
            log=False,
            **request,
        )
        note(method, path, response.status_code, response.headers)
        return response


def asking_once(proxy: Proxy) -> Proxy:
    """Return a proxy that makes each request once, whatever clouds.yaml says.

    keystoneauth takes a read timeout for a connection that failed, and would send a
    POST again that may have been heard.
    """
    endpoint = proxy.get_endpoint()
    if endpoint is not None and proxy.endpoint_override is None:
        # Or it would be looked up in the catalog again with each request. It is taken
        # for a template, in which a percent sign is written twice.
        proxy.endpoint_override = endpoint.replace("%", "%%")
    proxy.connect_retries = 0
    proxy.status_code_retries = 0
    return proxy


def at(*parts: str) -> str:
    """Return the path to what is named, whatever characters its name has."""
    return "/" + "/".join(quote(part, safe="") for part in parts)


def new_request_id() -> str:
    """Return an id for a request, in the form that services take from a client."""
    return f"req-{uuid4()}"


def pages(
    ask: Callable[[Mapping[str, str]], Json], key: str, params: Mapping[str, str]
) -> Iterator[Any]:
    """Yield the entries of a list that may come in pages.

    Of a link to the next page only the query is used: its host is that of a service
    which may not know by which name, or whether by TLS, it is reached.
    """
    query = dict(params)
    while True:
        page = ask(query)
        yield from page[key]
        links = [
            li["href"] for li in page.get(f"{key}_links", ()) if li["rel"] == "next"
        ]
        if not links:
            return
        query |= parse_qsl(urlsplit(links[0]).query, keep_blank_values=True)


def _is_unauthorized(answer: Response) -> bool:
    return answer.status_code == HTTPStatus.UNAUTHORIZED


def _content(reply: Reply, reader: Callable[[bytes], Json] = loads) -> Json:
    try:
        return reader(reply.content) if reply.content else {}
    except ValueError as error:
        raise InvalidJSONError(str(error)) from error
