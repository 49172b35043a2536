"""Plans, certificates and receipts as JSON, and back again, equal.

How is in `vnfdr.plan.conversion`, which is imported when it is first needed: what
it needs takes longer to import than all of vnfdr.
"""

import functools
import importlib
import json
from typing import Any, TypeVar

from vnfdr.errors import PlanError
from vnfdr.plan.plan import Plan

FORMAT = 1
UNREADABLE = "the plan cannot be read"

T = TypeVar("T")


def dump_plan(plan: Plan) -> str:
    """Write a plan as JSON."""
    body = _conversion().converter().unstructure(plan)
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
        plan: Plan = _conversion().converter().structure(body, Plan)
    except ExceptionGroup as error:
        raise PlanError(UNREADABLE, _conversion().explain(error)) from error
    return plan


def dump_value(value: object) -> str:
    """Write a certificate, or any other value of ours, as one line of JSON."""
    return json.dumps(_conversion().converter().unstructure(value), ensure_ascii=False)


def load_value(text: str, kind: type[T]) -> T:
    """Read a value that `dump_value` wrote."""
    value: T = _conversion().converter().structure(json.loads(text), kind)
    return value


@functools.cache
def _conversion() -> Any:  # noqa: ANN401 - a module, looked into when it is needed
    return importlib.import_module("vnfdr.plan.conversion")
