"""What a quiesce backend promises."""

import enum
from collections.abc import Iterator
from typing import Protocol

from vnfdr.model import Guest, Level, Server


class Stillness(enum.Enum):
    """What a guest says of itself."""

    THAWED = "thawed"
    FROZEN = "frozen"
    UNKNOWN = "unknown"


class QuiesceBackend(Protocol):
    """Freezes and thaws guests, one at a time, on behalf of many threads.

    An installed package announces its own in the entry-point group
    ``vnfdr.quiesce``: a callable that takes the `vnfdr.cloud.Site` (``None`` when
    only a journal is at hand) and returns an object that keeps these promises.
    `vnfdr.testing.check_quiesce_backend` checks them:

    * `check` touches nothing;
    * `freeze` returns a number above zero only when the guest is frozen, and never
      waits longer than the timeout that `prepare` was given, plus a second (and,
      where it asks Nova, what one request may take);
    * a second freeze is refused with `AlreadyFrozen`: it belongs to somebody else;
    * `FreezeFailed` means that the guest is not frozen and will not be;
      `FreezeUnclear` that it may be, or may become so;
    * `thaw` returns only when the guest is proven thawed, and how many file systems
      it thawed; thawing a thawed guest returns 0 and changes nothing;
    * a guest that says, when it is thawed, that it could not hold so long is told of
      with `ThawedItself`, which proves as much: Windows says so;
    * every failure is a `vnfdr.errors.QuiesceError` that names the guest.
    """

    level: Level
    """The best level that this backend reaches."""

    holds: bool
    """Whether it holds guests at all; one that does not is never asked to freeze."""

    def locate(self, server: Server) -> Guest:
        """Say how to reach the guest of ``server``; raise `NotQuiescable` if not."""
        ...

    def check(self, guest: Guest) -> Iterator[str]:
        """Yield a sentence for each reason why a freeze would not work now."""
        ...

    def prepare(
        self, guest: Guest, *, timeout_seconds: float, lease_seconds: float
    ) -> None:
        """Do everything slow: connect, look up, set time limits, flush caches.

        Args:
            guest: who will be frozen.
            timeout_seconds: how long its freeze may take.
            lease_seconds: when the failsafe thaws it. A timer of the backend's own,
                for the loss of the failsafe as well, comes after that.
        """
        ...

    def reach(self, guest: Guest) -> None:
        """Be ready to thaw: connect, look up, import; touch nothing.

        A process that thaws in place of one that died does this beforehand.
        Raises a `QuiesceError` when a thaw could not be sent from here.
        """
        ...

    def freeze(self, guest: Guest) -> int:
        """Hold the guest still; return how many file systems stopped."""
        ...

    def thaw(self, guest: Guest) -> int:
        """Let the guest go, and prove it; return how many file systems started."""
        ...

    def stillness(self, guest: Guest) -> Stillness:
        """Ask the guest, not a variable."""
        ...

    def witness(self, guest: Guest) -> str:
        """Return what changes when the guest is not the same one any more.

        For instance a reboot, or a move to another host.
        """
        ...

    def settle(self, guest: Guest) -> None:
        """Put back what `prepare` changed, such as a time limit of the guest's agent.

        Called after the window, whatever came of it.
        """
        ...
