"""A bar in a terminal, which stands as long as what it shows goes on.

It writes to standard error, so that standard output stays for results. Where that
is not a terminal, only lines are written. Where nothing can be written any more, as
when the terminal is gone, nothing is: what goes on does not end for it.
"""

import contextlib
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, TextColumn
from rich.progress import Progress as Bar


class StandardError(Console):
    """Standard error, without touching anything else when nobody reads it any more."""

    def __init__(self) -> None:
        super().__init__(stderr=True, highlight=False)

    def on_broken_pipe(self) -> None:
        # Rich would shut standard output as well, and end the process.
        self.quiet = True


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
        with self._or_silent():
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._or_silent():
            self._bar.stop()
        # Who still waits for an answer shall not put it up again.
        self._bar.disable = True

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Take the bar away as long as a block lasts, in which somebody is asked."""
        with self._or_silent():
            self._bar.stop()
        try:
            yield
        finally:
            with self._or_silent():
                self._bar.start()

    @contextlib.contextmanager
    def _or_silent(self) -> Iterator[None]:
        """Show no more, for good, once something cannot be shown."""
        try:
            yield
        except (OSError, ValueError):
            self._fall_silent()
        except SystemExit as end:
            # Rich ends a process for a broken pipe; a signal may end it too.
            if not isinstance(end.__context__, BrokenPipeError):
                raise
            self._fall_silent()

    def _fall_silent(self) -> None:
        self._bar.console.quiet = self._bar.disable = True
        # A bar that was not put up whole has nothing to pop.
        with contextlib.suppress(IndexError):
            self._bar.stop()
