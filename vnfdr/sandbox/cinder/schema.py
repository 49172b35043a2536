"""What Cinder's schemas say of a body that does not fit."""

from typing import Any, Final

from vnfdr.sandbox.rest import Json, Refusal

LOOSE: Final = frozenset({"1", "t", "true", "on", "y", "yes"})
"""What a query or an old schema takes for true."""

_TRUE: Final = (True, "True", "TRUE", "true", "1", "ON", "On", "on")
_YES: Final = ("YES", "Yes", "yes", "y", "t")
_FALSE: Final = (False, "False", "FALSE", "false", "0", "OFF", "Off", "off")
_NO: Final = ("NO", "No", "no", "n", "f")
_BOOLEANS: Final = (*_TRUE, *_YES, *_FALSE, *_NO)


def invalid(value: object, field: str, why: str) -> Refusal:
    """Say that a value does not fit."""
    return Refusal(
        400, f"Invalid input for field/attribute {field}. Value: {value}. {why}"
    )


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
    if not isinstance(found, bool | str) or found not in _BOOLEANS:
        raise invalid(found, key, f"{found!r} is not one of {list(_BOOLEANS)}")
    return found in (*_TRUE, *_YES)


def is_set(value: object) -> bool:
    """Tell whether a flag is set, whatever it is written as."""
    return str(value).strip().lower() in LOOSE
