"""A site, its guests and a journal in memory, for tests that need faults on demand.

Guests write records that hear of each other's at every call that anybody makes, so
that time passes with the calls. A snapshot's instant falls between its request and
the look that shows it available, so that an early thaw is seen in the data. What
breaks a promise raises `Violation`, which no runner can undo.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from attrs import define, evolve, field, frozen

from vnfdr.backends import Stillness
from vnfdr.cloud import (
    GROUP,
    KEY,
    POINT,
    VERDICT,
    ActionResult,
    BackupRequest,
    Headroom,
    Token,
)
from vnfdr.errors import (
    AlreadyFrozen,
    Conflict,
    Forbidden,
    FreezeFailed,
    Gone,
    NotQuiescable,
    QuiesceError,
    Unsupported,
)
from vnfdr.model import (
    Attachment,
    Backup,
    BackupRecord,
    Blueprint,
    Disk,
    Flavor,
    Guest,
    Level,
    Marked,
    Server,
    Snapshot,
    Volume,
    VolumeBlueprint,
)
from vnfdr.plan import Entry, SystemClock
from vnfdr.world import World

EPOCH = datetime.fromtimestamp(0, UTC)


class Crash(BaseException):
    """The process died here. No ``except Exception`` will save it."""


class Violation(BaseException):
    """A promise was broken. Not an `Exception`, so that no runner can undo it."""


def quiet(call: str) -> None:
    """Let ``call`` happen."""


@define
class Wire:
    """Everything that a process does outside itself passes here.

    ``before`` hears of each call about to have its effect and ``after`` of each that
    had it; either may raise, and so decide what the caller lives through.
    """

    before: Callable[[str], None] = quiet
    after: Callable[[str], None] = quiet
    calls: list[str] = field(factory=list)

    def around(self, call: str, effect):
        """Make a call."""
        self.calls.append(call)
        self.before(call)
        result = effect()
        self.after(call)
        return result


@define
class Recorder:
    """A guest's application: its newest record, and what that heard of others."""

    last: int = 0
    heard: dict[str, int] = field(factory=dict)
    frozen: bool = False


@frozen
class Picture:
    """What a snapshot holds: one guest's newest record at its instant."""

    guest: str
    last: int
    heard: Mapping[str, int]


@define
class FakeSite:
    """A site in memory that keeps the promises of `vnfdr.cloud.Site`."""

    wire: Wire = field(factory=Wire)
    name: str = "site-a"
    settings: dict[str, object] = field(factory=dict)
    all_servers: dict[str, Server] = field(factory=dict)
    all_volumes: dict[str, Volume] = field(factory=dict)
    all_snapshots: dict[str, Snapshot] = field(factory=dict)
    all_backups: dict[str, Backup] = field(factory=dict)
    metadata: dict[str, dict[str, str]] = field(factory=dict)
    guests: dict[str, Recorder] = field(factory=dict)
    pictures: dict[str, Picture] = field(factory=dict)
    free: dict[str, int | None] = field(factory=dict)
    project_id: str = "p"
    ids: "itertools.count[int]" = field(factory=lambda: itertools.count(1))
    fate: dict[str, str] = field(factory=dict)
    no_exports: bool = False
    parents: dict[str, str] = field(factory=dict)

    @property
    def servers(self):
        return FakeServers(self)

    @property
    def volumes(self):
        return FakeVolumes(self)

    @property
    def snapshots(self):
        return FakeSnapshots(self)

    @property
    def backups(self):
        return FakeBackups(self)

    @property
    def ports(self):
        return FakePorts(self)

    def call(self, call: str, effect):
        """Make a call; time passes for every guest."""
        self.tick()
        return self.wire.around(call, effect)

    def tick(self) -> None:
        """Let every guest that is not frozen write a record."""
        before = {name: guest.last for name, guest in self.guests.items()}
        for guest in self.guests.values():
            if not guest.frozen:
                guest.last += 1
                guest.heard = dict(before)

    def token(self) -> Token:
        return self.call(
            "token", lambda: Token(self.project_id, 3600.0, renewable=True)
        )

    def headroom(self) -> Headroom:
        return self.call("headroom", lambda: Headroom(self.free))

    def backup_service_up(self) -> bool | None:
        return self.call("services", lambda: True)

    def warm(self, connections: int) -> None:
        self.call("warm", lambda: None)

    def add_server(self, name: str, volumes: int = 2) -> Server:
        """Put a running server with its volumes and its guest there."""
        ids = [f"v-{name}-{n}" for n in range(volumes)]
        attached = tuple(
            Attachment(v, f"/dev/vd{'abcd'[n]}") for n, v in enumerate(ids)
        )
        server = Server(f"s-{name}", name, "p", attachments=attached)
        for volume_id in ids:
            self.all_volumes[volume_id] = Volume(
                volume_id, f"{name} disk", project_id="p", server_ids=(server.id,)
            )
        self.all_servers[server.id] = server
        self.guests[server.id] = Recorder()
        return server

    @property
    def made(self) -> list[str]:
        """Everything that carries a key: what a run left behind."""
        return sorted(self.metadata)

    @property
    def frozen(self) -> list[str]:
        """The guests that are frozen now."""
        return sorted(name for name, guest in self.guests.items() if guest.frozen)


