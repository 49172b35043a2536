"""The world that steps work on: a site, and the backends that hold its guests still."""

import threading
from collections.abc import Callable
from concurrent.futures import wait
from typing import TypeAlias

from attrs import define, field

from vnfdr.backends import QuiesceBackend, get_backend
from vnfdr.backends.bounded import begin
from vnfdr.cloud import Site
from vnfdr.errors import GateShut, QuiesceError
from vnfdr.manifests import ManifestStore, open_manifests

Gatekeeper: TypeAlias = Callable[[str], bool]
"""Asks a person a question, and returns whether the answer is yes.

It may take its time: who stops the run does not wait for it.
"""

LOOK_UP_SECONDS = 0.2


@define
class World:
    """What every step is handed.

    ``site`` is ``None`` where only a journal is at hand; such a world can thaw.
    ``gatekeeper`` is ``None`` where nobody can be asked.
    """

    _site: Site | None
    _backends: dict[str, QuiesceBackend] = field(factory=dict)
    _stores: dict[str, ManifestStore] = field(factory=dict)
    gatekeeper: Gatekeeper | None = None
    _lock: threading.Lock = field(factory=threading.Lock, init=False)
    _closed: threading.Event = field(factory=threading.Event, init=False)

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

    def ask(self, question: str) -> None:
        """Return when a person has said yes.

        Raises:
            GateShut: the answer is no, nobody is there, or the run has ended.
        """
        if self.gatekeeper is None:
            raise GateShut(f"nobody is here to open the gate {question!r}")
        ask = self.gatekeeper
        answer = begin(lambda: ask(question))
        while not (answer.done() or self._closed.is_set()):
            wait((answer,), LOOK_UP_SECONDS)
        if self._closed.is_set():
            raise GateShut(f"the run ended while it waited at gate {question!r}")
        if not answer.result():
            raise GateShut(f"the answer was no at the gate {question!r}")

    def close(self) -> None:
        """Let nobody wait at a gate any more, once a run has ended."""
        self._closed.set()
