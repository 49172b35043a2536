"""Publishing the manifest: the last thing before a run's local copies are tidied."""

import pytest
from attrs import evolve, frozen

import vnfdr
from tests.fakes import FakeClock, FakeJournal
from vnfdr.discovery import discover
from vnfdr.errors import ManifestError, UnknownPlace
from vnfdr.manifests import DirectoryStore, load_manifest
from vnfdr.model import Backup, BackupPolicy, Group, Keep, Member, Policy, Strategy
from vnfdr.plan import Manner, Verdict, dump_plan, load_plan
from vnfdr.plan import run as carry_out
from vnfdr.recipes import protect_plan
from vnfdr.world import World


@pytest.fixture
def store(tmp_path):
    """A place off-site."""
    return DirectoryStore(tmp_path / "off-site")


@pytest.fixture
def group(group, store):
    """The three servers, with their manifests kept off-site."""
    return evolve(group, manifests=store.place)


@pytest.fixture
def plan_for(world):
    return lambda group, point="p1": protect_plan(discover(world, group), point=point)


@pytest.fixture
def run(world, site, plan_for):
    """Protect a group."""

    def protect(group, point="p1"):
        return carry_out(plan_for(group, point), world, FakeJournal(site.wire))

    return protect


@pytest.fixture
def published(store):
    """Return the manifest of a point."""
    return lambda point="p1": load_manifest(store.get(f"vnf/{point}"))


def test_a_manifest_tells_all_that_another_site_needs(run, group, published):
    """Servers tier by tier, the chain of every volume, and the certificate."""
    outcome = run(group)

    manifest = published()
    assert outcome.verdict is Verdict.COMMITTED
    assert [server.name for server in manifest.servers] == ["db", "app", "lb"]
    assert len(manifest.tiers) == 3
    assert (len(manifest.disks), manifest.flaws) == (6, ())
    assert manifest.certificate == outcome.certificate
    assert (manifest.site, manifest.project_id) == ("site-a", "p")


def test_a_chain_is_published_whole(run, group, published):
    """An increment is nothing without all that it builds on, oldest first."""
    for point in ("p1", "p2", "p3"):
        run(group, point)

    manifest = published("p3")

    chain = manifest.disk("v-db-0").chain
    assert [record.parent_id for record in chain] == ["", chain[0].id, chain[1].id]
    assert manifest.flaws == ()


@pytest.mark.parametrize("keep", list(Keep))
def test_only_local_copies_that_stay_are_named(run, site, group, published, keep):
    """What is tidied away is not for anybody to look for."""
    run(evolve(group, backup=BackupPolicy(keep=keep)))

    disk = published().disk("v-db-0")

    assert bool(disk.snapshot_id) is (keep in {Keep.SNAPSHOTS, Keep.BOTH})
    assert bool(disk.copy_id) is (keep in {Keep.VOLUMES, Keep.BOTH})
    assert {disk.snapshot_id, disk.copy_id} - {""} <= set(site.made)


def test_what_is_being_restored_is_published_after_that(
    plan_for, world, site, group, published, run
):
    """A rehearsal from an older point neither refuses a run nor has it taken back."""
    run(group, "p0")
    oldest = tuple(site.all_backups.values())
    run(group, "p1")
    plan = plan_for(group, "p2")
    for backup in oldest:
        site.all_backups[backup.id] = evolve(backup, status="restoring")

    outcome = carry_out(plan, world, FakeJournal(site.wire))

    assert outcome.verdict is Verdict.COMMITTED
    assert len(published("p2").disk("v-db-0").chain) == 3


def test_each_place_gets_one(run, group, store, tmp_path):
    """Two sites may be lost."""
    second = DirectoryStore(tmp_path / "second")

    run(evolve(group, manifests=(store.place, second.place)))

    assert store.names() == second.names() == ("vnf/p1",)
    assert store.get("vnf/p1") == second.get("vnf/p1")


@frozen
class FullStore(DirectoryStore):
    """A place that is full when a manifest comes."""

    def put(self, name, text):
        if not name.endswith(".probe"):
            raise ManifestError(f"{self.place}: cannot write {name!r}: it is full")


def test_a_run_that_fails_takes_its_manifests_back(
    site, backend, plan_for, group, store, tmp_path
):
    """With one place full in the end, the other is left without a manifest, too."""
    full = FullStore(tmp_path / "full")
    world = World(site, {"fake": backend}, {full.place: full})
    plan = plan_for(evolve(group, manifests=(store.place, full.place)))

    outcome = carry_out(plan, world, FakeJournal(site.wire))

    assert outcome.verdict is Verdict.COMPENSATED
    assert "it is full" in outcome.reason
    assert (store.names(), site.made) == ((), [])


def test_a_place_that_cannot_be_written_is_told_before_anything(
    run, site, group, tmp_path
):
    """A backup of hours is not made to be thrown away."""
    (tmp_path / "file").write_text("")

    outcome = run(evolve(group, manifests=str(tmp_path / "file" / "place")))

    assert outcome.failed == "preflight"
    assert "no manifest could be kept at" in outcome.reason
    assert site.made == []


def test_looking_leaves_nothing_at_the_place(plan_for, world, group, store):
    """That one may write is tried, and taken back."""
    assert plan_for(group).preflight(world) == ()

    assert store.names() == ()


