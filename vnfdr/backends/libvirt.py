"""Freeze guests through libvirt and the QEMU guest agent in each of them.

What libvirt does not promise is seen to here:

* a call may hang far longer than the agent's time limit: 30 s behind somebody
  else's agent command, minutes for a host that lost its power. So each call runs in
  a thread that can be left behind;
* what waits for the agent is no queue: a thaw may overtake a freeze, thaw nothing,
  and be followed by the freeze. So a thaw proves nothing while a freeze of ours is
  under way.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import TypeVar

from attrs import Factory, field, frozen

from vnfdr.backends.base import Stillness
from vnfdr.backends.bounded import begin
from vnfdr.backends.libvirt_errors import (
    AFTER_FREEZE,
    NOT_RUNNING,
    LibvirtError,
    Meaning,
    meaning,
    told,
)
from vnfdr.backends.libvirt_hosts import (
    AGENT_SECONDS,
    Handle,
    Hosts,
    Line,
    flush,
    libvirt,
    limit,
    obstacles,
    stillness,
)
from vnfdr.backends.libvirt_moves import server_now
from vnfdr.backends.libvirt_timer import HostTimers, timer_of
from vnfdr.backends.libvirt_uri import uri_of
from vnfdr.backends.proven import NotProven, until_proven
from vnfdr.cloud import Site
from vnfdr.errors import (
    AlreadyFrozen,
    FreezeFailed,
    FreezeUnclear,
    NotQuiescable,
    QuiesceError,
    ThawedItself,
    ThawFailed,
    WaitedTooLong,
)
from vnfdr.model import Guest, Level, Server

ANSWER_SECONDS_MAX = 20.0
ONE_THAW_SECONDS_MAX = 10.0
GRACE_SECONDS = 0.8
FOR_EVER = -2

T = TypeVar("T")


@frozen
class LibvirtQuiesce:
    """Freezes guests with ``virDomainFSFreeze`` on their compute hosts.

    ``site.settings["libvirt"]`` says how those are reached:
    ``{"uri": "qemu+ssh://{host}/system", "hosts": [{"host": name, "uri": uri}]}``.
    The table wins over the template; both go by the server's host and hypervisor,
    which Nova shows to administrators. ``host_timer`` and ``ssh`` beside them ask for
    a timer on those hosts, which thaws a guest when its controller is lost.

    `check`, `prepare` and `stillness` send the agent commands that libvirt has no
    call for; it then marks the domain, once, as "tainted: custom-ga-command".
    """

    site: Site | None
    _timers: HostTimers = field(
        default=Factory(lambda self: HostTimers(self.site), takes_self=True),
        init=False,
        repr=False,
    )
    _hosts: Hosts = field(factory=Hosts, init=False, repr=False)
    _lines: dict[str, Line] = field(factory=dict, init=False, repr=False)
    _moved: dict[Guest, str] = field(factory=dict, init=False, repr=False)
    _freezes: "dict[str, Future[int]]" = field(factory=dict, init=False, repr=False)

    level = Level.FILESYSTEM
    holds = True

    def locate(self, server: Server) -> Guest:
        uri = uri_of(self.site, server)
        return Guest(server.id, server.name, uri, timer_of(self.site, uri))

    def check(self, guest: Guest) -> Iterator[str]:
        try:
            found = self._ask(guest, lambda: tuple(obstacles(self._domain(guest))))
            yield from (f"guest {guest}: {obstacle}" for obstacle in found)
            yield from self._timers.check(guest, self._uri(guest))
        except QuiesceError as error:
            yield str(error)

    def prepare(
        self, guest: Guest, *, timeout_seconds: float, lease_seconds: float
    ) -> None:
        """Look the guest up, see that it is thawed, limit its agent's time, flush it.

        Nothing is set before the guest is known not to be frozen: who else froze it
        has set a limit of their own. A flush that fails only lengthens the freeze.
        """
        found = self._ask(guest, lambda: stillness(self._domain(guest)))
        if found is Stillness.FROZEN:
            raise AlreadyFrozen(f"guest {guest} is frozen already, by somebody else")
        self._timers.prepare(guest, self._uri(guest), lease_seconds)
        line = self._ask(guest, lambda: self._limited(guest, timeout_seconds))
        with contextlib.suppress(libvirt().libvirtError, WaitedTooLong, TimeoutError):
            begin(lambda: flush(line.domain, line.seconds)).result(line.seconds)

    def reach(self, guest: Guest) -> None:
        """Look the guest up, and keep the connection."""
        self._ask(guest, lambda: self._keep(guest, AGENT_SECONDS))
        self._timers.reach(guest, self._uri(guest))

    def freeze(self, guest: Guest) -> int:
        line = self._lines.get(guest.server_id)
        if line is None:
            raise FreezeFailed(f"guest {guest} is not frozen: it was not prepared")
        if self._is_freezing(guest):
            raise FreezeUnclear(f"guest {guest} may freeze yet: it was asked before")
        give_up_at = time.monotonic() + line.seconds + GRACE_SECONDS
        self._timers.arm(guest)
        try:
            return self._freeze(guest, line, give_up_at)
        except (AlreadyFrozen, FreezeFailed, NotQuiescable):
            # Nobody thaws it behind this, and nor may a timer.
            self._timers.disarm(guest)
            raise

    def _freeze(self, guest: Guest, line: Line, give_up_at: float) -> int:
        asked = self._freezes[guest.server_id] = begin(line.domain.fsFreeze)
        try:
            count = asked.result(give_up_at - time.monotonic())
        except TimeoutError:
            raise FreezeUnclear(
                f"guest {guest} may freeze yet: {line.uri} did not answer in time"
            ) from None
        except libvirt().libvirtError as error:
            kind = self._after_freeze(guest, error)
            how = "may freeze yet" if kind is FreezeUnclear else "did not freeze"
            raise kind(f"guest {guest} {how}: {told(error)}") from error
        if count == 0:
            raise FreezeFailed(f"guest {guest} has no file system that can be frozen")
        return count

    def thaw(self, guest: Guest) -> int:
        """Thaw, wherever the guest is by now, until its agent has said how much.

        The agent's count is the proof. It answers in the order that it is asked, so
        whatever freeze had reached it is undone; its status would prove less, for
        it is no more than what the agent remembers. A timer is called off after that,
        and nobody waits for it here.
        """
        count = until_proven(guest, lambda: self._thaw_once(guest))
        self._timers.call_off(guest)
        return count

    def stillness(self, guest: Guest) -> Stillness:
        try:
            return self._ask(guest, lambda: stillness(self._domain(guest)))
        except QuiesceError:
            return Stillness.UNKNOWN

    def witness(self, guest: Guest) -> str:
        """Return where the domain is, and its number: new with each power cycle."""
        uri, uuid = self._uri(guest), guest.server_id
        return self._ask(guest, lambda: self._hosts.identity(uri, uuid))

    def settle(self, guest: Guest) -> None:
        """See the timer called off, and let the agent take as long as it likes."""
        self._timers.settle(guest)
        line = self._lines.pop(guest.server_id, None)
        if line is not None:
            with contextlib.suppress(QuiesceError):
                self._ask(guest, lambda: limit(line.domain, FOR_EVER))

    def _ask(self, guest: Guest, call: Callable[[], T]) -> T:
        """Do what cannot freeze the guest, and not for ever."""
        try:
            return begin(call).result(ANSWER_SECONDS_MAX)
        except TimeoutError:
            self._forget(guest)
            where = self._uri(guest)
            raise FreezeFailed(f"guest {guest}: {where} does not answer") from None
        except libvirt().libvirtError as error:
            if meaning(error) is Meaning.CUT_OFF:
                self._forget(guest)
            kind = NotQuiescable if meaning(error) is Meaning.NEVER else FreezeFailed
            raise kind(f"guest {guest}: {told(error)}") from error

    def _uri(self, guest: Guest) -> str:
        return self._moved.get(guest, guest.address)

    def _domain(self, guest: Guest) -> Handle:
        return self._hosts.domain(self._uri(guest), guest.server_id)

    def _limited(self, guest: Guest, seconds: float) -> Line:
        line = self._keep(guest, seconds)
        limit(line.domain, seconds)
        return line

    def _keep(self, guest: Guest, seconds: float) -> Line:
        line = Line(self._uri(guest), self._domain(guest), seconds)
        self._lines[guest.server_id] = line
        return line

    def _forget(self, guest: Guest) -> None:
        self._lines.pop(guest.server_id, None)
        self._hosts.forget(self._uri(guest))

    def _is_freezing(self, guest: Guest) -> bool:
        asked = self._freezes.get(guest.server_id)
        return asked is not None and not asked.done()

    def _after_freeze(self, guest: Guest, error: LibvirtError) -> type[QuiesceError]:
        """Tell what a freeze has come to that ended in an error."""
        meant = meaning(error)
        if meant in AFTER_FREEZE:
            return AFTER_FREEZE[meant]
        found = self.stillness(guest)
        if meant is Meaning.DISABLED and found is Stillness.FROZEN:
            return AlreadyFrozen
        return FreezeFailed if found is Stillness.THAWED else FreezeUnclear

    def _thaw_once(self, guest: Guest) -> int:
        was_freezing = self._is_freezing(guest)
        try:
            count = begin(lambda: self._send_thaw(guest)).result(ONE_THAW_SECONDS_MAX)
        except TimeoutError:
            count = self._after_cut_off(guest, f"{self._uri(guest)} does not answer")
        except libvirt().libvirtError as error:
            count = self._after_thaw(guest, error)
        if was_freezing:
            raise NotProven(f"a freeze of {guest} was under way")
        return count

    def _send_thaw(self, guest: Guest) -> int:
        line = self._lines.get(guest.server_id) or self._limited(guest, AGENT_SECONDS)
        return int(line.domain.fsThaw())

    def _after_thaw(self, guest: Guest, error: LibvirtError) -> int:
        """Return 0 if the guest is not frozen all the same, or raise `ThawedItself`."""
        match meaning(error):
            case Meaning.NEVER:
                raise ThawFailed(f"guest {guest} may be frozen: {told(error)}")
            case Meaning.AWAY:
                return self._after_it_left(guest, error)
            case Meaning.CUT_OFF:
                return self._after_cut_off(guest, told(error))
            case Meaning.REFUSED if self.stillness(guest) is Stillness.THAWED:
                # Windows thaws, and answers with an error, when it held too long.
                raise ThawedItself(f"guest {guest} let go by itself: {told(error)}")
        raise NotProven(told(error))

    def _after_it_left(self, guest: Guest, error: LibvirtError) -> int:
        stopped = error.get_error_code() == NOT_RUNNING
        if stopped and self._is_paused(guest):
            raise NotProven(f"{guest} is paused; resume it")
        if self.site is None and not stopped:
            raise NotProven(f"{told(error)}; nobody can be asked where it went")
        server = self._server(guest)
        if server is not None and server.task_state:
            raise NotProven(f"{told(error)}; Nova is {server.task_state}")
        return 0

    def _after_cut_off(self, guest: Guest, problem: str) -> int:
        self._forget(guest)
        if self.site is not None and self._server(guest) is None:
            return 0
        raise NotProven(problem)

    def _server(self, guest: Guest) -> Server | None:
        """Return the server, or nothing if there is none; follow it if it moved."""
        found = server_now(self.site, guest)
        if found is not None and found[1] != self._uri(guest):
            self._lines.pop(guest.server_id, None)
            self._moved[guest] = found[1]
            raise NotProven(f"it moved to {found[1]}")
        return found and found[0]

    def _is_paused(self, guest: Guest) -> bool:
        try:
            return bool(self._ask(guest, lambda: self._domain(guest).isActive()))
        except QuiesceError:
            return True
