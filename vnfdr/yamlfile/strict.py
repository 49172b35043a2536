"""Makes values of what JSON knows: strictly, and with every mistake at once.

The keys are the fields of attrs classes, and so are the defaults of what is not
written. A text is never taken for a list of letters, nor true for 1.
"""

import enum
import math
from collections.abc import Callable, Iterator, Mapping
from types import GenericAlias, NoneType
from typing import Any, TypeVar, get_args, get_origin

import attrs
from cattrs import (
    AttributeValidationNote,
    BaseValidationError,
    Converter,
    ForbiddenExtraKeysError,
    IterableValidationNote,
)
from cattrs.gen import make_dict_structure_fn

from vnfdr.errors import SeveralProblems
from vnfdr.text import hint

T = TypeVar("T")

Where = tuple[str | int, ...]
"""The keys and indices that lead to a value."""

Problem = tuple[Where, str]
"""What is wrong, and where."""

WRONG = (BaseValidationError, SeveralProblems, ValueError)
"""What making a value may raise, for `leaves` to take apart."""

_PHRASES: dict[object, str] = {
    bool: "true or false",
    dict: "a mapping",
    float: "a number",
    int: "a whole number",
    list: "a list",
    NoneType: "nothing",
    str: "a text",
}

_QUOTABLE = {bool, int, float}


def leaves(error: BaseException, where: Where = ()) -> Iterator[Problem]:
    """Take an error apart into what is wrong, and where."""
    if isinstance(error, BaseValidationError):
        for each in error.exceptions:
            yield from leaves(each, (*where, *_step(each)))
    elif isinstance(error, ForbiddenExtraKeysError):
        known = [each.name for each in attrs.fields(error.cl)]
        for key in error.extra_fields:
            yield (*where, key), f"unknown key; {hint(key, known)}"
    elif isinstance(error, SeveralProblems):
        yield from ((where, problem) for problem in error.problems)
    elif isinstance(error, KeyError):
        yield where[:-1], f"the key {where[-1]!r} is missing"
    else:
        yield where, str(error)


def _step(error: BaseException) -> Where:
    """Read from cattrs's note to which field, item or key an error belongs."""
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, AttributeValidationNote):
            return (note.name,)
        if isinstance(note, IterableValidationNote):
            return (note.index,)
    return ()


def new_converter(short: Mapping[type, Callable[[object], object]]) -> Converter:
    """Return what structures strictly, and unstructures what is not default.

    Args:
        short: classes that may be said in short: what of it that is no mapping stands
            for is what the function returns.
    """
    converter = Converter(forbid_extra_keys=True, omit_if_default=True)

    def of_class(kind: type) -> Callable[[object, type], object]:
        fields: Any = make_dict_structure_fn(kind, converter)

        def structure(plain: object, _: type) -> object:
            if kind in short and not isinstance(plain, dict):
                plain = short[kind](plain)
            return fields(exactly(plain, dict), kind)

        return structure

    def of_many(plain: object, kind: type) -> object:
        item, other = get_args(kind)
        if other is not Ellipsis:
            pairs: Any = GenericAlias(dict, (item, other))
            return converter.structure(exactly(plain, dict), pairs)
        items: Any = GenericAlias(list, item)
        return tuple(converter.structure(exactly(plain, list), items))

    converter.register_structure_hook_factory(attrs.has, of_class)
    converter.register_structure_hook_func(_is_many, of_many)
    converter.register_structure_hook_func(_is_enum, _choice)
    for kind in (str, int, bool):
        converter.register_structure_hook(kind, exactly)
    converter.register_structure_hook(float, _number)
    return converter


def exactly(plain: object, kind: type[T]) -> T:
    """Return what is of this very kind; raise `ValueError` when it is not."""
    if type(plain) is kind:
        return plain
    advice = "; put it in quotes" if kind is str and type(plain) in _QUOTABLE else ""
    raise ValueError(f"must be {_PHRASES[kind]}, not {_PHRASES[type(plain)]}{advice}")


def _is_many(kind: type) -> bool:
    return get_origin(kind) in {tuple, Mapping}


def _is_enum(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, enum.Enum)


def _number(plain: object, _: type) -> float:
    number = exactly(float(plain) if type(plain) is int else plain, float)
    if math.isinf(number):
        raise ValueError(f"must be a finite number, not {number}")
    return number


def _choice(plain: object, kind: type[enum.Enum]) -> enum.Enum:
    for choice in kind:
        if choice.value == plain:
            return choice
    choices = ", ".join(choice.value for choice in kind)
    raise ValueError(f"{plain!r} is none of: {choices}")
