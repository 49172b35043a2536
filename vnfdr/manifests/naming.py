"""How the name of a manifest becomes that of a file or an object, and back again."""

from collections.abc import Iterable

SUFFIX = ".json"


def parts_of(name: str) -> tuple[str, ...]:
    """Return the parts of the path to what is kept by a name."""
    assert is_name(name), "names are made by vnfdr"
    *above, last = name.split("/")
    return (*above, f"{last}{SUFFIX}")


def is_name(name: str) -> bool:
    """Tell whether something can be kept by a name; some would lead elsewhere."""
    return not {"", ".", ".."} & set(name.split("/"))


def names_at(paths: Iterable[str]) -> tuple[str, ...]:
    """Return by which names manifests are kept there, sorted, and leave others out."""
    names = (path.removesuffix(SUFFIX) for path in paths if path.endswith(SUFFIX))
    return tuple(sorted(filter(is_name, names)))
