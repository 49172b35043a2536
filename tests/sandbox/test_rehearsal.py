"""A rehearsal leaves the site as it was, and a clone the group it was made from."""

import json

import pytest

import vnfdr
from tests.sandbox.away import NAMES, ends_at, ends_kept, seen, servers_of
from vnfdr.errors import Unrecoverable
from vnfdr.mapping import AgentProbe, BootTier
from vnfdr.model import Keep
from vnfdr.plan import Happening
from vnfdr.sandbox import Effect, Fault


@pytest.fixture
def servers(a):
    """Three servers at work at site a."""
    return {name: a.add_server(name) for name in NAMES}


@pytest.fixture
def rehearse(away, other):
    """Rehearse a point at site b."""

    def rehearse(point, *listeners, **changed):
        mapping = away.mapping(point, other, **changed)
        plan = vnfdr.rehearse(away.manifest(point), other, mapping)
        outcome = vnfdr.run(plan, other, journal=away.journal, listeners=listeners)
        return plan, outcome

    return rehearse


@pytest.fixture
def clone(away, site):
    """Clone a point at site a."""

    def clone(point, **how):
        plan = vnfdr.clone(away.manifest(point), site, **how)
        return vnfdr.run(plan, site, journal=away.journal)

    return clone


def test_a_rehearsal_leaves_the_site_as_it_was(b, site, servers, away, rehearse):
    """Servers, volumes, networks and ports are gone; the records alone are there."""
    point = away.protect(site)
    before = seen(b)

    _, outcome = rehearse(point)

    assert outcome.verdict is vnfdr.Verdict.COMMITTED, outcome
    assert seen(b) == before
    assert len(b.backups) == 6


def test_a_rehearsal_brings_the_servers_up_where_nobody_sees_them(
    b, site, servers, away, rehearse
):
    """They have names of their own, and their addresses on a network of their own."""
    up = []

    def look(event):
        if event.happening is Happening.PHASE and event.text == "probe tier 3":
            up.extend(
                (server.name, b.networks.ports_of(server.id)[0].network_id)
                for server in b.servers.values()
            )

    rehearse(away.protect(site), look)

    assert [name for name, _ in up] == [f"rehearsal-{name}" for name in NAMES]
    assert b.networks.default.id not in {network for _, network in up}
    assert len({network for _, network in up}) == 1


def test_a_rehearsal_says_how_long_a_failover_takes(
    site, servers, away, rehearse, tmp_path
):
    """Total, by phase and by server; taking it back does not count."""
    watch = vnfdr.Stopwatch()
    plan, outcome = rehearse(away.protect(site), watch)

    report = vnfdr.report_of(outcome, plan, watch)

    document = json.loads(report.to_json())
    forward = [p["seconds"] for p in document["phases"] if "back" not in p["name"]]
    assert report.rto_seconds == pytest.approx(sum(forward))
    assert {phase.name for phase in report.phases} >= {"restore", "boot tier 1"}
    assert [server.name for server in report.servers] == [
        f"rehearsal-{name}" for name in NAMES
    ]
    assert all(server.boot_seconds > 0 for server in report.servers)
    assert "all servers at work after" in str(report)


def test_a_rehearsal_that_fails_is_told_and_leaves_nothing(
    b, site, servers, away, rehearse
):
    """That is what it is for."""
    point = away.protect(site)
    before = seen(b)
    b.faults.add(Fault("show guest", Effect.DROP, times=None))
    tier = BootTier(NAMES, (AgentProbe("sandbox"),), within_seconds=0.3)

    plan, outcome = rehearse(point, tiers=(tier,))

    report = vnfdr.report_of(outcome, plan)
    assert report.verdict is vnfdr.Verdict.COMPENSATED
    assert report.rto_seconds is None
    assert "did not answer" in report.reason
    assert seen(b) == before


def test_a_rehearsal_of_tonight_uses_the_records_of_last_night(
    b, site, servers, away, rehearse
):
    """They are there, and need no more quota."""
    point = away.protect(site)
    rehearse(point)
    b.quotas["backups"] = 6

    _, outcome = rehearse(point)

    assert outcome.verdict is vnfdr.Verdict.COMMITTED, outcome


def test_a_group_is_protected_while_it_is_rehearsed(a, site, servers, away, rehearse):
    """Neither waits for the other, though they share a journal."""
    outcomes = []

    def protect(event):
        if event.happening is Happening.PHASE and event.text == "restore":
            outcomes.append(away.protect(site))

    rehearse(away.protect(site), protect)

    assert len(outcomes) == 1


@pytest.mark.parametrize("keep", [Keep.VOLUMES, Keep.SNAPSHOTS])
def test_a_clone_is_the_moment_of_its_point(a, site, servers, away, clone, keep):
    """Whichever was kept, the second group is made of it, beside the first."""
    point = away.protect(site, keep=keep)
    a.network.stop()

    outcome = clone(point)

    assert outcome.verdict is vnfdr.Verdict.COMMITTED, outcome
    names = [f"clone-{name}" for name in NAMES]
    assert list(servers_of(a)) == [*NAMES, *names]
    clones = {n: ends for n, ends in ends_at(a).items() if n in names}
    assert all(min(ends) > 0 for ends in clones.values())
    networks = {a.networks.ports_of(servers_of(a)[n].id)[0].network_id for n in names}
    assert a.networks.default.id not in networks


def test_a_clone_goes_when_it_is_taken_back(a, site, servers, away, clone):
    """The group, and what its point kept, stay as they are."""
    point = away.protect(site)
    before = seen(a)

    outcome = clone(point)
    vnfdr.take_back(outcome.run, site, journal=away.journal)

    assert seen(a) == before


def test_a_group_is_protected_beside_its_clone(a, site, servers, away, clone):
    """A clone that nobody has confirmed keeps nobody from the group."""
    clone(away.protect(site))

    assert away.protect(site)


def test_a_point_that_kept_nothing_is_not_cloned(site, servers, away, clone):
    """It says which volumes are missing, and what to do."""
    point = away.protect(site, keep=Keep.NOTHING)

    with pytest.raises(Unrecoverable) as refusal:
        clone(point)

    assert len(refusal.value.problems) == 6
    assert "neither a copy nor a snapshot of volume 'db-1' was kept" in str(
        refusal.value
    )


def test_a_clone_is_made_at_the_points_own_site(other, site, servers, away):
    """What was kept is nowhere else."""
    point = away.protect(site)

    with pytest.raises(Unrecoverable, match="what it kept is in project"):
        vnfdr.clone(away.manifest(point), other, away.mapping(point, other))


def test_a_clone_has_the_last_records_of_the_kept_copies(a, site, servers, away, clone):
    """Not one of them is missing."""
    point = away.protect(site)
    a.network.stop()
    kept = ends_kept(a, away.manifest(point))

    clone(point)

    there = ends_at(a)
    assert {name: there[f"clone-{name}"] for name in NAMES} == kept
