"""Neutron, which a cloud may lack: looked for when it is first needed."""

import threading
from collections.abc import Iterable, Iterator
from urllib.parse import urlencode

from attrs import field, frozen
from openstack.connection import Connection

from vnfdr.openstack.api import Api, Json, at, pages
from vnfdr.openstack.translation import repeatable
from vnfdr.retry import through_hiccups


@frozen
class Neutron:
    """The Neutron of a connection; there is none without one."""

    connection: Connection | None = field(default=None, repr=False)
    _found: list[Api] = field(factory=list, init=False, repr=False)
    _lock: threading.Lock = field(
        factory=threading.Lock, init=False, repr=False, eq=False
    )

    def api(self) -> Api | None:
        """Return the way to it; ``None`` where the catalog has none."""
        if self.connection is None:
            return None
        # A proxy is made on first use, without a lock of its own.
        with self._lock:
            if not self._found and self._is_there():
                self._found.append(Api(self.connection.network, ""))
            return next(iter(self._found), None)

    @through_hiccups
    def _is_there(self) -> bool:
        assert self.connection is not None, "it was looked at"
        with repeatable("find Neutron"):
            return bool(self.connection.config.get_session_endpoint("network"))


def listed(api: Api, key: str, **wanted: Iterable[str]) -> Iterator[Json]:
    """Yield all of Neutron's ``key`` of which each attribute is one of some values.

    What is wanted of nothing is not asked for: Neutron would show everything.
    """
    query = [(name, value) for name, values in wanted.items() for value in values]
    if query:
        path = f"{at(key.replace('_', '-'))}?{urlencode(query)}"
        what = f"list {key.replace('_', ' ')}"
        yield from pages(lambda page: api.get(path, what, page), key, {})
