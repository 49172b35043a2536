"""A quiesce backend that speaks to the sandbox's guests, as one process does.

Its calls wait as a real one's do: for an agent that does not answer, as long as was
allowed.
"""

from collections.abc import Iterator

from attrs import define, field

from tests.core.process import REFUSALS, Process, Protocol
from vnfdr.backends import Stillness
from vnfdr.errors import (
    AlreadyFrozen,
    FreezeFailed,
    FreezeUnclear,
    QuiesceError,
    ThawFailed,
)
from vnfdr.model import Guest, Level, Server
from vnfdr.sandbox.agents import (
    AgentError,
    AgentTimeoutError,
    AlreadyFrozenError,
    NotRunningError,
)
from vnfdr.sandbox.site import Site

THAW_SECONDS_MAX = 10.0
AGENT_SECONDS = 5.0


ASKING = Protocol(dict.fromkeys(REFUSALS, QuiesceError), QuiesceError, AGENT_SECONDS)
THAWING = Protocol(
    dict.fromkeys(REFUSALS, ThawFailed), ThawFailed, THAW_SECONDS_MAX, in_order=True
)


@define(eq=False)
class Others:
    """What others do to the guests, by name, and what a run does to theirs."""

    hold: set[str] = field(factory=set)
    """The guests that somebody else froze."""
    thawed: set[str] = field(factory=set)
    """The guests that somebody else thawed.

    Nobody freezes them again: no evidence there is would tell that from a hold.
    """
    refused: set[str] = field(factory=set)
    """The guests that the newest process knows it did not freeze."""
    robbed: set[str] = field(factory=set)
    """The guests that somebody else froze, and a process that knew it thawed."""


@define(eq=False)
class CoreQuiesce:
    """Freezes and thaws the guests of one site."""

    process: Process
    site: Site
    others: Others = field(factory=Others)
    level: Level = Level.FILESYSTEM
    holds: bool = True
    _seconds: dict[str, float] = field(factory=dict)

    def locate(self, server: Server) -> Guest:
        return Guest(server.id, server.name, "core://")

    def check(self, guest: Guest) -> Iterator[str]:
        try:
            status = self.process.call("check", lambda _: self._of(guest).status)
        except AgentError as error:
            yield f"guest {guest} cannot be frozen: {error}"
            return
        if status == "frozen":
            yield f"guest {guest} is frozen already, by somebody else"

    def prepare(
        self, guest: Guest, *, timeout_seconds: float, lease_seconds: float
    ) -> None:
        def effect(_: object) -> None:
            try:
                status = self._of(guest).status
            except AgentError as error:
                raise FreezeFailed(f"guest {guest}: {error}") from error
            if status == "frozen":
                raise AlreadyFrozen(f"guest {guest} is frozen already")
            self._seconds[guest.server_id] = timeout_seconds

        self.process.call("prepare", effect, ASKING)

    def freeze(self, guest: Guest) -> int:
        try:
            return self._freeze(guest)
        except (AlreadyFrozen, FreezeFailed):
            self.others.refused.add(guest.name)
            raise

    def _freeze(self, guest: Guest) -> int:
        seconds = self._seconds.get(guest.server_id)
        if seconds is None:
            raise FreezeFailed(f"guest {guest} is not frozen: it was not prepared")
        refused = dict.fromkeys(REFUSALS, FreezeFailed)
        freezing = Protocol(refused, FreezeUnclear, seconds, in_order=True, once=True)

        def effect(_: object) -> int:
            return self._of(guest).freeze()

        try:
            count = self.process.call("freeze", effect, freezing)
        except AlreadyFrozenError as error:
            raise AlreadyFrozen(f"guest {guest}: {error}") from error
        except AgentTimeoutError as error:
            self.process.sleep(seconds)
            raise FreezeUnclear(f"guest {guest} may freeze yet: {error}") from error
        except (AgentError, FreezeFailed) as error:
            raise FreezeFailed(f"guest {guest} did not freeze: {error}") from error
        if count == 0:
            raise FreezeFailed(f"guest {guest} has nothing that can be frozen")
        return count

    def thaw(self, guest: Guest) -> int:
        give_up_at = self.process.time.seconds + THAW_SECONDS_MAX

        def effect(_: object) -> int:
            foreign = self.others.hold & self.others.refused
            if guest.name in foreign and self._of(guest).is_still:
                self.others.robbed.add(guest.name)
            return self._of(guest).thaw()

        while True:
            try:
                return self.process.call("thaw", effect, THAWING)
            except NotRunningError:
                return 0
            except AgentError as error:
                if self.process.time.seconds >= give_up_at:
                    raise ThawFailed(f"guest {guest} may be frozen: {error}") from error
                self.process.sleep(1.0)

    def stillness(self, guest: Guest) -> Stillness:
        def effect(_: object) -> Stillness:
            return Stillness(self._of(guest).status)

        try:
            return self.process.call("stillness", effect, ASKING)
        except (AgentError, QuiesceError):
            return Stillness.UNKNOWN

    def witness(self, guest: Guest) -> str:
        """Return where the guest runs, and since when."""

        def effect(_: object) -> str:
            server = self.site.servers[guest.server_id]
            return f"{server.host}, boot {server.guest.boots}"

        return self.process.call("witness", effect, ASKING)

    def settle(self, guest: Guest) -> None:
        self.process.call("settle", lambda _: None, ASKING)
        self._seconds.pop(guest.server_id, None)

    def _of(self, guest: Guest):
        return self.site.servers[guest.server_id].guest