@frozen
class FakeServers:
    site: FakeSite

    def get(self, server_id):
        def effect():
            if server_id not in self.site.all_servers:
                raise Gone(f"no server {server_id!r}", status=404)
            return self.site.all_servers[server_id]

        return self.site.call("server", effect)

    def named(self, name):
        servers = self.site.all_servers.values()
        return self.site.call(
            "servers", lambda: tuple(s for s in servers if s.name == name)
        )

    def names(self):
        servers = self.site.all_servers.values()
        return tuple(sorted(f"{s.name} ({s.id})" for s in servers))

    def marked(self):
        return ()

    def blueprint(self, server_id):
        def effect():
            server = self.site.all_servers[server_id]
            disks = tuple(Disk(a.volume_id, a.device) for a in server.attachments)
            return Blueprint(server.id, server.name, Flavor("m1", 1, 512), disks=disks)

        return self.site.call("blueprint", effect)

    def act(self, server_id, action):
        raise Unsupported(f"no action {action!r}", status=400)

    def action_result(self, server_id, request_id):
        return ActionResult(finished=True, message=None)


@frozen
class FakeVolumes:
    site: FakeSite

    def get(self, volume_id):
        def effect():
            if volume_id not in self.site.all_volumes:
                raise Gone(f"no volume {volume_id!r}", status=404)
            return self.site.all_volumes[volume_id]

        return self.site.call("volume", effect)

    def blueprint(self, volume_id):
        def effect():
            volume = self.site.all_volumes[volume_id]
            return VolumeBlueprint(volume.id, volume.name, volume.size_gib)

        return self.site.call("blueprint", effect)

    def create(self, *, tag, snapshot_id, size_gib, metadata):
        def effect():
            if self.site.all_snapshots[snapshot_id].status != "available":
                raise Violation(snapshot_id)
            new = f"vol{next(self.site.ids)}"
            _claim(self.site, new, tag, metadata)
            self.site.all_volumes[new] = Volume(new, tag, size_gib, "available")
            self.site.pictures[new] = self.site.pictures[snapshot_id]
            return new

        return self.site.call("create volume", effect)

    def marked(self):
        return self.site.call(
            "list volumes",
            lambda: _marked(self.site, "volume", self.site.all_volumes),
        )

    def find(self, tag):
        return self.site.call(
            "find volume", lambda: _tagged(self.site, self.site.all_volumes, tag)
        )

    def wait(self, volume_id):
        self.site.call("wait volume", lambda: None)

    def delete(self, volume_id):
        self.site.call(
            "delete volume",
            lambda: _forget(self.site, self.site.all_volumes, volume_id),
        )


