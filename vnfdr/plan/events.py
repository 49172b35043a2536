"""Events: what a run tells whoever listens, as it happens.

Listeners are called one after another on a thread of their own, so that none of
them can hold a guest frozen. One that raises ends the run at once: inside a window
everything is thawed first.
"""

import enum
import logging
import queue
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self, TypeAlias

from attrs import define, field, frozen

from vnfdr.errors import ListenerFailed

log = logging.getLogger(__name__)


class Happening(enum.Enum):
    """What an event is about, in the past tense or as a state."""

    CHECKED = "checked"
    PHASE = "phase"
    STARTED = "started"
    DONE = "done"
    FAILED = "failed"
    FROZEN = "frozen"
    THAWED = "thawed"
    UNDONE = "undone"
    LEFT = "left"
    ENDED = "ended"


@frozen
class Event:
    """One thing that happened in a run.

    Args:
        run: the run.
        happening: what happened.
        key: the part it happened to, or the phase's name.
        text: the same for people.
    """

    run: str
    happening: Happening
    key: str
    text: str


Listener: TypeAlias = Callable[[Event], object]


def _nothing() -> None:
    """Nobody wants to know."""


@define
class Bulletin:
    """Passes events on to listeners without ever making the engine wait.

    ``on_failure`` is called when a listener raises, whatever that is.
    """

    run: str
    listeners: Sequence[Listener] = ()
    on_failure: Callable[[], object] = _nothing
    _events: "queue.SimpleQueue[Event | None]" = field(
        factory=queue.SimpleQueue, init=False
    )
    _thread: threading.Thread | None = field(default=None, init=False)
    _failure: BaseException | None = field(default=None, init=False)

    def __enter__(self) -> Self:
        if self.listeners:
            self._thread = threading.Thread(
                target=self._pass_on, name="vnfdr-listeners", daemon=True
            )
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._thread is not None:
            self._events.put(None)
            self._thread.join(timeout=5)

    def tell(self, happening: Happening, key: str, text: str) -> None:
        """Tell the listeners; return at once."""
        if self._thread is not None:
            self._events.put(Event(self.run, happening, key, text))

    def raise_if_failed(self) -> None:
        """Raise `ListenerFailed` if a listener has raised."""
        if self._failure is not None:
            self.on_failure()  # Its own thread may be late with that.
            failure, self._failure = self._failure, None
            raise ListenerFailed(f"a listener raised {failure!r}") from failure

    def _pass_on(self) -> None:
        while (event := self._events.get()) is not None:
            for listener in self.listeners:
                try:
                    listener(event)
                except BaseException as error:
                    self._failure = self._failure or error
                    self.on_failure()
                    log.warning("a listener raised", exc_info=True)
