"""The shortest way to a service that has just answered: for the window.

keystoneauth, requests and urllib3 take a millisecond of processor for a request, most
of it for what stays the same: address, headers, certificates. All of that is taken
over from a request that was answered. They also open the connections; what is said
there once they are open is said by `Line`.
"""

import logging
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http import HTTPStatus
from io import BytesIO
from json import dumps
from queue import Empty, LifoQueue
from typing import Any
from urllib.parse import urlencode, urlsplit
from weakref import finalize

from attrs import field, frozen
from keystoneauth1.session import Session
from openstack.exceptions import raise_from_response
from requests import PreparedRequest, Response
from requests import exceptions as wire
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import select_proxy
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from vnfdr.line import Line, Reply

log = logging.getLogger(__name__)

NOT_SENT_AGAIN = frozenset({"accept-encoding", "content-length", "content-type"})
"""Headers that belong to one request, or ask for an answer that is compressed."""

OPENING_SECONDS_MAX = 10.0


@frozen
class Form:
    """An answered request, whose like can be sent.

    Args:
        address: that of the service.
        target: the path of that.
        headers: those of the request, its token among them, as they are sent.
        lines: open connections to the service that are at rest.
    """

    address: str
    target: str
    headers: str = field(repr=False)
    lines: LifoQueue[Line] = field(repr=False)

    @classmethod
    def of(
        cls, answer: Response, session: Session, address: str, connections: int
    ) -> "Form":
        """Learn the form of a request from its answer, and open connections.

        There may be none: those that lead through a proxy are left to the libraries.
        """
        told = answer.request.headers.items()
        headers = {n: str(v) for n, v in told if n.lower() not in NOT_SENT_AGAIN}
        there = urlsplit(address)
        headers |= {"Host": there.netloc, "Accept-Encoding": "identity"}
        lines: LifoQueue[Line] = LifoQueue()
        for line in _opened(answer, session, headers, connections):
            lines.put(line)
        as_sent = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        form = cls(address, there.path, as_sent, lines)
        finalize(form, _hang_up, lines)
        return form

    def send(  # noqa: PLR0913 - what requests takes, by the same names
        self,
        method: str,
        path: str,
        timeout: float,
        *,
        params: Mapping[str, str] | None = None,
        json: Mapping[str, Any] | None = None,
        global_request_id: str = "",
    ) -> Reply | None:
        """Send a request once, and read its answer; repeat nothing.

        Returns nothing where this way leads nowhere, and nothing was done: no
        connection is open, the token has ended, or the service has moved.

        Raises:
            RequestException: there was no answer, or one that is an error.
        """
        line = self._line()
        if line is None:
            return None
        where = f"{path}?{urlencode(params)}" if params else path
        head = f"{method} {self.target}{where} HTTP/1.1\r\n{self.headers}"
        if global_request_id:
            head += f"X-OpenStack-Request-ID: {global_request_id}\r\n"
        content = b""
        if json is not None:
            head += "Content-Type: application/json\r\n"
            content = dumps(json).encode()
        try:
            reply = line.ask(head, content, timeout)
        except OSError as error:
            line.close()
            asked = _asked(method, self.address + where)
            raise _silence(error)(error, request=asked) from error
        self.lines.put(line)
        note(method, path, reply.status, reply.headers)
        if _leads_nowhere(reply):
            _hang_up(self.lines)
            return None
        if reply.status >= HTTPStatus.BAD_REQUEST:
            asked = _asked(method, self.address + where)
            raise_from_response(_as_requests_has_it(reply, asked))
        return reply

    def _line(self) -> Line | None:
        """Return a connection that is open still, if there is one."""
        with suppress(Empty):
            while True:
                line = self.lines.get_nowait()
                if line.is_at_rest:
                    return line
                line.close()
        return None


def note(method: str, path: str, status: int, headers: Mapping[str, str]) -> None:
    """Log a request that was answered: without bodies, which may have secrets."""
    if log.isEnabledFor(logging.DEBUG):
        log.debug("%s %s: %s [%s]", method, path, status, request_id_in(headers))


def request_id_in(headers: Mapping[str, str]) -> str:
    """Return what the operator of the cloud finds an answered request by."""
    ids = "x-openstack-request-id", "x-compute-request-id"
    return next((headers[name] for name in ids if headers.get(name)), "")


def _opened(
    answer: Response, session: Session, headers: Mapping[str, str], count: int
) -> Iterator[Line]:
    """Yield open connections to where an answer came from, as requests opens them."""
    asked, adapter = answer.request, session.session.get_adapter(str(answer.url))
    settings = session.session.merge_environment_settings(
        answer.url, {}, None, session.verify, session.cert
    )
    verify, cert, proxies = (settings[s] for s in ("verify", "cert", "proxies"))
    if not isinstance(adapter, HTTPAdapter) or select_proxy(str(answer.url), proxies):
        return
    pool = adapter.get_connection_with_tls_context(asked, verify, proxies, cert)
    adapter.cert_verify(pool, answer.url, verify, cert)

    def knock(_: int) -> BaseHTTPResponse | None:
        # Read to its end and not released, it has its connection for itself.
        with suppress(HTTPError):
            return pool.urlopen(
                "GET",
                asked.path_url,
                headers=headers,
                retries=False,
                redirect=False,
                timeout=OPENING_SECONDS_MAX,
                release_conn=False,
            )
        return None

    with ThreadPoolExecutor(count) as threads:
        for opened in threads.map(knock, range(count)):
            connection = opened.connection if opened else None
            if isinstance(connection, HTTPConnection) and connection.sock:
                yield Line(connection.sock, connection)


def _hang_up(lines: LifoQueue[Line]) -> None:
    with suppress(Empty):
        while True:
            lines.get_nowait().close()


def _asked(method: str, url: str) -> PreparedRequest:
    asked = PreparedRequest()
    asked.method, asked.url = method, url
    return asked


def _silence(error: OSError) -> type[wire.RequestException]:
    silent = isinstance(error, TimeoutError)
    return wire.ReadTimeout if silent else wire.ConnectionError


def _leads_nowhere(reply: Reply) -> bool:
    ended = reply.status == HTTPStatus.UNAUTHORIZED
    moved = HTTPStatus.MULTIPLE_CHOICES <= reply.status < HTTPStatus.BAD_REQUEST
    return ended or moved


def _as_requests_has_it(reply: Reply, asked: PreparedRequest) -> Response:
    answer = Response()
    answer.status_code = reply.status
    answer.headers = CaseInsensitiveDict(reply.headers)
    answer.raw = BytesIO(reply.content)
    answer.request, answer.url = asked, str(asked.url)
    return answer
