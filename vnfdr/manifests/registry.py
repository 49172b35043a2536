"""Open a place for manifests by its path or URL."""

import os
from pathlib import Path
from typing import cast

from vnfdr.errors import UnknownPlace
from vnfdr.manifests.base import ManifestStore
from vnfdr.manifests.directory import DirectoryStore

GROUP = "vnfdr.manifests"


def whole(place: str) -> str:
    """Return a place as it is called from anywhere: a path is made absolute."""
    return place if "://" in place else str(Path(place).expanduser().absolute())


def open_manifests(place: str | os.PathLike[str]) -> ManifestStore:
    """Return the store at a path, or at a URL such as ``swift://cloud/container``.

    Nothing is connected to before it is used.

    Raises:
        UnknownPlace: nothing installed knows such URLs.
    """
    text = os.fspath(place)
    scheme, separator, _ = text.partition("://")
    if not separator:
        return DirectoryStore(Path(text).expanduser())
    from importlib.metadata import entry_points  # noqa: PLC0415 - slow: email parser

    for entry_point in entry_points(group=GROUP, name=scheme):
        return cast(ManifestStore, entry_point.load()(text))
    known = ", ".join(sorted(entry_points(group=GROUP).names)) or "none"
    raise UnknownPlace(
        f"no place for manifests has URLs of {scheme!r}; installed: {known}"
    )
