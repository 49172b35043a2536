"""Manifests of every shape that their types allow."""

import enum
import types
from collections.abc import Mapping
from typing import get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from vnfdr.manifest import Manifest

PLAIN = {
    bool: st.booleans(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    int: st.integers(1, 2**40),
    str: st.text(max_size=8),
    types.NoneType: st.none(),
}


def values_of(kind):
    """Return a strategy for any value of a type of ours."""
    if kind in PLAIN:
        return PLAIN[kind]
    if isinstance(kind, enum.EnumType):
        return st.sampled_from(kind)
    if not get_args(kind):
        hints = get_type_hints(kind).items()
        return st.builds(kind, **{name: values_of(hint) for name, hint in hints})
    return _of_many(kind)


def _of_many(kind):
    inner = [values_of(each) for each in get_args(kind) if each is not ...]
    if get_origin(kind) is Mapping:
        return st.dictionaries(*inner, max_size=2)
    if get_origin(kind) is tuple:
        return st.lists(*inner, max_size=2).map(tuple)
    return st.one_of(*inner)


manifests = values_of(Manifest)
