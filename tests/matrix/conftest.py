"""What is seen is what the documentation says, or is written down to become it."""

import os
from pathlib import Path

import pytest

from tests.matrix.cells import name_of, read, write


@pytest.fixture(scope="session")
def promised():
    """The cells that the documentation shows."""
    return read()


@pytest.fixture(autouse=True)
def way_in(monkeypatch):
    """Have the variable, and put it back: other threads read while one sets it."""
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", "")


@pytest.fixture
def hold_to_it(promised):
    """Compare a cell with the documentation; ``make matrix`` writes it down instead."""

    def compare(table, fault, phase, cell):
        name = name_of(table, fault, phase)
        if place := os.environ.get("VNFDR_MATRIX"):
            write({name: cell}, Path(place) / f"{name}.json")
            return
        assert name in promised, "the fault matrix lacks it: make matrix"
        assert not cell.differs(promised[name]), (cell, promised[name])

    return compare
