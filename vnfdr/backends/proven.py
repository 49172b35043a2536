"""Thaw again and again, until it is proven."""

from collections.abc import Callable

from vnfdr.errors import ThawFailed, WaitedTooLong
from vnfdr.model import Guest
from vnfdr.retry import wait_until

THAW_SECONDS_MAX = 10.0


class NotProven(Exception):
    """A thaw that proves nothing, and why; the next may."""


def until_proven(guest: Guest, thaw: Callable[[], int]) -> int:
    """Call ``thaw`` until it does not raise `NotProven`; return what it returned.

    Raises:
        ThawFailed: no thaw was proven within 10 seconds; the last one's reason.
    """
    why: list[str] = []

    def attempt() -> int | None:
        try:
            return thaw()
        except NotProven as error:
            why.append(str(error))
            return None

    try:
        return wait_until(
            attempt,
            what=f"the thaw of guest {guest}",
            seconds_max=THAW_SECONDS_MAX,
            first_wait_seconds=0.1,
            wait_seconds_max=0.5,
        )
    except WaitedTooLong as error:
        raise ThawFailed(f"guest {guest} may be frozen: {why[-1]}") from error
