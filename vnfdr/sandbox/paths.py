"""Who talks to whom: along the path of a call, or, without one, with some of all.

Proof needs no more than this: what a guest was told directly, its records quote. What
came through several guests is proven link by link.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from attrs import frozen


@frozen
class Stage:
    """Where on the path of a call a guest works.

    Args:
        path: whose calls they are; only who has the same talks about them.
        number: which tier it is. A guest talks to the tiers before it and behind it:
            a call comes from one side, its answer from the other.
    """

    path: str
    number: int


class Talker(Protocol):
    """A guest, as far as it matters here."""

    @property
    def stage(self) -> Stage | None:
        """Its place on a path, if it is on one."""
        ...


T = TypeVar("T", bound=Talker)


def told(guests: Sequence[T], place: int, number: int) -> Iterable[T]:
    """Return whom the guest at ``place`` tells of its record with this number."""
    stage = guests[place].stage
    if stage is None:
        alike = [guest for guest in guests if guest.stage is None]
        return _neighbours(alike, alike.index(guests[place]))
    return _next_along(guests, stage, number)


def _next_along(guests: Sequence[T], stage: Stage, number: int) -> Iterable[T]:
    """Return one guest of each tier next to this one: each is told in its turn.

    That is how load is balanced: every call is handled by one guest of each tier.
    """
    for way in (-1, 1):
        there = Stage(stage.path, stage.number + way)
        if tier := [guest for guest in guests if guest.stage == there]:
            yield tier[number % len(tier)]


def _neighbours(guests: Sequence[T], place: int) -> Iterable[T]:
    """Return who is told: all if they are few, else some near and some far away.

    Every guest hears from a few, and causes still reach everywhere.
    """
    count = len(guests)
    distances = (1, 2, max(3, count // 3))
    ways = [way for distance in distances for way in (-distance, distance)]
    places = dict.fromkeys((place + way) % count for way in ways)
    return [guests[other] for other in places if other != place]
