"""What a window does to guests, in order and on every way out."""

import gc
import threading

import pytest
from attrs import evolve

from tests.fakes import Crash, FakeJournal, quiet, setting, violations
from vnfdr.discovery import discover
from vnfdr.errors import CloudError, FreezeFailed, FreezeUnclear, QuiesceError
from vnfdr.model import Attachment, Group, Level, Member, Policy
from vnfdr.plan import Conditions, Manner, Verdict, holding, release, run
from vnfdr.plan.threads import holders
from vnfdr.recipes import protect_plan


@pytest.fixture
def journal(site):
    """The journal of the run."""
    return FakeJournal(site.wire)


@pytest.fixture
def protect(site, world, journal, clock):
    """Take a recovery point of a group."""

    def protect(group, preflight=False, world=world):
        plan = protect_plan(discover(world, group), point="p1")
        return run(plan, world, journal, Manner(preflight, clock=clock))

    return protect


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Let no thaw overtake another because that one's thread is late."""
    monkeypatch.setattr(holding, "THAW_PATIENCE_SECONDS", 30.0)


def group_of(*members):
    return Group.of("vnf", members)


def freezes_and_thaws(site):
    return [call for call in site.wire.calls if call.startswith(("freeze", "thaw"))]


def raising(error, at):
    """Return a hook that raises ``error`` at the call named ``at``."""

    def hook(call):
        if call == at:
            raise error

    return hook


def test_freezes_go_down_the_order_and_thaws_come_back(site, protect, group):
    """The guest frozen first is thawed last."""
    outcome = protect(group)

    assert outcome.verdict is Verdict.COMMITTED
    assert freezes_and_thaws(site) == [
        "freeze db",
        "freeze app",
        "freeze lb",
        "thaw lb",
        "thaw app",
        "thaw db",
    ]


def test_a_consistent_point_holds_no_record_without_its_cause(site, protect, group):
    """The certificate says consistent, and the data agrees."""
    outcome = protect(group)

    assert outcome.certificate.consistent
    assert violations(site.pictures.values()) == []
    assert outcome.certificate.level is Level.FILESYSTEM


def test_nothing_is_written_while_a_guest_is_frozen(site, protect, group):
    """No guest waits for the journal's disk."""
    protect(group)

    calls = site.wire.calls
    window = calls[calls.index("freeze db") : calls.index("thaw db")]
    assert "journal" not in window


def test_one_look_serves_every_snapshot(site, protect, group):
    """Six snapshots are seen by one request a tick."""
    protect(group)

    assert site.wire.calls.count("request snapshot") == 6
    assert site.wire.calls.count("look") == 1


def test_a_guest_that_cannot_be_frozen_ends_the_window(site, backend, protect, group):
    """Its predecessors are thawed, and nothing is left."""
    backend.dead.add("lb")

    outcome = protect(group)

    assert outcome.verdict is Verdict.COMPENSATED
    assert "agent not connected" in outcome.reason
    assert site.frozen == []
    assert site.made == []


def test_a_freeze_without_an_answer_is_thawed_behind(site, protect, group):
    """A freeze that timed out may have happened: the guest is thawed too."""
    site.wire.after = raising(FreezeUnclear("no answer"), at="freeze lb")

    outcome = protect(group)

    assert outcome.verdict is Verdict.COMPENSATED
    assert site.frozen == []


def test_a_guest_frozen_by_somebody_else_is_left_alone(site, protect, group):
    """It is not ours to thaw, and the run gives up."""
    site.guests["s-app"].frozen = True

    outcome = protect(group)

    assert outcome.verdict is Verdict.COMPENSATED
    assert site.frozen == ["s-app"]
    assert "thaw app" not in site.wire.calls


def test_a_snapshot_in_error_ends_the_window(site, protect, group):
    """Everything is thawed, and the other snapshots are deleted."""
    site.fate["v-app-1"] = "error"

    outcome = protect(group)

    assert outcome.verdict is Verdict.COMPENSATED
    assert outcome.failed == "p1:snapshot:v-app-1"
    assert (site.frozen, site.made) == ([], [])


