"""Freeze guests with ``fsfreeze``, through an ssh session that stays open.

For guests without an agent. A frozen root file system may let nobody log in any more,
so all that a thaw needs is in the guest before the freeze: a script that thaws when
it is told to, when the session ends, and when a timer of its own has run out.
"""

import contextlib
from collections.abc import Iterator
from concurrent.futures import Future

from attrs import define, field, frozen

from vnfdr.backends.base import Stillness
from vnfdr.backends.proven import NotProven, until_proven
from vnfdr.backends.sessions import (
    Session,
    SessionFailed,
    as_root,
    script,
    second_line_seconds,
)
from vnfdr.backends.ssh_address import Door, client_of, door_of
from vnfdr.cloud import Site
from vnfdr.errors import (
    AlreadyFrozen,
    CloudError,
    FreezeFailed,
    FreezeUnclear,
    Gone,
    NotQuiescable,
    QuiesceError,
)
from vnfdr.model import Guest, Level, Server

ANSWER_SECONDS_MAX = 10.0
ONE_THAW_SECONDS_MAX = 10.0
GRACE_SECONDS = 0.8

_OFF = frozenset({"SHUTOFF", "SHELVED_OFFLOADED", "SOFT_DELETED", "DELETED"})

_AFTER_FREEZE: dict[str, type[QuiesceError]] = {
    "busy": AlreadyFrozen,
    "failed": FreezeFailed,
    "never": NotQuiescable,
}
"""What a freeze comes to, by the first word of its answer; of others nobody knows."""


@define(eq=False)
class _Line:
    """The session with one guest, and what was asked there and is not answered."""

    session: Session
    freeze_seconds: float = 0.0
    timer_seconds: int = 0
    freezing: "Future[str] | None" = None
    thawing: "Future[str] | None" = None


