"""What a mapping file may say: strictly, and with every mistake at once.

The keys are the fields of `SiteMapping`, `ServerMapping`, `BootTier` and the probes,
and so are the defaults of what is not written.
"""

import functools
from typing import Any

import attrs
from cattrs import Converter

from vnfdr.mapping import (
    AgentProbe,
    BootTier,
    CallProbe,
    HttpProbe,
    Probe,
    SiteMapping,
    TcpProbe,
)
from vnfdr.yamlfile.strict import WRONG, Problem, exactly, leaves, new_converter

PROBES: dict[str, type[attrs.AttrsInstance]] = {
    "agent": AgentProbe,
    "tcp": TcpProbe,
    "http": HttpProbe,
    "call": CallProbe,
}
"""The kinds of probes, by the key that says which one it is."""


def to_mapping(plain: object, problems: list[Problem]) -> SiteMapping | None:
    """Make a mapping of what JSON knows, or note everything that is wrong with it."""
    try:
        return _converter().structure(plain, SiteMapping)
    except WRONG as error:
        problems.extend(leaves(error))
        return None


def to_plain(value: object) -> Any:  # noqa: ANN401 - what JSON knows
    """Return the shortest that says the same: what is default is left out."""
    return _converter().unstructure(value)


@functools.cache
def _converter() -> Converter:
    """A tier may be said by its servers alone, and a probe says its kind by a key."""
    converter = new_converter({BootTier: _tier})

    def probe(plain: object, _: object) -> object:
        said = [key for key in PROBES if key in exactly(plain, dict)]
        if len(said) != 1:
            known = ", ".join(PROBES)
            raise ValueError(f"a probe has one of the keys: {known}")
        return converter.structure(plain, PROBES[said[0]])

    converter.register_structure_hook_func(lambda kind: kind == Probe, probe)
    return converter


def _tier(plain: object) -> object:
    """Say whole what is a list of servers, or the name of one."""
    if isinstance(plain, list | str):
        return {"servers": [plain] if isinstance(plain, str) else plain}
    return plain
