"""What came late is swept from a real cloud, and what is somebody else's is not."""

import pytest

import vnfdr
from tests.lab.place import until
from tests.lab.upkeep import inventory, remove_leftovers
from vnfdr.cloud import GROUP, POINT, BackupRequest
from vnfdr.plan.codec import dump_value
from vnfdr.plan.ending import Ending
from vnfdr.plan.journal import Entry, Fact
from vnfdr.sweeping import Fate


@pytest.fixture
def journals(tmp_path):
    """Where runs are recorded."""
    return vnfdr.open_journals(tmp_path)


@pytest.fixture
def run(site, vnf, journals):
    """The name of a run of the group that was taken back, and left nothing."""
    plan = vnfdr.protect(site, vnf)
    with journals.begin(plan) as journal:
        ending = dump_value(Ending(vnfdr.Verdict.COMPENSATED, "backup", "no room"))
        journal.append(Entry(plan.id, Fact.ENDED, note=ending))
    return plan.id


@pytest.fixture
def late(site, site_a, before, group, run):
    """A snapshot whose request is heard after its run has ended."""
    volume_id = group[0].data_id
    key, metadata = f"{run}:snapshot:{volume_id}", {POINT: run, GROUP: "ims-core"}
    made = site.snapshots.request(volume_id, tag=key, metadata=metadata)
    until(lambda: site_a.block_storage.get_snapshot(made).status == "available")
    return made


@pytest.fixture
def theirs(site_a, before, group, run):
    """A snapshot of the same volume that somebody took without us."""
    made = site_a.block_storage.create_snapshot(
        volume_id=group[0].data_id,
        name=f"{run}:snapshot:{group[0].data_id}",
        is_forced=True,
        metadata={"owner": run},
    )
    until(lambda: site_a.block_storage.get_snapshot(made.id).status == "available")
    return made.id


@pytest.fixture
def record_at_b(site, site_a, site_b, run, late, group):
    """A late backup, and its record at the other site; both are removed."""
    at_b = inventory(site_b)
    volume_id = group[0].data_id
    request = BackupRequest(
        f"{run}:backup:{volume_id}",
        volume_id,
        late,
        incremental=False,
        metadata={POINT: run, GROUP: "ims-core"},
    )
    made = site.backups.create(request, timeout_seconds=300)
    record = site_a.block_storage.get(f"/backups/{made}/export_record").json()
    site_b.block_storage.post("/backups/import_record", json=record)
    until(lambda: site_b.block_storage.get_backup(made).status == "available")
    yield made
    remove_leftovers(site_b, at_b)


def test_what_came_late_is_swept_and_nothing_else(site, site_a, journals, late, theirs):
    """A look touches nothing; a deletion is proven."""
    seen = vnfdr.sweep(site, journal=journals)
    swept = vnfdr.sweep(site, journal=journals, delete=True)

    assert [(f.thing.id, f.fate) for f in seen.of(Fate.TO_SWEEP)] == [
        (late, Fate.TO_SWEEP)
    ]
    assert [found.thing.id for found in swept.of(Fate.SWEPT)] == [late]
    there = {snapshot.id for snapshot in site_a.block_storage.snapshots()}
    assert theirs in there
    assert late not in there
    assert vnfdr.sweep(site, journal=journals).of(Fate.TO_SWEEP) == ()


def test_a_record_at_the_other_site_is_left_alone(site_b, journals, record_at_b):
    """Deleting it would delete the first site's data, whatever it carries.

    One journal knows the runs of both sites, so that the run is known here.
    """
    with_record = vnfdr.connect("site-b")

    swept = vnfdr.sweep(with_record, journal=journals, delete=True)

    (found,) = (found for found in swept.found if found.thing.id == record_at_b)
    assert found.fate is Fate.UNTOUCHED
    assert site_b.block_storage.get_backup(record_at_b).status == "available"