def test_a_snapshot_that_never_comes_ends_the_window(site, protect, group):
    """The hold limit thaws everybody; what was asked for is deleted."""
    site.fate["v-app-1"] = "creating"

    outcome = protect(group)

    assert outcome.verdict is Verdict.COMPENSATED
    assert "limit of 30 s" in outcome.reason
    assert (site.frozen, site.made) == ([], [])


def test_a_refused_snapshot_ends_the_window(site, protect, group):
    """A quota that fills up between preflight and window costs nothing but time."""
    site.wire.before = raising(CloudError("over quota"), at="request snapshot")

    outcome = protect(group)

    assert outcome.verdict is Verdict.COMPENSATED
    assert "over quota" in outcome.reason
    assert (site.frozen, site.made) == ([], [])


def test_a_guest_thawed_by_somebody_else_voids_the_point(site, protect, group):
    """The thaw finds nothing frozen, so nobody knows since when."""

    def meddle(call):
        if call == "look":
            site.guests["s-app"].frozen = False

    site.wire.before = meddle

    outcome = protect(group)

    assert outcome.verdict is Verdict.COMPENSATED
    assert "something else thawed it" in outcome.reason
    assert site.made == []


def test_a_guest_that_was_rebooted_voids_the_point(site, backend, protect, group):
    """Another witness after the window means another guest."""
    backend.boots = iter(range(99))

    outcome = protect(group)

    assert outcome.verdict is Verdict.COMPENSATED
    assert "not the same guest" in outcome.reason


def test_a_member_may_be_degraded_and_the_certificate_says_so(site, backend, protect):
    """The point is kept, and is not called consistent."""
    backend.dead.add("lb")

    outcome = protect(
        group_of(Member("db", "fake"), Member("lb", "fake", policy=Policy.DEGRADE))
    )

    assert outcome.verdict is Verdict.COMMITTED
    assert not outcome.certificate.consistent
    assert outcome.certificate.level is Level.CRASH
    assert site.wire.calls.count("request snapshot") == 4


def test_a_member_may_be_skipped_with_its_volumes(site, backend, protect):
    """None of its volumes is snapshotted, backed up or copied."""
    backend.dead.add("lb")

    outcome = protect(
        group_of(Member("db", "fake"), Member("lb", "fake", policy=Policy.SKIP))
    )

    assert outcome.verdict is Verdict.COMMITTED
    assert site.wire.calls.count("request snapshot") == 2
    assert {b.volume_id for b in site.all_backups.values()} == {"v-db-0", "v-db-1"}


def test_a_guest_that_will_not_thaw_is_named(site, backend, protect, group):
    """The run is stranded, and says which guest may be frozen."""
    site.wire.before = raising(QuiesceError("agent died"), at="thaw app")

    outcome = protect(evolve(group, lease_seconds=31.0))

    assert outcome.verdict is Verdict.STRANDED
    assert [str(left.receipt) for left in outcome.leftovers] == ["frozen guest app"]
    assert site.frozen == ["s-app"]


@pytest.mark.parametrize("policy", [Policy.DEGRADE, Policy.SKIP])
def test_no_policy_lets_a_run_commit_while_a_guest_may_be_frozen(site, protect, policy):
    """A member that may be degraded or skipped may not be left frozen."""
    site.wire.before = raising(QuiesceError("agent died"), at="thaw lb")
    group = group_of(Member("db", "fake"), Member("lb", "fake", policy=policy))

    outcome = protect(evolve(group, lease_seconds=31.0))

    assert outcome.verdict is Verdict.STRANDED
    assert "not proven thawed: lb" in outcome.reason
    assert [str(left.receipt) for left in outcome.leftovers] == ["frozen guest lb"]
    assert site.frozen == ["s-lb"]


