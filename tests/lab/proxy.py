"""A network that can be cut: between a client and one service of the lab."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from attrs import define, field

BEFORE, AFTER = "before its effect", "after its effect"
ONE_HOP = {"connection", "content-length", "transfer-encoding"}


@define
class Cut:
    """One request that is lost, or whose answer is.

    Args:
        method: its method.
        ending: how its path ends.
        number: which of these requests, the first being 1.
        when: `BEFORE` or `AFTER`.
    """

    method: str
    ending: str
    number: int
    when: str
    made: bool = False
    _seen: int = 0
    _lock: threading.Lock = field(factory=threading.Lock)

    def strikes(self, method: str, path: str) -> bool:
        """Tell whether it is this request."""
        if method != self.method or not urlsplit(path).path.endswith(self.ending):
            return False
        with self._lock:
            self._seen += 1
            if self._seen == self.number:
                self.made = True
                return True
        return False


@contextmanager
def relay(target: str, cut: Cut) -> Iterator[str]:
    """Yield the address of a way to ``target``, of which one request is cut off."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def relay(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length)
            strikes = cut.strikes(self.command, self.path)
            if strikes and cut.when == BEFORE:
                self.close_connection = True
                return
            status, headers, content = self.forward(body)
            if strikes:
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in headers:
                if name.lower() not in ONE_HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = relay  # noqa: N815 - the names it wants

        def forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
            connection = http.client.HTTPConnection(target)
            try:
                headers = {n: v for n, v in self.headers.items() if n != "Connection"}
                connection.request(self.command, self.path, body, headers)
                answer = connection.getresponse()
                return answer.status, answer.getheaders(), answer.read()
            finally:
                connection.close()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
