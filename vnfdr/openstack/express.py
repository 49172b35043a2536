"""The shortest way to a service that has just answered: for the window.

keystoneauth and requests take about a millisecond of processor for a request, most of
it for what stays the same: address, headers, certificates, proxies. All of that is
taken over from a request that was answered, and so are its open connections.
"""

from collections.abc import Mapping
from json import dumps
from typing import Any
from urllib.parse import urlencode

from attrs import frozen
from keystoneauth1.session import Session
from requests import PreparedRequest, Response


@frozen
class Form:
    """An answered request, whose like can be sent.

    Args:
        session: whose token and connections are used.
        request: the request.
        address: that of the service.
        settings: how its connections are made.
    """

    session: Session
    request: PreparedRequest
    address: str
    settings: Mapping[str, Any]

    @classmethod
    def of(cls, answer: Response, session: Session, address: str) -> "Form":
        """Learn the form of a request from its answer."""
        wire = session.session
        settings = wire.merge_environment_settings(
            address, {}, None, session.verify, session.cert
        )
        settings.pop("stream")
        return cls(session, answer.request, address, settings)

    def send(  # noqa: PLR0913 - what requests takes, by the same names
        self,
        method: str,
        path: str,
        timeout: float,
        *,
        params: Mapping[str, str] | None = None,
        json: Mapping[str, Any] | None = None,
        global_request_id: str = "",
    ) -> Response:
        """Send a request once, and read its answer; follow nothing, repeat nothing."""
        request = self.request.copy()
        request.method = method
        request.url = f"{self.address}{path}" + (
            f"?{urlencode(params)}" if params else ""
        )
        request.headers.update(self.session.get_auth_headers() or {})
        if global_request_id:
            request.headers["X-OpenStack-Request-ID"] = global_request_id
        if json is not None:
            content = dumps(json).encode()
            request.body = content
            request.headers["Content-Type"] = "application/json"
            request.headers["Content-Length"] = str(len(content))
        adapter = self.session.session.get_adapter(request.url)
        answer = adapter.send(request, timeout=timeout, **self.settings)
        # Read to its end, it gives its connection to whoever comes next.
        _ = answer.content
        return answer
