"""A listener that shows a run in a terminal: a bar, and a line for what happened.

It writes to standard error, so that standard output stays for results. Where that
is not a terminal it writes plain lines. It never raises because nobody can read them:
a listener that raises ends the run.
"""

from attrs import define, field
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress as Bar
from rich.progress import TaskID, TimeElapsedColumn

from vnfdr.display.bars import StandardError, WithBar, new_bar
from vnfdr.plan import Event, Happening, Plan
from vnfdr.text import printable

STYLES = {
    Happening.FAILED: "bold red",
    Happening.LEFT: "bold yellow",
    Happening.THAWED: "green",
    Happening.PHASE: "bold",
}
COUNTED = frozenset({Happening.DONE, Happening.LEFT})
COUNTED_BACK = frozenset({Happening.UNDONE, Happening.LEFT})
QUIET = {Happening.STARTED, Happening.ENDED}


@define
class Progress(WithBar):
    """Shows one run; call it with each event, use it as a context manager.

    Args:
        plan: what the run does.
        console: where it is shown.
        back: whether what is undone is counted, and not what is done.
    """

    plan: Plan
    console: Console = field(factory=StandardError)
    back: bool = False
    _bar: Bar = field(init=False)
    _task: TaskID = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._bar = new_bar(self.console, TimeElapsedColumn())
        # The window counts its snapshots as one: they come all together.
        steps = {step.key for step in self.plan.steps}
        window = self.plan.window
        cuts = len(window.cuts) if window else 0
        total = len(steps) if self.back else len(steps) - cuts + (1 if window else 0)
        self._task = self._bar.add_task(escape(self.plan.name), total=total)

    def __call__(self, event: Event) -> None:
        """Show one event."""
        with self._or_silent():
            self._show(event)

    def _show(self, event: Event) -> None:
        if event.happening in (COUNTED_BACK if self.back else COUNTED):
            self._bar.advance(self._task)
        if event.happening is Happening.PHASE:
            self._bar.update(self._task, description=escape(printable(event.text)))
        if event.happening not in QUIET:
            style = STYLES.get(event.happening, "")
            self.console.print(_text(event), style=style, markup=False)


def _text(event: Event) -> str:
    return "\n".join(map(printable, event.text.splitlines()))
