"""Reads mapping files; tells every mistake with its line and column."""

from os import PathLike
from pathlib import Path

import attrs

from vnfdr.errors import MappingError
from vnfdr.mapping import SiteMapping
from vnfdr.mappingfile.schema import to_mapping
from vnfdr.yamlfile import document


def load_mapping(path: str | PathLike[str]) -> SiteMapping:
    """Read a mapping from a file.

    Paths of user data in it start from where the file is.

    Raises:
        MappingError: it cannot be read, or is no mapping; says all that is wrong.
    """
    mapping = document.load(path, to_mapping, _refusal)
    here = Path(path).absolute().parent
    servers = {
        word: attrs.evolve(own, user_data=_from(here, own.user_data))
        for word, own in mapping.servers.items()
    }
    return attrs.evolve(mapping, servers=servers)


def read_mapping(text: str, source: str = "<text>") -> SiteMapping:
    """Read a mapping from a text; ``source`` is what messages call it.

    Raises:
        MappingError: it is no mapping; says all that is wrong.
    """
    return document.read(text, source, to_mapping, _refusal)


def _from(directory: Path, path: str) -> str:
    return str(directory / Path(path).expanduser()) if path else ""


def _refusal(problems: list[str]) -> MappingError:
    return MappingError("no mapping was read", problems)
