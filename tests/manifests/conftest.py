"""A point of a small group, as a manifest has it."""

import pytest

from vnfdr.manifest import Manifest, SavedDisk
from vnfdr.manifests import DirectoryStore, dump_manifest, name_of
from vnfdr.model import (
    BackupRecord,
    Blueprint,
    Disk,
    Flavor,
    Level,
    Policy,
    VolumeBlueprint,
)
from vnfdr.point import Certificate, GuestEvidence


@pytest.fixture
def make():
    """Make the manifest of a point."""

    def manifest(point="20260131T120000Z-abc123", group="ims", chain=("full", "inc")):
        taken_at = f"2026-01-31T{point[9:11]}:00:00+00:00"
        guest = GuestEvidence(
            "k", "db", Level.FILESYSTEM, Level.FILESYSTEM, Policy.REQUIRE
        )
        certificate = Certificate(point, group, taken_at, (guest,), (), 30.0)
        records = [
            BackupRecord(this, "v1", before, 1, "", "posix", "e30=")
            for before, this in zip(("", *chain), chain, strict=False)
        ]
        server = Blueprint("s1", "db", Flavor("m1", 1, 512), disks=(Disk("v1"),))
        disk = SavedDisk(VolumeBlueprint("v1", "root", 10), tuple(records))
        return Manifest(point, group, "site-a", "p", certificate, ((server,),), (disk,))

    return manifest


@pytest.fixture
def store(tmp_path):
    """A place in a directory."""
    (tmp_path / "place").mkdir()
    return DirectoryStore(tmp_path / "place")


@pytest.fixture
def keep(store):
    """Keep a manifest as a run does."""

    def put(manifest):
        name = name_of(manifest.group, manifest.point)
        store.put(name, dump_manifest(manifest))
        return name

    return put
