"""What protecting a group amounts to, as a plan."""

import pytest
from attrs import evolve

from tests.fakes import world_of
from vnfdr.discovery import discover
from vnfdr.errors import PlanError
from vnfdr.model import Backup, BackupPolicy, Group, Keep, Member, Strategy
from vnfdr.plan import Timings, dump_plan, load_plan
from vnfdr.recipes import protect_plan


@pytest.fixture
def plan_for(world):
    """Plan a group's recovery point."""
    return lambda group: protect_plan(discover(world, group), point="p1")


def titles(plan, phase):
    return [step.title for p in plan.phases if p.name == phase for step in p.steps]


def test_a_plan_prints_what_happens_in_the_order_it_happens(plan_for, group):
    """Reading the print from top to bottom is watching the run."""
    text = str(plan_for(group))

    order = ["freeze db", "freeze app", "freeze lb", "snapshot volume db disk"]
    order += ["thaw lb", "thaw app", "thaw db", "stamp", "create a volume", "back up"]
    places = [text.index(line) for line in order]
    assert places == sorted(places)


def test_a_plan_reads_back_equal(plan_for, group):
    """A plan that was written down is the same plan."""
    plan = plan_for(group)

    assert load_plan(dump_plan(plan)) == plan


def test_names_with_markup_and_newlines_survive(site, world):
    """What users call their things is theirs."""
    name = "x'\"/<b>\n[red]é"
    site.add_server(name)
    group = Group.of(name, [Member(name, "fake")])

    plan = protect_plan(discover(world, group), point="p1")

    assert load_plan(dump_plan(plan)) == plan
    assert "\n[red]" not in str(plan)


def test_a_plan_with_windows_in_it_says_how_short_its_window_is(site, plan_for, group):
    """Its limits fit Windows, and reading the plan tells why."""
    site.all_servers["s-app"] = evolve(site.all_servers["s-app"], os="windows")

    plan = plan_for(group)

    assert plan.window.hold_limit_seconds == 8
    assert {hold.timeout_seconds for hold in plan.window.holds} == {4}
    assert "app is Windows, which lets every freeze go by itself" in str(plan)
    assert load_plan(dump_plan(plan)) == plan


@pytest.mark.parametrize(
    ("limits", "complaint"),
    [
        ({"hold_limit_seconds": 4}, "holding 'db' may take 4 s"),
        ({"hold_limit_seconds": 9.5}, "'app' can be held for 9 s at most"),
        ({"lease_seconds": 8}, "its hold limit is not above 0 and below its lease"),
    ],
)
def test_a_plan_whose_limits_do_not_fit_cannot_be_made(
    site, plan_for, group, limits, complaint
):
    """Not by hand, either: a plan is checked whoever makes it."""
    site.all_servers["s-app"] = evolve(site.all_servers["s-app"], os="windows")
    plan = plan_for(group)

    with pytest.raises(PlanError, match=complaint):
        evolve(plan, phases=(evolve(plan.window, **limits), *plan.phases[1:]))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "not a plan"),
        ("[]", "not a plan"),
        ('{"format": 2, "plan": {}}', "this vnfdr reads 1"),
        ('{"format": 1, "plan": {}}', "required field missing"),
    ],
)
def test_what_is_not_a_plan_is_refused(text, complaint):
    """The error says what is wrong with the text."""
    with pytest.raises(PlanError, match=complaint):
        load_plan(text)


def test_a_step_of_an_unknown_kind_is_refused(plan_for, group):
    """A plan that needs a package that is not there does not run without it."""
    text = dump_plan(plan_for(group)).replace('"kind": "stamp"', '"kind": "teleport"')

    with pytest.raises(PlanError, match="teleport"):
        load_plan(text)


def test_the_first_backup_is_full_and_the_next_are_increments(site, plan_for, group):
    """A chain begins with a full backup, and anew with every Nth."""
    short = evolve(group, backup=BackupPolicy(full_every=3))
    kinds = []
    for number in range(5):
        title = titles(plan_for(short), "back up")[0]
        kinds.append("full" if title.endswith("in full") else "incremental")
        site.all_backups[f"b{number}"] = Backup(
            f"b{number}", "v-db-0", "available", kinds[-1] != "full", f"{number}", 1
        )

    assert kinds == ["full", "incremental", "incremental", "full", "incremental"]


def test_a_failed_backup_is_no_parent(site, plan_for, group):
    """Only a backup that can be restored begins a chain."""
    site.all_backups["b"] = Backup("b", "v-db-0", "error", data_timestamp="1")

    assert titles(plan_for(group), "back up")[0].endswith("in full")


def test_a_volume_that_grew_begins_a_new_chain(site, plan_for, group):
    """Cinder makes no increment across a change of size."""
    site.all_backups["b"] = Backup("b", "v-db-0", "available", size_gib=1)
    site.all_volumes["v-db-0"] = evolve(site.all_volumes["v-db-0"], size_gib=2)

    assert titles(plan_for(group), "back up")[0].endswith("in full")


def test_whole_volumes_are_never_backed_up_incrementally(site, plan_for, group):
    """The volume created from a snapshot has no history that Cinder would find."""
    site.all_backups["b"] = Backup("b", "v-db-0", "available", size_gib=1)
    whole = BackupPolicy(Strategy.VOLUME, keep=Keep.NOTHING)

    plan = plan_for(evolve(group, backup=whole))

    assert all(title.endswith("in full") for title in titles(plan, "back up"))
    assert len(titles(plan, "create volumes")) == 6
    assert len(titles(plan, "delete volumes")) == 6
    assert len(titles(plan, "delete snapshots")) == 6


