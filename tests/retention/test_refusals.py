"""What is never removed, and what is said instead."""

import pytest

from tests.retention.shelf import Shelf
from vnfdr.cloud import BackupRequest
from vnfdr.errors import Forbidden, UnknownPoint, Unprunable
from vnfdr.manifests import name_of, open_manifests
from vnfdr.model import Volume


@pytest.fixture
def chain(shelf):
    """Two points of one chain, and one of another."""
    for number in range(1, 4):
        shelf.take(f"p{number}", full=number == 3)
    return shelf


def refused(shelf, **asked):
    """Return why the last point alone cannot be kept, one sentence each."""
    with pytest.raises(Unprunable) as refusal:
        shelf.plan(**({"keep_last": 1} | asked))
    return refusal.value.problems


def by_hand(shelf, tag="by hand", *, incremental=True):
    """Back a volume up as somebody does who knows nothing of vnfdr."""
    request = BackupRequest(tag, "v-db-0", "", incremental, {"vnfdr-point": ""})
    return shelf.site.backups.create(request, timeout_seconds=1)


def test_points_are_removed_where_they_were_taken(chain):
    """To delete an imported record would be to delete the other site's data."""
    chain.site.name = "site-b"

    (told,) = refused(chain)

    assert "its points were taken at 'site-a', in project p, and this is" in told
    assert "prune at 'site-a'" in told


def test_a_project_of_another_cloud_is_another_site(chain):
    """Two clouds may be called the same, each in its own clouds.yaml."""
    chain.site.project_id = "q"

    (told,) = refused(chain)

    assert "in project p, and this is 'site-a', project q" in told


def test_what_was_taken_elsewhere_is_left_alone(chain):
    """After a failover a group has points of two sites, and prunes those of each."""
    chain.take("p9", site="site-b", project_id="q")

    plan = chain.plan(keep_last=1)

    assert "p3 stays" in str(plan)
    assert "1 of its points were taken elsewhere, and are left alone" in str(plan)
    assert "p9" not in {step.title for step in plan.steps}


def test_points_whose_volumes_the_site_never_had_stay(chain):
    """A site that is called the same may still not be where they were taken."""
    for volume_id in chain.volumes:
        del chain.site.all_volumes[volume_id]

    told = refused(chain)

    assert len(told) == 2
    assert "the site has none of the volumes of point p1" in told[0]


def test_a_volume_that_was_replaced_keeps_nothing(chain):
    """One volume of a group may be gone long before its backups are."""
    del chain.site.all_volumes["v-db-0"]

    assert "p1 goes" in str(chain.plan(keep_last=1))


def test_what_a_backup_outside_any_manifest_builds_on_stays(chain):
    """Somebody's own increment is told, and what can be done about it."""
    chain.take("p4", full=True)
    stray = by_hand(chain)
    parent = chain.taken["p4"].disks[0].backup_id
    chain.take("p5", full=True)

    (told,) = refused(chain)

    assert f"backup {stray} of volume v-db-0 is in no manifest here" in told
    assert f"and builds on {parent}: if nobody wants it, delete it" in told


def test_where_records_may_not_be_read_any_increment_may_build_on_it(chain):
    """Who is no administrator cannot be told what builds on what: so nothing goes."""
    by_hand(chain)
    chain.site.wire.before = lambda call: forbid() if call == "export" else None

    told = refused(chain)

    assert len(told) == 2
    assert all("may build on" in each for each in told)


def forbid():
    raise Forbidden("Policy doesn't allow backup:export-import", status=403)


def test_what_a_point_of_another_group_needs_stays(chain):
    """Two groups may share a volume, and then the chains of its backups."""
    other = beside(chain, group="other")
    other.take("o1")
    needed = {r.id for d in other.taken["o1"].disks for r in d.chain}
    chain.take("p4", full=True)

    plan = chain.plan(keep_last=1)

    going = {s.id for s in plan.steps if getattr(s, "noun", "") == "backup"}
    assert needed & set(chain.site.all_backups) == needed
    assert not going & needed


