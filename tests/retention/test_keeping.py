"""Which points a policy keeps: by example, and whatever the points are."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as some

from vnfdr.errors import GroupError
from vnfdr.model import Retention
from vnfdr.recipes.keeping import Dated, kept

POLICIES = some.tuples(*[some.integers(0, 4)] * 4).filter(any)
ZONES = some.sampled_from([UTC, timezone(timedelta(hours=9))])
DATES = some.builds(
    lambda hours, zone: datetime(2026, 1, 1, tzinfo=zone) + timedelta(hours=hours),
    some.integers(0, 10_000),
    ZONES,
)
POINTS = some.lists(some.tuples(DATES, some.booleans()), max_size=25).map(
    lambda drawn: [Dated(f"p{n:02}", *each) for n, each in enumerate(drawn)]
)


def points_of(*dates, bad=()):
    """Return points that are called by their dates."""
    at = {date: datetime.fromisoformat(date).replace(tzinfo=UTC) for date in dates}
    return [Dated(name, date, name not in bad) for name, date in at.items()]


MONTHS = points_of(
    "2026-01-01",
    "2026-01-31",
    "2026-02-01",
    "2026-02-27",
    "2026-02-28T01",
    "2026-02-28T23",
    "2026-03-01",
)


@pytest.mark.parametrize(
    ("policy", "stay"),
    [
        (Retention(keep_last=1), ["2026-03-01"]),
        (Retention(keep_last=2), ["2026-03-01", "2026-02-28T23"]),
        (Retention(daily=2), ["2026-03-01", "2026-02-28T23"]),
        (Retention(daily=3), ["2026-03-01", "2026-02-28T23", "2026-02-27"]),
        (Retention(weekly=1), ["2026-03-01"]),
        # 1 March is a Sunday: it ends the ISO week of 27 February.
        (Retention(weekly=2), ["2026-03-01", "2026-02-01"]),
        (Retention(monthly=2), ["2026-03-01", "2026-02-28T23"]),
        (
            Retention(monthly=9),
            ["2026-03-01", "2026-02-28T23", "2026-01-31"],
        ),
        (
            Retention(keep_last=1, daily=2, weekly=2),
            ["2026-03-01", "2026-02-28T23", "2026-02-01"],
        ),
    ],
    ids=str,
)
def test_a_policy_keeps_the_last_and_one_of_each_period(policy, stay):
    """Periods are counted back from the newest point; empty ones do not count."""
    assert list(kept(MONTHS, policy)) == stay


def test_every_reason_is_told():
    """Reading why a point stays is reading which rules would have to change."""
    (reasons,) = kept(points_of("2026-03-01"), Retention(2, 1, 1, 1)).values()

    assert reasons == (
        "the newest good point",
        "one of the last 2",
        "day 2026-03-01",
        "week 2026-W09",
        "month 2026-03",
    )


def test_of_a_period_a_good_point_stays():
    """What could be restored is worth more than what is a few hours younger."""
    points = points_of("2026-03-01T01", "2026-03-01T02", bad=["2026-03-01T02"])

    assert list(kept(points, Retention(daily=1))) == ["2026-03-01T01"]


def test_the_last_good_point_stays_behind_any_number_of_bad_ones():
    """A policy that counts the last few never counts the only good one out."""
    points = points_of("2026-03-01", "2026-03-02", "2026-03-03")
    points = [Dated(p.id, p.taken_at, p.id == "2026-03-01") for p in points]

    assert list(kept(points, Retention(keep_last=1))) == ["2026-03-03", "2026-03-01"]


def test_days_are_those_of_utc():
    """Where the controller stands does not change what stays."""
    tokyo = timezone(timedelta(hours=9))
    points = [
        Dated("evening", datetime(2026, 3, 1, 23, tzinfo=UTC), good=True),
        Dated("later", datetime(2026, 3, 2, 8, 30, tzinfo=tokyo), good=True),
    ]

    assert list(kept(points, Retention(daily=2))) == ["later"]


@settings(deadline=None)
@given(POINTS, POLICIES)
def test_the_newest_good_point_always_stays(points, counts):
    """No policy, and no points, can make it go."""
    good = [p for p in points if p.good]
    assume(good)

    stay = kept(points, Retention(*counts))

    assert max(good, key=lambda p: (p.taken_at, p.id)).id in stay


@settings(deadline=None)
@given(POINTS, POLICIES)
def test_something_stays_and_not_more_than_was_asked_for(points, counts):
    """The quota that a policy takes can be told beforehand."""
    stay = kept(points, Retention(*counts))

    assert min(len(points), 1) <= len(stay) <= sum(counts) + 1


@settings(deadline=None)
@given(POINTS, POLICIES, some.data())
def test_removing_some_now_and_some_later_comes_to_the_same(points, counts, data):
    """What was kept is kept again, whichever of the others are gone by then."""
    policy = Retention(*counts)
    stay = kept(points, policy)
    gone = data.draw(some.sets(some.sampled_from([p.id for p in points] or [""])))

    rest = [p for p in points if p.id in stay or p.id not in gone]

    assert kept(rest, policy) == stay


@settings(deadline=None)
@given(POINTS, POLICIES, some.integers(0, 25))
def test_what_may_go_may_go_for_good(points, counts, first):
    """As newer points come, no point that could be removed is wanted again."""
    policy = Retention(*counts)
    in_time = sorted(points, key=lambda p: (p.taken_at, p.id))
    early = in_time[:first]

    removable = {p.id for p in early} - kept(early, policy).keys()

    assert not removable & kept(in_time, policy).keys()


@pytest.mark.parametrize(
    ("counts", "problems"),
    [
        ((0, 0, 0, 0), ["it keeps nothing; say at least one of keep_last, daily"]),
        ((-1, 2, -3, 0), ["keep_last is -1; it must be", "weekly is -3; it must be"]),
    ],
)
def test_a_policy_that_keeps_nothing_is_none(counts, problems):
    """Everything that is wrong with it is told at once."""
    with pytest.raises(GroupError) as refused:
        Retention(*counts)

    told = refused.value.problems
    assert [a[: len(b)] for a, b in zip(told, problems, strict=True)] == problems
