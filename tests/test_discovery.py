"""What is found of a group, and what forbids protecting it."""

import pytest
from attrs import evolve

from vnfdr.discovery import discover
from vnfdr.errors import GroupError, UnknownBackend, UnknownServer, Unprotectable
from vnfdr.model import Group, Level, Member, Policy


@pytest.fixture
def refused(world):
    """Return why a group cannot be protected."""

    def refused(*members):
        with pytest.raises(Unprotectable) as caught:
            discover(world, Group.of("vnf", members))
        return "; ".join(caught.value.problems)

    return refused


def change(things, thing_id, **changes):
    things[thing_id] = evolve(things[thing_id], **changes)


def test_a_server_is_found_by_name_or_by_id(world):
    """Either will do, in one group."""
    group = Group.of("vnf", [Member("db", "fake"), Member("s-app", "fake")])

    found = discover(world, group)

    assert [m.guest.server_id for m in found.members] == ["s-db", "s-app"]
    assert [v.id for v in found.volumes] == ["v-db-0", "v-db-1", "v-app-0", "v-app-1"]


def test_an_unknown_server_is_told_with_the_candidates(world):
    """Whoever mistyped a name sees what it may have been."""
    with pytest.raises(UnknownServer, match=r"'dbb'.*app \(s-app\), db \(s-db\)"):
        discover(world, Group.of("vnf", [Member("dbb", "fake")]))


def test_an_ambiguous_name_is_told_with_its_ids(site, world):
    """Names are not unique in Nova: we do not guess."""
    site.all_servers["s-2"] = evolve(site.all_servers["s-db"], id="s-2")

    with pytest.raises(UnknownServer, match=r"2 servers.*db \(s-2\), db \(s-db\)"):
        discover(world, Group.of("vnf", [Member("db", "fake")]))


def test_an_unknown_backend_is_told_with_those_installed(world):
    """A typo in a backend's name is found before anything is asked of guests."""
    with pytest.raises(UnknownBackend, match=r"'libvrt'; installed: libvirt"):
        discover(world, Group.of("vnf", [Member("db", "libvrt")]))


def test_one_server_by_name_and_by_id_is_found_out(refused):
    """It would be frozen twice."""
    why = refused(Member("db", "fake"), Member("s-db", "fake"))

    assert "s-db is in the group 2 times, as 'db' and 's-db'" in why


WINDOWS = "hold_limit_seconds is 20, and Windows in 'db' lets every freeze go"


def label(site, where, system):
    """Let a server, or its first volume, say what it is."""
    if where == "server":
        change(site.all_servers, "s-db", os=system)
    else:
        change(site.all_volumes, "v-db-0", os=system, bootable=where == "root")


@pytest.mark.parametrize(
    ("where", "said", "refused"),
    [
        ("server", None, True),
        ("root", None, True),
        ("data", None, False),
        ("root", "linux", False),
        ("nowhere", "windows", True),
    ],
)
def test_windows_is_known_by_what_it_was_made_from(site, world, where, said, refused):
    """The root volume's image says it, or the server; the group file knows better."""
    if where != "nowhere":
        label(site, where, "windows")
    members = ((Member("db", "fake", freeze_timeout_seconds=5, os=said),),)

    def found():
        return discover(world, Group("vnf", members, hold_limit_seconds=20))

    if refused:
        with pytest.raises((Unprotectable, GroupError), match=WINDOWS):
            found()
    else:
        assert found().limits.hold_seconds == 20


def test_limits_that_windows_forbids_are_told_with_everything_else(site, world):
    """One error is enough to mend the whole group."""
    label(site, "root", "windows")
    change(site.all_servers, "s-app", local_disks=("a swap disk of 512 MiB",))
    group = Group.of("vnf", [Member("db", "fake", freeze_timeout_seconds=9)])
    group = evolve(group, tiers=(*group.tiers, (Member("app", "fake"),)))

    with pytest.raises(Unprotectable) as caught:
        discover(world, group)

    told = "; ".join(caught.value.problems)
    assert "'app' has a swap disk" in told
    assert "freeze_timeout_seconds of 'db' is 9" in told
    assert "below the hold limit of 8" in told


def test_local_disks_are_refused_by_name(site, refused):
    """A disk on the compute host is in no snapshot."""
    change(site.all_servers, "s-db", local_disks=("an image-backed root disk",))

    assert "'db' has an image-backed root disk" in refused(Member("db", "fake"))


def test_local_disks_may_be_allowed_and_are_remembered(site, world):
    """The plan can say what is not protected."""
    change(site.all_servers, "s-db", local_disks=("a swap disk of 512 MiB",))
    member = Member("db", "fake", allow_local_disks=True)

    found = discover(world, Group.of("vnf", [member]))

    assert found.members[0].local_disks == ("a swap disk of 512 MiB",)


def test_a_volume_in_another_project_is_refused(site, refused):
    """Its increments would find no parent."""
    change(site.all_volumes, "v-db-1", project_id="other")

    assert "(v-db-1) of 'db' is in another project (other)" in refused(
        Member("db", "fake")
    )


def test_nova_and_cinder_must_agree_on_attachments(site, refused):
    """A stale attachment is a volume nobody freezes."""
    change(site.all_volumes, "v-db-1", server_ids=())

    assert "Cinder says that it is not" in refused(Member("db", "fake"))


def test_a_volume_shared_with_a_stranger_is_refused(site, refused):
    """A server outside the group would go on writing."""
    change(site.all_volumes, "v-db-1", server_ids=("s-db", "s-lb"))

    assert "attached to s-lb too" in refused(Member("db", "fake"))


def test_a_volume_can_be_left_out_by_name_or_id(site, world):
    """What is left out is not snapshotted, and still belongs to the server."""
    change(site.all_volumes, "v-db-1", name="scratch")
    member = Member("db", "fake", leave_out=("scratch",))

    found = discover(world, Group.of("vnf", [member]))

    assert [volume.id for volume in found.volumes] == ["v-db-0"]
    assert found.members[0].attached == ("v-db-0", "v-db-1")


def test_leaving_out_what_is_not_there_is_told(refused):
    """A typo there would protect too much, or the wrong thing."""
    why = refused(Member("db", "fake", leave_out=("scrach",)))

    assert "no volume 'scrach' to leave out" in why


def test_a_level_that_the_backend_cannot_reach_is_refused(refused):
    """Nobody is told that hooks ran when nobody ran them."""
    why = refused(Member("db", "fake", level=Level.APPLICATION))

    assert "reaches 'filesystem' at most" in why


def test_a_guest_that_cannot_be_frozen_is_refused_unless_policy_allows(
    backend, refused, world
):
    """Require is refused now; degrade is settled in the window."""
    backend.unlocatable.add("db")

    assert "db has no agent channel" in refused(Member("db", "fake"))
    degraded = Member("db", "fake", policy=Policy.DEGRADE)
    assert discover(world, Group.of("vnf", [degraded])).volumes


def test_everything_wrong_is_told_at_once(site, refused):
    """An operator mends a group in one go."""
    change(site.all_volumes, "v-db-1", project_id="other")
    change(site.all_servers, "s-app", local_disks=("an ephemeral disk of 5 GiB",))

    why = refused(Member("db", "fake"), Member("app", "fake"))

    assert "another project" in why
    assert "ephemeral" in why


def test_a_group_without_volumes_is_refused(site, refused):
    """There would be nothing to protect."""
    site.add_server("bare", volumes=0)

    assert "none of its servers has a volume" in refused(Member("bare", "fake"))
