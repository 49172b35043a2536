"""What the settings of a site say to a quiesce backend. No I/O."""

import shlex
from typing import TypeAlias, TypeVar

import cattrs

from vnfdr.cloud import Site
from vnfdr.errors import CloudError, NotQuiescable

T = TypeVar("T")
Words: TypeAlias = tuple[str, ...]
"""Several words, which a person may also write as one text, as in a shell."""


def _words(value: object, _: object) -> Words:
    if isinstance(value, str):
        value = shlex.split(value)
    if isinstance(value, list | tuple) and all(isinstance(v, str) for v in value):
        return tuple(value)
    raise TypeError(f"{value!r} is not a list of words")


_converter = cattrs.Converter(forbid_extra_keys=True)
_converter.register_structure_hook_func(lambda kind: kind == Words, _words)


def settings(site: Site | None, name: str, kind: type[T]) -> T:
    """Return the settings called ``name`` as a ``kind``; without a site, its defaults.

    Raises:
        NotQuiescable: they are wrong, or out of reach; says what is.
    """
    try:
        found = site.settings.get(name, {}) if site else {}
    except CloudError as error:
        raise NotQuiescable(
            f"the site's setting {name!r} is unknown: {error}"
        ) from error
    try:
        return _converter.structure(found, kind)
    except (cattrs.BaseValidationError, TypeError, AttributeError) as error:
        problems = "; ".join(cattrs.transform_error(error))
        raise NotQuiescable(
            f"the site's setting {name!r} is wrong: {problems}"
        ) from error