def test_a_thaw_that_fails_at_first_is_tried_again(site, protect, group):
    """One lost thaw is not a frozen guest."""
    failures = iter([QuiesceError("hiccup")])

    def hiccup(call):
        if call == "thaw app" and (error := next(failures, None)):
            raise error

    site.wire.before = hiccup

    outcome = protect(group)

    assert outcome.verdict is Verdict.COMMITTED
    assert site.frozen == []


def test_a_freeze_that_comes_after_its_process_died_is_thawed(
    site, world, protect, journal, group
):
    """What a dead process asked for last may happen late: resuming waits for it."""
    calls = site.wire.calls

    def die(call):
        if "freeze app" in calls:
            raise Crash(call)

    site.wire.before = die
    with pytest.raises(Crash):
        protect(group)
    site.wire.before = lambda call: freeze_late(site, call)

    outcome = protect(group)

    assert outcome.verdict is Verdict.COMPENSATED
    assert calls.count("thaw app") >= 2
    assert site.frozen == []


def test_a_freeze_that_comes_just_after_its_process_died_is_thawed_soon(
    site, protect, clock, group
):
    """A request that a dead process had sent is overtaken by a thaw: not for long."""
    thaws = []

    def die(call):
        if "freeze app" in site.wire.calls:
            raise Crash(call)

    def freeze_at_once(call):
        if call == "thaw app":
            thaws.append(clock.seconds)
        if call == "stillness" and len(thaws) == 1:
            site.guests["s-app"].frozen = True

    site.wire.before = die
    with pytest.raises(Crash):
        protect(group)
    site.wire.before = freeze_at_once

    protect(group)

    assert site.frozen == []
    assert thaws[1] - thaws[0] < 0.2


@pytest.mark.parametrize("answered", [True, False])
def test_who_freezes_a_guest_after_its_thaw_is_let_be(
    site, world, group, clock, answered
):
    """But where our own freeze had no answer, it may be that one, come late."""
    window = protect_plan(discover(world, group), point="p1").window
    freezes = {hold.name: hold.key for hold in window.holds}

    def somebody_freezes_app(call):
        if call == "thaw db":
            site.guests["s-app"].frozen = True

    site.wire.before = somebody_freezes_app
    unanswered = set() if answered else {freezes["app"]}
    conditions = Conditions(world, clock, unanswered=unanswered)
    with holders(window) as threads:
        left = release(window, freezes.values(), conditions, threads)

    assert left == ()
    assert site.frozen == (["s-app"] if answered else [])


def freeze_late(site, call):
    if call == "stillness" and site.wire.calls.count("stillness") == 7:
        site.guests["s-app"].frozen = True


def at_the_last_moment(site, change):
    """Change something after the plan was made and preflight has looked."""
    before(site, "prepare", change)


def before(site, moment, change):
    """Change something once, before a call."""
    changes = [change]

    def hook(call):
        if changes and call.startswith(moment):
            changes.pop()()

    site.wire.before = hook


@pytest.mark.parametrize("policy", list(Policy))
def test_a_volume_that_came_to_a_server_stops_the_run(site, protect, policy):
    """No policy is for that: a point without it is not one of the group."""
    server = site.all_servers["s-db"]
    more = evolve(server, attachments=(*server.attachments, Attachment("v-new")))
    at_the_last_moment(site, lambda: site.all_servers.update({server.id: more}))

    outcome = protect(group_of(Member("db", "fake", policy=policy)), preflight=True)

    assert outcome.verdict is Verdict.COMPENSATED
    assert "volume v-new was attached to 'db' since the plan" in outcome.reason
    assert freezes_and_thaws(site) == []


def test_a_volume_that_left_a_guest_that_is_left_running_stops_the_run(
    site, backend, world, journal
):
    """It is in the group, held or not."""
    backend.holds = False
    group = group_of(Member("db", "fake", level=Level.CRASH))
    plan = protect_plan(discover(world, group), point="p1")
    server = site.all_servers["s-db"]
    site.all_servers[server.id] = evolve(server, attachments=server.attachments[1:])

    outcome = run(plan, world, journal, Manner(preflight=False))

    assert outcome.verdict is Verdict.COMPENSATED
    assert "volume v-db-0 was detached from 'db'" in outcome.reason


