"""A journal whose entries are known, also when it cannot be read any more.

It tells, too, when a phase began, with the first entry of that phase: for that alone
nothing is written.
"""

import logging
import threading
from collections.abc import Iterator

from attrs import define, field

from vnfdr.errors import JournalError
from vnfdr.plan.journal import Entry, Journal

log = logging.getLogger(__name__)


@define
class Remembered:
    """Keeps a copy of a journal: guests are thawed although a disk has failed.

    What was read or written before is known for certain. Whether a write that failed
    has come about, only the journal itself can tell, so it is read where it can be.
    """

    journal: Journal
    _known: list[Entry] | None = field(default=None, init=False)
    _announced: tuple[Entry, ...] = field(default=(), init=False)
    _guard: threading.Lock = field(factory=threading.Lock, init=False)

    def announce(self, entry: Entry) -> None:
        """Have an entry told with the next one, in place of any that was not."""
        with self._guard:
            self._announced = (entry,)

    def append(self, *entries: Entry) -> None:
        with self._guard:
            announced, self._announced = self._announced, ()
        try:
            self.journal.append(*announced, *entries)
        except BaseException:
            with self._guard:
                if not self._announced:
                    self._announced = announced
            raise
        with self._guard:
            if self._known is not None:
                self._known.extend((*announced, *entries))

    def __iter__(self) -> Iterator[Entry]:
        try:
            known = list(self.journal)
        except JournalError as error:
            with self._guard:
                if self._known is None:
                    raise
                log.warning("going on with what is known of the journal: %s", error)
                known = list(self._known)
        else:
            with self._guard:
                self._known = list(known)
        return iter(known)
