"""What a group file may say: strictly, and with every mistake at once.

The keys are the fields of `Group`, `Member` and `BackupPolicy`, and so are the
defaults of what is not written.
"""

import difflib
import enum
import functools
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

from vnfdr.errors import GroupError
from vnfdr.model import Group, Member

T = TypeVar("T")

Where = tuple[str | int, ...]
"""The keys and indices that lead to a value."""

Problem = tuple[Where, str]
"""What is wrong, and where."""

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
_TIER = tuple[Member, ...]


def _fields(kind: type[attrs.AttrsInstance], *, but: str) -> dict[str, Any]:
    return {
        each.name: attrs.field(default=each.default, type=each.type)
        for each in attrs.fields(kind)
        if each.name != but
    }


_Defaults = attrs.make_class("_Defaults", _fields(Member, but="server"))
_File = attrs.make_class(
    "_File",
    {
        "group": attrs.field(type=str),
        **_fields(Group, but="name"),
        "defaults": attrs.field(default=None, type=_Defaults),
    },
)


def to_group(plain: object, problems: list[Problem]) -> Group | None:
    """Make a group of what JSON knows, or note everything that is wrong with it."""
    try:
        structure = _converter().structure
        structure(plain, _File)
        assert isinstance(plain, dict), "nothing else is structured"
        tiers = _filled(plain["tiers"], plain.get("defaults", {}))
        said = attrs.asdict(structure({**plain, "tiers": tiers}, _File), recurse=False)
        del said["defaults"]
        return Group(said.pop("group"), **said)
    except (BaseValidationError, GroupError, ValueError) as error:
        problems.extend(_leaves(error, ()))
        return None


def to_plain(group: Group) -> dict[str, object]:
    """Return the shortest that says the same: what is default is left out."""
    plain = _converter().unstructure(group)
    tiers = [[_short(member) for member in tier] for tier in plain.pop("tiers")]
    return {
        "group": plain.pop("name"),
        "tiers": [tier[0] if len(tier) == 1 else tier for tier in tiers],
        **plain,
    }


def _short(member: dict[str, object]) -> object:
    return member["server"] if len(member) == 1 else member


def _filled(entry: object, defaults: Mapping[str, object]) -> object:
    """Say in every member what it leaves to the defaults."""
    if isinstance(entry, list):
        return [_filled(each, defaults) for each in entry]
    own = entry if isinstance(entry, dict) else {"server": entry}
    return {**defaults, **own}


def _leaves(error: BaseException, where: Where) -> Iterator[Problem]:
    """Take an error apart into what is wrong, and where."""
    if isinstance(error, BaseValidationError):
        for each in error.exceptions:
            yield from _leaves(each, (*where, *_step(each)))
    elif isinstance(error, ForbiddenExtraKeysError):
        known = [each.name for each in attrs.fields(error.cl)]
        for key in error.extra_fields:
            yield (*where, key), f"unknown key; {_hint(key, known)}"
    elif isinstance(error, GroupError):
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


def _hint(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"


@functools.cache
def _converter() -> Converter:
    """Structure what JSON knows, strictly; unstructure what is not default."""
    converter = Converter(forbid_extra_keys=True, omit_if_default=True)

    def of_class(kind: type) -> Callable[[object, type], object]:
        fields: Any = make_dict_structure_fn(kind, converter)

        def structure(plain: object, _: type) -> object:
            named = kind is Member and not isinstance(plain, dict)
            return fields({"server": plain} if named else _exactly(plain, dict), kind)

        return structure

    def of_many(plain: object, kind: type) -> object:
        item, other = get_args(kind)
        if other is not Ellipsis:
            pairs: Any = GenericAlias(dict, (item, other))
            return converter.structure(_exactly(plain, dict), pairs)
        if kind == _TIER and not isinstance(plain, list):
            return (converter.structure(plain, Member),)
        items: Any = GenericAlias(list, item)
        return tuple(converter.structure(_exactly(plain, list), items))

    converter.register_structure_hook_factory(attrs.has, of_class)
    converter.register_structure_hook_func(_is_many, of_many)
    converter.register_structure_hook_func(_is_enum, _choice)
    for kind in (str, int, bool):
        converter.register_structure_hook(kind, _exactly)
    converter.register_structure_hook(float, _number)
    return converter


def _is_many(kind: type) -> bool:
    return get_origin(kind) in {tuple, Mapping}


def _is_enum(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, enum.Enum)


def _exactly(plain: object, kind: type[T]) -> T:
    if type(plain) is kind:
        return plain
    hint = "; put it in quotes" if kind is str and type(plain) in _QUOTABLE else ""
    raise ValueError(f"must be {_PHRASES[kind]}, not {_PHRASES[type(plain)]}{hint}")


def _number(plain: object, _: type) -> float:
    number = _exactly(float(plain) if type(plain) is int else plain, float)
    if math.isinf(number):
        raise ValueError(f"must be a finite number, not {number}")
    return number


def _choice(plain: object, kind: type[enum.Enum]) -> enum.Enum:
    for choice in kind:
        if choice.value == plain:
            return choice
    choices = ", ".join(choice.value for choice in kind)
    raise ValueError(f"{plain!r} is none of: {choices}")
