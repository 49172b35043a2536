"""A cell of the fault matrix: what one fault in one phase of a run came to."""

import enum
import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path

from attrs import asdict, frozen

COMMITTED_CELLS = Path(__file__).with_name("cells.json")
FREEZE_SECONDS = (1, 2, 5, 10, 20, 30)
"""What the freezes of a cell are said to stay below, in seconds."""

MARGIN = 1.3
"""Another run may take so much longer before the matrix is wrong."""

REFUSED = "refused"


class Phase(enum.Enum):
    """The part of a run in which a fault comes."""

    PREFLIGHT = "preflight"
    PREPARE = "prepare"
    FREEZE = "freeze"
    SNAPSHOT = "snapshot"
    WAIT = "wait"
    THAW = "thaw"
    VOLUMES = "volumes"
    BACKUPS = "backups"
    TIDY = "tidy"
    UNDO = "undo"
    RESUME = "resume"


@frozen
class Cell:
    """What came of a fault in a phase, over all the calls that it was tried at.

    Args:
        verdicts: how the runs ended; ``refused`` is one that touched nothing.
        freeze_seconds: the longest freeze, by the guests' own records.
        leftovers: the kinds of what the runs named as left.
    """

    verdicts: tuple[str, ...]
    freeze_seconds: float
    leftovers: tuple[str, ...]

    @classmethod
    def of(cls, parts: Iterable["Cell"]) -> "Cell":
        """Put what was seen at several calls together."""
        parts = tuple(parts)
        return cls(
            tuple(sorted({verdict for part in parts for verdict in part.verdicts})),
            max(part.freeze_seconds for part in parts),
            tuple(sorted({kind for part in parts for kind in part.leftovers})),
        )

    def rounded(self, slack_seconds: float = 0.0) -> "Cell":
        """Return the same, with a bound for its freeze, which may be none at all."""
        wanted = self.freeze_seconds * MARGIN + slack_seconds
        bounds = (*FREEZE_SECONDS, math.inf)
        bound = next(bound for bound in bounds if wanted <= bound)
        return Cell(self.verdicts, bound if self.freeze_seconds else 0, self.leftovers)

    def differs(self, promised: "Cell") -> bool:
        """Tell whether this is not what the matrix says."""
        same = (self.verdicts, self.leftovers) == (
            promised.verdicts,
            promised.leftovers,
        )
        return not same or self.freeze_seconds > promised.freeze_seconds


Cells = Mapping[str, Cell]
"""Cells by their names: table, fault and phase."""


def name_of(table: str, fault: str, phase: Phase) -> str:
    """Return what a cell is called: as its test is."""
    return f"{table}-{fault}-{phase.value}"


def read(path: Path = COMMITTED_CELLS) -> dict[str, Cell]:
    """Read cells from a file."""
    told = json.loads(path.read_text()) if path.exists() else {}
    return {
        name: Cell(
            tuple(cell["verdicts"]), cell["freeze_seconds"], tuple(cell["leftovers"])
        )
        for name, cell in told.items()
    }


def write(cells: Cells, path: Path = COMMITTED_CELLS) -> None:
    """Write cells to a file, in an order that is always the same."""
    lines = [
        f"{json.dumps(n)}: {json.dumps(asdict(c))}" for n, c in sorted(cells.items())
    ]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
