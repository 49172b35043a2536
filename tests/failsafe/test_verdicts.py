"""Whatever happens to a guest in a window, its certificate says what that costs.

All of it is done to the guests of a site while a run holds them.
"""

from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest

import vnfdr
from vnfdr.model import Level
from vnfdr.sandbox import Effect, Fault
from vnfdr.sandbox.agents import Agent, AgentFaults


@pytest.fixture
def app(a):
    """The server in the middle, to which everything happens."""
    return next(server for server in a.servers.values() if server.name == "app")


@pytest.fixture
def meanwhile(site, journal, until, a):
    """Carry a plan out; do something once all guests are frozen."""

    def run(group, act, *, failsafe=True):
        plan = vnfdr.protect(site, group)
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(
                vnfdr.run, plan, site, journal=journal, failsafe=failsafe
            )
            until(lambda: len(a.frozen) == 3)
            act()
            return running.result()

    return run


def migrated(a, app):
    """Move it: its freeze goes with it, and nobody thaws it."""
    a.migrate(app, next(host for host in a.hosts if host != app.host))


def rebooted(a, app):
    """Let it boot: what boots is not frozen."""
    app.guest.pull_the_plug()
    app.guest.boot()


def rebooted_and_frozen(a, app):
    """Let it boot, and freeze it again: the count alone would not tell."""
    rebooted(a, app)
    app.guest.freeze()


def thawed_at_its_console(a, app):
    """Thaw it, while its agent goes on saying that it is frozen."""
    app.guest.thaw_from_console()


def thawed_by_its_agent(a, app):
    """Thaw it as another tool does, or an agent that is restarted on Windows."""
    app.guest.thaw()


def miscounted(a, app):
    """Let its agent thaw less than it froze."""
    app.guest.faults = AgentFaults(thaw_count_off_by=-1)


WHAT_HAPPENS = {
    migrated: "app: it is not the same guest any more",
    rebooted: "app: 2 file systems froze and the thaw found 0",
    rebooted_and_frozen: "app: it is not the same guest any more",
    thawed_at_its_console: "app: 2 file systems froze and the thaw found 0",
    thawed_by_its_agent: "app: 2 file systems froze and the thaw found 0",
    miscounted: "app: 2 file systems froze and the thaw found 1",
}
whatever_happens = pytest.mark.parametrize(
    ("happens", "why"),
    WHAT_HAPPENS.items(),
    ids=lambda each: getattr(each, "__name__", ""),
)


@whatever_happens
def test_what_happens_to_a_guest_in_the_window_costs_the_point(
    meanwhile, group, a, app, happens, why
):
    """The certificate says why; the run is taken back, and nobody stays frozen."""
    outcome = meanwhile(group, lambda: happens(a, app))

    assert outcome.verdict is vnfdr.Verdict.COMPENSATED
    assert why in outcome.reason
    assert why in str(outcome.certificate)
    assert not outcome.certificate.consistent
    assert (a.frozen, a.made) == ([], [])


@whatever_happens
def test_a_point_may_be_kept_for_what_it_is(meanwhile, group, a, app, happens, why):
    """Where the group says so it stays, at crash level, and says so of itself."""
    kept = attrs.evolve(group, keep_inconsistent=True)

    outcome = meanwhile(kept, lambda: happens(a, app), failsafe=False)

    certificate = outcome.recovery_point.certificate
    assert outcome.verdict is vnfdr.Verdict.COMMITTED
    assert why in str(certificate)
    assert not certificate.consistent
    assert certificate.level is Level.CRASH
    marks = {s.metadata["vnfdr-verdict"] for s in a.snapshots.values()}
    assert (len(a.snapshots), marks) == (6, {"inconsistent"})
    assert a.frozen == []


@pytest.mark.parametrize("keep", [False, True])
def test_a_window_whose_thaws_take_too_long_is_not_consistent(
    meanwhile, group, a, app, keep
):
    """Its snapshots are there; it is over its limit all the same."""
    short = attrs.evolve(group, hold_limit_seconds=6.0, keep_inconsistent=keep)
    a.faults.add(Fault("thaw guest", Effect.HANG, resource="app", times=3))

    outcome = meanwhile(short, lambda: None)

    assert "over its limit of 6 s" in "; ".join(outcome.certificate.problems)
    assert (outcome.verdict is vnfdr.Verdict.COMMITTED) == keep
    assert (len(a.snapshots), a.frozen) == (6 if keep else 0, [])


def test_an_agent_that_dies_and_comes_back_costs_nothing(
    meanwhile, group, a, app, until
):
    """It thaws what it froze: nothing was written, and the counts prove it."""

    def restart():
        app.guest.faults = AgentFaults(agent=Agent.DEAD)
        until(lambda: list(a.faults.calls).count("thaw guest") > 3)
        assert a.frozen
        app.guest.faults = AgentFaults()

    outcome = meanwhile(group, restart)

    assert outcome.verdict is vnfdr.Verdict.COMMITTED
    assert outcome.certificate.consistent


@pytest.mark.parametrize("keep", [False, True])
def test_windows_that_lets_go_is_quoted(site, group, journal, a, app, keep):
    """Its thaw answers with an error, which is what the certificate says."""
    app.guest.faults = AgentFaults(holds_seconds=1.0)

    plan = vnfdr.protect(site, attrs.evolve(group, keep_inconsistent=keep))
    outcome = vnfdr.run(plan, site, journal=journal)

    assert "fsfreeze is limited up to 10 seconds" in str(outcome.certificate)
    assert not outcome.certificate.consistent
    assert (outcome.verdict is vnfdr.Verdict.COMMITTED) == keep
    assert (len(a.snapshots), a.frozen) == (6 if keep else 0, [])


@pytest.mark.parametrize("keep", [False, True])
def test_a_late_agent_is_thawed_behind(site, group, journal, a, app, keep):
    """A freeze that comes after its time is undone; a point without it is none."""
    app.guest.faults = AgentFaults(late_freeze_seconds=6.0)
    hasty = tuple(
        tuple(attrs.evolve(m, freeze_timeout_seconds=3.0) for m in tier)
        for tier in group.tiers
    )
    plan = vnfdr.protect(site, attrs.evolve(group, tiers=hasty, keep_inconsistent=keep))

    outcome = vnfdr.run(plan, site, journal=journal)

    assert outcome.verdict is vnfdr.Verdict.COMPENSATED
    assert "app may freeze yet" in outcome.reason
    assert len(app.guest.stills) == 1
    assert (a.frozen, a.made) == ([], [])
