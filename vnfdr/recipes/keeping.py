"""Which recovery points a policy keeps, and why. Pure: touches nothing.

Three things hold, whatever the policy and the points. The newest good point is kept.
What is kept is kept again once the others are gone. And a point that is not kept
never is again, as newer ones come: removing it later is removing it now.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice

from attrs import frozen

from vnfdr.model import Retention

THE_NEWEST_GOOD = "the newest good point"
THE_NEWEST = "the newest point, and none is good"


@frozen
class Dated:
    """A recovery point, as far as keeping it goes.

    Args:
        id: its id.
        taken_at: when it was taken; never without a time zone.
        good: whether it is consistent, and all that it takes to bring it back is there.
    """

    id: str
    taken_at: datetime
    good: bool


def kept(points: Sequence[Dated], policy: Retention) -> dict[str, tuple[str, ...]]:
    """Return the ids of the points that stay, newest first, each with why.

    Time alone removes nothing: a group that is not protected any more keeps what it
    has. What is not in the answer may be removed.
    """
    newest_first = sorted(points, key=lambda p: (p.taken_at, p.id), reverse=True)
    reasons: dict[str, list[str]] = {point.id: [] for point in newest_first}
    for point, why in _rulings(newest_first, policy):
        reasons[point.id].append(why)
    return {each: tuple(why) for each, why in reasons.items() if why}


def _rulings(
    newest_first: Sequence[Dated], policy: Retention
) -> Iterator[tuple[Dated, str]]:
    good = [point for point in newest_first if point.good]
    for point in (good or newest_first)[:1]:
        yield point, THE_NEWEST_GOOD if good else THE_NEWEST
    for point in newest_first[: policy.keep_last]:
        yield point, f"one of the last {policy.keep_last}"
    counts = (policy.daily, policy.weekly, policy.monthly)
    for (noun, form), count in zip(_PERIODS.items(), counts, strict=True):
        best = _best_of_each(newest_first, form)
        for name, point in islice(best.items(), count):
            yield point, f"{noun} {name}"


def _best_of_each(newest_first: Sequence[Dated], form: str) -> dict[str, Dated]:
    """Return one point of each period, the newest period first."""
    best: dict[str, Dated] = {}
    for point in newest_first:
        name = f"{point.taken_at.astimezone(UTC):{form}}"
        if name not in best or (point.good and not best[name].good):
            best[name] = point
    return best


_PERIODS: Mapping[str, str] = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}
