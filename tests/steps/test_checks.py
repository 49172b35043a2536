"""What preflight finds, before anything is touched."""

import pytest
from attrs import evolve

from tests.fakes import world_of
from vnfdr.cloud import Token
from vnfdr.discovery import discover
from vnfdr.errors import CloudError, Forbidden
from vnfdr.model import Attachment, Backup, Group, Member, Policy
from vnfdr.recipes import protect_plan


@pytest.fixture
def plan(world, group):
    """A plan made while all was well."""
    return protect_plan(discover(world, group), point="p1")


@pytest.fixture
def found(plan, world):
    """Return what preflight finds now."""
    return lambda: "; ".join(plan.preflight(world))


def change(things, thing_id, **changes):
    things[thing_id] = evolve(things[thing_id], **changes)


def test_nothing_is_found_when_all_is_well(found):
    """A plan just made can be run."""
    assert found() == ""


def test_nothing_is_touched(site, found):
    """Looking is all it does."""
    before = dict(site.all_servers), dict(site.all_volumes), site.made

    found()

    changing = ("freeze", "thaw", "create", "request", "delete", "prepare", "stamp")
    assert not any(call.startswith(changing) for call in site.wire.calls)
    assert (dict(site.all_servers), dict(site.all_volumes), site.made) == before


def test_a_server_that_is_not_active_is_told(site, found):
    """A stopped server cannot be frozen."""
    change(site.all_servers, "s-db", status="SHUTOFF")

    assert "server 'db' is SHUTOFF, not ACTIVE" in found()


def test_a_server_that_is_busy_is_told(site, found):
    """A migration under way would carry the freeze away."""
    change(site.all_servers, "s-db", task_state="migrating")

    assert "server 'db' is busy: migrating" in found()


def test_a_server_that_is_gone_is_told(site, found):
    """It was deleted after the plan was made."""
    del site.all_servers["s-db"]

    assert "no server 's-db'" in found()


def test_volumes_that_came_or_went_are_told(site, found):
    """The plan would protect too little, or what is not there."""
    attached = (Attachment("v-db-0"), Attachment("v-new"))
    change(site.all_servers, "s-db", attachments=attached)

    assert "volume v-new was attached to 'db'" in found()
    assert "volume v-db-1 was detached from 'db'" in found()


def test_a_guest_that_moved_is_told(plan, site, backend, world):
    """Its host is not the one the plan would freeze it on."""
    moved = evolve(plan.window.holds[0].guest, address="fake://elsewhere")
    window = plan.window
    hold = evolve(window.holds[0], guest=moved)
    tiers = ((hold,), *window.tiers[1:])
    changed = evolve(plan, phases=(evolve(window, tiers=tiers), *plan.phases[1:]))

    assert "'db' has moved to fake://here" in "; ".join(changed.preflight(world))


def test_a_guest_that_is_frozen_is_told(site, found):
    """Somebody else is at work there."""
    site.guests["s-db"].frozen = True

    assert "somebody else holds it frozen" in found()


def test_a_member_that_may_be_degraded_is_no_reason_to_refuse(site, backend, world):
    """Its policy is settled in the window."""
    group = Group.of("vnf", [Member("db", "fake", policy=Policy.DEGRADE)])
    plan = protect_plan(discover(world, group), point="p1")
    backend.dead.add("db")

    assert plan.preflight(world) == ()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"status": "error"}, "volume db disk (v-db-0) is error"),
        ({"status": "reserved"}, "is reserved"),
        ({"size_gib": 2}, "has grown from 1 to 2 GiB"),
    ],
)
def test_a_volume_in_the_wrong_state_is_told(site, found, changes, told):
    """Cinder would refuse it in the window, with guests frozen."""
    change(site.all_volumes, "v-db-0", **changes)

    assert told in found()


def test_a_volume_that_others_use_since_is_told(site, found):
    """Nobody holds them, and what they write may be half of something."""
    change(site.all_volumes, "v-db-0", server_ids=("s-db", "s-else"))

    assert "(v-db-0) was attached to s-else since the plan" in found()


def test_a_volume_that_a_member_does_not_use_any_more_is_told(site, found):
    """The plan holds a guest for it that has nothing to do with it."""
    change(site.all_volumes, "v-db-0", server_ids=())

    assert "(v-db-0) was detached from s-db since the plan" in found()


def test_a_volume_that_is_gone_is_told(site, found):
    """It was deleted after the plan was made."""
    del site.all_volumes["v-db-0"]

    assert "no volume 'v-db-0'" in found()


@pytest.mark.parametrize("name", ["snapshots", "volumes", "gigabytes", "backups"])
def test_every_quota_that_is_too_small_is_told(site, found, name):
    """By how much, and what to do."""
    site.free[name] = 1

    assert f"the quota for {name} leaves 1 free" in found()


def test_no_quota_is_no_limit(site, found):
    """A project without limits is not refused."""
    site.free["snapshots"] = None

    assert found() == ""


def test_an_increment_without_a_parent_is_told(site, world, group, backend):
    """The chain was deleted after the plan was made."""
    site.all_backups["b"] = Backup("b", "v-db-0", "available", size_gib=1)
    plan = protect_plan(discover(world, group), point="p1")
    site.all_backups.clear()

    assert "has no backup any more" in "; ".join(plan.preflight(world))


class Altered:
    """A site that answers one question differently."""

    def __init__(self, site, **answers):
        self.site = site
        self.answers = answers

    def __getattr__(self, name):
        answer = self.answers.get(name)
        return answer or getattr(self.site, name)


def refusal():
    raise Forbidden("no")


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({"backup_service_up": lambda: False}, "no cinder-backup service is up"),
        ({"token": lambda: Token("q", 9e9, renewable=True)}, "are of project q"),
        ({"token": lambda: Token("p", 60.0, renewable=False)}, "lives for 60 s more"),
        ({"token": refusal}, "credentials are not accepted"),
    ],
)
def test_what_the_site_lacks_is_told(plan, site, backend, answers, told):
    """A dead service or a dying token would end the run half way."""
    world = world_of(Altered(site, **answers), backend)

    assert told in "; ".join(plan.preflight(world))


def test_a_service_that_may_not_be_asked_about_is_no_reason_to_refuse(
    plan, site, backend
):
    """Only administrators see services."""
    world = world_of(Altered(site, backup_service_up=lambda: None), backend)

    assert plan.preflight(world) == ()


def test_a_window_that_would_be_too_long_is_told(site, world):
    """A hundred guests, one after another, outlive any sensible limit."""
    for number in range(200):
        site.add_server(f"s{number}")
    group = Group.of("big", [Member(f"s{number}", "fake") for number in range(200)])
    plan = protect_plan(discover(world, group), point="p1")

    assert "freeze members in tiers" in "; ".join(plan.preflight(world))


def test_a_failing_site_is_not_mistaken_for_a_good_one(plan, site, world):
    """An answer that never came is not a yes."""

    def down(call):
        if call in {"server", "headroom", "services"}:
            raise CloudError(f"{call} answered 503")

    site.wire.before = down

    found = "; ".join(plan.preflight(world))
    assert all(f"{call} answered 503" in found for call in ("server", "headroom"))