@frozen
class SshQuiesce:
    """Freezes guests with ``fsfreeze``, over ssh, and has them thaw by themselves.

    ``site.settings["ssh"]`` says how they are reached: ``{"address": "root@{name}",
    "command": ["ssh", options], "file_systems": [mount points], "servers":
    [{"server": name or id, "address": address, "file_systems": [mount points]}]}``.
    All of it may be left out; the table of servers wins. Without file systems, every
    one is frozen that is writable and on a block device.

    Nobody can be asked whether a file system is frozen: `stillness` is unknown, and
    the counts are the only evidence.
    """

    site: Site | None
    _lines: dict[str, _Line] = field(factory=dict, init=False, repr=False)

    level = Level.FILESYSTEM
    holds = True

    def locate(self, server: Server) -> Guest:
        return Guest(server.id, server.name, str(door_of(self.site, server)))

    def check(self, guest: Guest) -> Iterator[str]:
        """Log in and look, in a session of its own."""
        try:
            self._connect(guest).close()
        except QuiesceError as error:
            yield str(error)

    def prepare(
        self, guest: Guest, *, timeout_seconds: float, lease_seconds: float
    ) -> None:
        """Log in, and flush the guest; a flush that fails only lengthens the freeze."""
        line = self._line(guest)
        self._answer(guest, line, "who")
        line.freeze_seconds = timeout_seconds
        line.timer_seconds = second_line_seconds(lease_seconds)
        with contextlib.suppress(SessionFailed, TimeoutError):
            line.session.ask("flush").result(timeout_seconds)

    def reach(self, guest: Guest) -> None:
        """Log in, and keep the session."""
        self._answer(guest, self._line(guest), "who")

    def freeze(self, guest: Guest) -> int:
        line = self._lines.get(guest.server_id)
        if line is None or not line.timer_seconds:
            raise FreezeFailed(f"guest {guest} is not frozen: it was not prepared")
        if line.freezing is not None and not line.freezing.done():
            raise FreezeUnclear(f"guest {guest} may freeze yet: it was asked before")
        if not line.session.is_open:
            raise FreezeFailed(f"guest {guest} did not freeze: its session has ended")
        line.freezing = line.session.ask(f"freeze {line.timer_seconds}")
        try:
            answer = line.freezing.result(line.freeze_seconds + GRACE_SECONDS)
        except TimeoutError:
            raise FreezeUnclear(
                f"guest {guest} may freeze yet: fsfreeze did not end in time"
            ) from None
        except SessionFailed as error:
            raise FreezeUnclear(f"guest {guest} may freeze yet: {error}") from error
        word, _, rest = answer.partition(" ")
        if word == "frozen":
            return int(rest)
        kind = _AFTER_FREEZE.get(word, FreezeUnclear)
        how = "may be frozen" if kind is FreezeUnclear else "did not freeze"
        told = f"{rest} is frozen already" if word == "busy" else rest
        raise kind(f"guest {guest} {how}: {told}")

    def thaw(self, guest: Guest) -> int:
        """Thaw, until the guest has said how many file systems it found frozen.

        A guest that cannot be reached, and has been switched off or deleted, is not
        frozen. One whose session was lost thaws by itself.
        """
        return until_proven(guest, lambda: self._thaw_once(guest))

    def stillness(self, guest: Guest) -> Stillness:
        """Return that it is unknown: ``fsfreeze`` cannot tell."""
        return Stillness.UNKNOWN

    def witness(self, guest: Guest) -> str:
        """Return the boot of the guest, and its host name."""
        return self._answer(guest, self._line(guest), "who")

    def settle(self, guest: Guest) -> None:
        """Log out; what would still be frozen is thawed by that."""
        self._forget(guest)

    def _line(self, guest: Guest) -> _Line:
        """Return the session with a guest; log in where there is none."""
        line = self._lines.get(guest.server_id)
        if line is None or not line.session.is_open:
            self._forget(guest)
            line = self._lines[guest.server_id] = _Line(self._connect(guest))
        return line

    def _connect(self, guest: Guest) -> Session:
        try:
            door = Door.of(guest)
            program = ["sh", "-c", script("ssh_guest.sh"), "vnfdr", *door.file_systems]
            client = client_of(self.site)
            return Session.open(client, door.destination, as_root(program))
        except SessionFailed as error:
            raise FreezeFailed(f"guest {guest} is not reached: {error}") from error
        except NotQuiescable as error:
            problem = f"guest {guest} cannot be frozen: {error}"
            raise NotQuiescable(problem) from error

    def _answer(self, guest: Guest, line: _Line, verb: str) -> str:
        """Ask what cannot freeze the guest."""
        try:
            return line.session.ask(verb).result(ANSWER_SECONDS_MAX)
        except TimeoutError:
            problem = f"no answer within {ANSWER_SECONDS_MAX:g} s"
        except SessionFailed as error:
            problem = str(error)
        self._forget(guest)
        raise FreezeFailed(f"guest {guest} does not answer: {problem}")

    def _forget(self, guest: Guest) -> None:
        line = self._lines.pop(guest.server_id, None)
        if line is not None:
            line.session.close()

    def _thaw_once(self, guest: Guest) -> int:
        try:
            line = self._line(guest)
        except QuiesceError as error:
            if self._is_off(guest):
                return 0
            raise NotProven(str(error)) from error
        # One that was asked before, and not answered, comes to an end first.
        line.thawing = line.thawing or line.session.ask("thaw")
        try:
            answer = line.thawing.result(ONE_THAW_SECONDS_MAX)
        except TimeoutError:
            raise NotProven(f"fsfreeze of {guest} did not end in time") from None
        except SessionFailed as error:
            self._forget(guest)
            raise NotProven(str(error)) from error
        line.thawing = None
        word, _, rest = answer.partition(" ")
        if word != "thawed":
            raise NotProven(rest)
        return int(rest)

    def _is_off(self, guest: Guest) -> bool:
        """Tell whether Nova knows that the guest does not run."""
        if self.site is None:
            return False
        try:
            return self.site.servers.get(guest.server_id).status in _OFF
        except Gone:
            return True
        except CloudError:
            return False
