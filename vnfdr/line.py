"""An open connection to a service, over which one request at a time goes.

It speaks as much of HTTP/1.1 as a small request and its answer take. Libraries speak
all of it, and take most of a millisecond of processor for that.
"""

import select
import socket
from collections.abc import Mapping
from io import BufferedReader
from typing import Final

from attrs import define, field, frozen

TOO_MANY_HEADERS: Final = "the answer has no end of headers"
BROKE_OFF: Final = "the connection broke off"
READ_BYTES: Final = 65_536
"""How much is read at once: a list of a hundred snapshots."""

LINE_BYTES_MAX: Final = 65_536
HEADERS_MAX: Final = 200
FINAL: Final = 200
"""The least status of an answer that no other follows."""

NO_CONTENT: Final = frozenset({204, 304})


@frozen
class Reply:
    """What a service said, read to its end.

    Args:
        status: that of HTTP.
        headers: by their names in small letters.
        content: what came with it.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes


@define(eq=False)
class Line:
    """An open connection; ``owner`` is kept as long as it, and may close it."""

    socket: socket.socket
    owner: object = None
    _reader: BufferedReader = field(init=False)
    _ear: "select.poll" = field(init=False)
    _is_over: bool = field(default=False, init=False)

    @_reader.default
    def _of_the_socket(self) -> BufferedReader:
        return BufferedReader(self.socket.makefile("rb", buffering=0), READ_BYTES)

    @_ear.default
    def _at_the_socket(self) -> "select.poll":
        ear = select.poll()
        ear.register(self.socket, select.POLLIN)
        return ear

    @property
    def is_at_rest(self) -> bool:
        """Whether a request may be sent: nobody speaks, and nobody has hung up."""
        if self._is_over:
            return False
        return not self._ear.poll(0)

    def ask(self, head: str, content: bytes, seconds: float) -> Reply:
        """Send a request once, and read its answer to the end.

        Args:
            head: its first line and headers, but for that which says how long its
                content is.
            content: what is sent with it.
            seconds: how long silence is borne.

        Raises:
            OSError: there was no answer, or it broke off.
        """
        self._is_over = True
        if self.socket.gettimeout() != seconds:
            self.socket.settimeout(seconds)
        size = f"Content-Length: {len(content)}\r\n" if content else ""
        self.socket.sendall(f"{head}{size}\r\n".encode("latin-1") + content)
        try:
            status, headers = self._read_head()
            while status < FINAL:
                status, headers = self._read_head()
            return Reply(status, headers, self._read_content(status, headers))
        except ValueError as error:
            raise ConnectionError(f"what was answered is no HTTP: {error}") from error

    def close(self) -> None:
        """Hang up."""
        self._is_over = True
        self._reader.close()
        self.socket.close()

    def _read_head(self) -> tuple[int, dict[str, str]]:
        _, status, *_ = self._read_line().split(" ", 2)
        headers: dict[str, str] = {}
        while line := self._read_line():
            if len(headers) == HEADERS_MAX:
                raise ConnectionError(TOO_MANY_HEADERS)
            name, _, told = line.partition(":")
            headers[name.strip().lower()] = told.strip()
        return int(status), headers

    def _read_content(self, status: int, headers: Mapping[str, str]) -> bytes:
        """Read what follows; the line is at rest again if its end was told."""
        ends = headers.get("connection", "").lower() == "close"
        if status in NO_CONTENT:
            content = b""
        elif "chunked" in headers.get("transfer-encoding", "").lower():
            content = b"".join(iter(self._read_chunk, b""))
            while self._read_line():
                pass  # Headers that come last.
        elif size := headers.get("content-length"):
            content = self._read(int(size))
        else:
            content, ends = self._reader.read(), True
        self._is_over = ends
        return content

    def _read_chunk(self) -> bytes:
        size = int(self._read_line().partition(";")[0], 16)
        chunk = self._read(size)
        if chunk:
            self._read_line()
        return chunk

    def _read_line(self) -> str:
        line = self._reader.readline(LINE_BYTES_MAX)
        if not line.endswith(b"\n"):
            raise ConnectionError(BROKE_OFF)
        return line.decode("latin-1").rstrip("\r\n")

    def _read(self, size: int) -> bytes:
        content = self._reader.read(size)
        if len(content) < size:
            raise ConnectionError(BROKE_OFF)
        return content
