"""Hold a server with two of Nova's server actions: one holds it, one lets it go.

What Nova is asked to do it does later; its word for how far it is, is the server's
state. A request whose answer was lost is not repeated before the state is looked at.
Nova counts no file systems: what is held counts as one.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator

from attrs import define, field, frozen

from vnfdr.backends.base import Stillness
from vnfdr.cloud import Servers, Site
from vnfdr.errors import (
    AlreadyFrozen,
    AnswerLost,
    CloudError,
    Conflict,
    Forbidden,
    FreezeFailed,
    FreezeUnclear,
    Gone,
    NotQuiescable,
    QuiesceError,
    Retryable,
    ThawFailed,
    Unsupported,
)
from vnfdr.model import Guest, Level, Server
from vnfdr.retry import wait_until

TICK_SECONDS = 0.1
SLOWEST_TICK_SECONDS = 0.3
THAW_SECONDS_MAX = 10.0


@frozen
class Pair:
    """Two actions, and the states by which one sees what became of them."""

    hold: str
    let_go: str
    held: frozenset[str]
    free: frozenset[str] = frozenset({"active"})
    broken: frozenset[str] = frozenset({"error"})

    def stillness(self, server: Server) -> Stillness:
        """Say what the server's state says of its guest."""
        if server.task_state:
            return Stillness.UNKNOWN
        if state_of(server) in self.held:
            return Stillness.FROZEN
        return Stillness.THAWED if state_of(server) in self.free else Stillness.UNKNOWN