def test_a_stranger_who_came_to_a_shared_volume_stops_the_run(site, protect):
    """Nobody holds it, and it may write while the snapshot is made."""
    shared = evolve(site.all_volumes["v-db-0"], multiattach=True)
    site.all_volumes[shared.id] = shared
    used = evolve(shared, server_ids=("s-db", "s-else"))
    at_the_last_moment(site, lambda: site.all_volumes.update({shared.id: used}))

    outcome = protect(group_of(Member("db", "fake")), preflight=True)

    assert outcome.verdict is Verdict.COMPENSATED
    assert "(v-db-0) was attached to s-else since the plan" in outcome.reason
    assert freezes_and_thaws(site) == []


whenever_it_comes = pytest.mark.parametrize("moment", ["freeze", "look", "thaw"])


@whenever_it_comes
def test_a_volume_that_comes_in_the_window_voids_the_point(site, protect, moment):
    """No snapshot is made of it."""
    server = site.all_servers["s-db"]
    more = evolve(server, attachments=(*server.attachments, Attachment("v-new")))
    before(site, moment, lambda: site.all_servers.update({server.id: more}))

    outcome = protect(group_of(Member("db", "fake")))

    assert outcome.verdict is Verdict.COMPENSATED
    assert "not the same guest any more" in outcome.reason
    assert "v-new" in outcome.reason
    assert site.made == []


@whenever_it_comes
def test_a_stranger_who_comes_in_the_window_voids_the_point(site, protect, moment):
    """Nobody holds it, and it may write while the snapshot is made."""
    shared = evolve(site.all_volumes["v-db-0"], multiattach=True)
    site.all_volumes[shared.id] = shared
    used = evolve(shared, server_ids=("s-db", "s-else"))
    before(site, moment, lambda: site.all_volumes.update({shared.id: used}))

    outcome = protect(group_of(Member("db", "fake")))

    assert outcome.verdict is Verdict.COMPENSATED
    assert "v-db-0 has s-db, s-else" in outcome.reason
    assert site.made == []


def test_a_guest_that_was_never_prepared_is_not_waited_for_after_a_crash(
    site, backend, protect
):
    """No freeze was sent to it, so nobody has to prove that it is thawed."""
    group = group_of(Member("db", "fake"), Member("lb", "fake", policy=Policy.DEGRADE))
    backend.unprepared.add("lb")

    def die(call):
        if "look" in site.wire.calls:
            raise Crash(call)

    site.wire.before = die
    with pytest.raises(Crash):
        protect(group)
    site.wire.before = quiet
    backend.dead.add("lb")

    outcome = protect(group)

    assert outcome.verdict is Verdict.COMPENSATED
    assert "thaw lb" not in site.wire.calls


def coming_late(site, volume_id, looks=3):
    """Return a hook that lets one volume's snapshot be there after some looks only."""
    site.fate[volume_id] = "creating"

    def hook(call):
        if site.wire.calls.count("look") >= looks:
            site.fate[volume_id] = "available"

    return hook


def coming_after(site, volume_id, thaws):
    """Return a hook that lets one volume's snapshot be there once others have thawed.

    The second look waits for that: a thaw has a thread of its own, which may be late.
    """
    site.fate[volume_id] = "creating"
    thawed = threading.Event()

    def hook(call):
        if thaws.issubset(site.wire.calls):
            thawed.set()
        if call != "look":
            return
        if thawed.is_set():
            site.fate[volume_id] = "available"
        elif site.wire.calls.count("look") > 1:
            thawed.wait(30)
            thawed.set()

    return hook