def test_the_strategy_is_chosen_by_volume_type(site, plan_for, group):
    """Types that cannot do increments are backed up whole, and others are not."""
    site.all_volumes["v-db-0"] = evolve(site.all_volumes["v-db-0"], type="ceph")
    by_type = BackupPolicy(by_volume_type={"ceph": Strategy.NONE})

    assert len(titles(plan_for(evolve(group, backup=by_type)), "back up")) == 5


def test_no_snapshot_is_deleted_before_the_volumes_made_from_it(plan_for, group):
    """Some storage keeps a snapshot as long as a volume has grown out of it."""
    nothing = BackupPolicy(Strategy.VOLUME, keep=Keep.NOTHING)

    names = [phase.name for phase in plan_for(evolve(group, backup=nothing)).phases]

    assert names.index("delete volumes") < names.index("delete snapshots")


def test_a_multiattach_volume_is_cut_once(site, world):
    """All servers that have it attached are frozen for its one snapshot."""
    for name in ("m1", "m2"):
        site.add_server(name, volumes=0)
    shared = site.all_volumes["v-db-0"]
    both = ("s-m1", "s-m2")
    site.all_volumes["v"] = evolve(shared, id="v", server_ids=both, multiattach=True)
    attachment = evolve(site.all_servers["s-db"].attachments[0], volume_id="v")
    for server_id in both:
        server = evolve(site.all_servers[server_id], attachments=(attachment,))
        site.all_servers[server_id] = server
    group = Group.of("shared", [Member("m1", "fake"), Member("m2", "fake")])

    window = protect_plan(discover(world, group), point="p1").window

    assert [cut.volume.id for cut in window.cuts] == ["v"]
    assert window.cuts[0].held_by == ("p1:freeze:s-m1", "p1:freeze:s-m2")


def test_quotas_are_counted_at_their_real_charge(plan_for, group):
    """Snapshots and copies share gigabytes; a backup is charged its volume's size."""
    needs = plan_for(group).requirements[1].needs

    assert needs == {
        "snapshots": 6,
        "gigabytes": 12,
        "volumes": 6,
        "backups": 6,
        "backup_gigabytes": 6,
    }


def test_a_preview_predicts_how_long_each_guest_is_held(plan_for, group):
    """The guest frozen first is held longest, by the others' freezes and thaws."""
    timings = Timings(
        freeze_seconds=0.1,
        thaw_seconds=0.05,
        request_seconds=0.1,
        cut_seconds=0.5,
        look_seconds=0.0,
    )

    preview = plan_for(group).preview(timings)

    held = {h.name: round(h.seconds, 3) for h in preview.held}
    assert held == {"db": 1.05, "app": 0.9, "lb": 0.75}
    assert preview.window_seconds == pytest.approx(1.05)


def test_a_preview_of_an_early_thaw_waits_for_no_other_guest(plan_for, group):
    """Storage that makes two snapshots at a time is done with the first guest first."""
    timings = Timings(
        freeze_seconds=0.1,
        thaw_seconds=0.05,
        request_seconds=0.1,
        cut_seconds=0.5,
        cuts_at_once=2,
        look_seconds=0.0,
    )

    preview = plan_for(evolve(group, early_thaw=True)).preview(timings)

    held = {h.name: round(h.seconds, 3) for h in preview.held}
    assert held == {"db": 0.95, "app": 1.35, "lb": 1.75}
    assert preview.window_seconds == pytest.approx(1.95)


def test_a_preview_lists_every_call(plan_for, group):
    """What would be asked of the cloud is told before it is asked."""
    calls = [call.what for call in plan_for(group).preview().calls]

    assert calls.count("POST /snapshots") == 6
    assert calls.count("POST /backups") == 6
    assert calls.count("thaw") == 3


def test_planning_and_previewing_change_nothing(site, group):
    """Nova and Cinder are only asked."""
    plan = protect_plan(discover(world_of(site), group), point="p1")
    plan.preview()

    changing = ("freeze", "thaw", "create", "request", "delete", "stamp", "prepare")
    assert not any(call.startswith(changing) for call in site.wire.calls)


def test_a_plan_is_checked_whole_when_it_is_made(plan_for, group):
    """Every contradiction is told at once."""
    plan = plan_for(group)
    window = plan.phases[0]
    twice = evolve(window, cuts=(*window.cuts, window.cuts[0]), lease_seconds=1.0)

    with pytest.raises(PlanError) as caught:
        evolve(plan, phases=(twice, *plan.phases[1:]))

    assert len(caught.value.problems) == 2


def test_a_step_cannot_work_on_what_comes_later(plan_for, group):
    """Backups before snapshots are no plan."""
    plan = plan_for(group)

    with pytest.raises(PlanError, match="does not come before"):
        evolve(plan, phases=plan.phases[::-1])


def test_what_is_labelled_with_a_group_is_labelled_plainly(site, world):
    """A database that takes no emoji does not fail in the window."""
    name = "\u2603\U0001f600/" + "x" * 300
    group = Group.of(name, [Member("db", "fake")])
    plan = protect_plan(discover(world, group), point="p1")

    plan.window.cuts[0].do(world, {})

    (metadata,) = site.metadata.values()
    assert metadata["vnfdr-group"].isascii()
    assert len(metadata["vnfdr-group"]) == 255
