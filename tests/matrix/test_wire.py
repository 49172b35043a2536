"""Every effect of the sandbox's faults, in every phase, over HTTP: promises hold."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.matrix.cells import Phase
from tests.matrix.wire import ROWS, try_out, why_not

AT_ONCE = 5

CASES = {
    fault: [phase for phase in Phase if not why_not(effect, phase)]
    for fault, effect in ROWS.items()
}


@pytest.mark.parametrize("fault", [fault for fault, phases in CASES.items() if phases])
def test_a_fault_of_the_wire(fault, hold_to_it):
    """No guest stays frozen, nothing is left unnamed, no certificate is false."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        seen = pool.map(lambda phase: try_out(ROWS[fault], phase), CASES[fault])
        told = dict(zip(CASES[fault], seen, strict=True))

    assert {p: broken for p, (_, broken) in told.items() if broken} == {}
    for phase, (cell, _) in told.items():
        hold_to_it("wire", fault, phase, cell)
