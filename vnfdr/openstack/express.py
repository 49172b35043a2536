"""The shortest way to a service that has just answered: for the window.

keystoneauth and requests take about a millisecond of processor for a request, most of
it for what stays the same: address, headers, certificates, proxies. All of that is
taken over from a request that was answered, and so are its open connections.
"""

from collections.abc import Mapping
from json import dumps
from typing import Any
from urllib.parse import urlencode

from attrs import field, frozen
from keystoneauth1.session import Session
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict


@frozen
class Form:
    """An answered request, whose like can be sent.

    Args:
        wire: what sends it.
        address: that of the service.
        headers: those of the request, its token among them.
        settings: how its connections are made.
    """

    wire: BaseAdapter
    address: str
    headers: Mapping[str, str] = field(repr=False)
    settings: Mapping[str, Any] = field(repr=False)

    @classmethod
    def of(cls, answer: Response, session: Session, address: str) -> "Form":
        """Learn the form of a request from its answer."""
        wire = session.session
        settings = wire.merge_environment_settings(
            address, {}, None, session.verify, session.cert
        )
        settings.pop("stream")
        headers = {name: str(told) for name, told in answer.request.headers.items()}
        return cls(wire.get_adapter(address), address, headers, settings)

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
        request = PreparedRequest()
        request.method = method
        query = f"?{urlencode(params)}" if params else ""
        request.url = f"{self.address}{path}{query}"
        request.headers = CaseInsensitiveDict(self.headers)
        if global_request_id:
            request.headers["X-OpenStack-Request-ID"] = global_request_id
        if json is not None:
            content = dumps(json).encode()
            request.body = content
            request.headers["Content-Type"] = "application/json"
            request.headers["Content-Length"] = str(len(content))
        answer = self.wire.send(request, timeout=timeout, **self.settings)
        # Read to its end, it gives its connection to whoever comes next.
        _ = answer.content
        return answer
