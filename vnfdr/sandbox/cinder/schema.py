"""What Cinder's schemas say of a body that does not fit."""

from typing import Any, Final

from vnfdr.sandbox.bodies import FALSE, TRUE
from vnfdr.sandbox.rest import Json, invalid

LOOSE: Final = frozenset({"1", "t", "true", "on", "y", "yes"})
"""What a query or an old schema takes for true."""


def required(asked: Json, key: str, where: str) -> Any:  # noqa: ANN401 - it is JSON
    """Return what a body has to have.

    Raises:
        Refusal: it has not.
    """
    if key not in asked:
        raise invalid(asked, where, f"{key!r} is a required property")
    return asked[key]


def boolean(asked: Json, key: str, where: str) -> bool:
    """Return a boolean that a body has to have.

    Raises:
        Refusal: it has none.
    """
    found = required(asked, key, where)
    if not isinstance(found, bool | str) or found not in (*TRUE, *FALSE):
        raise invalid(found, key, f"{found!r} is not one of {[*TRUE, *FALSE]}")
    return found in TRUE


def is_set(value: object) -> bool:
    """Tell whether a flag is set, whatever it is written as."""
    return str(value).strip().lower() in LOOSE
