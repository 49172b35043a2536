"""Volumes made of what a point kept."""

from attrs import evolve

from vnfdr.steps import CopyVolume

COPY = CopyVolume("r1", "vnf", "v1", "db", 1, copy_id="v-db-0")


def change(site, status):
    volume = site.all_volumes["v-db-0"]
    site.all_volumes["v-db-0"] = evolve(volume, status=status)


def test_a_kept_copy_is_copied(site, world):
    """Nobody uses it."""
    change(site, "available")

    assert tuple(COPY.check(world)) == ()


def test_a_kept_copy_that_somebody_uses_is_not_copied(site, world):
    """It may hold what was written after the point."""
    change(site, "in-use")

    (problem,) = COPY.check(world)

    assert "v-db-0 of 'db' is in status 'in-use'; it must be available" in problem
