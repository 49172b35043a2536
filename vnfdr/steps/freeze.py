"""Hold one guest still for the length of a window."""

from collections.abc import Iterator
from typing import ClassVar

from attrs import frozen

from vnfdr.attached import changes_of_server
from vnfdr.backends import Stillness
from vnfdr.errors import CloudError, QuiesceError
from vnfdr.model import Guest, Level, Policy, Server
from vnfdr.plan import Call, Hold
from vnfdr.world import World

AGENT_JOB_SECONDS = 35.0


@frozen
class FreezeGuest(Hold[World]):
    """Freeze one guest, and thaw it again.

    Args:
        point: the recovery point it is done for.
        guest: how to reach it.
        backend: the quiesce backend's name.
        level: the level asked for.
        reaches: the level the backend reaches.
        policy: what to do when it cannot be frozen.
        timeout_seconds: how long its freeze may take.
        volume_ids: the volumes it had when the plan was made, all of them.
        shared_ids: of those, the ones that several servers may have.
        lease_seconds: when the failsafe thaws it, whoever is still alive.
        holds: whether its backend holds it at all.
        held_seconds_max: how long it can be held; Windows lets itself go.
    """

    kind: ClassVar[str] = "freeze"

    point: str
    guest: Guest
    backend: str
    level: Level
    reaches: Level
    policy: Policy
    timeout_seconds: float
    volume_ids: tuple[str, ...]
    lease_seconds: float
    holds: bool = True
    held_seconds_max: float | None = None
    shared_ids: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.point}:freeze:{self.guest.server_id}"

    @property
    def name(self) -> str:
        return self.guest.name

    @property
    def title(self) -> str:
        if not self.holds:
            return f"leave {self.guest.name} running ({self.backend})"
        return f"freeze {self.guest.name} ({self.backend}, {self.reaches.value})"

    @property
    def calls(self) -> tuple[Call, ...]:
        return (Call(f"freeze by {self.backend}", self.name),) if self.holds else ()

    def check(self, world: World) -> Iterator[str]:
        """Yield what is wrong with the server, its volumes and its guest.

        Where the policy allows a member to be degraded or skipped, a guest that
        cannot be frozen is not a reason to refuse.
        """
        try:
            yield from self._check_server(world)
        except CloudError as error:
            yield f"server {self.name!r} ({self.guest.server_id}): {error}"
            return
        if self.policy is Policy.REQUIRE and self.holds:
            yield from world.backend(self.backend).check(self.guest)

    def _check_server(self, world: World) -> Iterator[str]:
        server = world.site.servers.get(self.guest.server_id)
        yield from self._check_place(world, server)
        if server.status != "ACTIVE" and self.policy is Policy.REQUIRE:
            yield f"server {self.name!r} is {server.status}, not ACTIVE"
        if server.task_state:
            yield f"server {self.name!r} is busy: {server.task_state}"
        yield from changes_of_server(server, self.volume_ids)

    def _check_place(self, world: World, server: Server) -> Iterator[str]:
        try:
            guest = world.backend(self.backend).locate(server)
        except QuiesceError:
            return  # The guest's own check tells why, where that matters.
        if guest.address != self.guest.address:
            yield (
                f"server {self.name!r} has moved to {guest.address} since the plan was"
                " made; make the plan anew"
            )
        elif guest.timer != self.guest.timer:
            yield (
                f"server {self.name!r} has another timer on its host than when the plan"
                " was made; make the plan anew"
            )

    def prepare(self, world: World) -> None:
        world.backend(self.backend).prepare(
            self.guest,
            timeout_seconds=self.timeout_seconds,
            lease_seconds=self.lease_seconds,
        )

    def reach(self, world: World) -> None:
        world.backend(self.backend).reach(self.guest)

    def hold(self, world: World) -> int:
        return world.backend(self.backend).freeze(self.guest)

    def release(self, world: World) -> int:
        return world.backend(self.backend).thaw(self.guest)

    def witness(self, world: World) -> str:
        """Return what changes with a reboot, a move, a rebuild or a volume.

        And with who has its volumes: another server may write to a shared one.
        """
        seen = [world.backend(self.backend).witness(self.guest)]
        server = world.site.servers.get(self.guest.server_id)
        attached = sorted(a.volume_id for a in server.attachments)
        shared = [world.site.volumes.get(volume_id) for volume_id in self.shared_ids]
        users = (f"{v.id} has {', '.join(sorted(v.server_ids))}" for v in shared)
        return "; ".join([*seen, server.incarnation, *attached, *users])

    @property
    def late_seconds(self) -> float:
        """Libvirt waits 30 s for an agent, whoever asked for the freeze is gone."""
        return self.timeout_seconds + AGENT_JOB_SECONDS

    def may_be_held(self, world: World) -> bool:
        stillness = world.backend(self.backend).stillness(self.guest)
        return stillness is not Stillness.THAWED

    def settle(self, world: World) -> None:
        """Put back what `prepare` changed at the guest's agent."""
        try:
            world.backend(self.backend).settle(self.guest)
        except QuiesceError:
            return
