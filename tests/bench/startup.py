"""How long it takes until vnfdr begins with what it was called for."""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import frozen

from tests.bench.plans import a_plan, inventory
from vnfdr import open_journals

SERVERS = 3


@frozen
class StartUp:
    """How long a fresh process takes, in milliseconds; medians.

    Args:
        wall_ms: from its start to its end.
        cpu_ms: what it computed meanwhile.
        bare_cpu_ms: what a Python that does nothing computes.
    """

    wall_ms: float
    cpu_ms: float
    bare_cpu_ms: float

    @property
    def own_cpu_ms(self) -> float:
        """What is vnfdr's of it."""
        return self.cpu_ms - self.bare_cpu_ms


def measure_start_up(processes: int) -> Mapping[str, StartUp]:
    """Start each of them so often, in turn."""
    with tempfile.TemporaryDirectory() as place:
        # Nobody is held by it, so that thawing it takes nothing but the start.
        plan = a_plan(inventory(SERVERS, "none"))
        open_journals(Path(place)).begin(plan).close()
        module = [sys.executable, "-m", "vnfdr"]
        commands = {
            "nothing": [sys.executable, "-c", "pass"],
            "import vnfdr": [sys.executable, "-c", "import vnfdr"],
            "vnfdr --help": [*module, "--help"],
            "vnfdr thaw": [*module, "thaw", plan.id, "--journal", place],
        }
        seen: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for _ in range(processes):
            for name, command in commands.items():
                seen[name].append(_one(command))
    bare = statistics.median(cpu for _, cpu in seen.pop("nothing"))
    return {
        name: StartUp(
            statistics.median(wall for wall, _ in all_of_it),
            statistics.median(cpu for _, cpu in all_of_it),
            bare,
        )
        for name, all_of_it in seen.items()
    }


def _one(command: Sequence[str]) -> tuple[float, float]:
    """Return wall and processor time of one process, in milliseconds."""
    began, cpu = time.perf_counter(), _children_cpu()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return 1000 * (time.perf_counter() - began), 1000 * (_children_cpu() - cpu)


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
