"""Protect a group with vnfdr."""

import tempfile

import attrs

import vnfdr
from tests.bench.latencies import Cloud
from tests.bench.meter import MeteredQuiesce, MeteredSnapshots
from tests.bench.ways import WINDOW_SECONDS_MAX, Done, Go, Job, Way
from vnfdr.model import Keep, Strategy
from vnfdr.plan import Manner, run
from vnfdr.world import World

LOCAL = vnfdr.BackupPolicy(Strategy.NONE, keep=Keep.SNAPSHOTS)


def group_of(job: Job, backup: vnfdr.BackupPolicy = LOCAL) -> vnfdr.Group:
    """Return the group that a job is about, with a limit that it does not meet."""
    tiers = [[vnfdr.Member(m.name, "sandbox") for m in tier] for tier in job.tiers]
    return attrs.evolve(
        vnfdr.Group.of("bench", tiers),
        backup=backup,
        hold_limit_seconds=WINDOW_SECONDS_MAX,
        lease_seconds=2 * WINDOW_SECONDS_MAX,
        early_thaw=job.early_thaw,
    )


def by_vnfdr(cloud: Cloud) -> Way:
    """Return the way that is vnfdr's; ``cloud`` is what it predicts its window by."""

    def get_ready(job: Job) -> Go:
        site = attrs.evolve(
            job.site, snapshots=MeteredSnapshots(job.site.cinder, job.meter)
        )
        world = World(site, {"sandbox": MeteredQuiesce(site, job.meter)})
        plan = vnfdr.protect(site, group_of(job))
        predicted = plan.preview(cloud.timings).window_seconds

        def go() -> Done:
            with (
                tempfile.TemporaryDirectory() as place,
                vnfdr.open_journals(place).begin(plan) as journal,
            ):
                outcome = run(plan, world, journal, Manner(preflight=False))
            outcome.raise_for_failure()
            assert outcome.certificate is not None, "it has committed"
            return Done(predicted, outcome.certificate.window_seconds)

        return go

    return get_ready