@frozen
class FakeSnapshots:
    site: FakeSite

    def request(self, volume_id, *, tag, metadata):
        def effect():
            new = f"snap{next(self.site.ids)}"
            _claim(self.site, new, tag, metadata)
            self.site.all_snapshots[new] = Snapshot(new, volume_id, "creating", tag)
            return new

        return self.site.call("request snapshot", effect)

    def look(self, point):
        def effect():
            for snapshot in list(self.site.all_snapshots.values()):
                if snapshot.status == "creating":
                    self._take(snapshot)
            return tuple(
                s
                for s in self.site.all_snapshots.values()
                if self.site.metadata[s.id].get(POINT) == point
            )

        return self.site.call("look", effect)

    def _take(self, snapshot):
        status = self.site.fate.get(snapshot.volume_id, "available")
        server_id = self.site.all_volumes[snapshot.volume_id].server_ids[0]
        guest = self.site.guests[server_id]
        self.site.all_snapshots[snapshot.id] = evolve(snapshot, status=status)
        self.site.pictures[snapshot.id] = Picture(
            server_id, guest.last, dict(guest.heard)
        )

    def marked(self):
        return self.site.call(
            "list snapshots",
            lambda: _marked(self.site, "snapshot", self.site.all_snapshots),
        )

    def find(self, tag):
        return self.site.call(
            "find snapshot", lambda: _tagged(self.site, self.site.all_snapshots, tag)
        )

    def stamp(self, snapshot_id, metadata):
        self.site.call(
            "stamp", lambda: self.site.metadata[snapshot_id].update(metadata)
        )

    def delete(self, snapshot_id):
        self.site.call(
            "delete snapshot",
            lambda: _forget(self.site, self.site.all_snapshots, snapshot_id),
        )


@frozen
class FakeBackups:
    site: FakeSite

    def create(self, request: BackupRequest, *, timeout_seconds):
        def effect():
            if request.incremental and not self._of(request.volume_id):
                raise Conflict(request.volume_id)
            new = f"backup{next(self.site.ids)}"
            _claim(self.site, new, request.tag, request.metadata)
            if request.incremental:
                self.site.parents[new] = self._of(request.volume_id)[-1].id
            self.site.all_backups[new] = Backup(
                new,
                request.volume_id,
                "available",
                request.incremental,
                f"{len(self.site.all_backups):04}",
                1,
            )
            return new

        return self.site.call("create backup", effect)

    def _of(self, volume_id):
        backups = self.site.all_backups.values()
        return tuple(b for b in backups if b.volume_id == volume_id)

    def export(self, backup_id):
        def effect():
            if self.site.no_exports:
                raise Forbidden("Policy does not allow it", status=403)
            if backup_id not in self.site.all_backups:
                raise Gone(f"no backup {backup_id!r}", status=404)
            seen = self.site.all_backups[backup_id]
            history = [backup.id for backup in self._of(seen.volume_id)]
            before = ["", *history[: history.index(backup_id)]]
            parent = before[-1] if seen.incremental else ""
            parent = self.site.parents.get(backup_id, parent)
            return BackupRecord(seen.id, seen.volume_id, parent, 1, "", "fake", "e30=")

        return self.site.call("export", effect)

    def of_volume(self, volume_id):
        return self.site.call("backups", lambda: self._of(volume_id))

    def marked(self):
        return self.site.call(
            "list backups",
            lambda: tuple(
                evolve(each, dependents=int(self._built_on(each.id)))
                for each in _marked(self.site, "backup", self.site.all_backups)
            ),
        )

    def find(self, tag):
        return self.site.call(
            "find backup", lambda: _tagged(self.site, self.site.all_backups, tag)
        )

    def wait(self, backup_id, *, timeout_seconds):
        self.site.call("wait backup", lambda: None)

    def delete(self, backup_id):
        def effect():
            if self._built_on(backup_id):
                raise Conflict("Incremental backups exist for this backup", status=400)
            _forget(self.site, self.site.all_backups, backup_id)

        self.site.call("delete backup", effect)

    def _built_on(self, backup_id):
        there = self.site.all_backups
        return any(backup_id == self.site.parents.get(each) for each in there)


@frozen
class FakePorts:
    site: FakeSite

    def marked(self):
        return ()


def _marked(site, noun, things):
    """Return what carries a mark, as old as the epoch."""
    return tuple(
        Marked(
            noun=noun,
            id=thing_id,
            name=site.metadata[thing_id][KEY],
            key=site.metadata[thing_id][KEY],
            point=site.metadata[thing_id][POINT],
            group=site.metadata[thing_id].get(GROUP, ""),
            verdict=site.metadata[thing_id].get(VERDICT, ""),
            status=thing.status,
            created_at=EPOCH,
            of=getattr(thing, "volume_id", "of a snapshot"),
            used_by=getattr(thing, "server_ids", ()),
            size_gib=getattr(thing, "size_gib", 1),
        )
        for thing_id, thing in things.items()
        if thing_id in site.metadata
    )


