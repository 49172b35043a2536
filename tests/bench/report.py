"""What was measured, for people and for machines."""

import json
from collections.abc import Iterator, Mapping, Sequence

import attrs
from attrs import frozen

from tests.bench.figures import BARE, Figures
from tests.bench.goals import Goal, goals
from tests.bench.plans import PlanFigures
from tests.bench.startup import StartUp
from tests.bench.whole import WholeFigures

HEAD = (
    f"{'cloud':6}{'servers':>8}  {'shape':11}{'way':14}{'window':>8}{'bound':>8}"
    f"{'/bound':>8}{'/bare':>8}{'worst':>8}{'mean':>8}{'calls':>7}{'ms cpu':>8}"
    f"{'/bare':>8}"
)


@frozen
class Report:
    """Everything that was measured."""

    figures: Sequence[Figures]
    plan: PlanFigures
    start_ups: Mapping[str, StartUp]
    whole: WholeFigures | None

    @property
    def goals(self) -> tuple[Goal, ...]:
        """All goals, with what came of them."""
        return tuple(goals(self.figures, self.plan, self.start_ups, self.whole))

    def lines(self) -> Iterator[str]:
        """Yield it as a table, and the goals below."""
        yield "Seconds; medians. /bound and /bare are ratios of windows; worst and"
        yield "mean are guests; ms cpu is the client's for each call in the window;"
        yield "the last column is the client's cpu of a window to that of bare calls."
        yield ""
        yield HEAD
        for figure in self.figures:
            yield self._line(figure)
        yield ""
        if self.whole is not None:
            whole = self.whole
            yield (
                f"{whole.servers} servers with backups: planned in"
                f" {whole.plan_seconds:.1f} s, run in {whole.run_seconds:.1f} s,"
                f" client at most {whole.client_mib:.0f} MiB"
            )
        for goal in self.goals:
            verdict = "pass" if goal.reached else "FAIL"
            yield f"{verdict}  {goal.name}: {goal.figure} (wanted: {goal.wanted})"

    def as_json(self) -> str:
        """Return it for a machine."""
        document = {
            "windows": [self._document(figure) for figure in self.figures],
            "plan": attrs.asdict(self.plan),
            "start_up": {n: attrs.asdict(s) for n, s in self.start_ups.items()},
            "whole_run": attrs.asdict(self.whole) if self.whole else None,
            "goals": [attrs.asdict(goal) for goal in self.goals],
        }
        return json.dumps(document, indent=2)

    def _line(self, figure: Figures) -> str:
        bare = self._bare(figure)
        return (
            f"{figure.cloud:6}{figure.servers:8}  {figure.shape:11}{figure.way:14}"
            f"{figure.window_seconds:8.3f}{figure.bound_seconds:8.3f}"
            f"{figure.window_seconds / figure.bound_seconds:8.3f}"
            f"{figure.window_seconds / bare.window_seconds:8.3f}"
            f"{figure.worst_seconds:8.3f}{figure.mean_seconds:8.3f}"
            f"{figure.requests:7.0f}{figure.cpu_ms_per_request:8.2f}"
            f"{figure.cpu_seconds / bare.cpu_seconds:8.2f}"
        )

    def _document(self, figure: Figures) -> dict[str, object]:
        bare = self._bare(figure)
        return {
            "cloud": figure.cloud,
            "servers": figure.servers,
            "shape": figure.shape,
            "way": figure.way,
            "bound_seconds": figure.bound_seconds,
            "window_seconds": figure.window_seconds,
            "worst_guest_seconds": figure.worst_seconds,
            "mean_guest_seconds": figure.mean_seconds,
            "to_bound": figure.window_seconds / figure.bound_seconds,
            "to_bare_calls": figure.window_seconds / bare.window_seconds,
            "requests": figure.requests,
            "cpu_ms_per_request": figure.cpu_ms_per_request,
            "cpu_seconds": figure.cpu_seconds,
            "cpu_to_bare_calls": figure.cpu_seconds / bare.cpu_seconds,
            "polls_per_tick": figure.polls_per_tick,
            "prediction": figure.prediction,
            "consistent": figure.consistent,
            "rounds_window_seconds": [
                one.witnessed.window_seconds for one in figure.rounds
            ],
        }

    def _bare(self, figure: Figures) -> Figures:
        """Return what the bare calls took in the same place."""
        same = (figure.cloud, figure.servers, figure.shape)
        return next(
            other
            for other in self.figures
            if other.way == BARE and (other.cloud, other.servers, other.shape) == same
        )
