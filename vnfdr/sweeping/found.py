"""What a sweep found, and what became of it."""

import enum
from collections.abc import Iterable
from datetime import timedelta

from attrs import frozen

from vnfdr.model import Marked
from vnfdr.text import aged, printable


class Fate(enum.Enum):
    """What is to become of something, or has."""

    SWEPT = "swept"
    """It was deleted, and is gone."""

    STAYS = "stays"
    """It was to be deleted, and may still be there."""

    TO_SWEEP = "to sweep"
    """No run will come back to it: it may be deleted."""

    TO_RESUME = "to resume"
    """Its run has not ended: resuming that keeps it or deletes it."""

    UNKNOWN = "unknown"
    """No journal here knows its run."""

    UNTOUCHED = "untouched"
    """It is in use, or may not be of our making: it is never deleted."""

    WANTED = "wanted"
    """It is part of a recovery point."""


REMAINING = frozenset({Fate.STAYS, Fate.TO_SWEEP, Fate.TO_RESUME})
"""What somebody has to do something about."""


@frozen
class Found:
    """Something that carries a mark of vnfdr.

    Args:
        thing: what it is.
        run: the run that it is marked as made by.
        fate: what is to become of it, or has.
        reason: why.
        age: how long it has been there.
    """

    thing: Marked
    run: str
    fate: Fate
    reason: str
    age: timedelta

    def __str__(self) -> str:
        thing = self.thing
        cost = [f"{aged(self.age)} old"]
        if thing.size_gib:
            cost.append(f"{thing.size_gib} GiB")
        if thing.dependents:
            cost.append(_needed_by(thing))
        text = f"{self.fate.value}: {thing} ({', '.join(cost)}): {self.reason}"
        return printable(text)


@frozen
class Sweep:
    """What one look at a site found, and what was deleted of it.

    Args:
        site: what clouds.yaml calls it.
        found: all that carries a mark, most urgent first.
        unseen: what could not be listed, and why.
        interrupted: whether it was told to stop before all was done.
    """

    site: str
    found: tuple[Found, ...]
    unseen: tuple[str, ...] = ()
    interrupted: bool = False

    def of(self, *fates: Fate) -> tuple[Found, ...]:
        """Return what has one of these fates."""
        return tuple(found for found in self.found if found.fate in fates)

    @property
    def remaining(self) -> tuple[Found, ...]:
        """What somebody has to do something about."""
        return self.of(*REMAINING)

    @property
    def clean(self) -> bool:
        """Whether everything was seen, and nothing remains to be done."""
        return not (self.remaining or self.unseen or self.interrupted)

    def __str__(self) -> str:
        wanted = len(self.of(Fate.WANTED))
        lines = [self._headline()]
        lines += [f"  {each}" for each in self.found if each.fate is not Fate.WANTED]
        lines += [f"  could not look: {printable(why)}" for why in self.unseen]
        if self.interrupted:
            lines.append("  interrupted: sweep again")
        if wanted:
            lines.append(f"  wanted: {wanted} in recovery points, left alone")
        return "\n".join(lines)

    def _headline(self) -> str:
        counts = [
            f"{len(self.of(fate))} {fate.value} ({_gib(self.of(fate))} GiB)"
            for fate in Fate
            if fate is not Fate.WANTED and self.of(fate)
        ]
        nothing = "not all was seen" if self.unseen else "nothing is left behind"
        return printable(f"sweep of {self.site}: {', '.join(counts) or nothing}")


def _gib(found: Iterable[Found]) -> int:
    return sum(each.thing.size_gib for each in found)


def _needed_by(thing: Marked) -> str:
    if thing.noun == "backup":
        return "increments build on it"
    return f"{thing.dependents} made of it"
