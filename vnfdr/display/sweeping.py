"""A listener that shows a sweep in a terminal: a bar, and a line for each deletion.

It writes to standard error, as that of runs does.
"""

from types import TracebackType
from typing import Self

from attrs import define, field
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn
from rich.progress import Progress as Bar

from vnfdr.sweeping import Fate, Found

STYLES = {Fate.SWEPT: "green", Fate.STAYS: "bold yellow"}


@define
class SweepProgress:
    """Shows one sweep; call it with each `Found`, use it as a context manager."""

    console: Console = field(factory=lambda: Console(stderr=True, highlight=False))
    _bar: Bar = field(init=False)
    _task: TaskID = field(init=False)
    _total: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=self.console,
            disable=not self.console.is_terminal,
            transient=True,
        )
        self._task = self._bar.add_task("sweeping", total=None)

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

    def __call__(self, found: Found) -> None:
        """Show what is to be deleted, or what became of it."""
        if found.fate is Fate.TO_SWEEP:
            self._total += 1
            self._bar.update(self._task, total=self._total)
            return
        self._bar.advance(self._task)
        style = STYLES.get(found.fate, "")
        self.console.print(str(found), style=style, markup=False, soft_wrap=True)
