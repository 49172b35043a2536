"""Find the quiesce backends that are installed."""

from typing import cast

from vnfdr.backends.base import QuiesceBackend
from vnfdr.cloud import Site
from vnfdr.errors import UnknownBackend

GROUP = "vnfdr.quiesce"


def installed_backends() -> tuple[str, ...]:
    """Name every backend that `get_backend` can load."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - slow: email parser

    return tuple(sorted(entry_points(group=GROUP).names))


def get_backend(name: str, site: Site | None) -> QuiesceBackend:
    """Load the backend called ``name`` and make one for ``site``.

    Raises:
        UnknownBackend: no installed package announces one of that name.
    """
    from importlib.metadata import entry_points  # noqa: PLC0415 - slow: email parser

    for entry_point in entry_points(group=GROUP, name=name):
        return cast(QuiesceBackend, entry_point.load()(site))
    raise UnknownBackend(name, installed_backends())
