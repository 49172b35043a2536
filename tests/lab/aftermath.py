"""What a run left behind: how long guests stood still, and what is there still."""

import pytest
from attrs import field, frozen
from libvirt import virDomain
from openstack.connection import Connection

import vnfdr
from tests.lab import guests
from tests.lab.place import until
from tests.lab.records import gaps, last_number
from tests.lab.upkeep import Inventory, leftovers
from vnfdr.plan import Event, Happening
from vnfdr.report import Report

PACE_SECONDS = 0.3
"""How long a pause between records may be without any freeze, on a busy machine."""


@frozen
class Pauses:
    """How long guests stood still, by their own records."""

    domains: dict[int, virDomain]
    began: dict[int, int]

    @classmethod
    def since_now(cls, domains: dict[int, virDomain]) -> "Pauses":
        """Begin to look."""
        recent = {g: guests.recent(domain, count=1) for g, domain in domains.items()}
        return cls(domains, {g: last_number(records) for g, records in recent.items()})

    def longest(self, of: int) -> float:
        """Return the longest pause of a guest, once it has gone on."""
        domain, since = self.domains[of], self.began[of]
        wait_for_records(domain)
        records = [r for r in guests.recent(domain, count=2000) if r.number >= since]
        return max(gap.seconds for gap in gaps(records, 0.0))

    def worst(self) -> float:
        """Return the longest pause of all guests."""
        return max(map(self.longest, self.domains))


@frozen
class Watcher:
    """Sees at the end of a window, before anything else can stall, where it fell.

    ``stuck`` is by guest: the number of the last record before it was frozen.
    """

    domains: dict[int, virDomain]
    stuck: dict[int, int] = field(factory=dict)

    def __call__(self, event: Event) -> None:
        """Look at the records of the last seconds."""
        if event.happening is Happening.DONE and event.key.endswith(":window"):
            for guest, domain in self.domains.items():
                wait_for_records(domain)
                found = gaps(guests.recent(domain, count=40), least_seconds=0.1)
                longest = max(found, key=lambda gap: gap.seconds)
                self.stuck[guest] = longest.after.number


def wait_for_records(domain: virDomain) -> None:
    """Wait until a guest that was thawed has written what ends its pause."""

    def newest() -> int:
        return last_number(guests.recent(domain, count=1))

    now = until(newest, 0.05)
    until(lambda: newest() > now + 1, 0.05)


def is_rolled_back(
    outcome: vnfdr.Outcome,
    site: Connection,
    before: Inventory,
    domains: dict[int, virDomain],
) -> bool:
    """Check that nothing is frozen and nothing is left."""
    assert outcome.verdict is vnfdr.Verdict.COMPENSATED, outcome
    assert all_thawed(domains)
    assert leftovers(site, before) == []
    return True


def all_thawed(domains: dict[int, virDomain]) -> bool:
    """Tell whether every guest says that it is thawed."""
    states = {name: guests.frozen_status(d) for name, d in domains.items()}
    assert set(states.values()) == {"thawed"}, states
    return True


@frozen
class Ledger:
    """What guests went through, disaster by disaster; printed at the end.

    ``reports`` are of the runs that brought a group back.
    """

    rows: list[tuple[str, ...]] = field(factory=list)
    reports: list[Report] = field(factory=list)

    def note(self, what: str, worst_seconds: float, outcome: vnfdr.Outcome) -> None:
        """Write one down."""
        certificate = outcome.certificate
        if certificate is None:
            point = "no point"
        else:
            point = "consistent" if certificate.consistent else "not consistent"
        left = "; ".join(str(leftover) for leftover in outcome.leftovers) or "nothing"
        verdict = outcome.verdict.value
        self.rows.append((what, f"{worst_seconds:.2f} s", verdict, point, left))


LEDGER = pytest.StashKey[Ledger]()
TITLES = ("what happened", "longest freeze", "verdict", "point", "left")


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print what guests went through, and how long they took to come back."""
    ledger = config.stash.get(LEDGER, Ledger())
    if ledger.reports:
        terminalreporter.section("how long it took to come back")
    for report in ledger.reports:
        terminalreporter.write_line(str(report))
    if not ledger.rows:
        return
    rows = [TITLES, *ledger.rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(TITLES))]
    terminalreporter.section("what guests went through")
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        terminalreporter.write_line("  ".join(cells).rstrip())
