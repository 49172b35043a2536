"""Plans of fake sites, and runs whose process is gone, for those who take them up."""

from attrs import evolve

from tests.fakes import FakeQuiesce, world_of
from vnfdr.discovery import discover
from vnfdr.model import BackupPolicy, Group, Keep, Member, Strategy
from vnfdr.plan import Lasting, Together
from vnfdr.plan.declaration import declare
from vnfdr.plan.worker import Prepared
from vnfdr.recipes import protect_plan

FAILSAFE = "f1"
"""By what their failsafes call the windows of the dead."""


def plan_of(site, point, *servers, group="vnf", backend="fake"):
    """A plan for some servers of which only snapshots are kept."""
    local = BackupPolicy(Strategy.NONE, keep=Keep.SNAPSHOTS)
    members = tuple((Member(name, "fake"),) for name in servers)
    found = discover(world_of(site), Group(group, members, backup=local))
    return protect_plan(found, point=point)


def plan_without_window(site, point, *servers, lasting=Lasting.PROVISIONAL, before=()):
    """A plan that snapshots some servers while they run, after some other steps."""
    plan = plan_of(site, point, *servers)
    first = (Together("ask", before),) if before else ()
    phases = (*first, Together("snapshot", plan.window.cuts))
    return evolve(
        plan,
        name=f"copy {', '.join(servers)}",
        phases=phases,
        requirements=(),
        group=plan.window.group,
        lasting=lasting,
    )


def die_in_window(journals, plan, site):
    """Leave behind what a run does whose machine loses its power in its window."""
    with journals.begin(plan) as journal:
        journal.append(*declare(plan.window, Prepared({}, {}, FAILSAFE)))
    for hold in plan.window.holds:
        site.guests[hold.guest.server_id].frozen = True
    for cut in plan.window.cuts:
        site.snapshots.request(cut.volume.id, tag=cut.key, metadata={})


class BackendsOf:
    """Finds the quiesce backend of whichever fake site is at hand."""

    def __init__(self, sites):
        self.sites = {site.name: site for site in sites}
        self.made = {site.name: FakeQuiesce(site) for site in sites}

    def __call__(self, name, site):
        return self.made[site.name]
