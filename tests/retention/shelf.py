"""Recovery points as a few runs would have left them: at a site, and in a place."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from attrs import define, field, frozen

from tests.fakes import FakeSite, Wire
from vnfdr.cloud import GROUP, POINT, BackupRequest
from vnfdr.manifest import Manifest, SavedDisk
from vnfdr.manifests import dump_manifest, name_of, open_manifests
from vnfdr.model import (
    Blueprint,
    Disk,
    Flavor,
    Level,
    Policy,
    Retention,
    Snapshot,
    Volume,
    VolumeBlueprint,
)
from vnfdr.plan import Journal, Manner, run
from vnfdr.point import Certificate, CutEvidence, GuestEvidence
from vnfdr.recipes import retain_plan
from vnfdr.stocktaking import take_stock
from vnfdr.world import World

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2027, 1, 1, tzinfo=UTC)


def certificate(point, group, taken_at, *, consistent=True):
    """The evidence of a point that is consistent, or whose guest thawed too early."""
    guest = GuestEvidence(
        f"{point}:freeze:s-db",
        "db",
        asked=Level.FILESYSTEM,
        reaches=Level.FILESYSTEM,
        policy=Policy.REQUIRE,
        freeze_asked_at=0.0,
        frozen_at=0.1,
        thaw_asked_at=1.0,
        thawed_at=1.1,
        froze=2,
        thawed=2 if consistent else 1,
        before="boot 1",
        after="boot 1",
    )
    cut = CutEvidence(f"{point}:snapshot:v", (guest.key,), asked_at=0.2, ready_at=0.9)
    return Certificate(point, group, taken_at.isoformat(), (guest,), (cut,), 30.0)


@frozen
class WiredStore:
    """A directory of manifests, whose calls pass the wire of the site."""

    wire: Wire
    place: str

    def __getattr__(self, name):
        call = getattr(open_manifests(self.place), name)
        told = f"{name} manifest" if name != "names" else "list manifests"
        return lambda *args: self.wire.around(told, lambda: call(*args))


@define
class Shelf:
    """A site whose group was protected a few times, and the place of its manifests."""

    directory: Path
    site: FakeSite = field(factory=FakeSite)
    group: str = "ims"
    volumes: tuple[str, ...] = ("v-db-0", "v-db-1")
    chains: dict[str, tuple] = field(factory=dict)
    taken: dict[str, Manifest] = field(factory=dict)
    also_at: tuple[Path, ...] = ()

    @property
    def places(self):
        return tuple(map(str, (self.directory, *self.also_at)))

    @property
    def points(self):
        """The points that the place promises, oldest first."""
        names = open_manifests(self.directory).names()
        return [name.partition("/")[2] for name in names]

    def take(self, point, *, days=None, full=False, **how):
        """Take a point, and publish it; one a day unless said."""
        at = FIRST + timedelta(days=len(self.taken) if days is None else days)
        disks = tuple(self._saved(point, volume, full=full) for volume in self.volumes)
        manifest = Manifest(
            point,
            self.group,
            how.pop("site", self.site.name),
            how.pop("project_id", self.site.project_id),
            certificate(point, self.group, at, **how),
            ((_server(self.volumes),),),
            disks,
        )
        self.taken[point] = manifest
        self.publish(manifest)

    def publish(self, manifest):
        """Put a manifest in every place."""
        for place in self.places:
            name = name_of(manifest.group, manifest.point)
            open_manifests(place).put(name, dump_manifest(manifest))

    def _saved(self, point, volume_id, *, full):
        before = () if full else self.chains.get(volume_id, ())
        mark = {POINT: point, GROUP: self.group}
        tag = f"{point}:backup:{volume_id}"
        request = BackupRequest(tag, volume_id, "", bool(before), mark)
        made = self.site.backups.create(request, timeout_seconds=1)
        self.chains[volume_id] = (*before, self.site.backups.export(made))
        snapshot, copy = f"snap-{point}-{volume_id}", f"copy-{point}-{volume_id}"
        self.site.all_snapshots[snapshot] = Snapshot(snapshot, volume_id, "available")
        self.site.all_volumes[copy] = Volume(copy, status="available")
        for noun, made in (("snapshot", snapshot), ("volume", copy)):
            key = f"{point}:{noun}:{volume_id}"
            self.site.metadata[made] = {"vnfdr-key": key, **mark}
        blueprint = VolumeBlueprint(volume_id)
        return SavedDisk(blueprint, self.chains[volume_id], snapshot, copy)

    def needed(self):
        """The backups that the promised points need."""
        promised = (self.taken[point] for point in self.points)
        return {r.id for m in promised for disk in m.disks for r in disk.chain}

    def plan(self, policy=None, places=None, **counts):
        """Plan to keep what a policy keeps."""
        policy = policy or Retention(**counts)
        stock = take_stock(self.world, self.group, places or self.places, NOW)
        return retain_plan(stock, policy, run="r1")

    @property
    def world(self):
        stores = {place: WiredStore(self.site.wire, place) for place in self.places}
        return World(self.site, {}, stores)

    def prune(self, journal: Journal, clock, **counts):
        """Keep what a policy keeps."""
        return run(self.plan(**counts), self.world, journal, Manner(clock=clock))


def _server(volumes):
    disks = tuple(Disk(volume) for volume in volumes)
    return Blueprint("s-db", "db", Flavor("m1", 1, 512), disks=disks)
