"""A server of the sandbox whose life is nothing but being protected and pruned."""

import time
from datetime import UTC, datetime, timedelta
from random import Random

import openstack
from attrs import define, evolve, field
from cinderclient.client import Client

import vnfdr
from vnfdr.manifests import dump_manifest, load_manifest, name_of, open_manifests
from vnfdr.model import Keep
from vnfdr.retry import wait_until
from vnfdr.sandbox import two_sites

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
QUOTAS = ("backups", "backup_gigabytes", "volumes", "snapshots", "gigabytes")


@define
class Life:
    """A server of two volumes at site a, protected and pruned as it is told."""

    a: object
    site: object
    cinder: object
    directory: object
    server: object = None
    unused: dict = None
    saved: dict = field(factory=dict)
    ahead: list = field(factory=lambda: [0.0])
    days: int = 0
    luck: Random = field(factory=lambda: Random(0))  # noqa: S311 - no secret

    @classmethod
    def begin(cls, stack, monkeypatch, directory):
        """Have two sites as long as the stack is open."""
        ahead = [0.0]
        sites = stack.enter_context(
            two_sites(directory=directory / "sites", now=lambda: time.time() + ahead[0])
        )
        monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(sites.clouds_yaml))
        site = vnfdr.connect("site-a")
        stack.callback(site.connection.close)
        connection = stack.enter_context(openstack.connect("site-a"))
        cinder = Client("3.64", session=connection.session)
        life = cls(sites.a, site, cinder, directory, ahead=ahead)
        life.server = sites.a.add_server("db")
        life.unused = life.free()
        return life

    @property
    def group(self):
        return vnfdr.Group(
            "ims",
            ((vnfdr.Member("db", "sandbox"),),),
            vnfdr.BackupPolicy(full_every=3, keep=Keep.BOTH),
            manifests=(self.directory / "place",),
        )

    @property
    def place(self):
        return open_manifests(self.directory / "place")

    @property
    def promised(self):
        """The manifests that are kept."""
        return [load_manifest(self.place.get(name)) for name in self.place.names()]

    def free(self):
        """What the quotas leave free."""
        by_name = self.site.headroom().by_name
        return {name: by_name[name] for name in QUOTAS}

    def protect(self, days):
        """Take a point some days after the last one, with something new in it."""
        self.days += days
        # Cinder's times are whole seconds, and no two points are of one.
        self.ahead[0] += 1.0
        for disk in self.server.guest.disks:
            where = self.luck.randrange(1000) * 64 * 1024 + 32 * 2**20
            disk.write(where, self.luck.choice([bytes(2**16), b"\x07" * 2**16]))
        plan = vnfdr.protect(self.site, self.group)
        journal = self.directory / "runs"
        outcome = vnfdr.run(plan, self.site, journal=journal, failsafe=False)
        outcome.raise_for_failure()
        self.remember(outcome.recovery_point)

    def remember(self, point):
        """Remember what is in a point, and let it be of its day."""
        for volume in point.volumes:
            copy = self.a.volumes[volume.copy_id]
            self.saved[volume.backup_id] = (copy.size_gib, dict(copy.disk.blocks()))
        name = name_of("ims", point.id)
        at = FIRST + timedelta(days=self.days, seconds=len(self.saved))
        manifest = load_manifest(self.place.get(name))
        certificate = evolve(manifest.certificate, taken_at=at.isoformat())
        manifest = evolve(manifest, certificate=certificate)
        self.place.put(name, dump_manifest(manifest))

    def prune(self, counts):
        """Keep what a policy keeps."""
        policy = vnfdr.Retention(*counts)
        plan = vnfdr.retain(self.site, self.group, policy=policy)
        return vnfdr.run(plan, self.site, journal=self.directory / "runs")

    def grow(self, _):
        """Make the second volume a GiB bigger, so that its next backup is full."""
        volume = self.a.volumes[self.server.attachments[1].volume_id]
        self.a.disks.extend(volume.disk, volume.size_gib + 1)
        volume.size_gib += 1
        self.unused["gigabytes"] -= 1

    def needed(self):
        """The records of all backups that are promised, by id."""
        disks = (disk for each in self.promised for disk in each.disks)
        return {record.id: record for disk in disks for record in disk.chain}

    def used(self):
        """What the quotas are charged with for the points."""
        free = self.free()
        return {name: self.unused[name] - free[name] for name in QUOTAS}

    def owed(self):
        """What they should be charged with: what the kept points need, and no more."""
        needed = self.needed().values()
        disks = [disk for each in self.promised for disk in each.disks]
        return {
            "backups": len(needed),
            "backup_gigabytes": sum(record.size_gib for record in needed),
            "volumes": len(disks),
            "snapshots": len(disks),
            "gigabytes": 2 * sum(disk.volume.size_gib for disk in disks),
        }

    def unlike(self):
        """Restore every kept backup through Cinder; name those that differ."""
        disks = [disk for each in self.promised for disk in each.disks]
        return [
            disk.backup_id
            for disk in disks
            if self.restored(disk.backup_id) != self.saved[disk.backup_id][1]
        ]

    def restored(self, backup_id):
        """The bytes of a blank volume that a backup is restored into."""
        volume = self.a.add_volume("target", None, self.saved[backup_id][0])
        self.cinder.restores.restore(backup_id, volume.id)
        wait_until(
            lambda: volume.status != "restoring-backup" or None,
            what="a restore",
            seconds_max=60.0,
            first_wait_seconds=0.005,
        )
        assert volume.status == "available", backup_id
        del self.a.volumes[volume.id]
        return dict(volume.disk.blocks())

    def left(self):
        """The ids of all that runs made and no manifest promises."""
        disks = [disk for each in self.promised for disk in each.disks]
        local = {i for disk in disks for i in (disk.copy_id, disk.snapshot_id)}
        shelves = (self.a.backups, self.a.volumes, self.a.snapshots)
        there = {
            thing.id for shelf in shelves for thing in shelf.values() if thing.metadata
        }
        return there - local - self.needed().keys()