@frozen
class ActionQuiesce(ABC):
    """A quiesce backend made of a pair of server actions."""

    site: Site | None
    _seconds: dict[str, float] = field(factory=dict, init=False, repr=False)

    level = Level.CRASH
    holds = True

    @property
    @abstractmethod
    def pair(self) -> Pair:
        """The actions."""

    def locate(self, server: Server) -> Guest:
        return Guest(server.id, server.name)

    def check(self, guest: Guest) -> Iterator[str]:
        try:
            self._check_state(guest)
        except QuiesceError as error:
            yield str(error)

    def prepare(
        self, guest: Guest, *, timeout_seconds: float, lease_seconds: float
    ) -> None:
        self._check_state(guest)
        self._seconds[guest.server_id] = timeout_seconds

    def reach(self, guest: Guest) -> None:
        """Ask Nova for the server: a token, a connection, and all that is imported."""
        self._server(guest)

    def freeze(self, guest: Guest) -> int:
        """Hold the guest; the count is 1."""
        seconds = self._seconds.get(guest.server_id)
        if seconds is None:
            raise FreezeFailed(f"guest {guest} is not frozen: it was not prepared")
        request_id = self._request(guest)
        try:
            return wait_until(
                lambda: self._look_if_held(guest, request_id),
                what=f"{self.pair.hold} of {guest}",
                seconds_max=seconds,
                first_wait_seconds=TICK_SECONDS,
                wait_seconds_max=SLOWEST_TICK_SECONDS,
            )
        except Gone as error:
            raise FreezeFailed(f"guest {guest} is gone: {error}") from error
        except CloudError as error:
            raise FreezeUnclear(f"guest {guest} may freeze yet: {error}") from error

    def thaw(self, guest: Guest) -> int:
        """Ask Nova to let the guest go, and wait until it has; then look, if refused.

        The count is 1 if Nova had the guest held until then.
        """
        release = _Release(self._servers(guest), self.pair, guest)
        try:
            release.ask()
            return wait_until(
                release.look,
                what=f"{self.pair.let_go} of {guest}",
                seconds_max=THAW_SECONDS_MAX,
                first_wait_seconds=TICK_SECONDS,
                wait_seconds_max=SLOWEST_TICK_SECONDS,
            )
        except Gone:
            return release.count
        except CloudError as error:
            why = release.problem or str(error)
            raise ThawFailed(f"guest {guest} may be frozen: {why}") from error

    def stillness(self, guest: Guest) -> Stillness:
        try:
            return self.pair.stillness(self._server(guest))
        except QuiesceError:
            return Stillness.UNKNOWN

    def witness(self, guest: Guest) -> str:
        return self._server(guest).incarnation

    def settle(self, guest: Guest) -> None:
        self._seconds.pop(guest.server_id, None)

    def _servers(self, guest: Guest) -> Servers:
        if self.site is None:
            raise QuiesceError(f"guest {guest} is in Nova's hands: name the cloud")
        return self.site.servers

    def _server(self, guest: Guest) -> Server:
        try:
            return self._servers(guest).get(guest.server_id)
        except CloudError as error:
            raise FreezeFailed(f"guest {guest} is not seen in Nova: {error}") from error

    def _check_state(self, guest: Guest) -> None:
        server = self._server(guest)
        found = self.pair.stillness(server)
        if found is Stillness.FROZEN:
            raise AlreadyFrozen(f"guest {guest} is {state_of(server)} already")
        if found is Stillness.UNKNOWN:
            raise FreezeFailed(f"guest {guest} cannot be held: it is {told(server)}")

    def _request(self, guest: Guest) -> str:
        """Ask Nova to hold the guest; empty when the answer was lost."""
        try:
            return self._servers(guest).act(guest.server_id, self.pair.hold)
        except AnswerLost:
            return ""
        except Conflict as error:
            held = self.stillness(guest) is Stillness.FROZEN
            kind = AlreadyFrozen if held else FreezeFailed
            raise kind(f"guest {guest} was not held: {error}") from error
        except (Unsupported, Forbidden) as error:
            raise NotQuiescable(f"guest {guest} cannot be held: {error}") from error
        except (Gone, Retryable) as error:
            raise FreezeFailed(f"guest {guest} was not held: {error}") from error
        except CloudError as error:
            raise FreezeUnclear(f"guest {guest} may freeze yet: {error}") from error

    def _look_if_held(self, guest: Guest, request_id: str) -> int | None:
        servers = self._servers(guest)
        server = servers.get(guest.server_id)
        if state_of(server) in self.pair.broken:
            raise FreezeUnclear(f"guest {guest} may be frozen: it is {told(server)}")
        found = self.pair.stillness(server)
        if found is Stillness.THAWED and request_id:
            # Not begun yet, or given up: only the action itself can tell.
            result = servers.action_result(guest.server_id, request_id)
            if result is None or not result.finished:
                return None
            found = self.pair.stillness(servers.get(guest.server_id))
            if found is Stillness.THAWED:
                raise NotQuiescable(
                    f"guest {guest} cannot be held: its hypervisor did not carry out"
                    f" {self.pair.hold!r}: {result.message or 'no reason is given'}"
                )
        return 1 if found is Stillness.FROZEN else None


@define
class _Release:
    """One guest on its way to freedom."""

    servers: Servers
    pair: Pair
    guest: Guest
    asked: bool = False
    count: int = 0
    problem: str = ""

    def ask(self) -> None:
        """Ask Nova to let the guest go; it only hears of one that it holds."""
        try:
            self.servers.act(self.guest.server_id, self.pair.let_go)
        except (AnswerLost, Conflict, Retryable) as error:
            self.problem = str(error)
        else:
            self.asked, self.count = True, 1

    def look(self) -> int | None:
        """Return the count once the guest is free; ask again if Nova has not heard."""
        server = self.servers.get(self.guest.server_id)
        state = state_of(server)
        self.problem = f"it is {told(server)}"
        if state in self.pair.broken:
            raise ThawFailed(f"guest {self.guest} may be frozen: {self.problem}")
        if server.task_state:
            return None
        if state not in self.pair.held:
            # Free; or off, and what does not run is not frozen.
            return self.count
        self.count = 1
        if not self.asked:
            self.ask()
        return None


def state_of(server: Server) -> str:
    """Return Nova's state of a server: ``status`` lacks the words of some clouds."""
    return (server.vm_state or server.status).lower()


def told(server: Server) -> str:
    """Return the state of a server as a phrase."""
    task = f" ({server.task_state})" if server.task_state else ""
    return f"{state_of(server)}{task}"
