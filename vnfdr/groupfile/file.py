"""Reads and writes group files; tells every mistake with its line and column."""

from os import PathLike

from vnfdr.errors import GroupFileError
from vnfdr.groupfile.schema import to_group, to_plain
from vnfdr.model import Group
from vnfdr.yamlfile import document, plainyaml


def load_group(path: str | PathLike[str]) -> Group:
    """Read a group from a file.

    Raises:
        GroupFileError: it cannot be read, or is not a group; says all that is wrong.
    """
    return document.load(path, to_group, _refusal)


def read_group(text: str, source: str = "<text>") -> Group:
    """Read a group from a text; ``source`` is what messages call it.

    Raises:
        GroupFileError: it is not a group; says all that is wrong.
    """
    return document.read(text, source, to_group, _refusal)


def dump_group(group: Group) -> str:
    """Write ``group`` as YAML that reads back equal; what is default is left out."""
    return plainyaml.dump(to_plain(group))


def _refusal(problems: list[str]) -> GroupFileError:
    return GroupFileError("no group was read", problems)
