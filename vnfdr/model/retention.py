"""Which recovery points of a group stay, as a policy: the last few, and some of old."""

from collections.abc import Iterator

from attrs import asdict, frozen

from vnfdr.errors import GroupError


@frozen
class Retention:
    """How many recovery points of a group stay.

    A point that any rule keeps is kept. Days, weeks and months without a point do
    not count: time alone removes nothing. Days are UTC's, weeks ISO's. Of a day, a
    week or a month the newest good point stays, or the newest where none is good.

    Args:
        keep_last: the last so many points.
        daily: one point of each of the last so many days that have any.
        weekly: the same by weeks.
        monthly: the same by months.

    Raises:
        GroupError: it keeps nothing, or fewer than nothing.
    """

    keep_last: int = 0
    daily: int = 0
    weekly: int = 0
    monthly: int = 0

    def __attrs_post_init__(self) -> None:
        problems = tuple(_problems(self))
        if problems:
            subject = f"{self!r} is no policy"
            raise GroupError(subject, problems)

    def __str__(self) -> str:
        said = (f"{name} {count}" for name, count in asdict(self).items() if count)
        return ", ".join(said)


def _problems(retention: Retention) -> Iterator[str]:
    counts = asdict(retention)
    for name, count in counts.items():
        if count < 0:
            yield f"{name} is {count}; it must be at least 0"
    if not any(counts.values()):
        yield f"it keeps nothing; say at least one of {', '.join(counts)}"
