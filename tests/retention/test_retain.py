"""What removing old points comes to, at a site in memory."""

import pytest
from attrs import evolve

from tests.fakes import FakeJournal, Wire, failing, quiet
from tests.retention.shelf import Shelf
from vnfdr.errors import CloudError, ManifestError
from vnfdr.plan import Manner, Verdict, dump_plan, load_plan, run


@pytest.fixture
def week(shelf):
    """A point a day: a chain of three, and one of four."""
    for number in range(1, 8):
        shelf.take(f"p{number}", full=number == 4)
    return shelf


def titles(plan):
    """What a plan does, phase by phase."""
    return {phase.name: [s.title for s in phase.steps] for phase in plan.phases}


def copies(shelf):
    """The points that volumes or snapshots at the site are of."""
    made = [*shelf.site.all_volumes, *shelf.site.all_snapshots]
    return {name.split("-")[1] for name in made if name.startswith(("copy", "snap"))}


def test_what_is_not_kept_goes_and_all_that_only_it_needs(week, prune):
    """A whole chain goes with its points; what stays has everything it had."""
    outcome = prune(keep_last=4)

    assert (outcome.verdict, outcome.leftovers) == (Verdict.COMMITTED, ())
    assert week.points == ["p4", "p5", "p6", "p7"]
    assert set(week.site.all_backups) == week.needed()
    assert len(week.site.all_backups) == 8
    assert copies(week) == {"p4", "p5", "p6", "p7"}


def test_a_full_backup_outlives_its_point(week, prune):
    """What a kept point builds on stays, though its own point is gone."""
    prune(keep_last=2)

    assert week.points == ["p6", "p7"]
    assert set(week.site.all_backups) == week.needed()
    assert len(week.site.all_backups) == 8
    assert copies(week) == {"p6", "p7"}


def test_it_goes_with_the_last_point_that_needs_it(week, prune):
    """Nothing of a point that was removed earlier is forgotten at the site."""
    prune(keep_last=2)
    week.take("p8", full=True)

    prune(keep_last=1)

    assert week.points == ["p8"]
    assert set(week.site.all_backups) == week.needed()
    assert len(week.site.all_backups) == 2


def test_what_nothing_builds_on_goes_from_the_end_of_a_chain(week, prune):
    """Of a chain whose middle is kept, the end is of no use."""
    week.take("p8", full=True, days=31)

    prune(keep_last=1, monthly=2)

    assert week.points == ["p7", "p8"]
    week.taken["p7"] = evolve(week.taken["p7"], point="p7")
    assert set(week.site.all_backups) == week.needed()


def test_with_nothing_to_remove_nothing_is_removed(week, prune):
    """That is an outcome like any other, and the plan says so."""
    before = dict(week.site.metadata)

    assert "nothing to remove" in str(week.plan(keep_last=7))
    assert prune(keep_last=7).verdict is Verdict.COMMITTED
    assert (week.site.metadata, len(week.points)) == (before, 7)


def test_a_plan_says_what_stays_and_why_and_what_is_freed(week):
    """Reading it is enough to decide whether to run it."""
    week.take("p8", consistent=False)

    text = str(week.plan(keep_last=1, weekly=2))

    assert "p8, not consistent, stays: one of the last 1" in text
    assert "p7 stays: the newest good point, week 2026-W02" in text
    assert "p4 stays: week 2026-W01" in text
    assert "p5 goes; backups of its chains that others need: 4" in text
    assert (
        "frees of the quotas: backups 6 (6 GiB), volumes 10 (10 GiB), snapshots 10"
        in text
    )


def test_promises_go_first_and_then_the_newest_first(week):
    """Whenever it is interrupted, no manifest promises what is gone."""
    plan = week.plan(keep_last=4)

    assert list(titles(plan)) == [
        "delete manifests",
        "delete increments, number 2",
        "delete increments, number 1",
        "delete full backups",
        "delete volumes",
        "delete snapshots",
        "look at what stays",
    ]
    assert all(phase.final for phase in plan.phases)
    assert plan.group == "ims"


def test_a_plan_reads_back_equal(week):
    """A plan that was written down is the same plan."""
    plan = week.plan(keep_last=1)

    assert load_plan(dump_plan(plan)) == plan


def test_a_manifest_that_cannot_be_deleted_keeps_what_it_promises(week, prune):
    """What is promised is there, and the next prune does the rest."""
    week.site.wire.before = failing("delete manifest", ManifestError("read-only"))

    outcome = prune(keep_last=4)

    (leftover,) = outcome.leftovers
    assert "read-only" in str(leftover)
    assert len(week.points) == 5
    assert week.needed() <= set(week.site.all_backups)
    prune(keep_last=4)
    assert set(week.site.all_backups) == week.needed()


def test_a_backup_that_cannot_be_deleted_is_named(week, prune):
    """It stays, with what it builds on, and neither is passed over in silence."""
    week.site.wire.before = failing("delete backup", CloudError("store is down"))

    outcome = prune(keep_last=4)

    gone_wrong = sorted(set(week.site.all_backups) - week.needed())
    assert len(gone_wrong) == 3
    told = " ".join(map(str, outcome.leftovers))
    assert all(backup in told for backup in gone_wrong)
    assert "store is down" in told


def test_a_backup_that_vanishes_meanwhile_is_told(week, clock):
    """Whoever deletes what is kept is found out by the end of the run."""
    plan = week.plan(keep_last=4)
    doomed = week.taken["p7"].disks[0].backup_id

    def meddle(call):
        if call == "delete snapshot":
            week.site.all_backups.pop(doomed, None)

    week.site.wire.before = meddle

    outcome = run(plan, week.world, FakeJournal(Wire()), Manner(clock=clock))

    (leftover,) = outcome.leftovers
    assert doomed in str(leftover)


def test_a_plan_that_is_overtaken_by_a_backup_does_not_run(week, clock):
    """What was made since may build on what would go."""
    plan = week.plan(keep_last=4)
    week.take("p8")

    outcome = run(plan, week.world, FakeJournal(Wire()), Manner(clock=clock))

    assert outcome.failed == "preflight"
    assert "make the plan anew" in outcome.reason
    assert len(week.points) == 8


class Dead(BaseException):
    """The process is dead: it makes no call any more."""


def dying(at):
    """Let a process die at its call of this number."""
    calls = iter(range(at))

    def hook(call):
        if next(calls, None) is None:
            raise Dead

    return hook


def short_shelf(directory):
    """A chain of two, and what begins another."""
    shelf = Shelf(directory, volumes=("v-db-0",))
    shelf.site.add_server("db")
    for number in range(1, 4):
        shelf.take(f"p{number}", full=number == 3)
    return shelf


@pytest.mark.parametrize("when", ["before", "after"])
def test_wherever_it_dies_resuming_it_ends_it(tmp_path, clock, when):
    """At no time is a promise broken, and in the end nothing is left over."""
    for at in range(1000):
        shelf = short_shelf(tmp_path / str(at))
        plan, journal = shelf.plan(keep_last=1), FakeJournal(shelf.site.wire)
        setattr(shelf.site.wire, when, dying(at))
        try:
            run(plan, shelf.world, journal, Manner(clock=clock))
        except Dead:
            setattr(shelf.site.wire, when, quiet)
        else:
            break
        assert shelf.needed() <= set(shelf.site.all_backups), at
        outcome = run(plan, shelf.world, journal, Manner(clock=clock))
        assert (outcome.verdict, outcome.leftovers) == (Verdict.COMMITTED, ()), at
        assert set(shelf.site.all_backups) == shelf.needed(), at
    assert at > 20
