"""Every fault of a call, a guest or a journal, in every phase: the promises hold."""

import pytest

from tests.matrix.calls import TABLES, try_out
from tests.matrix.cells import Cell, Phase

CASES = {
    f"{table}-{fault}-{phase.value}": (table, fault, phase)
    for table, rows in TABLES.items()
    for fault, row in rows.items()
    for phase in Phase
    if row.places(phase)
}


@pytest.mark.parametrize(("table", "fault", "phase"), CASES.values(), ids=CASES.keys())
def test_a_fault_of_a_call(table, fault, phase, hold_to_it):
    """No guest stays frozen, nothing is left unnamed, no certificate is false."""
    seen = list(try_out(TABLES[table][fault], phase))

    assert [broken for _, broken in seen if broken] == []
    hold_to_it(table, fault, phase, Cell.of(cell for cell, _ in seen))
