"""Write the fault matrix: the page of the documentation that the tests hold.

``python -m tests.matrix.page DIRECTORY`` takes in what a run of the tests wrote there.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from string import Template

from attrs import frozen

from tests.matrix import calls, processes, wire
from tests.matrix.cells import COMMITTED_CELLS, Cell, Cells, Phase, name_of, read, write
from tests.matrix.known import KNOWN, REAL, Known

ROOT = Path(__file__).parents[2]
TEMPLATE = Path(__file__).with_name("page.template.md")
PAGE = ROOT / "docs/reference/fault-matrix.md"
BUSY_MACHINE_SECONDS = 1.0
SIGNS = {"committed": "✓", "compensated": "↩", "refused": "⊘", "stranded": "✗"}


@frozen
class Table:
    """One table of the page.

    Args:
        name: as in the names of its cells.
        rows: its faults, in words.
        why_not: says why a fault is not tried in a phase; empty if it is.
    """

    name: str
    rows: Mapping[str, str]
    why_not: Callable[[str, Phase], str]

    def cells(self) -> Iterator[str]:
        """Yield the names of the cells that it has."""
        for fault in self.rows:
            for phase in Phase:
                if not self.why_not(fault, phase):
                    yield name_of(self.name, fault, phase)

    def lines(self, cells: Cells) -> Iterator[str]:
        """Yield it as text."""
        yield "| fault | " + " | ".join(phase.value for phase in Phase) + " |"
        yield "|---" * (len(Phase) + 1) + "|"
        letters: dict[str, str] = {}
        for fault, words in self.rows.items():
            shown = [self._cell(cells, fault, phase, letters) for phase in Phase]
            yield f"| `{fault}`: {words} | " + " | ".join(shown) + " |"
        yield ""
        yield from (f"- *{letter}*: {why}." for why, letter in letters.items())

    def _cell(
        self, cells: Cells, fault: str, phase: Phase, letters: dict[str, str]
    ) -> str:
        if why := self.why_not(fault, phase):
            return f"*{letters.setdefault(why, chr(ord('a') + len(letters)))}*"
        return shown(cells[name_of(self.name, fault, phase)])


def shown(cell: Cell) -> str:
    """Return a cell as text."""
    signs = " ".join(SIGNS[verdict] for verdict in cell.verdicts)
    bound = "∞" if cell.freeze_seconds == float("inf") else f"{cell.freeze_seconds:g} s"
    below = "< " if 0 < cell.freeze_seconds < float("inf") else ""
    left = f", left: {', '.join(cell.leftovers)}" if cell.leftovers else ""
    return f"{signs} {below}{bound}{left}"


def _of_calls(name: str) -> Table:
    rows = calls.TABLES[name]

    def why_not(fault: str, phase: Phase) -> str:
        row = rows[fault]
        return "" if row.places(phase) else row.why_nowhere(phase)

    return Table(name, {f: row.words for f, row in rows.items()}, why_not)


TABLES: Sequence[Table] = (
    _of_calls("call"),
    _of_calls("guest"),
    _of_calls("run"),
    Table(
        "wire",
        {fault: effect.value for fault, effect in wire.ROWS.items()},
        lambda fault, phase: wire.why_not(wire.ROWS[fault], phase),
    ),
    Table(
        "process",
        {fault: row.words for fault, row in processes.ROWS.items()},
        lambda fault, phase: processes.why_not(processes.ROWS[fault], phase),
    ),
)


def page(cells: Cells) -> str:
    """Return the page."""
    real = [f"| {k.words} | {k.note} | {_tests(k)} |" for k in REAL]
    known = [f"| {k.words} | {_rows(k)} | {_tests(k)} | {k.note} |" for k in KNOWN]
    parts = {"real": real, "known": known}
    parts |= {table.name: list(table.lines(cells)) for table in TABLES}
    template = Template(TEMPLATE.read_text())
    return template.substitute({n: "\n".join(lines) for n, lines in parts.items()})


def _tests(known: Known) -> str:
    return ", ".join(f"`{test}`" for test in known.tests)


def _rows(known: Known) -> str:
    return ", ".join(f"`{row}`" for row in known.rows)


def _slack(name: str) -> float:
    """Return how much longer a freeze may take elsewhere, where time is real."""
    is_real = name.startswith(("wire-", "process-"))
    return BUSY_MACHINE_SECONDS if is_real else 0.0


def main() -> None:
    """Take in what the tests wrote, and write cells and page."""
    seen = dict(read(COMMITTED_CELLS))
    for path in Path(sys.argv[1]).glob("*.json"):
        seen |= {name: cell.rounded(_slack(name)) for name, cell in read(path).items()}
    wanted = {name for table in TABLES for name in table.cells()}
    write({name: cell for name, cell in seen.items() if name in wanted})
    PAGE.write_text(page(read()))


if __name__ == "__main__":
    main()
