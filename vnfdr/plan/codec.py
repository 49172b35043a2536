"""Plans, certificates and receipts as JSON, and back again, equal.

A part of a plan is written with its ``kind``, its name in the entry-point group
``vnfdr.steps``; reading loads the class that is installed under that name, and
nothing else.
"""

import functools
import json
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any, TypeVar

import cattrs
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn
from cattrs.strategies import configure_tagged_union

from vnfdr.errors import PlanError
from vnfdr.plan.phase import Together, Window
from vnfdr.plan.plan import Plan
from vnfdr.plan.step import Part

GROUP = "vnfdr.steps"
FORMAT = 1
UNREADABLE = "the plan cannot be read"

T = TypeVar("T")


def dump_plan(plan: Plan) -> str:
    """Write a plan as JSON."""
    body = _converter().unstructure(plan)
    return json.dumps({"format": FORMAT, "plan": body}, indent=1, ensure_ascii=False)


def load_plan(text: str) -> Plan:
    """Read a plan that `dump_plan` wrote.

    Raises:
        PlanError: it is not a plan, is one of a newer format, or needs a kind of
            step that is not installed.
    """
    try:
        document = json.loads(text)
        written = document["format"]
        body = document["plan"]
    except (ValueError, KeyError, TypeError) as error:
        raise PlanError(UNREADABLE, (f"this is not a plan: {error!r}",)) from error
    if written != FORMAT:
        problem = f"its format is {written!r}; this vnfdr reads {FORMAT}"
        raise PlanError(UNREADABLE, (problem,))
    try:
        return _converter().structure(body, Plan)
    except cattrs.BaseValidationError as error:
        problems = tuple(cattrs.transform_error(error, path="plan"))
        raise PlanError(UNREADABLE, problems) from error


def dump_value(value: object) -> str:
    """Write a certificate, or any other value of ours, as one line of JSON."""
    return json.dumps(_converter().unstructure(value), ensure_ascii=False)


def load_value(text: str, kind: type[T]) -> T:
    """Read a value that `dump_value` wrote."""
    return _converter().structure(json.loads(text), kind)


@functools.cache
def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(forbid_extra_keys=True)
    converter.register_structure_hook_func(_is_part, _structure_part)
    converter.register_unstructure_hook_func(_is_part, _unstructure_part)
    configure_tagged_union(Together | Window, converter, tag_name="phase")
    return converter


@functools.cache
def _plain() -> cattrs.Converter:
    """Return the converter for the fields of a part, which hold no parts."""
    return cattrs.Converter(forbid_extra_keys=True)


def _is_part(kind: Any) -> bool:  # noqa: ANN401 - cattrs asks about any annotation
    origin = getattr(kind, "__origin__", kind)
    return isinstance(origin, type) and issubclass(origin, Part)


def _unstructure_part(part: Part[Any]) -> dict[str, Any]:
    fields = make_dict_unstructure_fn(type(part), _plain())
    return {"kind": part.kind, **fields(part)}


def _structure_part(document: Mapping[str, Any], _: object) -> Part[Any]:
    fields = dict(document)
    cls = part_class(fields.pop("kind"))
    structure = make_dict_structure_fn(
        cls, _plain(), _cattrs_forbid_extra_keys=True, _cattrs_detailed_validation=True
    )
    return structure(fields, cls)


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
    problem = f"nothing installed makes steps of kind {kind!r}; known: {installed}"
    raise PlanError(UNREADABLE, (problem,))
