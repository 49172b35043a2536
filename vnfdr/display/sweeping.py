"""A listener that shows a sweep in a terminal: a bar, and a line for each deletion.

It writes to standard error, and falls silent when that is gone, as that of runs does.
"""

from attrs import define, field
from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import TaskID

from vnfdr.display.bars import StandardError, WithBar, new_bar
from vnfdr.sweeping import Fate, Found

STYLES = {Fate.SWEPT: "green", Fate.STAYS: "bold yellow"}


@define
class SweepProgress(WithBar):
    """Shows one sweep; call it with each `Found`, use it as a context manager."""

    console: Console = field(factory=StandardError)
    _bar: Bar = field(init=False)
    _task: TaskID = field(init=False)
    _total: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._bar = new_bar(self.console)
        self._task = self._bar.add_task("sweeping", total=None)

    def __call__(self, found: Found) -> None:
        """Show what is to be deleted, or what became of it."""
        with self._or_silent():
            self._show(found)

    def _show(self, found: Found) -> None:
        if found.fate is Fate.TO_SWEEP:
            self._total += 1
            self._bar.update(self._task, total=self._total)
            return
        self._bar.advance(self._task)
        style = STYLES.get(found.fate, "")
        self.console.print(str(found), style=style, markup=False, soft_wrap=True)
