"""What a timeline says, row by row, before it is drawn."""

import math
from collections.abc import Iterator, Sequence

from attrs import frozen
from rich.cells import cell_len, set_cell_size

from vnfdr.point import Certificate, CutEvidence, GuestEvidence
from vnfdr.text import printable

LABEL_CELLS_MAX = 28


@frozen
class Span:
    """From when to when something was: ``moving``, ``held``, ``cut`` or ``common``."""

    what: str
    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it was."""
        return self.end - self.start


@frozen
class Row:
    """One line: whose it is, what was when, and a word on it."""

    label: str
    spans: tuple[Span, ...]
    note: str
    doubtful: bool = False


def rows_of(certificate: Certificate, rows_max: int) -> tuple[Row, ...]:
    """Return a row for each guest, or for some together; then what is true of all."""
    guests = certificate.guests
    size = max(1, math.ceil(len(guests) / max(1, rows_max)))
    end = end_of(certificate)
    return (
        *(_guests(guests[i : i + size], end) for i in range(0, len(guests), size)),
        _cuts([cut for cut in certificate.cuts if not cut.left_out], end),
        _common(guests),
    )


def end_of(certificate: Certificate) -> float:
    """Return the last time that anything was seen."""
    guests, cuts = certificate.guests, certificate.cuts
    times = [
        *(time for cut in cuts for time in (cut.asked_at, cut.ready_at)),
        *(time for g in guests for time in (g.freeze_asked_at, g.frozen_at)),
        *(time for g in guests for time in (g.thaw_asked_at, g.thawed_at)),
    ]
    return max((time for time in times if time is not None), default=0.0)


def _guests(guests: Sequence[GuestEvidence], end: float) -> Row:
    more = f" +{len(guests) - 1}" if len(guests) > 1 else ""
    name, room = printable(guests[0].name), LABEL_CELLS_MAX - len(more)
    label = set_cell_size(name, room) if cell_len(name) > room else name
    doubted = [guest for guest in guests if guest.doubts]
    spans = (*_moving(guests, end), *_together("held", guests))
    if len(doubted) == 1 == len(guests):
        note = _doubt(doubted[0])
    elif doubted:
        note = f"{len(doubted)} in doubt"
    else:
        note = f"{max(guest.held_seconds for guest in guests):.2f} s"
    return Row(label + more, spans, note, doubtful=bool(doubted))


def _moving(guests: Sequence[GuestEvidence], end: float) -> Iterator[Span]:
    """Yield from when to when any of them may have been frozen."""
    asked = [g.freeze_asked_at for g in guests if g.freeze_asked_at is not None]
    if asked:
        thawed = [end if g.thawed_at is None else g.thawed_at for g in guests]
        yield Span("moving", min(asked), max(thawed))


def _together(what: str, guests: Sequence[GuestEvidence]) -> Iterator[Span]:
    """Yield when all of them were held, if none is in doubt."""
    starts = [g.frozen_at for g in guests if g.frozen_at is not None and not g.doubts]
    ends = [g.thaw_asked_at for g in guests if g.thaw_asked_at is not None]
    if guests and len(starts) == len(guests) and max(starts) < min(ends):
        yield Span(what, max(starts), min(ends))


def _doubt(guest: GuestEvidence) -> str:
    if not guest.holds:
        return "left running"
    if guest.frozen_at is None:
        return "not frozen"
    return "not thawed" if guest.thawed_at is None else "in doubt"


def _cuts(cuts: Sequence[CutEvidence], end: float) -> Row:
    label = f"{len(cuts)} snapshot{'' if len(cuts) == 1 else 's'}"
    asked = [cut.asked_at for cut in cuts if cut.asked_at is not None]
    ready = [cut.ready_at for cut in cuts if cut.ready_at is not None]
    missing = len(cuts) - len(ready)
    if not asked:
        return Row(label, (), "none", doubtful=True)
    span = Span("cut", min(asked), end if missing else max(ready))
    note = f"{missing} missing" if missing else f"{span.seconds:.2f} s"
    return Row(label, (span,), note, doubtful=bool(missing))


def _common(guests: Sequence[GuestEvidence]) -> Row:
    spans = tuple(_together("common", guests))
    note = f"{spans[0].seconds:.2f} s" if spans else "never"
    return Row("all held", spans, note, doubtful=not spans)
