"""Manifests and offers for tests, small, and made of what a test cares for."""

import attrs

from vnfdr.cloud import Network, Offer, Subnet
from vnfdr.manifest import Manifest, SavedDisk
from vnfdr.model import (
    Address,
    BackupRecord,
    Blueprint,
    Disk,
    Flavor,
    Level,
    Nic,
    Policy,
    VolumeBlueprint,
)
from vnfdr.point import Certificate, CutEvidence, GuestEvidence

SMALL = Flavor("m1.small", vcpus=2, ram_mib=2048)
HELD = GuestEvidence(
    key="p1:freeze:s-db",
    name="db",
    asked=Level.FILESYSTEM,
    reaches=Level.FILESYSTEM,
    policy=Policy.REQUIRE,
    freeze_asked_at=0.0,
    frozen_at=0.1,
    thaw_asked_at=1.0,
    thawed_at=1.1,
    froze=2,
    thawed=2,
    before="boot 1",
    after="boot 1",
)
"""A guest that was held all the time."""
CUT = CutEvidence("p1:snapshot:v-db", (HELD.key,), asked_at=0.2, ready_at=0.9)


def nic(address="10.0.0.5", network="oam", **more):
    """A port with one address."""
    usual = {"mac": "fa:16:3e:00:00:05", "security_groups": ("default",)}
    addresses = (Address(address, f"{network}-subnet", "10.0.0.0/24"),)
    return Nic(network, addresses=addresses, **{**usual, **more})


def server(name, **more):
    """A server with a port and a volume."""
    usual = {
        "flavor": SMALL,
        "nics": (nic(),),
        "disks": (Disk(f"v-{name}"),),
        "key_name": "ops",
        "availability_zone": "az1",
    }
    return Blueprint(f"s-{name}", name, **{**usual, **more})


def manifest(*tiers, volumes=None, **volume):
    """A manifest of servers, each a tier of its own or with others in a list."""
    listed = tuple(tuple(t) if isinstance(t, list) else (t,) for t in tiers)
    ids = dict.fromkeys(d.volume_id for tier in listed for s in tier for d in s.disks)
    usual = {"type": "ssd", "availability_zone": "nova", "bootable": True}
    return Manifest(
        point="p1",
        group="ims",
        site="site-a",
        project_id="project",
        certificate=Certificate("p1", "ims", "2026-11-22", (HELD,), (CUT,), 30.0),
        tiers=listed,
        disks=tuple(
            SavedDisk(
                VolumeBlueprint(each, each, **{**usual, **volume}),
                (BackupRecord(f"b-{each}", each, "", 1, "2026", "driver", "url"),),
            )
            for each in ids
        ),
    )


def offer(**more):
    """What a site has that has the same of everything."""
    usual = Offer(
        flavors={"f-1": SMALL},
        networks=(network(),),
        volume_types=("ssd",),
        default_volume_type="ssd",
        server_zones=("az1",),
        volume_zones=("nova",),
        keypairs=("ops",),
        security_groups={"default": "sg-1"},
        may_choose_addresses=True,
    )
    return attrs.evolve(usual, **more)


def network(name="oam", cidr="10.0.0.0/24", network_id="", **more):
    """A network with one subnet."""
    found = network_id or f"n-{name}"
    return Network(found, name, (Subnet(f"{found}-s", f"{name}-subnet", cidr),), **more)