def beside(shelf, *, group, directory=None):
    """Another group of the same server at the same site."""
    return Shelf(
        directory or shelf.directory,
        shelf.site,
        group,
        shelf.volumes,
        shelf.chains,
    )


def test_a_backup_of_another_groups_unknown_point_stays(chain, tmp_path):
    """A group whose manifests are elsewhere may still want what it began."""
    other = beside(chain, group="other", directory=tmp_path / "elsewhere")
    other.take("o1")
    chain.take("p4")
    chain.take("p5", full=True)

    told = refused(chain)

    assert len(told) == 2
    assert "is of point o1 of group 'other'" in told[0]
    assert "name the places of that group, too" in told[0]


def test_a_damaged_manifest_forbids_everything(chain):
    """What it needs is unknown: it is named, and how to mend it."""
    open_manifests(chain.directory).put("else/p1", "{}")

    (told,) = refused(chain)

    assert told.startswith(f"else/p1 at {chain.directory} is no manifest")
    assert "put a whole copy in its place, or delete it if nobody wants" in told


def test_a_damaged_manifest_does_not_matter_where_it_has_a_whole_copy(chain, tmp_path):
    """It is said, and goes with its copy."""
    chain.also_at = (tmp_path / "second",)
    for manifest in list(chain.taken.values()):
        chain.publish(manifest)
    open_manifests(chain.directory).put(name_of("ims", "p1"), "{}")

    plan = chain.plan(keep_last=1)

    assert f"{tmp_path / 'second'} has it whole" in str(plan)
    gone = [step.place for step in plan.steps if getattr(step, "name", "") == "ims/p1"]
    assert sorted(gone) == sorted(chain.places)


def test_a_place_without_any_manifest_may_be_the_wrong_one(chain, tmp_path):
    """What is not mounted would promise what is gone, once it is again."""
    (tmp_path / "typo").mkdir()

    (told,) = refused(chain, places=(str(chain.directory), str(tmp_path / "typo")))

    assert "it may not be mounted" in told


def test_a_group_of_which_nothing_is_known_is_told_with_those_that_are(chain):
    """A name that is spelt wrong is not a group without points."""
    chain.group = "isn"

    with pytest.raises(
        UnknownPoint, match=r"no point of group 'isn' .* groups there: "
    ):
        chain.plan(keep_last=1)


def test_a_point_that_is_yet_to_come_is_no_newest_point(chain):
    """With a wrong clock the order of the points means nothing."""
    chain.take("p4", full=True, days=10_000)

    (told,) = refused(chain)

    assert "a clock is or was wrong" in told


def test_a_point_that_is_not_whole_is_no_good_point(chain):
    """The newest that could be restored stays behind one that could not."""
    doomed = chain.taken["p3"].disks[0].backup_id
    del chain.site.all_backups[doomed]

    text = str(chain.plan(keep_last=1))

    assert "p3, not whole, stays: one of the last 1" in text
    assert "p2 stays: the newest good point" in text


def test_a_copy_that_a_server_uses_stays(chain):
    """It is told, for it costs quota and nobody will name it again."""
    copy = chain.taken["p1"].disks[0].copy_id
    used = Volume(copy, status="in-use", server_ids=("s-test",))
    chain.site.all_volumes[copy] = used

    plan = chain.plan(keep_last=1)

    assert f"volume {copy} of p1 stays, and is yours to delete: server s-test" in str(
        plan
    )
    assert copy not in {getattr(step, "id", "") for step in plan.steps}


def test_a_copy_that_was_taken_over_stays(chain):
    """A mark of another point is somebody else's."""
    copy = chain.taken["p1"].disks[0].copy_id
    chain.site.metadata[copy]["vnfdr-point"] = "mine"

    plan = chain.plan(keep_last=1)

    assert copy not in {getattr(step, "id", "") for step in plan.steps}


def test_every_reason_is_told_at_once(chain):
    """One look at the message is enough to mend all of it."""
    open_manifests(chain.directory).put("else/p1", "{}")
    chain.take("p4", full=True, days=10_000)

    assert len(refused(chain)) == 2
