"""Ask recovered servers whether they are at work, until they are."""

from collections.abc import Iterator
from typing import ClassVar

from attrs import frozen

from vnfdr.errors import ProbeFailed, WaitedTooLong
from vnfdr.mapping import CallProbe, Probe
from vnfdr.plan import Call, Receipt, Receipts, Step
from vnfdr.probing import describe, function_of, refusal_of
from vnfdr.retry import wait_until
from vnfdr.world import World

FIRST_WAIT_SECONDS = 0.2
WAIT_SECONDS_MAX = 5.0


@frozen
class ProbeServer(Step[World]):
    """Ask one server one thing until the answer is right, or the time is over.

    Args:
        run: the run it is done for.
        server_id: the server that comes back, by its id where it was.
        number: which of its probes this is, from 0.
        server: what it is called here.
        probe: what is asked.
        within_seconds: how long it may take until the answer is right.
    """

    kind: ClassVar[str] = "probe server"
    only_waits = True

    run: str
    server_id: str
    number: int
    server: str
    probe: Probe
    within_seconds: float

    @property
    def key(self) -> str:
        return f"{self.run}:probe:{self.server_id}-{self.number}"

    @property
    def title(self) -> str:
        return (
            f"probe {self.server!r}: {describe(self.probe)},"
            f" within {self.within_seconds:g} s"
        )

    @property
    def sources(self) -> tuple[str, ...]:
        return (self._server_key,)

    @property
    def calls(self) -> tuple[Call, ...]:
        return (Call("probe", f"{self.server!r}: {describe(self.probe)}"),)

    def check(self, world: World) -> Iterator[str]:
        if not isinstance(self.probe, CallProbe):
            return
        try:
            function_of(self.probe)
        except ValueError as error:
            yield f"server {self.server!r} cannot be probed: {error}"

    def do(self, world: World, done: Receipts) -> Receipt:
        server_id = done[self._server_key].id
        reasons = [""]

        def ask() -> bool | None:
            # Looked up each time: an agent's host is known once the server runs.
            reasons[0] = refusal_of(
                self.probe, world.site.servers.get(server_id), world
            )
            return None if reasons[0] else True

        try:
            wait_until(
                ask,
                what="the answer",
                seconds_max=self.within_seconds,
                first_wait_seconds=FIRST_WAIT_SECONDS,
                wait_seconds_max=WAIT_SECONDS_MAX,
            )
        except WaitedTooLong as error:
            raise ProbeFailed(
                f"server {self.server!r} did not answer within"
                f" {self.within_seconds:g} s as it should ({describe(self.probe)}):"
                f" {reasons[0]}"
            ) from error
        return Receipt("answer of server", server_id)

    def find(self, world: World) -> Receipt | None:
        """Find nothing: to ask again is no harm."""
        return None

    def undo(self, world: World, receipt: Receipt) -> None:
        """Leave it: an answer changes nothing."""

    @property
    def _server_key(self) -> str:
        return f"{self.run}:server:{self.server_id}"
