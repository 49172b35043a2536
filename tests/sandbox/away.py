"""A group on the sandbox that goes from one site to the other, for tests of that."""

import attrs

import vnfdr
from vnfdr.manifests import load_manifest, name_of, open_manifests
from vnfdr.mapping import AgentProbe, BootTier
from vnfdr.mapping.matching import suggest_mapping
from vnfdr.sandbox import Effect, Fault
from vnfdr.sandbox.records import read_log

NAMES = ("db", "app", "lb")
FAR = 30 * 2**20
"""Where on a disk no guest writes."""


@attrs.frozen
class Away:
    """A group, its manifests off-site, its journals, and how it comes back."""

    directory: object

    @property
    def place(self):
        """Where manifests are."""
        return str(self.directory / "off-site")

    @property
    def journal(self):
        """Where runs are recorded."""
        return self.directory / "journal"

    def group(self, **backup):
        """Return the group, as it is protected at either site."""
        members = tuple((vnfdr.Member(name, "sandbox"),) for name in NAMES)
        policy = vnfdr.BackupPolicy(**backup)
        return vnfdr.Group("ims", members, policy, manifests=(self.place,))

    def protect(self, site, **backup):
        """Take a recovery point, return its id."""
        plan = vnfdr.protect(site, self.group(**backup))
        # The window is not the subject, and its processes take a while to start.
        outcome = vnfdr.run(plan, site, journal=self.journal, failsafe=False)
        outcome.raise_for_failure()
        return outcome.recovery_point.id

    def manifest(self, point):
        """Return what is known off-site of a point."""
        text = open_manifests(self.place).get(name_of("ims", point))
        return load_manifest(text)

    def mapping(self, point, site, **changed):
        """Return a mapping that boots one server after another and asks its agent."""
        suggested = suggest_mapping(
            self.manifest(point), site.catalogue.offer(), site.name
        )
        tiers = tuple(BootTier((n,), (AgentProbe("sandbox"),), 20.0) for n in NAMES)
        return attrs.evolve(suggested, **{"tiers": tiers, **changed})

    def recover(self, point, site, **changed):
        """Bring a point back to a site, with a mapping changed so."""
        mapping = self.mapping(point, site, **changed)
        plan = vnfdr.recover(self.manifest(point), site, mapping)
        return vnfdr.run(plan, site, journal=self.journal)


def lose(site):
    """Let a site be lost, with all its services."""
    site.faults.add(Fault("*", Effect.DROP, times=None))


def servers_of(site):
    """The servers of a site, by name, in the order in which they were made."""
    return {server.name: server for server in site.servers.values()}


def disks_of(site, server):
    """The disks of a server, in device order."""
    return [site.volumes[at.volume_id].disk for at in server.attachments]


def ends_at(site):
    """The last records on the disks of each server of a site."""
    return {
        name: [read_log(disk).end for disk in disks_of(site, server)]
        for name, server in servers_of(site).items()
    }


def ends_kept(site, manifest):
    """The last records on the copies that a point kept, for each of its servers."""
    copies = {disk.volume.id: disk.copy_id for disk in manifest.disks}
    return {
        server.name: [
            read_log(site.volumes[copies[disk.volume_id]].disk).end
            for disk in server.disks
        ]
        for server in manifest.servers
    }


def seen(site):
    """All that there is at a site, but for the records of backups."""
    networks = site.networks
    return (
        sorted(site.servers),
        sorted(site.volumes),
        sorted(site.snapshots),
        sorted(networks.networks),
        sorted(networks.subnets),
        sorted(networks.ports),
    )
