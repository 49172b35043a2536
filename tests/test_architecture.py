import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted(ROOT.glob("vnfdr/**/*.py"))
LINES_PER_MODULE_MAX = 300
LINES_PER_FUNCTION_MAX = 60

every_module = pytest.mark.parametrize(
    "path", MODULES, ids=lambda path: str(path.relative_to(ROOT))
)


@every_module
def test_a_module_is_read_in_one_sitting(path):
    """Nobody has to scroll through thousands of lines to trust a file."""
    lines = len(path.read_text().splitlines())

    assert lines <= LINES_PER_MODULE_MAX


@every_module
def test_a_function_fits_on_one_screen(path):
    """What a function does can be seen at once."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno - node.lineno < LINES_PER_FUNCTION_MAX, node.name


@every_module
def test_a_module_says_what_it_is_for(path):
    """Whoever opens a file learns first why it is there."""
    assert ast.get_docstring(ast.parse(path.read_text()))


@every_module
def test_no_import_is_hidden(path):
    """An import that only a type checker sees is one that import-linter may miss."""
    assert "TYPE_CHECKING" not in path.read_text()


@every_module
def test_no_crash_report_shows_variables(path):
    """The values of local variables are whatever passed by, passwords too."""
    text = path.read_text()

    for shower in ("rich.traceback", "show_locals", "tracebacks_show", "cgitb"):
        assert shower not in text
