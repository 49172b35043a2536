"""Freeze the guests of a sandbox from outside, as libvirt does those of a real cloud.

What is said goes over HTTP to the site's control door, not through its Nova. A freeze
carries the time until which it may happen; the door does not begin with it later.
"""

import json
import socket
import time
import weakref
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from attrs import field, frozen

from vnfdr.backends.base import Stillness
from vnfdr.backends.proven import NotProven, until_proven
from vnfdr.cloud import Site
from vnfdr.errors import (
    AlreadyFrozen,
    FreezeFailed,
    FreezeUnclear,
    NotQuiescable,
    QuiesceError,
    ThawedItself,
)
from vnfdr.line import Line
from vnfdr.model import Guest, Level, Server

ANSWER_SECONDS: Final = 5.0
GRACE_SECONDS: Final = 0.8
THAW_SECONDS: Final = 1.0
OK: Final = 200
NOT_SENT: Final = "not sent"
NO_ANSWER: Final = "no answer"
HELD_TOO_LONG: Final = "held too long"

_AFTER_FREEZE: Final[Mapping[str, type[QuiesceError]]] = {
    "already frozen": AlreadyFrozen,
    "no agent": FreezeFailed,
    "no guest": FreezeFailed,
    NOT_SENT: FreezeFailed,
    "off": FreezeFailed,
    "paused": FreezeFailed,
}
"""What a freeze that was refused so comes to; of all else nobody knows."""

_NOT_RUNNING: Final = frozenset({"no guest", "off"})
"""Why a guest cannot be frozen any more."""


class _Refused(Exception):
    """The door did not do what it was asked for."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@frozen
class SandboxQuiesce:
    """Freezes guests of `vnfdr.sandbox`.

    ``site.settings["sandbox"]`` says where: ``{"control": url}``. The sandbox writes
    it into its clouds.yaml.
    """

    site: Site | None
    _seconds: dict[str, float] = field(factory=dict, init=False, repr=False)
    _lines: dict[str, Line | None] = field(factory=dict, init=False, repr=False)
    """The lines that are kept, by address: to open one takes time."""

    level = Level.FILESYSTEM
    holds = True

    def __attrs_post_init__(self) -> None:
        weakref.finalize(self, _hang_up, self._lines)

    def locate(self, server: Server) -> Guest:
        settings = self.site.settings.get("sandbox") if self.site else None
        control = settings.get("control") if isinstance(settings, dict) else None
        if not isinstance(control, str):
            raise NotQuiescable(
                f"guest {server.name} cannot be reached: its site is no sandbox"
            )
        return Guest(server.id, server.name, f"{control}/guests/{server.id}")

    def check(self, guest: Guest) -> Iterator[str]:
        try:
            if self._show(guest)["status"] == "frozen":
                yield f"guest {guest} is frozen already, by somebody else"
        except _Refused as error:
            yield f"guest {guest} cannot be frozen: {error}"

    def prepare(
        self, guest: Guest, *, timeout_seconds: float, lease_seconds: float
    ) -> None:
        self._lines.setdefault(guest.address, None)
        try:
            status = self._show(guest)["status"]
        except _Refused as error:
            raise FreezeFailed(f"guest {guest} cannot be frozen: {error}") from error
        if status == "frozen":
            raise AlreadyFrozen(f"guest {guest} is frozen already, by somebody else")
        self._seconds[guest.server_id] = timeout_seconds

    def reach(self, guest: Guest) -> None:
        self._lines.setdefault(guest.address, None)
        try:
            self._show(guest)
        except _Refused as error:
            raise FreezeFailed(f"guest {guest} is not reached: {error}") from error

    def freeze(self, guest: Guest) -> int:
        seconds = self._seconds.get(guest.server_id)
        if seconds is None:
            raise FreezeFailed(f"guest {guest} is not frozen: it was not prepared")
        try:
            count = int(self._ask(guest, "POST", "/freeze", seconds)["count"])
        except _Refused as error:
            kind = _AFTER_FREEZE.get(error.reason, FreezeUnclear)
            how = "may freeze yet" if kind is FreezeUnclear else "did not freeze"
            raise kind(f"guest {guest} {how}: {error}") from error
        if count == 0:
            raise FreezeFailed(f"guest {guest} has no file system that can be frozen")
        return count

    def thaw(self, guest: Guest) -> int:
        """Thaw until the agent has said how much: its count is the proof."""

        def thaw() -> int:
            try:
                return int(self._ask(guest, "POST", "/thaw", THAW_SECONDS)["count"])
            except _Refused as error:
                if error.reason in _NOT_RUNNING:
                    return 0
                if error.reason == HELD_TOO_LONG:
                    raise ThawedItself(
                        f"guest {guest} let go by itself: {error}"
                    ) from error
                raise NotProven(str(error)) from error

        return until_proven(guest, thaw)

    def stillness(self, guest: Guest) -> Stillness:
        try:
            return Stillness(self._show(guest)["status"])
        except (_Refused, ValueError):
            return Stillness.UNKNOWN

    def witness(self, guest: Guest) -> str:
        """Return where the guest runs, and since when."""
        try:
            return str(self._show(guest)["identity"])
        except _Refused as error:
            raise FreezeFailed(f"guest {guest} is not seen: {error}") from error

    def settle(self, guest: Guest) -> None:
        self._seconds.pop(guest.server_id, None)
        if line := self._lines.pop(guest.address, None):
            line.close()

    def _show(self, guest: Guest) -> Mapping[str, Any]:
        return self._ask(guest, "GET", "", ANSWER_SECONDS)

    def _ask(
        self, guest: Guest, method: str, what: str, seconds: float
    ) -> Mapping[str, Any]:
        """Ask the door, over the line that is kept unless somebody waits there.

        Raises:
            _Refused: it did not do it, or nobody knows.
        """
        keep = guest.address in self._lines
        line = self._lines.pop(guest.address, None)
        if line is not None and not line.is_at_rest:
            line.close()
            line = None
        line = line or _opened(guest, seconds)
        try:
            return _asked(line, method, f"{guest.address}{what}", seconds)
        finally:
            if keep:
                self._lines[guest.address] = line
            else:
                line.close()


def _hang_up(lines: Mapping[str, Line | None]) -> None:
    for line in filter(None, lines.values()):
        line.close()


def _opened(guest: Guest, seconds: float) -> Line:
    where = urlsplit(guest.address)
    try:
        return Line(
            socket.create_connection(
                (where.hostname, where.port), timeout=seconds + GRACE_SECONDS
            )
        )
    except OSError as error:
        raise _Refused(NOT_SENT, f"no connection to {where.netloc}") from error


def _asked(line: Line, method: str, url: str, seconds: float) -> Mapping[str, Any]:
    """Ask, and wait no longer than ``seconds``."""
    where = urlsplit(url)
    content = json.dumps({"until": time.time() + seconds}).encode()
    head = f"{method} {where.path} HTTP/1.1\r\nHost: {where.netloc}\r\n"
    try:
        reply = line.ask(head, content, seconds + GRACE_SECONDS)
        answer = json.loads(reply.content)
    except (OSError, ValueError) as error:
        raise _Refused(NO_ANSWER, f"no answer from {where.netloc}") from error
    if reply.status != OK or not isinstance(answer, dict):
        raise _Refused(*_reason(reply.status, answer))
    return answer


def _reason(status: int, answer: object) -> tuple[str, str]:
    told = answer if isinstance(answer, dict) else {}
    message = told.get("message") or f"the door answered with HTTP {status}"
    return str(told.get("reason", "unknown")), str(message)
