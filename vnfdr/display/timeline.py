"""The window of a certificate, drawn as text: who was held when, and when all were.

Nothing is drawn better than it was: a guest that is in doubt has no solid bar, and a
solid bar is rounded to what is proven.
"""

import io
import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from attrs import frozen
from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions
from rich.text import Text

from vnfdr.display.rows import Row, Span, end_of, rows_of
from vnfdr.point import Certificate
from vnfdr.text import printable

COLUMNS = 80
ROWS_MAX = 20
BAR_CELLS_MIN = 10
CELLS_PER_TICK = 9
BLANK = " "
STYLES = {"moving": "yellow", "held": "blue", "cut": "magenta", "common": "green"}
MEANINGS = {
    "moving": "on its way, or in doubt",
    "held": "held",
    "cut": "snapshots being taken",
    "common": "all held",
}


@frozen
class _Ink:
    """The characters that things are drawn with."""

    spans: Mapping[str, str]
    rule: str
    tick: str


UNICODE = _Ink({"moving": "░", "held": "█", "cut": "━", "common": "═"}, "─", "┬")
ASCII = _Ink({"moving": ".", "held": "#", "cut": "=", "common": "*"}, "-", "|")


@frozen
class Timeline:
    """The window of a certificate: ``print`` it, or hand it to a rich console.

    A row for each guest in freeze order, from the moment its freeze was sent until it
    was proven thawed; then when the snapshots were taken, and when all guests were
    held. Many guests share rows with their neighbours: ``db-1 +9`` stands for ten, and
    is solid while all ten were held.

    Args:
        certificate: the evidence.
        rows_max: how many rows the guests may have.
    """

    certificate: Certificate
    rows_max: int = ROWS_MAX

    def __str__(self) -> str:
        page = io.StringIO()
        Console(
            file=page, width=COLUMNS, force_terminal=False, color_system=None
        ).print(self)
        return page.getvalue().rstrip("\n")

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> Iterator[Text]:
        ink = ASCII if options.ascii_only else UNICODE
        rows = rows_of(self.certificate, self.rows_max)
        seconds = end_of(self.certificate) or 1.0
        yield _headline(self.certificate)
        for line in _chart(rows, seconds, options.max_width, ink):
            line.rstrip()
            line.no_wrap, line.overflow = True, "crop"
            yield line
        yield _legend(rows, ink)


def _headline(certificate: Certificate) -> Text:
    if not certificate.consistent:
        return Text(printable(f"NOT CONSISTENT: {certificate.problems[0]}"), "bold red")
    return Text(
        f"consistent: all held together for {certificate.overlap_seconds:.2f} s"
        f" of a window of {certificate.window_seconds:.2f} s",
        "bold",
    )


def _chart(
    rows: Sequence[Row], seconds: float, width: int, ink: _Ink
) -> Iterator[Text]:
    label_cells = max(cell_len(row.label) for row in rows)
    note_cells = max(len(row.note) for row in rows)
    cells = max(BAR_CELLS_MIN, width - label_cells - note_cells - 3)
    for line in _axis(seconds, cells, ink):
        yield Text(BLANK * (label_cells + 1) + line, "dim")
    for row in rows:
        label = set_cell_size(row.label, label_cells)
        bar = _bar(row.spans, cells / seconds, cells, ink)
        note = row.note.rjust(note_cells)
        style = "red" if row.doubtful else ""
        yield Text.assemble((label, style), BLANK, bar, BLANK * 2, (note, style))


def _axis(seconds: float, cells: int, ink: _Ink) -> Iterator[str]:
    """Yield the seconds, and the rule below them."""
    step = _step(seconds * CELLS_PER_TICK / cells)
    labels, rule = [BLANK] * cells, [ink.rule] * cells
    for number in range(math.ceil(seconds / step)):
        at = min(round(number * step / seconds * cells), cells - 1)
        text = f"{number * step:g}" if number else "0 s"
        labels[at : at + len(text)] = text
        rule[at] = ink.tick
    yield "".join(labels)
    yield "".join(rule)


def _step(seconds_min: float) -> float:
    """Return the next round number of seconds."""
    power = 10.0 ** math.floor(math.log10(seconds_min))
    return next(n * power for n in (1, 2, 5, 10) if n * power >= seconds_min)


def _bar(spans: Sequence[Span], scale: float, cells: int, ink: _Ink) -> Text:
    """Draw spans, later ones over earlier ones; none vanishes, however short."""
    drawn = [""] * cells
    for span in spans:
        first, last = span.start * scale, span.end * scale
        if span.what in {"held", "common"}:
            begin, end = math.ceil(first), math.floor(last)
        else:
            begin, end = math.floor(first), math.ceil(last)
        begin = min(begin, cells - 1)
        end = min(max(end, begin + 1), cells)
        drawn[begin:end] = [span.what] * (end - begin)
    pieces = ((what, len(list(run))) for what, run in groupby(drawn))
    return Text.assemble(
        *((ink.spans.get(what, BLANK) * n, STYLES.get(what, "")) for what, n in pieces)
    )


def _legend(rows: Sequence[Row], ink: _Ink) -> Text:
    drawn = {span.what for row in rows for span in row.spans}
    words = [(what, text) for what, text in MEANINGS.items() if what in drawn]
    return Text("  ").join(
        Text(f"{ink.spans[what]} {text}", STYLES[what]) for what, text in words
    )
