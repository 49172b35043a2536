"""The world that steps work on: a site, and the backends that hold its guests still."""

import threading

from attrs import define, field

from vnfdr.backends import QuiesceBackend, get_backend
from vnfdr.cloud import Site
from vnfdr.errors import QuiesceError
from vnfdr.manifests import ManifestStore, open_manifests


@define
class World:
    """What every step is handed.

    ``site`` is ``None`` where only a journal is at hand; such a world can thaw.
    """

    _site: Site | None
    _backends: dict[str, QuiesceBackend] = field(factory=dict)
    _stores: dict[str, ManifestStore] = field(factory=dict)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    @property
    def site(self) -> Site:
        """The site.

        Raises:
            QuiesceError: there is none: only a journal is at hand.
        """
        if self._site is None:
            needs = "only a journal is at hand, and this needs the cloud: name it"
            raise QuiesceError(needs)
        return self._site

    def backend(self, name: str) -> QuiesceBackend:
        """Return the quiesce backend of that name, always the same one.

        Raises:
            UnknownBackend: none of that name is installed.
        """
        with self._lock:
            if name not in self._backends:
                self._backends[name] = get_backend(name, self._site)
            return self._backends[name]

    def store(self, place: str) -> ManifestStore:
        """Return the place for manifests at a path or URL, always the same one.

        Raises:
            UnknownPlace: nothing installed knows such URLs.
        """
        with self._lock:
            if place not in self._stores:
                self._stores[place] = open_manifests(place)
            return self._stores[place]
