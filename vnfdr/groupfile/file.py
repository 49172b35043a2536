"""Reads and writes group files; tells every mistake with its line and column."""

import re
from os import PathLike, fspath
from pathlib import Path

import yaml

from vnfdr.errors import GroupFileError
from vnfdr.groupfile import plainyaml
from vnfdr.groupfile.schema import Problem, Where, to_group, to_plain
from vnfdr.model import Group


def load_group(path: str | PathLike[str]) -> Group:
    """Read a group from a file.

    Raises:
        GroupFileError: it cannot be read, or is not a group; says all that is wrong.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _refusal(f"{fspath(path)}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise _refusal(f"{fspath(path)}: {error}") from error
    return read_group(text, fspath(path))


def read_group(text: str, source: str = "<text>") -> Group:
    """Read a group from a text; ``source`` is what messages call it.

    Raises:
        GroupFileError: it is not a group; says all that is wrong.
    """
    try:
        root = plainyaml.parse(text)
    except plainyaml.UNREADABLE as error:
        raise _refusal(f"{source}:{plainyaml.explain(error, text)}") from error
    if root is None:
        raise _refusal(f"{source}:1:1: it is empty")
    problems: list[Problem] = []
    group = to_group(_plain(root, (), problems), problems)
    if group is None or problems:
        told = sorted(_told(root, *each) for each in problems)
        raise _refusal(*(f"{source}:{y}:{x}: {says}" for y, x, says in told))
    return group


def dump_group(group: Group) -> str:
    """Write ``group`` as YAML that reads back equal; what is default is left out."""
    return plainyaml.dump(to_plain(group))


def _refusal(*problems: str) -> GroupFileError:
    return GroupFileError("no group was read", problems)


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
    mark, path = node.start_mark, ""
    for step in where:
        if isinstance(step, int) and isinstance(node, yaml.SequenceNode):
            node = node.value[step]
            mark = node.start_mark
        elif isinstance(step, str) and isinstance(node, yaml.MappingNode):
            key, node = [pair for pair in node.value if pair[0].value == step][-1]
            mark = key.start_mark
        path += (
            f".{step}" if re.fullmatch(r"[^\W\d][\w-]*", f"{step}") else f"[{step!r}]"
        )
    told = f"{path.removeprefix('.')}: {says}" if path else says
    return mark.line + 1, mark.column + 1, told
