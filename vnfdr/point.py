"""Recovery points, and the certificate: the evidence of what one is worth.

The verdict is computed from evidence alone, and anything missing counts against
it: absent means no. Times are seconds since the window began, on a clock that never
jumps; ``None`` is "never".
"""

import math
from collections.abc import Iterator, Sequence

from attrs import frozen

from vnfdr.model import Level, Policy
from vnfdr.text import printable


@frozen
class GuestEvidence:
    """What is known of one guest in one window.

    Args:
        key: the key of its hold.
        name: what people call it.
        asked: the level asked for.
        reaches: the level it has when its freeze succeeds.
        policy: what was to be done if it could not be held.
        holds: whether it was to be held at all.
        freeze_asked_at: when the freeze was sent.
        frozen_at: when the freeze was answered.
        thaw_asked_at: when the first thaw was sent.
        thawed_at: when it was proven thawed.
        froze: how many file systems froze.
        thawed: how many file systems the thaw found frozen.
        before: the witness to its identity before the window.
        after: the same after it.
        problem: what went wrong with it, empty when nothing did.
    """

    key: str
    name: str
    asked: Level
    reaches: Level
    policy: Policy
    holds: bool = True
    freeze_asked_at: float | None = None
    frozen_at: float | None = None
    thaw_asked_at: float | None = None
    thawed_at: float | None = None
    froze: int = 0
    thawed: int = 0
    before: str = ""
    after: str = ""
    problem: str = ""

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why this guest was not held all the time; none when it was."""
        return tuple(_doubts(self))

    @property
    def reached(self) -> Level:
        """The level it had while its volumes were cut."""
        return Level.CRASH if self.doubts else self.reaches

    @property
    def as_asked(self) -> bool:
        """Whether its policy is content with how it was held."""
        if self.policy is not Policy.REQUIRE:
            return True
        held = not self.doubts or (not self.holds and not self.problem)
        return held and self.reached.rank >= self.asked.rank

    @property
    def held_seconds(self) -> float:
        """How long it was held, as far as the caller could see."""
        if self.freeze_asked_at is None or self.thawed_at is None:
            return 0.0
        return self.thawed_at - self.freeze_asked_at


@frozen
class CutEvidence:
    """When one snapshot was asked for, and when it was seen to be there."""

    key: str
    held_by: tuple[str, ...]
    asked_at: float | None = None
    ready_at: float | None = None
    left_out: bool = False


@frozen
class Certificate:
    """The evidence of one window, and the verdict that follows from it.

    Args:
        point: the recovery point it is about.
        group: the group's name.
        taken_at: when the window began, UTC, ISO 8601; for people.
        guests: the evidence for each guest, in freeze order.
        cuts: the evidence for each snapshot.
        hold_limit_seconds: how long the window might last.
        voided: why nothing of it counts; empty when it does. The failsafe fired.
    """

    point: str
    group: str
    taken_at: str
    guests: tuple[GuestEvidence, ...]
    cuts: tuple[CutEvidence, ...]
    hold_limit_seconds: float
    voided: str = ""

    @property
    def problems(self) -> tuple[str, ...]:
        """Why the point is not consistent; none when it is."""
        return tuple(_problems(self))

    @property
    def consistent(self) -> bool:
        """Whether every guest was provably held while every snapshot was taken."""
        return not self.problems

    @property
    def as_asked(self) -> bool:
        """Whether the point is what the members' policies demand of it.

        A consistent point is; one with a guest that was left running on purpose,
        or that was allowed to be, may be.
        """
        others = (*_misplaced(self), *_overrun(self), *_void(self))
        return all(guest.as_asked for guest in self.guests) and not others

    @property
    def level(self) -> Level:
        """The lowest that any guest reached; none, if a snapshot is out of place."""
        reached = [guest.reached for guest in self.guests]
        if not reached or self.voided or any(_misplaced(self)):
            return Level.CRASH
        return min(reached, key=lambda level: level.rank)

    @property
    def window_seconds(self) -> float:
        """From the first freeze to the last thaw."""
        return _span(
            [g.freeze_asked_at for g in self.guests], [g.thawed_at for g in self.guests]
        )

    @property
    def overlap_seconds(self) -> float:
        """How long all guests were held at the same time."""
        held = [guest for guest in self.guests if guest.holds]
        ends = [g.thaw_asked_at for g in held if g.thaw_asked_at is not None]
        starts = [g.frozen_at for g in held if g.frozen_at is not None]
        return max(0.0, min(ends) - max(starts)) if ends and starts else 0.0

    def __str__(self) -> str:
        verdict = "consistent" if self.consistent else "NOT CONSISTENT"
        made = [cut for cut in self.cuts if not cut.left_out]
        text = [
            f"recovery point {self.point} of {self.group}",
            f"  {verdict}, level {self.level.value}, {len(made)} snapshots",
            f"  taken at {self.taken_at}, window {self.window_seconds:.2f} s",
            f"  all held together for {self.overlap_seconds:.2f} s",
        ]
        text.extend(f"  {_line(guest)}" for guest in self.guests)
        text.extend(f"  because {problem}" for problem in self.problems)
        return "\n".join(map(printable, text))


@frozen
class SavedVolume:
    """What a recovery point holds of one volume; empty where it holds nothing.

    Args:
        volume_id: the volume that was protected.
        name: its name.
        snapshot_id: its snapshot, if that was kept.
        copy_id: the volume created from the snapshot, if that was kept.
        backup_id: its backup.
    """

    volume_id: str
    name: str = ""
    snapshot_id: str = ""
    copy_id: str = ""
    backup_id: str = ""


@frozen
class RecoveryPoint:
    """One moment of one group, all that was saved of it, and its certificate."""

    id: str
    group: str
    site: str
    certificate: Certificate
    volumes: tuple[SavedVolume, ...]

    def __str__(self) -> str:
        saved = (
            f"  {v.name or v.volume_id}: backup {v.backup_id or 'none'},"
            f" copy {v.copy_id or 'none'}, snapshot {v.snapshot_id or 'none'}"
            for v in self.volumes
        )
        return "\n".join((str(self.certificate), *map(printable, saved)))


def _doubts(guest: GuestEvidence) -> Iterator[str]:
    if not guest.holds:
        yield "it was left running on purpose"
        return
    if guest.problem:
        yield guest.problem
    if guest.frozen_at is None or guest.froze < 1:
        yield "it was not frozen"
        return
    if guest.thaw_asked_at is None or guest.thawed_at is None:
        yield "it was not proven thawed"
        return
    if guest.thawed != guest.froze:
        yield (
            f"{guest.froze} file systems froze and the thaw found {guest.thawed}"
            " frozen: something else thawed it before"
        )
    if not guest.before or guest.before != guest.after:
        yield f"it is not the same guest any more ({guest.before} -> {guest.after})"


def _problems(certificate: Certificate) -> Iterator[str]:
    if not certificate.guests:
        yield "there is no guest"
    for guest in certificate.guests:
        yield from (f"{guest.name}: {doubt}" for doubt in guest.doubts)
    yield from _misplaced(certificate)
    yield from _overrun(certificate)
    yield from _void(certificate)


def _void(certificate: Certificate) -> Iterator[str]:
    if all(cut.left_out for cut in certificate.cuts):
        yield "there is no snapshot"
    if certificate.voided:
        yield f"the failsafe fired: {certificate.voided}"


def _misplaced(certificate: Certificate) -> Iterator[str]:
    """Yield what is wrong with the place of each thaw and snapshot in time."""
    held = [guest for guest in certificate.guests if guest.frozen_at is not None]
    all_held_at = max((g.frozen_at or 0.0 for g in held), default=0.0)
    thaws = {g.key: g.thaw_asked_at for g in held if g.thaw_asked_at is not None}
    for guest in held:
        if thaws.get(guest.key, all_held_at) < all_held_at:
            yield f"{guest.name} was thawed before every guest was frozen"
    known = {guest.key for guest in certificate.guests}
    for cut in certificate.cuts:
        ends = [thaws[key] for key in cut.held_by if key in thaws]
        if cut.left_out:
            continue
        if not known.intersection(cut.held_by):
            yield f"{cut.key} is of no guest that is known"
        else:
            yield from _outside(cut, all_held_at, min(ends, default=math.inf))


def _outside(cut: CutEvidence, all_held_at: float, end: float) -> Iterator[str]:
    """Yield why a snapshot may not have been taken while its guests were held."""
    if cut.asked_at is None or cut.ready_at is None:
        yield f"{cut.key} was not seen to be there"
    elif cut.asked_at < all_held_at:
        yield f"{cut.key} was asked for before every guest was frozen"
    elif cut.ready_at > end:
        yield f"{cut.key} was not there before its guest was thawed"


def _overrun(certificate: Certificate) -> Iterator[str]:
    limit = certificate.hold_limit_seconds
    if certificate.window_seconds > limit:
        yield (
            f"the window lasted {certificate.window_seconds:.2f} s,"
            f" over its limit of {limit:g} s"
        )


def _span(starts: Sequence[float | None], ends: Sequence[float | None]) -> float:
    begun = [start for start in starts if start is not None]
    ended = [end for end in ends if end is not None]
    return max(ended) - min(begun) if begun and ended else 0.0


def _line(guest: GuestEvidence) -> str:
    if not guest.holds:
        return f"{guest.name}: not held, on purpose"
    if guest.frozen_at is None:
        return f"{guest.name}: not frozen"
    return (
        f"{guest.name}: {guest.reached.value}, froze {guest.froze} at"
        f" {guest.frozen_at:.2f} s, thawed {guest.thawed} at"
        f" {guest.thawed_at or 0:.2f} s, held {guest.held_seconds:.2f} s"
    )