def test_who_may_not_export_is_told_before_anything(run, site, group):
    """It is tried on a backup that is there already."""
    run(group, "p0")
    site.no_exports = True

    outcome = run(group)

    assert outcome.failed == "preflight"
    assert "backup:export-import" in outcome.reason


def test_who_may_not_export_is_told_when_there_was_nothing_to_try_it_on(
    run, site, group, store
):
    """The plan said so, and the run is taken back with the reason."""
    site.no_exports = True

    outcome = run(group)

    assert outcome.verdict is Verdict.COMPENSATED
    assert "use such credentials" in outcome.reason
    assert (site.made, store.names()) == ([], ())


def test_a_first_plan_says_what_it_could_not_try(plan_for, site, group):
    """Until there is a backup, nobody knows whether one may export."""
    site.all_backups["b"] = Backup("b", "v-db-0", "available", size_gib=1)
    seen = plan_for(group).remarks
    site.all_backups.clear()

    unseen = plan_for(group).remarks

    assert seen == ()
    assert "may export" in unseen[0]


def test_a_plan_without_places_says_what_that_means(plan_for, group):
    """With the controller lost, nobody would know the point."""
    (remark,) = plan_for(evolve(group, manifests=())).remarks

    assert remark.startswith("no manifest is kept off-site")


def test_a_plan_tells_which_volumes_no_manifest_brings_back(plan_for, group):
    """What is not backed up is lost with its site."""
    plan = plan_for(evolve(group, backup=BackupPolicy(Strategy.NONE, keep="both")))

    (remark,) = plan.remarks
    assert remark.startswith("not backed up, and not brought back by a manifest")
    assert "v-db-0" in remark


def test_a_volume_that_is_left_out_is_told(plan_for, store):
    """Its server comes back without it."""
    member = Member("db", "fake", leave_out=("v-db-1",))
    group = Group("vnf", ((member,),), manifests=store.place)

    plan = plan_for(group)

    assert any("v-db-1, which is left out" in remark for remark in plan.remarks)


def test_a_member_that_was_skipped_is_no_part_of_it(
    run, backend, group, published, store
):
    """The group comes back without it: that is what its policy says."""
    backend.dead.add("lb")
    members = [Member(n, "fake", policy=Policy.SKIP) for n in ("db", "app", "lb")]

    run(evolve(group, tiers=tuple((member,) for member in members)))

    manifest = published()
    assert [server.name for server in manifest.servers] == ["db", "app"]
    assert (len(manifest.disks), manifest.flaws) == (4, ())


def test_an_unknown_place_is_told_when_planning(plan_for, group):
    """Nothing was touched yet."""
    with pytest.raises(UnknownPlace, match="URLs of 'gopher'"):
        plan_for(evolve(group, manifests="gopher://hole"))


def test_a_path_means_the_same_wherever_a_run_is_resumed(
    plan_for, group, tmp_path, monkeypatch
):
    """A plan names the whole of it."""
    monkeypatch.chdir(tmp_path)

    plan = plan_for(evolve(group, manifests="here"))

    assert f"publish the manifest at {tmp_path}/here" in str(plan)


def test_a_plan_with_manifests_reads_back_equal(plan_for, group):
    """Blueprints and all."""
    plan = plan_for(group)

    assert load_plan(dump_plan(plan)) == plan


def test_a_group_without_places_is_not_captured(plan_for, site, group):
    """It costs no request."""
    plan_for(evolve(group, manifests=()))

    assert "blueprint" not in site.wire.calls


def test_a_published_manifest_is_found_again(plan_for, world, run, group):
    """A process that died before it could say so has done its work."""
    (step,) = [s for s in plan_for(group).steps if s.kind == "publish manifest"]
    assert step.find(world) is None

    run(group)

    receipt = step.find(world)
    step.undo(world, receipt)
    step.undo(world, receipt)
    assert step.find(world) is None


@pytest.mark.parametrize("written", [True, False])
def test_a_run_whose_process_died_while_publishing_is_gone_on_with(
    world, site, plan_for, group, store, written
):
    """Whether or not the manifest was there by then, it is in the end, and whole."""
    plan, journal = plan_for(group), FakeJournal(site.wire)
    carry_out(plan, world, journal)
    text = store.get("vnf/p1")
    began = [f"{entry.part} {entry.fact.value}" for entry in journal.entries]
    died_at = began.index(f"p1:manifest:{store.place} started") + 1
    if not written:
        store.delete("vnf/p1")

    again = FakeJournal(site.wire, journal.entries[:died_at])
    outcome = carry_out(plan, world, again, Manner(clock=FakeClock()))

    assert outcome.verdict is Verdict.COMMITTED
    assert store.get("vnf/p1") == text


@pytest.mark.parametrize("place", ["swift://u:s3cret@host/c", "swift://u@host/c"])
def test_credentials_in_the_url_of_a_place_are_refused(place):
    """They would be in every plan; and the refusal does not repeat them."""
    with pytest.raises(vnfdr.InputError, match="has an @ in its URL") as refusal:
        Group("vnf", ((Member("db"),),), manifests=(place, place))

    assert "s3cret" not in str(refusal.value)
