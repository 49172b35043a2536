"""The page of the documentation is what the tests saw, whole."""

import ast

import pytest

from tests.matrix.cells import read
from tests.matrix.known import KNOWN, REAL
from tests.matrix.page import PAGE, ROOT, TABLES, page

NAMED = sorted({test for known in (*KNOWN, *REAL) for test in known.tests})


def test_the_page_is_made_of_what_was_seen():
    """Nobody edits it by hand: ``make matrix`` writes it."""
    assert PAGE.read_text() == page(read())


def test_no_cell_is_empty_without_a_reason():
    """Each fault has a cell in each phase, or a reason why there is none."""
    assert read().keys() == {name for table in TABLES for name in table.cells()}


@pytest.mark.parametrize("test", NAMED)
def test_a_test_that_is_named_is_there(test):
    """Nobody looks for a test in vain."""
    file, name = test.split("::")
    tree = ast.parse((ROOT / file).read_text())

    assert name in {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}


def test_every_row_that_is_named_is_there():
    """Nobody looks for a row in vain."""
    there = {f"{table.name}/{fault}" for table in TABLES for fault in table.rows}

    assert {row for known in KNOWN for row in known.rows} <= there
