"""How long a window may last, and each freeze in it: the limits, and how they fit."""

import math
from collections.abc import Collection, Iterator, Mapping

from attrs import frozen

FREEZE_TIMEOUT_SECONDS = 10.0
HOLD_LIMIT_SECONDS = 30.0
LEASE_SECONDS = 60.0
WINDOWS_HOLD_LIMIT_SECONDS = 8.0
WINDOWS_HELD_SECONDS_MAX = 9.0
"""Windows lets every freeze go by itself after 10 s; its thaw has to come before."""


@frozen
class Limits:
    """What a window is limited by, in seconds; ``None`` where nobody said it.

    Args:
        hold_limit: how long it may last.
        lease: how long it may last before everything is thawed, whoever is alive.
        freeze_timeouts: how long each freeze may take, by the server's name.
        windows: the names of the servers that are frozen and are Windows.
    """

    hold_limit: float | None
    lease: float
    freeze_timeouts: Mapping[str, float | None]
    windows: Collection[str] = ()

    @property
    def hold_seconds(self) -> float:
        """How long the window may last: what was said, or what its guests allow."""
        if self.hold_limit is not None:
            return self.hold_limit
        return WINDOWS_HOLD_LIMIT_SECONDS if self.windows else HOLD_LIMIT_SECONDS

    def freeze_seconds(self, server: str) -> float:
        """Return how long one freeze may take: at most half of the window."""
        said = self.freeze_timeouts[server]
        return (
            min(FREEZE_TIMEOUT_SECONDS, self.hold_seconds / 2) if said is None else said
        )

    def problems(self) -> Iterator[str]:
        """Yield a sentence for each limit that does not fit the others."""
        for server, seconds in self.freeze_timeouts.items():
            if seconds is not None and not 0 < seconds < self.hold_seconds:
                yield (
                    f"freeze_timeout_seconds of {server!r} is {seconds:g}; it must be"
                    f" above 0 and below the hold limit of {self.hold_seconds:g}"
                )
        if not 0 < self.hold_seconds < self.lease < math.inf:
            yield (
                f"hold_limit_seconds is {self.hold_seconds:g}; it must be above 0"
                f" and below the lease of {self.lease:g}, and both finite"
            )
        if self.windows and self.hold_seconds > WINDOWS_HELD_SECONDS_MAX:
            named = " and ".join(map(repr, self.windows))
            yield (
                f"hold_limit_seconds is {self.hold_seconds:g}, and Windows in {named}"
                " lets every freeze go by itself after 10 s; make it at most"
                f" {WINDOWS_HELD_SECONDS_MAX:g}, or leave it out for"
                f" {WINDOWS_HOLD_LIMIT_SECONDS:g}"
            )
