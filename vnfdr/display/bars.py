"""A bar in a terminal, which stands as long as what it shows goes on.

It writes to standard error, so that standard output stays for results. Where that
is not a terminal, only lines are written.
"""

import contextlib
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, TextColumn
from rich.progress import Progress as Bar


def new_bar(console: Console, *columns: ProgressColumn) -> Bar:
    """Return a bar that says what goes on and how much of it is done, then the rest."""
    return Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        *columns,
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )


class WithBar:
    """A context manager whose bar stands as long as the block lasts."""

    __slots__ = ()

    _bar: Bar

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()
        # Who still waits for an answer shall not put it up again.
        self._bar.disable = True

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Take the bar away as long as a block lasts, in which somebody is asked."""
        self._bar.stop()
        try:
            yield
        finally:
            self._bar.start()
