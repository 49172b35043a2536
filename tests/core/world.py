"""A world without a network: the sandbox's data and guests, under virtual time.

The cloud, its guests and the journal outlive the processes that work on them. The
same seed and the same faults make the same world, as far as threads allow.
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from attrs import define, evolve, field

from tests.core.cloud import CoreSite
from tests.core.faults import Effect, Fault, Faults
from tests.core.process import REFUSALS, Process, ProcessClock, Protocol, Stops
from tests.core.quiesce import CoreQuiesce, Others
from tests.core.shelf import Seen, Shelf
from tests.core.virtual import Time
from vnfdr.cloud import KEY
from vnfdr.errors import JournalUnwritable
from vnfdr.plan import Entry
from vnfdr.sandbox.agents import Agent, AgentFaults
from vnfdr.sandbox.backups import BackupStore
from vnfdr.sandbox.faults import Latency
from vnfdr.sandbox.site import Site
from vnfdr.sandbox.things import Backup, Server
from vnfdr.world import World

WRITING = Protocol(
    dict.fromkeys(REFUSALS, JournalUnwritable),
    JournalUnwritable,
    seconds=1.0,
    in_order=True,
    once=True,
)
LATE_FREEZE_SECONDS_MAX = 20.0
BACKEND = "core"


@define(eq=False)
class CoreJournal:
    """A journal as one process sees it: to write it is a call like any other."""

    process: Process
    entries: list[Entry]

    def append(self, *entries: Entry) -> None:
        self.process.call("journal", lambda _: self.entries.extend(entries), WRITING)

    def __iter__(self):
        self.process.live()
        return iter(tuple(self.entries))


@define(eq=False)
class Core:
    """One world. A context manager: its bytes are gone when it ends."""

    seed: int = 0
    faults: Faults = field(init=False)
    time: Time = field(factory=Time)
    stops: Stops = field(factory=Stops)
    seen: Seen = field(factory=Seen)
    entries: list[Entry] = field(factory=list)
    others: Others = field(factory=Others)
    backend: Callable[[Process, Site, Others], CoreQuiesce] = CoreQuiesce
    cloud: Callable[[Shelf], CoreSite] = CoreSite
    site: Site = field(init=False)
    _directory: "tempfile.TemporaryDirectory[str]" = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.faults = Faults(self.seed)
        self._directory = tempfile.TemporaryDirectory(prefix="vnfdr-core-")
        place = Path(self._directory.name)
        self.site = Site(
            "core",
            place / "disks",
            BackupStore(place / "backups"),
            self.time.network,
            Latency(),
            self.seed,
            self.time.date,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.site.close()
        self._directory.cleanup()

    def process(self) -> Process:
        """Return a new process, which knows nothing of what those before it met."""
        self.others.refused.clear()
        self.others.robbed.clear()
        return Process(self.time, self.faults, self.meddle, self.stops)

    def world(self, process: Process) -> World:
        """Return what the steps of a plan work on, as a process sees it."""
        site = self.cloud(Shelf(process, self.site, self.seen))
        return World(site, {BACKEND: self.backend(process, self.site, self.others)})

    def clock(self, process: Process) -> ProcessClock:
        """Return the clock of a process."""
        return ProcessClock(process)

    def journal(self, process: Process) -> CoreJournal:
        """Return the journal of the run, as a process sees it."""
        return CoreJournal(process, self.entries)

    def back_up_before(self, servers: Sequence[Server]) -> None:
        """Let every volume of some servers have a full backup already."""
        for attached in (a for server in servers for a in server.attachments):
            volume = self.site.volumes[attached.volume_id]
            now = int(self.site.now())
            made = Backup(
                self.site.new_id(), "", volume.id, None, None, 1, now, now, "available"
            )
            self.site.backup_store.save(volume.disk, made.id)
            self.site.backups[made.id] = made

    def meddle(self, fault: Fault) -> None:
        """Do to one guest what somebody else would."""
        servers = list(self.site.servers.values())
        server = servers[int(fault.amount * len(servers)) % len(servers)]
        if fault.effect in _MEDDLING:
            _MEDDLING[fault.effect](self, server)
        if fault.effect in _ON_AGENT:
            server.guest.faults = evolve(server.guest.faults, **_ON_AGENT[fault.effect])
        if fault.effect is Effect.LATE_FREEZE:
            late = LATE_FREEZE_SECONDS_MAX * self.faults.luck(server.name)
            server.guest.faults = evolve(server.guest.faults, late_freeze_seconds=late)

    def mend(self) -> None:
        """Let everything go well from now on, and everybody else leave."""
        self.faults.pending = ()
        for server in self.site.servers.values():
            server.guest.faults = evolve(
                server.guest.faults,
                agent=Agent.WELL,
                late_freeze_seconds=0.0,
                thaw_count_off_by=0,
            )

    @property
    def frozen(self) -> set[str]:
        """The names of the guests that are frozen now."""
        return set(self.site.frozen)

    @property
    def made(self) -> dict[str, str]:
        """The tags of everything that carries one, by id."""
        things = (self.site.volumes, self.site.snapshots, self.site.backups)
        return {
            thing.id: thing.metadata[KEY]
            for there in things
            for thing in there.values()
            if KEY in thing.metadata
        }


def _freeze(core: Core, server: Server) -> None:
    if _may_freeze(core, server) and server.guest.faults == AgentFaults():
        server.guest.freeze()
        core.others.hold.add(server.name)


def _fsfreeze(core: Core, server: Server) -> None:
    if _may_freeze(core, server):
        server.guest.freeze_from_console()
        core.others.hold.add(server.name)


def _may_freeze(core: Core, server: Server) -> bool:
    return not server.guest.is_still and server.name not in core.others.thawed


def _thaw(core: Core, server: Server) -> None:
    if server.guest.thaw_from_console():
        core.others.thawed.add(server.name)
    core.others.hold.discard(server.name)


def _reboot(core: Core, server: Server) -> None:
    server.guest.pull_the_plug()
    server.guest.boot()
    core.others.hold.discard(server.name)


def _migrate(core: Core, server: Server) -> None:
    core.site.migrate(server, f"{server.host}-next")


_MEDDLING: Mapping[Effect, Callable[[Core, Server], None]] = {
    Effect.FREEZE: _freeze,
    Effect.FSFREEZE: _fsfreeze,
    Effect.THAW: _thaw,
    Effect.REBOOT: _reboot,
    Effect.MIGRATE: _migrate,
}
_ON_AGENT: Mapping[Effect, Mapping[str, object]] = {
    Effect.DEAD: {"agent": Agent.DEAD},
    Effect.HUNG: {"agent": Agent.HUNG},
    Effect.WELL: {"agent": Agent.WELL},
    Effect.MISCOUNT: {"thaw_count_off_by": -1},
}
