"""A site, its guests and a journal in memory, for tests that need faults on demand.

Guests write records that hear of each other's at every call that anybody makes, so
that time passes with the calls. A snapshot's instant falls between its request and
the look that shows it available, so that an early thaw is seen in the data. What
breaks a promise raises `Violation`, which no runner can undo.
"""

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from attrs import define, evolve, field, frozen

from tests.fake_neutron import FakeNetworks, FakePorts, Wiring
from vnfdr.backends import Stillness
from vnfdr.cloud import (
    GROUP,
    KEY,
    POINT,
    VERDICT,
    ActionResult,
    BackupRequest,
    Headroom,
    Offer,
    Token,
)
from vnfdr.errors import (
    AlreadyFrozen,
    CloudError,
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


def setting(events):
    """Return a hook that sets the event of each call that has one."""

    def hook(call):
        if call in events:
            events[call].set()

    return hook


def failing(call, error, times=1):
    """Make the first calls of one name fail, before they have any effect."""
    errors = iter([error] * times)

    def hook(made):
        if made == call and (due := next(errors, None)):
            raise due

    return hook


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
    """A site in memory that keeps the promises of `vnfdr.cloud.Site`.

    ``vault`` is the store that backups are in, which two sites may share; ``parents``
    is who builds on whom of the backups that the site knows; ``imported`` are those
    that it did not make. ``asked`` is what new servers and volumes were asked to be.
    ``fate`` says what becomes of something: of a snapshot by its volume's id, of a
    server by its name, of a restore or an import by the backup's id.
    """

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
    vault: "dict[str, Picture]" = field(factory=dict)
    parents: dict[str, str] = field(factory=dict)
    imported: set[str] = field(factory=set)
    asked: dict[str, object] = field(factory=dict)
    looks: dict[str, VolumeBlueprint] = field(factory=dict)
    restoring: dict[str, str] = field(factory=dict)
    wiring: Wiring = field(factory=Wiring)
    stock: Offer = field(factory=Offer)
    lacks: tuple[str, ...] = ()
    epoch: datetime = EPOCH
    no_exports: bool = False
    turn: threading.RLock = field(
        factory=threading.RLock, init=False, repr=False, eq=False
    )

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

    @property
    def networks(self):
        return FakeNetworks(self)

    @property
    def catalogue(self):
        return FakeCatalogue(self)

    def claim(self, new, tag, metadata) -> None:
        """Mark something new; nothing else may have its key."""
        if tag in {carried.get(KEY) for carried in self.metadata.values()}:
            raise Violation(f"two things are tagged {tag!r}")
        self.metadata[new] = {**metadata, KEY: tag}

    def volumes_there(self, volume_id) -> Volume:
        """Return a volume; raise `Gone` when there is none."""
        if volume_id not in self.all_volumes:
            raise Gone(f"no volume {volume_id!r}", status=404)
        return self.all_volumes[volume_id]

    def call(self, call: str, effect):
        """Make a call; time passes for every guest. Effects come one at a time."""

        def alone():
            with self.turn:
                return effect()

        with self.turn:
            self.tick()
        return self.wire.around(call, alone)

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
        return self.site.call(
            "list servers",
            lambda: _marked(self.site, "server", self.site.all_servers),
        )

    def create(self, request):
        server_id = self.site.call("create server", lambda: self._build(request))
        self.wait(server_id)
        return server_id

    def find(self, tag):
        return self.site.call(
            "find server", lambda: _tagged(self.site, self.site.all_servers, tag)
        )

    def wait(self, server_id):
        def effect():
            if server_id not in self.site.all_servers:
                raise Gone(f"no server {server_id!r}", status=404)
            server = self.site.all_servers[server_id]
            if server.status == "ERROR":
                raise CloudError(
                    f"server {server_id} is in status ERROR: no valid host"
                )
            self.site.all_servers[server_id] = evolve(server, status="ACTIVE")

        self.site.call("wait server", effect)

    def delete(self, server_id):
        def effect():
            server = self.site.all_servers.get(server_id)
            for at in server.attachments if server else ():
                volume = self.site.all_volumes[at.volume_id]
                self.site.all_volumes[at.volume_id] = evolve(
                    volume, status="available", server_ids=()
                )
            plugged = self.site.wiring.plugged
            for port_id in [p for p, at in plugged.items() if at == server_id]:
                del plugged[port_id]
            self.site.guests.pop(server_id, None)
            _forget(self.site, self.site.all_servers, server_id)

        self.site.call("delete server", effect)

    def _build(self, request):
        new = f"server{next(self.site.ids)}"
        ids = [volume.volume_id for volume in request.volumes]
        there = self.site.all_volumes
        for volume_id in ids:
            if there[volume_id].status != "available":
                raise Conflict(f"volume {volume_id} is {there[volume_id].status}")
        if not there[ids[0]].bootable:
            raise Conflict(f"volume {ids[0]} is not bootable")
        if busy := set(request.port_ids) & self.site.wiring.plugged.keys():
            raise Conflict(f"ports are in use: {sorted(busy)}")
        self.site.claim(new, request.tag, request.metadata)
        attached = tuple(
            Attachment(volume_id, f"/dev/vd{chr(ord('a') + place)}")
            for place, volume_id in enumerate(ids)
        )
        for volume_id in ids:
            there[volume_id] = evolve(
                there[volume_id], status="in-use", server_ids=(new,)
            )
        self.site.wiring.plugged |= dict.fromkeys(request.port_ids, new)
        self.site.asked[new] = request
        status = self.site.fate.get(request.name, "BUILD")
        self.site.all_servers[new] = Server(
            new, request.name, self.site.project_id, status, attachments=attached
        )
        picture = self.site.pictures.get(ids[0])
        self.site.guests[new] = Recorder(picture.last if picture else 0)
        return new

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

    def create(self, *, tag, snapshot_id, size_gib, metadata):
        def effect():
            if self.site.all_snapshots[snapshot_id].status != "available":
                raise Violation(snapshot_id)
            new = f"vol{next(self.site.ids)}"
            self.site.claim(new, tag, metadata)
            self.site.all_volumes[new] = Volume(new, tag, size_gib, "available")
            self.site.pictures[new] = self.site.pictures[snapshot_id]
            return new

        return self.site.call("create volume", effect)

    def create_blank(self, request):
        def effect():
            new = f"vol{next(self.site.ids)}"
            self.site.claim(new, request.tag, request.metadata)
            self.site.asked[new] = request
            self.site.all_volumes[new] = Volume(
                new, request.tag, request.size_gib, "available", request.type
            )
            return new

        return self.site.call("create volume", effect)

    def copy(self, *, tag, volume_id, size_gib, metadata):
        def effect():
            new = f"vol{next(self.site.ids)}"
            source = self.site.all_volumes[volume_id]
            self.site.claim(new, tag, metadata)
            self.site.all_volumes[new] = evolve(
                source,
                id=new,
                name=tag,
                size_gib=size_gib,
                status="available",
                server_ids=(),
            )
            if volume_id in self.site.pictures:
                self.site.pictures[new] = self.site.pictures[volume_id]
            return new

        return self.site.call("copy volume", effect)

    def restored_from(self, volume_id):
        def effect():
            self.site.volumes_there(volume_id)
            return self.site.metadata.get(volume_id, {}).get("src_backup_id", "")

        return self.site.call("volume", effect)

    def repair(self, volume_id, like, metadata):
        def effect():
            volume = self.site.volumes_there(volume_id)
            self.site.all_volumes[volume_id] = evolve(
                volume, name=like.name, bootable=like.bootable
            )
            self.site.looks[volume_id] = like
            self.site.metadata[volume_id] = {**like.metadata, **metadata}

        self.site.call("repair volume", effect)

    def blueprint(self, volume_id):
        def effect():
            volume = self.site.volumes_there(volume_id)
            return VolumeBlueprint(
                volume.id,
                volume.name,
                volume.size_gib,
                volume.type,
                bootable=volume.bootable,
            )

        return self.site.call("blueprint", effect)

    def marked(self):
        return self.site.call(
            "list volumes",
            lambda: _marked(self.site, "volume", self.site.all_volumes),
        )

    def find(self, tag):
        def effect():
            named = (v for v in self.site.all_volumes.values() if v.name == tag)
            found = _tagged(self.site, self.site.all_volumes, tag)
            return found or next(named, None)

        return self.site.call("find volume", effect)

    def wait(self, volume_id):
        self.site.call("wait volume", lambda: None)

    def delete(self, volume_id):
        def effect():
            volume = self.site.all_volumes.get(volume_id)
            if volume and volume.server_ids:
                raise Conflict(f"volume {volume_id} is attached", status=400)
            self.site.restoring.pop(volume_id, None)
            _forget(self.site, self.site.all_volumes, volume_id)

        self.site.call("delete volume", effect)


@frozen
class FakeSnapshots:
    site: FakeSite

    def request(self, volume_id, *, tag, metadata):
        def effect():
            new = f"snap{next(self.site.ids)}"
            self.site.claim(new, tag, metadata)
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
            older = self._of(request.volume_id)
            if request.incremental and not older:
                raise Conflict(request.volume_id)
            new = f"backup{next(self.site.ids)}"
            self.site.claim(new, request.tag, request.metadata)
            if request.incremental:
                self.site.parents[new] = older[-1].id
            source = request.snapshot_id or request.volume_id
            if source in self.site.pictures:
                self.site.vault[new] = self.site.pictures[source]
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
        def effect():
            backup = self._there(backup_id)
            if backup.status == "restoring":
                restored = evolve(backup, status="available")
                self.site.all_backups[backup_id] = restored

        self.site.call("wait backup", effect)

    def delete(self, backup_id):
        def effect():
            if self._built_on(backup_id):
                raise Conflict("Incremental backups exist for this backup", status=400)
            if backup_id in self.site.imported:
                raise Violation(f"{backup_id} is another site's, and was deleted")
            self.site.vault.pop(backup_id, None)
            _forget(self.site, self.site.all_backups, backup_id)

        self.site.call("delete backup", effect)

    def get(self, backup_id):
        return self.site.call("backup", lambda: self._there(backup_id))

    def export(self, backup_id):
        def effect():
            if self.site.no_exports:
                raise Forbidden("Policy does not allow it", status=403)
            backup = self._there(backup_id)
            if backup.status != "available":
                raise Conflict(f"backup {backup_id} is {backup.status}", status=400)
            return BackupRecord(
                backup.id,
                backup.volume_id,
                self.site.parents.get(backup_id, ""),
                backup.size_gib,
                backup.data_timestamp,
                "fake",
                "e30=",
            )

        return self.site.call("export", effect)

    def take_in(self, record):
        there = self.site.call("backup", lambda: self._known(record))
        if not there:
            self.site.call("import backup", lambda: self._import(record))
        if self.site.all_backups[record.id].status == "error":
            raise CloudError(f"backup {record.id} is in status error")

    def restore(self, backup_id, volume_id, *, timeout_seconds):
        self.site.call("restore backup", lambda: self._begin(backup_id, volume_id))
        self.wait_restored(backup_id, volume_id, timeout_seconds=timeout_seconds)

    def wait_restored(self, backup_id, volume_id, *, timeout_seconds):
        def effect():
            if self.site.restoring.pop(volume_id, None) == backup_id:
                self._finish(backup_id, volume_id)
            volume = self.site.volumes_there(volume_id)
            came_from = self.site.metadata[volume_id].get("src_backup_id")
            if volume.status != "available" or came_from != backup_id:
                raise CloudError(f"volume {volume_id} is in status {volume.status}")

        self.site.call("wait restored", effect)

    def _there(self, backup_id):
        if backup_id not in self.site.all_backups:
            raise Gone(f"no backup {backup_id!r}", status=404)
        return self.site.all_backups[backup_id]

    def _known(self, record):
        found = self.site.all_backups.get(record.id)
        if found and found.volume_id != record.volume_id:
            raise Conflict(f"backup {record.id} is another one")
        return found is not None

    def _import(self, record):
        self.site.imported.add(record.id)
        self.site.all_backups[record.id] = Backup(
            record.id,
            record.volume_id,
            self.site.fate.get(record.id, "available"),
            bool(record.parent_id),
            record.data_timestamp,
            record.size_gib,
        )
        if record.parent_id:
            self.site.parents[record.id] = record.parent_id

    def _begin(self, backup_id, volume_id):
        backup, volume = self._there(backup_id), self.site.volumes_there(volume_id)
        busy = backup_id in self.site.restoring.values()
        if backup.status != "available" or busy:
            raise Conflict(f"backup {backup_id} is not available", status=400)
        if volume.status != "available" or volume.size_gib < backup.size_gib:
            raise Conflict(f"volume {volume_id} is not fit", status=400)
        self.site.restoring[volume_id] = backup_id
        self.site.all_volumes[volume_id] = evolve(volume, status="restoring-backup")

    def _finish(self, backup_id, volume_id):
        """Restore as Cinder does: metadata become the source's, the name stays."""
        whole = all(link in self.site.all_backups for link in self._chain(backup_id))
        fate = self.site.fate.get(
            backup_id, "available" if whole else "error_restoring"
        )
        volume = self.site.all_volumes[volume_id]
        self.site.all_volumes[volume_id] = evolve(volume, status=fate)
        if fate == "available":
            self.site.metadata[volume_id] = {"src_backup_id": backup_id}
            if backup_id in self.site.vault:
                self.site.pictures[volume_id] = self.site.vault[backup_id]

    def _chain(self, backup_id):
        while backup_id:
            yield backup_id
            backup_id = self.site.parents.get(backup_id, "")

    def _built_on(self, backup_id):
        there = self.site.all_backups
        return any(backup_id == self.site.parents.get(each) for each in there)


@frozen
class FakeCatalogue:
    site: FakeSite

    def offer(self):
        return self.site.call("offer", lambda: self.site.stock)

    def room_for(self, servers, cores, ram_mib):
        return self.site.call("limits", lambda: self.site.lacks)

    def network_room_for(self, needs):
        return self.site.call("network quotas", tuple)


def _marked(site, noun, things):
    """Return what carries a mark, as old as the epoch."""
    return tuple(
        Marked(
            noun=noun,
            id=thing_id,
            name=getattr(thing, "name", site.metadata[thing_id].get(KEY, "")),
            key=site.metadata[thing_id].get(KEY, ""),
            point=site.metadata[thing_id].get(POINT, ""),
            group=site.metadata[thing_id].get(GROUP, ""),
            verdict=site.metadata[thing_id].get(VERDICT, ""),
            status=thing.status,
            created_at=EPOCH,
            of=getattr(thing, "volume_id", "of a snapshot"),
            restored="src_backup_id" in site.metadata[thing_id],
            used_by=getattr(thing, "server_ids", ()),
            size_gib=getattr(thing, "size_gib", 1),
        )
        for thing_id, thing in things.items()
        if thing_id in site.metadata
    )


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
