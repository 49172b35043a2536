"""The ways of protecting a group that are compared."""

from collections.abc import Callable, Sequence

from attrs import frozen

from tests.bench.meter import Meter
from tests.bench.sandbox import Member
from vnfdr.openstack.site import OpenStackSite
from vnfdr.plan.cutting import TICK_SECONDS
from vnfdr.retry import wait_until

WINDOW_SECONDS_MAX = 900.0

Tiers = Sequence[Sequence[Member]]


@frozen
class Job:
    """What is to be done.

    Args:
        site: where.
        tiers: the group, in the order in which it is frozen; a tier at once.
        early_thaw: whether guests go on as soon as their own snapshots are there.
        meter: runs while the window is open.
    """

    site: OpenStackSite
    tiers: Tiers
    early_thaw: bool
    meter: Meter

    @property
    def members(self) -> tuple[Member, ...]:
        """Every member, in the order in which they are frozen."""
        return tuple(member for tier in self.tiers for member in tier)


@frozen
class Done:
    """What a way says of itself, if it says anything.

    Args:
        predicted_seconds: how long it thought that its window would be.
        window_seconds: how long it says that it was.
    """

    predicted_seconds: float | None = None
    window_seconds: float | None = None


Go = Callable[[], Done]
Way = Callable[[Job], Go]
"""Gets ready, and returns what works the window."""


def look_until(enough: Callable[[], bool]) -> None:
    """Look once a tick, as vnfdr does, until there are enough snapshots."""
    wait_until(
        lambda: enough() or None,
        what="snapshots",
        seconds_max=WINDOW_SECONDS_MAX,
        first_wait_seconds=TICK_SECONDS,
        wait_seconds_max=TICK_SECONDS,
    )
