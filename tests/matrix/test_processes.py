"""Every process of a run, killed or stopped in every phase: the promises hold."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.matrix.cells import Phase
from tests.matrix.processes import ROWS, try_out, why_not

AT_ONCE = 3


@pytest.mark.parametrize("fault", ROWS)
def test_a_death_or_a_stop(fault, hold_to_it):
    """No guest stays frozen, nothing is left unnamed, no certificate is false."""
    row = ROWS[fault]
    phases = [phase for phase in Phase if not why_not(row, phase)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = dict(
            zip(phases, pool.map(lambda p: try_out(row, p), phases), strict=True)
        )

    assert {p: broken for p, (_, broken) in told.items() if broken} == {}
    for phase, (cell, _) in told.items():
        hold_to_it("process", fault, phase, cell)
