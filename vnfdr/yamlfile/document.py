"""Reads a file whole; tells every mistake with its line and column."""

import re
from collections.abc import Callable
from os import PathLike, fspath
from pathlib import Path
from typing import TypeVar

import yaml

from vnfdr.errors import SeveralProblems
from vnfdr.yamlfile import plainyaml
from vnfdr.yamlfile.strict import Problem, Where

T = TypeVar("T")

Make = Callable[[object, list[Problem]], T | None]
"""Makes a value of what JSON knows, or notes everything that is wrong with it."""

Refuse = Callable[[list[str]], SeveralProblems]
"""Returns the error that says why nothing was read."""


def load(path: str | PathLike[str], make: Make[T], refuse: Refuse) -> T:
    """Read a value from a file; raise what ``refuse`` returns when it is none."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise refuse([f"{fspath(path)}: {error.strerror or error}"]) from error
    except UnicodeDecodeError as error:
        raise refuse([f"{fspath(path)}: {error}"]) from error
    return read(text, fspath(path), make, refuse)


def read(text: str, source: str, make: Make[T], refuse: Refuse) -> T:
    """Read a value from a text; ``source`` is what messages call it."""
    try:
        root = plainyaml.parse(text)
    except plainyaml.UNREADABLE as error:
        raise refuse([f"{source}:{plainyaml.explain(error, text)}"]) from error
    if root is None:
        raise refuse([f"{source}:1:1: it is empty"])
    problems: list[Problem] = []
    value = make(_plain(root, (), problems), problems)
    if value is None or problems:
        told = sorted(_told(root, *each) for each in problems)
        raise refuse([f"{source}:{y}:{x}: {says}" for y, x, says in told])
    return value


def _plain(node: yaml.Node, where: Where, problems: list[Problem]) -> object:
    """Turn nodes into what JSON knows; every key is a text, and there once."""
    if isinstance(node, yaml.SequenceNode):
        items = enumerate(node.value)
        return [_plain(item, (*where, index), problems) for index, item in items]
    if not isinstance(node, yaml.MappingNode):
        return plainyaml.scalar(node)
    plain: dict[str, object] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            problems.append((where, "a key must be a text, not a list or a mapping"))
            continue
        at = (*where, str(key.value))
        if key.value in plain:
            problems.append((at, "is there more than once"))
        plain[str(key.value)] = _plain(value, at, problems)
    return plain


def _told(node: yaml.Node, where: Where, says: str) -> tuple[int, int, str]:
    """Say what is wrong with the value that ``where`` leads to, and its position."""
    at: yaml.Node | None = node
    mark, path = node.start_mark, ""
    for step in where:
        lead, at = _below(at, step)
        mark = lead.start_mark if lead else mark
        path += (
            f".{step}" if re.fullmatch(r"[^\W\d][\w-]*", f"{step}") else f"[{step!r}]"
        )
    told = f"{path.removeprefix('.')}: {says}" if path else says
    return mark.line + 1, mark.column + 1, told


def _below(
    node: yaml.Node | None, step: str | int
) -> tuple[yaml.Node | None, yaml.Node | None]:
    """Return what a step leads by, a key or an item, and what it leads to.

    Of a key that is there twice only the last is seen, and what was wrong may be in
    the first: then it leads nowhere. What is written short lacks a step.
    """
    pairs: list[tuple[yaml.Node, yaml.Node]] = []
    if isinstance(step, int) and isinstance(node, yaml.SequenceNode):
        pairs = [(item, item) for item in node.value[step : step + 1]]
    elif isinstance(step, str) and isinstance(node, yaml.MappingNode):
        pairs = [pair for pair in node.value if pair[0].value == step]
    else:
        return None, node
    return pairs[-1] if pairs else (None, None)
