"""What is hoped for, and whether it was reached."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from tests.bench.figures import OURS, Figures
from tests.bench.plans import PlanFigures
from tests.bench.startup import StartUp
from tests.bench.whole import WholeFigures

BOUND_RATIO_MAX, BOUND_SLACK_SECONDS = 1.15, 0.15
MANY_SERVERS, MANY_RATIO_MAX = 200, 1.3
CPU_MS_MAX = 1.0
PREDICTION_OFF_MAX = 0.25
PLAN_SECONDS_MAX = 1.0
START_SECONDS_MAX, SANDBOX_MIB_MAX = 5.0, 500.0
IMPORT_CPU_MS_MAX, START_UP_MS_MAX = 100.0, 120.0


@frozen
class Goal:
    """One figure, and what it should be."""

    name: str
    figure: str
    wanted: str
    reached: bool


def goals(
    figures: Sequence[Figures],
    plan: PlanFigures,
    start_ups: Mapping[str, StartUp],
    whole: WholeFigures | None,
) -> Iterator[Goal]:
    """Yield every goal that something was measured for."""
    for figure in figures:
        if figure.way == OURS:
            yield from _of_a_window(figure)
    yield Goal(
        f"plan for {plan.servers} servers, written to JSON",
        f"{plan.seconds:.2f} s",
        f"under {PLAN_SECONDS_MAX:g} s",
        plan.seconds < PLAN_SECONDS_MAX,
    )
    for name, taken in start_ups.items():
        yield from _of_a_start(name, taken)
    if whole is not None:
        yield from _of_a_whole_run(whole)


def _of_a_window(figure: Figures) -> Iterator[Goal]:
    where = f"{figure.cloud}, {figure.servers} servers, {figure.shape}"
    ratio = figure.window_seconds / figure.bound_seconds
    if figure.servers >= MANY_SERVERS:
        wanted, reached = f"at most {MANY_RATIO_MAX:g}", ratio <= MANY_RATIO_MAX
    else:
        wanted = f"at most {BOUND_RATIO_MAX:g}, or {BOUND_SLACK_SECONDS:g} s more"
        slack = figure.window_seconds - figure.bound_seconds
        reached = ratio <= BOUND_RATIO_MAX or slack <= BOUND_SLACK_SECONDS
    yield Goal(f"{where}: window to bound", f"{ratio:.3f}", wanted, reached)
    cpu = figure.cpu_ms_per_request
    yield Goal(
        f"{where}: processor per request",
        f"{cpu:.2f} ms",
        f"at most {CPU_MS_MAX:g} ms",
        cpu <= CPU_MS_MAX,
    )
    polls = figure.polls_per_tick
    yield Goal(f"{where}: polls per tick", f"{polls}", "1", polls == 1)
    told = figure.prediction
    yield Goal(
        f"{where}: prediction to window",
        "none" if told is None else f"{told:.3f}",
        f"1 ± {PREDICTION_OFF_MAX:g}",
        told is not None and abs(told - 1) <= PREDICTION_OFF_MAX,
    )
    yield Goal(
        f"{where}: bytes of one moment",
        "yes" if figure.consistent else "no",
        "yes",
        figure.consistent,
    )


def _of_a_start(name: str, taken: StartUp) -> Iterator[Goal]:
    if name.startswith("import"):
        yield Goal(
            f"{name}: processor",
            f"{taken.own_cpu_ms:.0f} ms",
            f"under {IMPORT_CPU_MS_MAX:g} ms",
            taken.own_cpu_ms < IMPORT_CPU_MS_MAX,
        )
        return
    yield Goal(
        name,
        f"{taken.wall_ms:.0f} ms",
        f"under {START_UP_MS_MAX:g} ms",
        taken.wall_ms < START_UP_MS_MAX,
    )


def _of_a_whole_run(whole: WholeFigures) -> Iterator[Goal]:
    of = f"whole run of {whole.servers} servers"
    yield Goal(
        f"{of}: consistent, with {whole.backups} backups",
        "yes" if whole.committed else "no",
        "yes",
        whole.committed,
    )
    yield Goal(
        f"{of}: start of the sandbox",
        f"{whole.started_seconds:.2f} s",
        f"under {START_SECONDS_MAX:g} s",
        whole.started_seconds < START_SECONDS_MAX,
    )
    yield Goal(
        f"{of}: memory of the sandbox",
        f"{whole.sandbox_mib:.0f} MiB",
        f"under {SANDBOX_MIB_MAX:g} MiB",
        whole.sandbox_mib < SANDBOX_MIB_MAX,
    )
