"""One site: all that it knows, and what its operator may do to it from Python.

The services in this process answer from it. Its methods are called from the thread of
a test or a demonstration, its timers run in the loop that serves it.
"""

import asyncio
import itertools
import uuid
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from random import Random
from string import ascii_lowercase

from attrs import Factory, define, field

from vnfdr.sandbox.backups import BackupStore
from vnfdr.sandbox.catalogue import Catalogue
from vnfdr.sandbox.consistency import Verdict, consistency_of
from vnfdr.sandbox.disks import Disk, DiskStore
from vnfdr.sandbox.faults import Effect, Faults, Latency
from vnfdr.sandbox.guests import GuestNetwork
from vnfdr.sandbox.networks import Networks
from vnfdr.sandbox.objects import ObjectStore
from vnfdr.sandbox.paths import Stage
from vnfdr.sandbox.pictures import Picture
from vnfdr.sandbox.quotas import QUOTAS
from vnfdr.sandbox.records import Readable
from vnfdr.sandbox.things import (
    Action,
    Attachment,
    Backup,
    Event,
    Flavor,
    GroupSnapshot,
    Keypair,
    Message,
    Migration,
    Now,
    Server,
    ServerGroup,
    Snapshot,
    Token,
    User,
    Volume,
    VolumeGroup,
)
from vnfdr.sandbox.vnf import Vnf

ADMIN, MEMBER = "admin", "member"
PASSWORD = "sandbox"  # noqa: S105 - of a cloud that holds nothing of worth
HOSTS = 2


