"""Run as many random runs as are asked for, and say what became of them.

``python -m tests.core.soak RUNS SEED``: the same seed draws the same runs. The first
that breaks a promise is cut down to what it takes, told, and ends it.
"""

import logging
import sys
import time
from collections import Counter

from attrs import define, field
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.core.judge import certificate_in, end
from tests.core.story import Story, told
from tests.core.strategies import scripts_with
from vnfdr.model import Strategy


@define
class Tally:
    """What became of the runs so far."""

    runs: Counter[str] = field(factory=Counter)
    faults: Counter[str] = field(factory=Counter)
    certificates: Counter[str] = field(factory=Counter)
    deaths: int = 0
    longest_hold_seconds: float = 0.0
    broken: Counter[str] = field(factory=Counter)

    def count(self, story: Story, broken: list[str]) -> None:
        """Take one run in."""
        verdict = story.outcome.verdict.value if story.outcome else "not begun"
        self.runs[verdict] += 1
        self.deaths += story.deaths
        self.faults.update(f.effect.name.lower() for f in story.core.faults.happened)
        certificate = certificate_in(story.entries)
        if certificate is not None:
            self.certificates["consistent" if certificate.consistent else "not"] += 1
            held = max(guest.held_seconds for guest in certificate.guests)
            self.longest_hold_seconds = max(self.longest_hold_seconds, held)
        self.broken.update(map(kind_of, broken))

    def __str__(self) -> str:
        lines = {
            "runs": self.runs.total(),
            **{f"  {verdict}": number for verdict, number in sorted(self.runs.items())},
            "deaths of a process": self.deaths,
            "faults that happened": self.faults.total(),
            **{f"  {name}": number for name, number in sorted(self.faults.items())},
            "certificates": self.certificates.total(),
            "  consistent": self.certificates["consistent"],
            "longest hold, virtual s": f"{self.longest_hold_seconds:.2f}",
            **{kind: self.broken[kind] for kind in KINDS},
        }
        width = max(map(len, lines))
        return "\n".join(f"{what:<{width}}  {much:>8}" for what, much in lines.items())


KINDS = {
    "frozen": " frozen",
    "unreported": " there",
    "false certificates": "certif",
    "otherwise broken": "",
}
"""What is counted, and by what its sentences are known."""


def kind_of(sentence: str) -> str:
    """Return what a broken promise is counted as."""
    return next(kind for kind, words in KINDS.items() if words in sentence)


def soak(runs: int, number: int) -> Tally:
    """Run as often as asked for; raise at the first broken promise."""
    tally = Tally()

    @seed(number)
    @settings(
        max_examples=runs,
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(st.sampled_from(Strategy).flatmap(scripts_with))
    def whatever(script: object) -> None:
        with told(script) as story:
            broken = list(dict.fromkeys(end(story)))
            tally.count(story, broken)
            assert broken == []

    try:
        whatever()
    finally:
        print(tally)  # noqa: T201 - what it is for
    return tally


def main() -> None:
    """Soak, as the command line asks for it."""
    runs, number = (int(argument) for argument in sys.argv[1:])
    logging.disable(logging.CRITICAL)
    began = time.monotonic()
    print(f"{runs} runs, seed {number}")  # noqa: T201
    soak(runs, number)
    print(f"in {time.monotonic() - began:.0f} s")  # noqa: T201


if __name__ == "__main__":
    main()
