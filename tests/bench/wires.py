"""Raw HTTP over connections that are open before it matters."""

import http.client
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager

from attrs import field, frozen

OPENING_SECONDS_MAX = 10.0


@frozen
class Prepared:
    """A request, put together."""

    method: str
    path: str
    body: bytes = b""


@frozen
class Wires:
    """Threads, each with a connection of its own to the same server."""

    netloc: str
    headers: Mapping[str, str]
    _pool: ThreadPoolExecutor
    _mine: threading.local = field(factory=threading.local, init=False)

    def ask(self, request: Prepared) -> "Future[bytes]":
        """Send a request when a connection is free."""
        return self._pool.submit(self._ask, request)

    def open(self, everybody: threading.Barrier) -> None:
        """Open the connection of one thread."""
        self._mine.wire = http.client.HTTPConnection(self.netloc)
        self._mine.wire.connect()
        everybody.wait(OPENING_SECONDS_MAX)

    def _ask(self, request: Prepared) -> bytes:
        wire = self._mine.wire
        wire.request(request.method, request.path, request.body, self.headers)
        response = wire.getresponse()
        content: bytes = response.read()
        if response.status >= http.client.BAD_REQUEST:
            raise OSError(f"{request.path} was answered with {content!r}")
        return content


@contextmanager
def opened(
    netloc: str, count: int, headers: Mapping[str, str] | None = None
) -> Iterator[Wires]:
    """Yield ``count`` open connections."""
    with ThreadPoolExecutor(count) as pool:
        wires = Wires(netloc, headers or {}, pool)
        # No thread has two: each waits for all others.
        everybody = threading.Barrier(count)
        for ready in [pool.submit(wires.open, everybody) for _ in range(count)]:
            ready.result()
        yield wires


def all_of(answers: "list[Future[bytes]]") -> None:
    """Wait for all answers; raise the first failure."""
    wait(answers)
    for answer in answers:
        answer.result()
