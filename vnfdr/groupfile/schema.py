"""What a group file may say: strictly, and with every mistake at once.

The keys are the fields of `Group`, `Member` and `BackupPolicy`, and so are the
defaults of what is not written.
"""

import functools
from collections.abc import Mapping
from typing import Any

import attrs
from cattrs import Converter

from vnfdr.model import Group, Member
from vnfdr.yamlfile.strict import WRONG, Problem, leaves, new_converter

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
    except WRONG as error:
        problems.extend(leaves(error))
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


@functools.cache
def _converter() -> Converter:
    """A member may be said by its name alone, and a tier by its only member."""
    converter = new_converter({Member: lambda name: {"server": name}})
    of_list = converter.get_structure_hook(_TIER)

    def tier(plain: object, kind: Any) -> Any:  # noqa: ANN401 - as cattrs has it
        if isinstance(plain, list):
            return of_list(plain, kind)
        return (converter.structure(plain, Member),)

    converter.register_structure_hook_func(lambda kind: kind == _TIER, tier)
    return converter
