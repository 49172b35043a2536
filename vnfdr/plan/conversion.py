"""How values become JSON and come back, with cattrs.

A part of a plan is written with its ``kind``, its name in the entry-point group
``vnfdr.steps``; reading loads the class that is installed under that name, and
nothing else.
"""

import functools
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any

import cattrs
from cattrs.strategies import configure_tagged_union

from vnfdr.errors import PlanError
from vnfdr.plan.phase import Together, Window
from vnfdr.plan.step import Part

GROUP = "vnfdr.steps"


@functools.cache
def converter() -> cattrs.Converter:
    """Return the converter for everything that is written down."""
    made = cattrs.Converter(forbid_extra_keys=True)
    made.register_structure_hook_func(_is_part, _structure_part)
    made.register_unstructure_hook_func(_is_part, _unstructure_part)
    configure_tagged_union(Together | Window, made, tag_name="phase")
    return made


@functools.cache
def _plain() -> cattrs.Converter:
    """Return the converter for the fields of a part, which hold no parts."""
    return cattrs.Converter(forbid_extra_keys=True)


def _is_part(kind: Any) -> bool:  # noqa: ANN401 - cattrs asks about any annotation
    origin = getattr(kind, "__origin__", kind)
    return isinstance(origin, type) and issubclass(origin, Part)


def _unstructure_part(part: Part[Any]) -> dict[str, Any]:
    return {"kind": part.kind, **_plain().unstructure(part)}


def _structure_part(document: Mapping[str, Any], _: object) -> Part[Any]:
    fields = dict(document)
    cls = part_class(fields.pop("kind"))
    return _plain().structure(fields, cls)


@functools.cache
def part_class(kind: str) -> type[Part[Any]]:
    """Return the class of the parts called ``kind``.

    Raises:
        PlanError: no installed package announces such parts.
    """
    for entry_point in entry_points(group=GROUP, name=kind):
        cls: type[Part[Any]] = entry_point.load()
        return cls
    installed = ", ".join(sorted(entry_points(group=GROUP).names))
    what = "the plan cannot be read"
    problem = f"nothing installed makes steps of kind {kind!r}; known: {installed}"
    raise PlanError(what, (problem,))


def explain(error: ExceptionGroup[Exception]) -> tuple[str, ...]:
    """Say what is wrong with a document, and where in it."""
    return tuple(cattrs.transform_error(error, path="plan"))
