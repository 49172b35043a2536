"""A group's manifests, written by whole runs on the sandbox."""

import json

import pytest
from attrs import evolve

import vnfdr
from vnfdr.manifests import DirectoryStore, load_manifest
from vnfdr.sandbox import Effect, Fault


@pytest.fixture
def off_site(tmp_path):
    """A place off-site."""
    return DirectoryStore(tmp_path / "off-site")


@pytest.fixture
def protect(site, a, off_site, tmp_path):
    """Protect two servers, with their manifests off-site."""
    for name in ("db", "app"):
        a.add_server(name)

    def run():
        members = [vnfdr.Member(name, "sandbox") for name in ("db", "app")]
        group = evolve(vnfdr.Group.of("ims", members), manifests=off_site.place)
        return vnfdr.run(vnfdr.protect(site, group), site, journal=tmp_path / "runs")

    return run


def test_an_increment_is_published_with_its_full_backup(protect, off_site, a):
    """The records are what Cinder exported, and name what is in the store."""
    protect()

    outcome = protect()

    manifest = load_manifest(off_site.get(f"ims/{outcome.run}"))
    assert manifest.flaws == ()
    assert [len(disk.chain) for disk in manifest.disks] == [2, 2, 2, 2]
    ids = {record.id for disk in manifest.disks for record in disk.chain}
    assert ids == set(a.backups)
    assert manifest.certificate == outcome.recovery_point.certificate


def test_blueprints_and_disks_belong_together(protect, off_site, a):
    """Every volume of every server is there, the root first."""
    outcome = protect()

    manifest = load_manifest(off_site.get(f"ims/{outcome.run}"))

    for server in manifest.servers:
        there = a.servers[server.id].attachments
        assert [d.volume_id for d in server.disks] == [t.volume_id for t in there]
        assert manifest.disk(server.disks[0].volume_id).volume.bootable


def test_an_export_that_fails_takes_the_run_back(protect, off_site, a):
    """A point that only this site knows was not asked for."""
    a.faults.add(Fault("export backup", Effect.ANSWER, status=400, times=None))

    outcome = protect()

    assert outcome.verdict is vnfdr.Verdict.COMPENSATED
    assert (a.made, off_site.names()) == ([], ())


def test_an_export_survives_a_hiccup(protect, off_site, a):
    """Exporting again is no harm."""
    a.faults.add(Fault("export backup", Effect.ANSWER, status=503))

    outcome = protect()

    assert outcome.verdict is vnfdr.Verdict.COMMITTED
    assert off_site.names() == (f"ims/{outcome.run}",)


def test_what_another_site_is_handed_brings_the_bytes_back(
    protect, off_site, a, b, sites, until
):
    """From the manifest alone, with the other site's own Cinder."""
    outcome = protect()
    manifest = load_manifest(off_site.get(f"ims/{outcome.run}"))
    at_b = vnfdr.connect("site-b")
    taken = {}

    for disk in manifest.disks:
        taken[disk.volume.id] = restored(at_b, b, disk, until)

    verdict = a.judge(taken)
    assert (verdict.violations, verdict.needs_recovery) == ((), ())
    at_b.connection.close()


def restored(at_b, b, disk, until):
    """Import the records of a disk, restore it, and return what is on it."""
    for record in disk.chain:
        wanted = {"backup_service": record.service, "backup_url": record.url}
        answer = at_b.connection.block_storage.post(
            "/backups/import_record", json={"backup-record": wanted}
        )
        assert answer.status_code == 201
        until(lambda r=record: b.backups[r.id].status == "available")
    volume = b.add_volume("restored", None)
    path, wanted = f"/backups/{disk.backup_id}/restore", {"volume_id": volume.id}
    at_b.connection.block_storage.post(path, json={"restore": wanted})
    until(lambda: volume.status == "available")
    return volume.disk


def test_only_its_owner_can_read_a_manifest(protect, off_site):
    """It tells what a whole service is made of."""
    protect()

    paths = [off_site.directory, *off_site.directory.rglob("*")]
    modes = {p.is_dir(): p.stat().st_mode & 0o777 for p in paths}
    assert modes == {True: 0o700, False: 0o600}


def test_a_manifest_is_plain_json(protect, off_site):
    """Whoever has lost everything else can read it."""
    outcome = protect()

    text = off_site.get(f"ims/{outcome.run}")

    document = json.loads(text)
    assert text.isascii()
    assert document["format"] == 1
    names = [s["name"] for tier in document["manifest"]["tiers"] for s in tier]
    assert names == ["db", "app"]
