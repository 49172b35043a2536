"""What a process does to volumes, snapshots and backups alike."""

from collections.abc import Callable, Mapping

from attrs import define, field, frozen

from tests.core.faults import Effect
from tests.core.process import Process
from vnfdr.cloud import KEY
from vnfdr.errors import CloudError, Conflict, Gone, WaitedTooLong
from vnfdr.sandbox.site import Site
from vnfdr.sandbox.things import Backup, Snapshot, Volume

PATIENCE_SECONDS = 1800.0
FIRST_LOOK_SECONDS = 0.1
SLOWER = 1.6

Thing = Volume | Snapshot | Backup


@define(eq=False)
class Seen:
    """What was ever there, whatever became of it: for the judge.

    ``contents`` are the blocks of snapshots by id, as of their instants.
    """

    contents: dict[str, dict[int, bytes]] = field(factory=dict)
    tags: dict[str, str] = field(factory=dict)
    stamped: set[str] = field(factory=set)


@frozen
class Shelf:
    """A site's things, as one process gets at them."""

    process: Process
    site: Site
    seen: Seen

    def soon(self, seconds_max: float, of: str, effect: Callable[[], object]) -> float:
        """Let something happen soon; return in how many seconds."""
        seconds = self.process.faults.luck("soon", of) * seconds_max
        self.process.time.later(seconds, effect)
        return seconds

    def new(self, tag: str) -> str:
        """Return the id of what carries ``tag``."""
        new = self.site.new_id()
        self.seen.tags[new] = tag
        return new

    def until(self, look: Callable[[], object], what: str, seconds_max: float) -> None:
        """Wait until ``look`` finds what it looks for."""
        pause = FIRST_LOOK_SECONDS
        give_up_at = self.process.time.seconds + seconds_max
        while not look():
            if self.process.time.seconds >= give_up_at:
                raise WaitedTooLong(f"{what}: not within {seconds_max:g} seconds")
            self.process.sleep(pause)
            pause *= SLOWER

    def until_available(
        self, things: Mapping[str, Thing], thing_id: str, seconds_max: float
    ) -> None:
        """Wait until something is available; raise if it never will be."""

        def look() -> bool:
            if thing_id not in things:
                raise Gone(f"{thing_id} is gone", status=404)
            status = things[thing_id].status
            if status.startswith("error"):
                raise CloudError(f"{thing_id} is in status {status!r}")
            return status == "available"

        self.until(look, f"{thing_id} available", seconds_max)

    def delete(
        self, call: str, there: dict[str, Thing], thing_id: str, *users: dict
    ) -> None:
        """Delete something once nobody works on it, and wait until it is gone.

        Args:
            call: what asking for it is called.
            there: where it is.
            thing_id: which it is.
            users: where those are that may work on it.
        """

        def at_rest() -> bool:
            thing = there.get(thing_id)
            return thing is None or not (
                thing.status == "creating" or _is_used(thing_id, users)
            )

        def gone() -> bool:
            thing = there.get(thing_id)
            if thing is not None and thing.status == "error_deleting":
                raise Conflict(f"{thing_id} is in status 'error_deleting'")
            return thing is None

        def effect(fate: Effect | None) -> None:
            if not at_rest():
                raise Conflict(f"{thing_id} is busy")
            if thing_id in there:
                self._end(there, thing_id, fate)

        self.until(at_rest, f"{thing_id} ready to be deleted", PATIENCE_SECONDS)
        if thing_id in there and there[thing_id].status != "deleting":
            self.process.call(call, effect)
        self.until(gone, f"{thing_id} gone", PATIENCE_SECONDS)

    def _end(self, there: dict[str, Thing], thing_id: str, fate: Effect | None) -> None:
        if fate is Effect.ERROR:
            there[thing_id].status = "error_deleting"
        elif fate is Effect.STUCK:
            there[thing_id].status = "deleting"
        else:
            self._forget(there.pop(thing_id))

    def _forget(self, thing: Thing) -> None:
        if isinstance(thing, Backup):
            self.site.backup_store.delete(thing.id)
            return
        held = thing.image if isinstance(thing, Snapshot) else thing.disk
        if held is not None:
            self.site.disks.delete(held)


def _source_of(user: Volume | Backup) -> str | None:
    return user.snapshot_id or getattr(user, "volume_id", None)


def _is_used(thing_id: str, users: tuple[dict, ...]) -> bool:
    """Tell whether something is made of it just now."""
    return any(
        user.status == "creating" and thing_id == _source_of(user)
        for there in users
        for user in there.values()
    )


def tag_of(thing: Thing) -> str:
    return thing.metadata.get(KEY, "")
