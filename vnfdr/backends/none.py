"""Hold nothing, on purpose."""

from collections.abc import Iterator

from attrs import frozen

from vnfdr.backends.base import Stillness
from vnfdr.cloud import Site
from vnfdr.model import Guest, Level, Server


@frozen
class NoQuiesce:
    """Leaves guests running: their volumes are what a power cut would leave.

    Never chosen silently: a member asks for it by name. It does not so much as look
    at a guest, and says so: every count is 0, every stillness unknown.
    """

    site: Site | None

    level = Level.CRASH
    holds = False

    def locate(self, server: Server) -> Guest:
        return Guest(server.id, server.name)

    def check(self, guest: Guest) -> Iterator[str]:
        return iter(())

    def prepare(
        self, guest: Guest, *, timeout_seconds: float, lease_seconds: float
    ) -> None:
        """Prepare nothing."""

    def reach(self, guest: Guest) -> None:
        """There is nothing to thaw."""

    def freeze(self, guest: Guest) -> int:
        return 0

    def thaw(self, guest: Guest) -> int:
        return 0

    def stillness(self, guest: Guest) -> Stillness:
        return Stillness.UNKNOWN

    def witness(self, guest: Guest) -> str:
        """Return always the same: what is not held cannot slip."""
        return ""

    def settle(self, guest: Guest) -> None:
        """Put nothing back."""