def test_with_early_thaw_a_guest_does_not_wait_for_the_volumes_of_others(
    site, protect, group
):
    """Each goes on once its own snapshots are there, and the point is consistent."""
    site.wire.before = coming_after(site, "v-app-1", {"thaw db", "thaw lb"})

    outcome = protect(evolve(group, early_thaw=True))

    calls = site.wire.calls
    thaws = [call for call in freezes_and_thaws(site) if call.startswith("thaw")]
    assert sorted(thaws[:2]) == ["thaw db", "thaw lb"]
    assert thaws[2:] == ["thaw app"]
    assert "look" in calls[calls.index("thaw db") : calls.index("thaw app")]
    assert outcome.verdict is Verdict.COMMITTED
    assert outcome.certificate.consistent
    assert not violations(site.pictures.values())
    assert not site.frozen


def test_without_early_thaw_everybody_waits_for_the_last_snapshot(site, protect, group):
    """The letter of the spec: nobody goes on before everything is there."""
    site.wire.before = coming_late(site, "v-app-1")

    protect(group)

    looks = [place for place, call in enumerate(site.wire.calls) if call == "look"]
    assert looks[2] < site.wire.calls.index("thaw lb")
    assert freezes_and_thaws(site)[3:] == ["thaw lb", "thaw app", "thaw db"]


def test_a_snapshot_in_error_after_an_early_thaw_still_ends_the_window(
    site, protect, group
):
    """Who was thawed stays thawed, once, and nothing of the point remains."""
    late = coming_late(site, "v-app-1")

    def fail(call):
        late(call)
        if site.fate["v-app-1"] == "available":
            site.fate["v-app-1"] = "error"

    site.wire.before = fail

    outcome = protect(evolve(group, early_thaw=True))

    thaws = sorted(call for call in site.wire.calls if call.startswith("thaw"))
    assert outcome.verdict is Verdict.COMPENSATED
    assert thaws == ["thaw app", "thaw db", "thaw lb"]
    assert not site.frozen
    assert not site.made


def test_an_early_thaw_that_fails_at_first_is_tried_until_it_is_proven(
    site, protect, group
):
    """Nobody is left frozen because others went first."""
    failures = iter(range(2))

    def hiccup(call):
        if call == "thaw db" and next(failures, None) is not None:
            raise QuiesceError("the agent is slow")

    site.wire.before = hiccup

    outcome = protect(evolve(group, early_thaw=True))

    assert outcome.verdict is Verdict.COMMITTED
    assert site.wire.calls.count("thaw db") == 3
    assert not site.frozen


def test_a_slow_storage_is_looked_at_less_often(site, world, journal, group, clock):
    """Snapshots that come one a second are seen in few looks, and the last one soon."""
    volumes = list(site.all_volumes)
    site.fate = dict.fromkeys(volumes, "creating")

    def hook(call):
        if "request snapshot" in site.wire.calls:
            began.append(clock.seconds)
        there = int(clock.seconds - began[0]) if began else 0
        site.fate.update(dict.fromkeys(volumes[:there], "available"))

    began = []
    site.wire.before = hook
    plan = protect_plan(discover(world, group), point="p1")
    outcome = run(plan, world, journal, Manner(preflight=False, clock=clock))

    ready = [cut.ready_at for cut in outcome.certificate.cuts]
    asked = [cut.asked_at for cut in outcome.certificate.cuts]
    assert site.wire.calls.count("look") < 60
    assert max(ready) - min(asked) < len(volumes) + 0.3


@pytest.fixture
def no_more_threads():
    """Let the machine give no more threads: none of them has room for its stack."""
    usual = threading.stack_size()
    yield lambda: threading.stack_size(2**50)
    threading.stack_size(usual)


def test_without_threads_for_all_the_thaws_nobody_is_frozen(
    site, protect, group, no_more_threads
):
    """Whatever a thaw needs is there before the first freeze."""

    def hook(call):
        if call == "journal":
            no_more_threads()

    site.wire.before = hook

    with pytest.raises(RuntimeError, match="can't start new thread"):
        protect(group)

    assert freezes_and_thaws(site) == []