@define(eq=False)
class Site:
    """One OpenStack, with one project.

    Args:
        name: what clouds.yaml calls it, and its region.
        directory: where the bytes of its volumes are.
        backup_store: where its backups are; another site may share it.
        network: where its guests talk to each other.
        latency: how slow it is.
        seed: what all that is random comes from.
        now: the time of the wall.
    """

    name: str
    directory: Path
    backup_store: BackupStore
    network: GuestNetwork
    latency: Latency
    seed: int
    now: Now
    url: str = field(default="", init=False)
    """Where it is served."""
    project_id: str = field(init=False)
    random: Random = field(init=False)
    faults: Faults = field(init=False)
    disks: DiskStore = field(init=False)
    users: dict[str, User] = field(init=False)
    tokens: dict[str, Token] = Factory(dict)
    token_seconds: float = 3600.0
    volumes: dict[str, Volume] = Factory(dict)
    snapshots: dict[str, Snapshot] = Factory(dict)
    backups: dict[str, Backup] = Factory(dict)
    groups: dict[str, VolumeGroup] = Factory(dict)
    group_snapshots: dict[str, GroupSnapshot] = Factory(dict)
    servers: dict[str, Server] = Factory(dict)
    messages: list[Message] = Factory(list)
    flavors: dict[str, Flavor] = Factory(dict)
    keypairs: dict[tuple[str, str], Keypair] = Factory(dict)
    """By their users and names."""
    migrations: dict[int, Migration] = Factory(dict)
    server_groups: dict[str, ServerGroup] = Factory(dict)
    compute_quotas: dict[str, int] = Factory(dict)
    """What Nova limits; what is not in it is unlimited."""
    networks: Networks = field(init=False)
    pictures: dict[str, Picture] = Factory(dict)
    objects: ObjectStore = Factory(ObjectStore)
    types: Catalogue = field(init=False)
    quotas: dict[str, int] = Factory(lambda: dict(QUOTAS))
    page_max: int = 1000
    volume_gib_max: int = 10_000
    """The biggest volume for which its storage has room."""
    offers_quiesce: bool = True
    """Whether its Nova has the actions of the nova-spec."""
    backup_service_up: bool = True
    cancels_backups: bool = True
    """Whether its backup driver gives one up, as all do but Ceph's."""
    takes_groups_at_once: bool = True
    """Whether its storage can; RBD and LVM cannot, and take one volume after another,
    whatever the type of the group says."""
    _tasks: set[asyncio.Task[None]] = field(factory=set, init=False, repr=False)
    snapshot_slots: asyncio.Semaphore = field(init=False, repr=False)
    _numbers: Iterator[int] = field(
        factory=lambda: itertools.count(1), init=False, repr=False
    )

    def __attrs_post_init__(self) -> None:
        self.random = Random(f"{self.seed} {self.name}")  # noqa: S311 - no secret
        self.faults = Faults(self.random)
        self.disks = DiskStore(self.directory)
        self.types = Catalogue(self.name)
        self.project_id = self.hexadecimal()
        self.users = {
            name: User(self.hexadecimal(), name, PASSWORD, admin=name == ADMIN)
            for name in (ADMIN, MEMBER)
        }
        flavor = Flavor(self.new_id(), "sandbox.small")
        self.flavors[flavor.id] = flavor
        self.snapshot_slots = asyncio.Semaphore(self.latency.snapshots_at_once)
        self.networks = Networks(self.project_id, self.random, self.now)

    def add_vnf(self, name: str, *, db: int = 1, app: int = 1, lb: int = 1) -> Vnf:
        """Put a call-processing VNF there, with so many servers in each tier."""
        return Vnf.put(name, {"db": db, "app": app, "lb": lb}, self.add_server)

    def add_server(
        self,
        name: str,
        *,
        volumes: int = 2,
        size_gib: int = 1,
        flavor: str = "",
        stage: Stage | None = None,
    ) -> Server:
        """Put a running server there, with its volumes and its guest.

        ``stage`` is its guest's place on the path of a call; a guest without one
        talks to all others that have none.
        """
        disks = [self.disks.create(size_gib) for _ in range(volumes)]
        server = self.new_server(name, self.flavor(flavor), disks)
        server.guest.stage = stage
        now = server.launched_at = server.created_at
        for index, disk in enumerate(disks):
            volume = self.add_volume(f"{name}-{index + 1}", disk, size_gib)
            volume.bootable = index == 0
            self.attach(volume, server)
        created = Event("compute__do_build_and_run_instance", now, now, "Success")
        request_id, user = f"req-{self.new_id()}", self.users[ADMIN]
        server.actions.append(
            Action("create", request_id, now, user.id, events=[created])
        )
        if self.networks.default.id in self.networks.networks:
            port = self.networks.add_port(self.networks.default, server.id, server.host)
            server.own_ports.add(port.id)
        server.user_id, server.hostname = user.id, name
        self.servers[server.id] = server
        server.guest.boot()
        return server

    def new_server(self, name: str, flavor: Flavor, disks: Sequence[Disk]) -> Server:
        """Return a server that nobody knows of yet; the first disk is its root."""
        server_id, number = self.new_id(), next(self._numbers)
        return Server(
            id=server_id,
            name=name,
            # It writes its data first: the root disk is the last one.
            guest=self.network.add(server_id, name, (*disks[1:], *disks[:1])),
            flavor=flavor,
            host=self.hosts[number % HOSTS],
            created_at=int(self.now()),
            instance_name=f"instance-{number:08x}",
        )

    def add_volume(self, name: str, disk: Disk | None, size_gib: int = 1) -> Volume:
        """Put an available volume there."""
        disk = disk or self.disks.create(size_gib)
        now, kind = int(self.now()), self.types.default.name
        volume = Volume(self.new_id(), name, size_gib, kind, now, disk, "available")
        volume.user_id = self.users[ADMIN].id
        self.volumes[volume.id] = volume
        return volume

    def attach(self, volume: Volume, server: Server) -> None:
        """Attach a volume, as its server's last one."""
        attached = self.reserve(volume, server)
        volume.attachments.append(attached)
        volume.status = "in-use"

    def reserve(self, volume: Volume, server: Server) -> Attachment:
        """Give a volume the first free device of a server, where it is not yet."""
        taken = {attached.device for attached in server.attachments}
        letters = product(("", *ascii_lowercase), ascii_lowercase)
        names = (f"/dev/vd{first}{second}" for first, second in letters)
        free = (name for name in names if name not in taken)
        reserved = Attachment(self.new_id(), volume.id, server.id, next(free))
        server.attachments.append(reserved)
        volume.status = "reserved"
        return reserved

    def migrate(self, server: Server, host: str) -> None:
        """Move a server to another compute host, guest and freeze included."""
        now = int(self.now())
        moved = Event("compute_live_migration", now, now, "Success")
        request_id, user = f"req-{self.new_id()}", self.users[ADMIN]
        server.actions.append(
            Action("live-migration", request_id, now, user.id, events=[moved])
        )
        server.host = host
        for port in self.networks.ports_of(server.id):
            port.host = host

    def judge(self, taken: Mapping[str, Readable]) -> Verdict:
        """Say whether what was taken of some volumes is one moment of their servers.

        Args:
            taken: disks or images, each by the id of the volume that it was taken of.
        """
        guests = {
            server.name: [
                # It writes its data first: the root disk is the last one.
                taken[attached.volume_id]
                for attached in (*server.attachments[1:], *server.attachments[:1])
                if attached.volume_id in taken
            ]
            for server in list(self.servers.values())
        }
        return consistency_of({name: disks for name, disks in guests.items() if disks})

    def flavor(self, name: str) -> Flavor:
        """Return the flavor of that name, or the usual one."""
        named = (f for f in self.flavors.values() if name in {"", f.name})
        return next(named)

    @property
    def hosts(self) -> list[str]:
        """The names of the compute hosts."""
        return [f"compute-{number}.{self.name}" for number in range(1, HOSTS + 1)]

    @property
    def frozen(self) -> list[str]:
        """The names of the servers whose guests are frozen now, sorted."""
        servers = list(self.servers.values())
        return sorted(s.name for s in servers if s.guest.is_still)

    @property
    def made(self) -> list[str]:
        """The names of all snapshots, backups and unattached volumes, sorted."""
        loose = (v for v in list(self.volumes.values()) if not v.attachments)
        names = [volume.name for volume in loose]
        names += [snapshot.name for snapshot in list(self.snapshots.values())]
        return sorted((*names, *(b.name for b in list(self.backups.values()))))

    def tell(self, kind: str, thing_id: str, request_id: str, text: str) -> None:
        """Leave a message for the user."""
        message = Message(
            self.new_id(), kind, thing_id, request_id, text, int(self.now())
        )
        self.messages.append(message)

    def new_id(self) -> str:
        """Return an id that nothing else has."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def hexadecimal(self) -> str:
        """Return an id in the form of Keystone's."""
        return self.new_id().replace("-", "")

    def later(self, work: Coroutine[None, None, None]) -> None:
        """Let the loop that serves this carry something out."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """Remove its bytes."""
        self.disks.close()


async def take(seconds: float, fate: Effect | None = None) -> None:
    """Let time pass; for ever, if that is its fate."""
    if fate is Effect.STUCK:
        await asyncio.Event().wait()
    if seconds > 0:
        await asyncio.sleep(seconds)
