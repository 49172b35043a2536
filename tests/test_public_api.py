import inspect
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import vnfdr
from vnfdr import errors
from vnfdr.cli import cli

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]
HEAVY = {"cinderclient", "keystoneauth1", "libvirt", "openstack", "psycopg", "requests"}
ERRORS = {
    name: value
    for name, value in vars(errors).items()
    if inspect.isclass(value) and issubclass(value, errors.VnfdrError)
}


def test_the_front_door_is_a_sorted_and_complete_list():
    """Every public name is listed once, in order, and nothing else is public."""
    public = {
        name
        for name, value in vars(vnfdr).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }

    assert vnfdr.__all__ == sorted(public)


def test_the_tree_of_errors_draws_every_error_and_no_other():
    """Whoever handles an error finds it, and what to do about it, in one drawing."""
    drawn = re.findall(r"^ *[*x] (\w+)", errors.__doc__, re.MULTILINE)

    assert sorted(drawn) == sorted(name for name in ERRORS if name[0] != "_")


def drawn_parents():
    """Yield each error of the drawing with the one above it."""
    above = {}
    for indent, name in re.findall(r"^( *)[*x] (\w+)", errors.__doc__, re.MULTILINE):
        above[len(indent)] = name
        if indent:
            yield name, above[len(indent) - 2]


@pytest.mark.parametrize(("name", "parent"), [*drawn_parents()])
def test_the_tree_of_errors_is_drawn_as_it_is(name, parent):
    """Catching what stands above an error in the drawing catches the error."""
    assert issubclass(ERRORS[name], ERRORS[parent])


def test_importing_vnfdr_imports_no_sdk():
    """A plan can be made, printed and read where no OpenStack client is at hand."""
    code = f"import sys, vnfdr; print(*sorted({HEAVY} & sys.modules.keys()))"

    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )

    assert done.stdout.split() == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_name_in_a_documented_script_exists(page):
    """What the documentation shows can be copied."""
    scripts = re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)

    named = set(re.findall(r"\bvnfdr\.(\w+)\(", "".join(scripts)))

    assert named <= set(vnfdr.__all__)


@pytest.mark.parametrize("command", cli.commands.values(), ids=cli.commands.keys())
def test_every_command_and_option_is_documented(command):
    """What a shell may say is on one page."""
    page = (ROOT / "docs/reference/command-line.md").read_text()

    options = {opt for p in command.params for opt in p.opts if opt.startswith("-")}

    assert f"`vnfdr {command.name}" in page
    assert {option for option in options if f"`{option}`" not in page} == set()