def _claim(site, new, tag, metadata):
    if tag in {carried[KEY] for carried in site.metadata.values()}:
        raise Violation(f"two things are tagged {tag!r}")
    site.metadata[new] = {**metadata, KEY: tag}


def _tagged(site, things, tag):
    return next(
        (t for i, t in things.items() if site.metadata.get(i, {}).get(KEY) == tag), None
    )


def _forget(site, things, thing_id):
    things.pop(thing_id, None)
    site.metadata.pop(thing_id, None)


@define
class FakeQuiesce:
    """A quiesce backend for the guests of a `FakeSite`."""

    site: FakeSite
    level: Level = Level.FILESYSTEM
    holds: bool = True
    dead: set[str] = field(factory=set)
    unlocatable: set[str] = field(factory=set)
    unprepared: set[str] = field(factory=set)
    boots: Iterator[int] = field(factory=lambda: itertools.repeat(1))

    def locate(self, server):
        if server.name in self.unlocatable:
            raise NotQuiescable(f"{server.name} has no agent channel")
        return Guest(server.id, server.name, "fake://here")

    def check(self, guest):
        if guest.name in self.dead:
            yield f"{guest.name}: its agent does not answer"
        elif self.stillness(guest) is Stillness.FROZEN:
            yield f"{guest.name}: somebody else holds it frozen"

    def prepare(self, guest, *, timeout_seconds, lease_seconds):
        self.site.call("prepare", lambda: None)
        if guest.name in self.unprepared:
            raise QuiesceError(f"{guest.name} cannot be prepared")

    def reach(self, guest):
        self.site.call("reach", lambda: None)

    def settle(self, guest):
        self.site.call("settle", lambda: None)

    def witness(self, guest):
        return self.site.call("witness", lambda: f"boot {next(self.boots)}")

    def stillness(self, guest):
        recorder = self.site.guests[guest.server_id]
        still = Stillness.FROZEN if recorder.frozen else Stillness.THAWED
        return self.site.call("stillness", lambda: still)

    def freeze(self, guest):
        def effect():
            recorder = self.site.guests[guest.server_id]
            if guest.name in self.dead:
                raise FreezeFailed(f"cannot freeze {guest.name}: agent not connected")
            if recorder.frozen:
                raise AlreadyFrozen(f"cannot freeze {guest.name}: it is frozen already")
            recorder.frozen = True
            return 2

        return self.site.call(f"freeze {guest.name}", effect)

    def thaw(self, guest):
        def effect():
            if guest.name in self.dead:
                raise QuiesceError(f"cannot thaw {guest.name}: agent not connected")
            recorder = self.site.guests[guest.server_id]
            count = 2 if recorder.frozen else 0
            recorder.frozen = False
            return count

        return self.site.call(f"thaw {guest.name}", effect)


@define
class FakeClock:
    """Time that passes only when somebody looks or waits."""

    seconds: float = 0.0

    def now(self):
        self.seconds += 0.001
        return self.seconds

    def date(self):
        return SystemClock().date()

    def wait(self, seconds, *, unless):
        self.seconds += seconds
        unless.wait(0.0005)  # Other threads get a turn, as they do in real time.


@define
class FakeJournal:
    """A journal in memory whose writing is a call like any other."""

    wire: Wire
    entries: list[Entry] = field(factory=list)

    def append(self, *entries):
        self.wire.around("journal", lambda: self.entries.extend(entries))

    def __iter__(self):
        return iter(tuple(self.entries))


def world_of(site: FakeSite, backend: FakeQuiesce | None = None) -> World:
    """Return the world of a fake site, whose backend answers to ``fake``."""
    return World(site, {"fake": backend or FakeQuiesce(site)})


def violations(pictures) -> list[str]:
    """Name each record in a set of pictures whose cause is in none of them."""
    last = {}
    for picture in pictures:
        last[picture.guest] = min(last.get(picture.guest, picture.last), picture.last)
    return [
        f"{picture.guest} heard {number} of {other}, which is not there"
        for picture in pictures
        for other, number in picture.heard.items()
        if number > last.get(other, number)
    ]
