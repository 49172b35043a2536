"""What a plan would do: its calls, and how long each guest would be held.

The window is computed as it runs: freezes tier after tier, all cuts together within
the back end's own concurrency, thaws in reverse, or each when its own cuts are there.
"""

import math
from collections.abc import Sequence
from typing import Any

from attrs import frozen

from vnfdr.plan.phase import Phase, Window
from vnfdr.plan.step import Call, Hold
from vnfdr.text import printable


@frozen
class Timings:
    """What calls are expected to take, in seconds.

    The defaults were measured on a small cloud on Ceph; put your own in.

    Args:
        freeze_seconds: one freeze.
        thaw_seconds: one thaw.
        request_seconds: one request for a cut, until it is accepted.
        cut_seconds: one cut, from its acceptance until it is there.
        cuts_at_once: how many cuts the storage works on together.
        look_seconds: one look at all the cuts, and the wait before it.
    """

    freeze_seconds: float = 0.12
    thaw_seconds: float = 0.06
    request_seconds: float = 0.1
    cut_seconds: float = 0.6
    cuts_at_once: int = 20
    look_seconds: float = 0.1


@frozen
class HeldFor:
    """How long one guest would be held, in seconds.

    Args:
        name: the guest.
        seconds: from its freeze to its thaw.
        since_seconds: when it is frozen, counted from the first freeze.
    """

    name: str
    seconds: float
    since_seconds: float = 0.0


@frozen
class Preview:
    """What running a plan would do; made without touching anything."""

    calls: tuple[Call, ...]
    held: tuple[HeldFor, ...]
    has_window: bool = True

    @property
    def window_seconds(self) -> float:
        """From the first freeze to the last thaw."""
        ends = (held.since_seconds + held.seconds for held in self.held)
        return max(ends, default=0.0)

    def __str__(self) -> str:
        text = [f"{len(self.calls)} calls"]
        text.extend(f"  {call}" for call in self.calls)
        if self.has_window:
            text.append(f"a window of about {self.window_seconds:.2f} s")
        text.extend(
            f"  {h.name} is held for about {h.seconds:.2f} s" for h in self.held
        )
        return "\n".join(map(printable, text))


def preview_of(phases: Sequence[Phase], timings: Timings) -> Preview:
    """Tell what the phases would do."""
    calls = tuple(call for phase in phases for call in _calls(phase))
    windows = [phase for phase in phases if isinstance(phase, Window)]
    held = tuple(held for window in windows for held in _held(window, timings))
    return Preview(calls, held, has_window=bool(windows))


def _calls(phase: Phase) -> tuple[Call, ...]:
    calls = tuple(call for part in phase.parts for call in part.calls)
    if not isinstance(phase, Window):
        return calls
    thaws = (Call("thaw", hold.name) for hold in reversed(phase.holds) if hold.holds)
    return (*calls, *thaws)


def _held(window: Window, timings: Timings) -> tuple[HeldFor, ...]:
    tiers = len(window.tiers)
    return tuple(
        HeldFor(
            hold.name,
            (tiers - number) * timings.freeze_seconds
            + _cutting_seconds(window, _last_cut(window, hold), timings)
            + (1 if window.early_thaw else tiers - number) * timings.thaw_seconds,
            since_seconds=number * timings.freeze_seconds,
        )
        for number, tier in enumerate(window.tiers)
        for hold in tier
        if hold.holds
    )


def _last_cut(window: Window, hold: Hold[Any]) -> int:
    """Return how many cuts have been made when this one may be let go."""
    if not window.early_thaw:
        return len(window.cuts)
    numbers = (n for n, c in enumerate(window.cuts, 1) if hold.key in c.held_by)
    return max(numbers, default=0)


def _cutting_seconds(window: Window, cuts: int, timings: Timings) -> float:
    """Return when so many cuts are there, and seen, after the last freeze.

    Requests go on while the storage works: the slower of the two sets the pace.
    """
    rounds = max(0, math.ceil(cuts / window.cuts_at_once) - 1)
    waves = max(0, math.ceil(cuts / timings.cuts_at_once) - 1)
    pace = max(rounds * timings.request_seconds, waves * timings.cut_seconds)
    first = timings.request_seconds + timings.cut_seconds
    return first + pace + timings.look_seconds
