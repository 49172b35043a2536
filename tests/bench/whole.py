"""What a whole run of a very large group takes, backups included."""

import tempfile
import time

import attrs
from attrs import frozen

import vnfdr
from tests.bench.latencies import VOLUMES_EACH
from tests.bench.meter import Meter
from tests.bench.ours import group_of
from tests.bench.sandbox import connected, peak_mib, sandbox
from tests.bench.ways import Job
from vnfdr.sandbox import Latency


@frozen
class WholeFigures:
    """What it took, on a sandbox that is as fast as it can be.

    Args:
        servers: how many there were.
        started_seconds: how long the sandbox took to start with them.
        sandbox_mib: the most memory that the sandbox had.
        client_mib: the most memory that the client had, in this process.
        plan_seconds: how long it took to look everything up.
        run_seconds: how long the run took, preflight and backups included.
        window_seconds: how long its window was.
        backups: how many backups there were.
        committed: whether it came to a consistent recovery point.
    """

    servers: int
    started_seconds: float
    sandbox_mib: float
    client_mib: float
    plan_seconds: float
    run_seconds: float
    window_seconds: float
    backups: int
    committed: bool


def measure_whole(servers: int) -> WholeFigures:
    """Protect so many servers, with incremental backups from snapshots."""
    with sandbox(Latency(), servers) as keeper:
        site = connected(keeper)
        tiers = [[member] for member in keeper.members()]
        group = group_of(
            Job(site, tiers, early_thaw=False, meter=Meter()), vnfdr.BackupPolicy()
        )
        began = time.perf_counter()
        plan = vnfdr.protect(site, attrs.evolve(group, name="whole"))
        planned = time.perf_counter()
        with tempfile.TemporaryDirectory() as journal:
            outcome = vnfdr.run(plan, site, journal=journal)
        ended = time.perf_counter()
        started_seconds, sandbox_mib = keeper.cost()
    point = outcome.recovery_point
    backups = sum(bool(v.backup_id) for v in point.volumes) if point else 0
    consistent = point is not None and point.certificate.consistent
    certificate = outcome.certificate
    return WholeFigures(
        servers=servers,
        started_seconds=started_seconds,
        sandbox_mib=sandbox_mib,
        client_mib=peak_mib(),
        plan_seconds=planned - began,
        run_seconds=ended - planned,
        window_seconds=certificate.window_seconds if certificate else 0.0,
        backups=backups,
        committed=consistent and backups == servers * VOLUMES_EACH,
    )
