"""How long vnfdr holds guests still, beside the least that it takes and alternatives.

    python -m tests.bench [--sizes 3 10 50] [--clouds fast slow] [--rounds 3]
        [--script-max 10] [--whole 200] [--json FILE]

All on the sandbox, which is a process of its own. One processor for it and one for the
client is enough; whatever else the machine does meets all ways alike.
"""

import argparse
import sys
from pathlib import Path

from tests.bench.latencies import CLOUDS
from tests.bench.plans import measure_plan
from tests.bench.report import Report
from tests.bench.startup import measure_start_up
from tests.bench.trials import Wanted, measure
from tests.bench.whole import measure_whole


def main() -> None:
    """Measure, and report."""
    asked = _arguments()
    wanted = Wanted(asked.clouds, asked.sizes, asked.rounds, asked.script_max)
    report = Report(
        figures=tuple(measure(wanted, _say)),
        plan=measure_plan(),
        start_ups=measure_start_up(asked.rounds),
        whole=measure_whole(asked.whole) if asked.whole else None,
    )
    _say("")
    for line in report.lines():
        _say(line)
    if asked.json:
        asked.json.write_text(report.as_json())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How long guests are held still.")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[3, 10, 50], help="of the groups"
    )
    parser.add_argument(
        "--clouds", nargs="+", choices=CLOUDS, default=["fast", "slow"], help="which"
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often (3)")
    parser.add_argument(
        "--script-max",
        type=int,
        default=10,
        help="the largest group for the plain script, which is slow (10)",
    )
    parser.add_argument(
        "--whole", type=int, default=0, help="protect so many servers with backups"
    )
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    return parser.parse_args()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
