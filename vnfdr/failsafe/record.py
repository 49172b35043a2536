"""What a failsafe did, written down by itself: it has no part in the journal.

One line of JSON for each fact, durable when it is written, for its owner only. The
file lies beside the journal of the run.
"""

import enum
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import frozen

from vnfdr.plan import SystemClock


class Deed(enum.Enum):
    """What a failsafe did."""

    ARMED = "armed"
    """It is connected to every guest, and watches."""

    THAWED = "thawed"
    """It fired, and every guest is proven thawed."""

    FAILED = "failed"
    """It fired, and not every guest is proven thawed: the note names the others."""

    DISARMED = "disarmed"
    """The window was over, and everything thawed by whoever worked it."""


PROVEN = frozenset({Deed.THAWED, Deed.DISARMED})


@frozen
class Record:
    """The file of one run's failsafe; without a path, nothing is written.

    Args:
        path: the file.
        window: names the window that is written about: a run whose first window was
            never declared may have had another.
    """

    path: Path | None = None
    window: str = ""

    def write(self, deed: Deed, note: str = "") -> None:
        """Write a line, so that it survives this machine."""
        if self.path is None:
            return
        at = SystemClock().date().isoformat(timespec="milliseconds")
        fact = {"at": at, "window": self.window, "deed": deed.value, "note": note}
        line = json.dumps(fact)
        file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, f"{line}\n".encode())
            os.fdatasync(file)
        finally:
            os.close(file)

    def all_thawed(self, window: str) -> bool:
        """Tell whether every guest of a window is proven thawed, by its last word."""
        last: dict[str, Any] = {}
        for last in self._lines():  # noqa: B007 - the last
            pass
        proven = last.get("deed") in [deed.value for deed in PROVEN]
        return proven and last.get("window") == window

    def _lines(self) -> Iterator[dict[str, Any]]:
        """Yield what can be read; a torn line at the end says nothing."""
        try:
            text = self.path.read_text(errors="replace") if self.path else ""
        except OSError:
            return
        for line in text.splitlines():
            try:
                told = json.loads(line)
            except ValueError:
                told = {}
            yield told if isinstance(told, dict) else {}
