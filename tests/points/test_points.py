"""What a place off-site knows, with nothing else at hand."""

from datetime import timedelta

import pytest
from attrs import evolve

import vnfdr
from vnfdr.errors import ManifestDamaged, ManifestError, UnknownPlace, UnknownPoint
from vnfdr.model import Level

EARLY, LATE = "20260131T080000Z-aaaaaa", "20260131T120000Z-bbbbbb"


def test_points_are_listed_newest_first(store, make, keep):
    """The first is the one that loses least."""
    for point in (EARLY, LATE):
        keep(make(point))

    found = vnfdr.points(store.place)

    assert [each.point for each in found] == [LATE, EARLY]
    assert found[1].age - found[0].age == timedelta(hours=4)


def test_a_point_says_what_it_is_worth(store, make, keep):
    """Level, verdict, size, and whether its chain is whole."""
    keep(make())

    (found,) = vnfdr.points(store)

    assert (found.group, found.size_gib, found.whole) == ("ims", 10, True)
    assert (found.level, found.consistent) == (Level.CRASH, False)
    for words in ("ims", "NOT CONSISTENT", "crash", "10 GiB", "whole"):
        assert words in str(found)


def test_a_chain_with_a_link_missing_is_told(store, make, keep):
    """It would fail late, in the middle of coming back."""
    manifest = make()
    (disk,) = manifest.disks
    keep(evolve(manifest, disks=(evolve(disk, chain=disk.chain[1:]),)))

    (found,) = vnfdr.points(store)

    assert not found.whole
    assert "the chain of volume 'root' lacks full" in str(found)


def test_only_the_points_of_a_group_are_wanted(store, make, keep):
    """Groups may share a place, and begin alike."""
    for group in ("ims", "ims core", "other"):
        keep(make(group=group))

    found = vnfdr.points(store, "ims core")

    assert [each.group for each in found] == ["ims core"]


def test_a_damaged_manifest_is_told_and_not_skipped(store, make, keep):
    """Whoever counts on it should know before."""
    keep(make(EARLY))
    store.put(f"ims/{LATE}", "{")

    good, damaged = vnfdr.points(store)

    assert (good.point, damaged.point, damaged.group) == (EARLY, LATE, "ims")
    assert "DAMAGED" in str(damaged)
    assert (damaged.whole, damaged.consistent, damaged.age) == (False, False, None)


def test_a_manifest_that_is_no_text_is_told_and_not_skipped(store, make, keep):
    """Bytes of a broken disk keep nobody from seeing the other points."""
    keep(make(EARLY))
    (store.directory / "ims" / f"{LATE}.json").write_bytes(b"\xff")

    good, damaged = vnfdr.points(store)

    assert (good.point, damaged.point) == (EARLY, LATE)
    assert f"cannot read 'ims/{LATE}': it is no text" in damaged.problem


def test_a_manifest_under_another_name_is_told(store, make, keep):
    """It would be brought back as what it is not."""
    text = store.get(keep(make(group="other")))
    store.put(f"ims/{LATE}", text)

    found = vnfdr.points(store, "ims")

    assert "kept under another name" in found[0].problem
    with pytest.raises(ManifestDamaged, match="kept under another name"):
        vnfdr.load_point(store, LATE, "ims")


def test_a_trial_that_stayed_is_no_point(store, make, keep):
    """A process died while it looked whether it may write."""
    store.put(f"{keep(make())}.probe", "vnfdr looks whether it may write here")

    assert len(vnfdr.points(store)) == 1


def test_a_place_that_is_not_there_is_told():
    """An empty list would say that nothing was ever saved."""
    with pytest.raises(ManifestError, match="there is no such directory"):
        vnfdr.points("/nowhere/at/all")


def test_an_unknown_url_is_told():
    """Nothing installed knows how to read there."""
    with pytest.raises(UnknownPlace, match="gopher"):
        vnfdr.points("gopher://hole")


@pytest.mark.parametrize("wanted", [LATE, LATE[:12], "latest"])
def test_a_point_is_loaded_by_its_id_or_part_of_it(store, make, keep, wanted):
    """Nobody types 23 characters in a disaster."""
    for point in (EARLY, LATE):
        keep(make(point))

    assert vnfdr.load_point(store, wanted) == make(LATE)


def test_a_beginning_that_fits_two_points_names_both(store, make, keep):
    """One of them has to be chosen by a person."""
    for point in (EARLY, LATE):
        keep(make(point))

    with pytest.raises(UnknownPoint, match="2 points begin with") as refusal:
        vnfdr.load_point(store, "20260131")

    assert EARLY in str(refusal.value)
    assert LATE in str(refusal.value)


@pytest.mark.parametrize("wanted", ["2025", ""])
def test_a_point_that_is_not_there_names_those_that_are(store, make, keep, wanted):
    """A typing error costs one look."""
    keep(make(LATE))

    with pytest.raises(UnknownPoint, match=f"there are: ims/{LATE}"):
        vnfdr.load_point(store, wanted)


def test_the_latest_of_several_groups_has_to_be_said_of_which(store, make, keep):
    """The wrong one would be brought back."""
    keep(make(LATE, "ims"))
    keep(make(EARLY, "other"))

    with pytest.raises(UnknownPoint, match="There are: ims, other"):
        vnfdr.load_point(store, "latest")

    assert vnfdr.load_point(store, "latest", "other").point == EARLY


def test_the_latest_that_is_damaged_is_not_passed_over(store, make, keep):
    """An older point loses more, and that is for a person to decide."""
    keep(make(EARLY))
    store.put(f"ims/{LATE}", "{")

    with pytest.raises(ManifestDamaged, match=LATE):
        vnfdr.load_point(store, "latest", "ims")
