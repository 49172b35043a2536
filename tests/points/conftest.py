"""A point of a small group, as a manifest has it, and each kind of place for it."""

import openstack
import pytest
import yaml

from vnfdr.manifest import Manifest, SavedDisk
from vnfdr.manifests import DirectoryStore, dump_manifest, name_of, open_manifests
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
from vnfdr.sandbox import two_sites

CONTAINER = "manifests"
PLACES = {
    "directory": "{directory}/site-b/manifests",
    "container": f"swift://site-b/{CONTAINER}",
    "prefix": f"swift://site-b/{CONTAINER}/points/of%20ours",
    "member": f"swift://site-b-member/{CONTAINER}",
}


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


@pytest.fixture
def sites(monkeypatch):
    """Two sites, one of which is to be lost."""
    with two_sites() as sites:
        monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(sites.clouds_yaml))
        yield sites


@pytest.fixture
def impatient(sites):
    """Let a request to them be given up after half a second."""
    clouds = yaml.safe_load(sites.clouds_yaml.read_text())
    for cloud in clouds["clouds"].values():
        cloud["api_timeout"] = 0.5
    sites.clouds_yaml.write_text(yaml.safe_dump(clouds))


@pytest.fixture
def b(sites):
    """The recovery site, for its operator."""
    return sites.b


@pytest.fixture(params=PLACES)
def each(request, tmp_path, sites):
    """Each kind of place, with nothing in it yet."""
    return open_manifests(PLACES[request.param].format(directory=tmp_path))


@pytest.fixture
def container(sites):
    """A container of the recovery site that is not there yet."""
    return open_manifests(PLACES["container"])


@pytest.fixture
def kept(b):
    """What the container has, by the names of its objects."""

    def look():
        objects = b.objects.containers[CONTAINER].objects
        return {name: found.data.decode() for name, found in objects.items()}

    return look


@pytest.fixture
def connection_b(sites):
    """openstacksdk, at the recovery site."""
    with openstack.connect("site-b") as connection:
        yield connection