@pytest.mark.parametrize("was_on", [True, False])
def test_no_garbage_is_collected_while_a_guest_is_frozen(site, protect, group, was_on):
    """All would wait for that; afterwards it is as it was."""
    seen = {}
    site.wire.before = lambda call: seen.setdefault(call, gc.isenabled())
    if not was_on:
        gc.disable()

    try:
        protect(group)
        is_on = gc.isenabled()
    finally:
        gc.enable()

    assert not any(on for call, on in seen.items() if call.startswith("thaw"))
    assert not any(on for call, on in seen.items() if call.startswith("freeze"))
    assert is_on is was_on


def test_who_is_held_only_after_the_window_was_lost_goes_on_at_once(
    site, world, journal, clock
):
    """A freeze that is answered late is no reason to wait for the slowest of all."""
    site.add_server("web")
    group = Group.of("vnf", [[Member(n, "fake") for n in ("web", "db", "app", "lb")]])
    plan = protect_plan(discover(world, group), point="p1")
    held, lost, thawed, waited = (threading.Event() for _ in range(4))

    def order(call):
        if call == "freeze app":
            assert held.wait(10)
            raise FreezeFailed("app is not frozen")
        if call == "freeze db":
            assert lost.wait(10)
        if call == "freeze lb" and thawed.wait(10):
            waited.set()

    site.wire.before = order
    told = {"freeze web": held, "thaw web": lost, "thaw db": thawed}
    site.wire.after = setting(told)
    outcome = run(plan, world, journal, Manner(False, clock=clock))

    assert waited.is_set()
    assert outcome.verdict is Verdict.COMPENSATED
    assert site.frozen == []


@pytest.mark.parametrize("reason", ["a refusal", "a stop"])
def test_nobody_stays_held_for_a_freeze_that_hangs_in_vain(
    site, world, journal, clock, reason
):
    """Once the window is lost, who is held goes on; the slowest freeze is no reason."""
    group = Group.of("vnf", [[Member(n, "fake") for n in ("db", "app", "lb")]])
    plan = protect_plan(discover(world, group), point="p1")
    held, thawed, stop, waited = (threading.Event() for _ in range(4))

    def let_lb_hang(call):
        if call == "freeze app":
            assert held.wait(10)
            if reason == "a refusal":
                raise FreezeFailed("app is not frozen")
            stop.set()
        if call == "freeze lb" and thawed.wait(10):
            waited.set()

    site.wire.before = let_lb_hang
    site.wire.after = setting({"freeze db": held, "thaw db": thawed})
    outcome = run(plan, world, journal, Manner(False, clock=clock, stop=stop))

    assert waited.is_set()
    assert outcome.verdict is Verdict.COMPENSATED
    assert site.frozen == []
    assert site.made == []


def test_a_guest_out_of_reach_keeps_nobody_from_looking_at_another(
    site, world, group, clock
):
    """The freeze of another comes late, and is looked for to the end of its time."""
    window = protect_plan(discover(world, group), point="p1").window
    freezes = {hold.name: hold.key for hold in window.holds}
    backend = world.backend("fake")

    def lose_lb_and_freeze_app(call):
        if call == "stillness" and clock.seconds > 1.0:
            backend.dead.add("lb")
            site.guests["s-lb"].frozen = True
        if call == "thaw lb" and "lb" in backend.dead:
            site.wire.before = quiet
            site.guests["s-app"].frozen = True

    site.wire.before = lose_lb_and_freeze_app
    unanswered = {freezes["app"], freezes["lb"]}
    conditions = Conditions(world, clock, unanswered=unanswered)
    with holders(window) as threads:
        left = release(window, freezes.values(), conditions, threads)

    assert left == ("lb",)
    assert site.frozen == ["s-lb"]


def test_a_point_with_nothing_in_it_is_none(site, backend, protect):
    """Every member was allowed to be left out, and every one was."""
    skipped = [Member(name, "fake", policy=Policy.SKIP) for name in ("db", "app")]
    backend.dead.update(("db", "app"))

    outcome = protect(group_of(*skipped))

    assert outcome.verdict is Verdict.COMPENSATED
    assert "there is no snapshot" in outcome.reason
    assert site.made == []
