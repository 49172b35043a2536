import attrs
import pytest

from vnfdr.errors import GroupError
from vnfdr.model import (
    BackupPolicy,
    Group,
    Guest,
    Level,
    Member,
    Policy,
    Strategy,
    Volume,
)


def test_a_group_is_written_in_freeze_order():
    """Names freeze one after another, a list of names at once."""
    group = Group.of("ims", ["db", ["app-1", "app-2"], "lb"])

    assert [[member.server for member in tier] for tier in group.tiers] == [
        ["db"],
        ["app-1", "app-2"],
        ["lb"],
    ]
    assert [m.server for m in group.members] == ["db", "app-1", "app-2", "lb"]


def test_a_member_may_stand_wherever_a_name_may():
    """A server with a policy of its own mixes with servers without."""
    balancer = Member("lb", backend="none", level=Level.CRASH)

    group = Group.of("ims", ["db", ["app", balancer], Member("log")])

    assert group.members == (Member("db"), Member("app"), balancer, Member("log"))


def test_a_member_is_held_strictly_unless_told_otherwise():
    """What nobody decided is the safe choice: frozen through libvirt, or nothing."""
    member = Member("db")

    assert member.backend == "libvirt"
    assert member.level is Level.FILESYSTEM
    assert member.policy is Policy.REQUIRE
    assert not member.allow_local_disks


def test_everything_wrong_with_a_group_is_told_at_once():
    """One error is enough to mend the whole group."""
    with pytest.raises(GroupError) as refused:
        Group(
            " ",
            ((), (Member("db"), Member("db"), Member(""))),
            BackupPolicy(full_every=0, at_once=0),
            hold_limit_seconds=90,
        )

    assert refused.value.problems == (
        "it has no name",
        "it has an empty tier",
        "server 'db' is in it 2 times",
        "a server has no name",
        (
            "hold_limit_seconds is 90; it must be above 0 and below the lease of 60,"
            " and both finite"
        ),
        "full_every is 0; it must be at least 1",
        "at_once is 0; it must be at least 1",
    )


def test_a_group_without_servers_is_refused():
    """There is nothing to protect."""
    with pytest.raises(GroupError, match="'g' cannot be protected: it has no servers"):
        Group.of("g", [])


@pytest.mark.parametrize("seconds", [0, -1, 30, 31, float("nan")])
def test_a_freeze_may_not_outlast_the_window(seconds):
    """An agent that may answer after the window's end could freeze for good."""
    member = Member("db", freeze_timeout_seconds=seconds)

    with pytest.raises(GroupError, match="freeze_timeout_seconds of 'db' is"):
        Group.of("g", [member])


def test_a_freeze_has_at_most_half_of_a_window_unless_told_otherwise():
    """Ten seconds, and less where the window is short."""
    members = ("db", Member("app", freeze_timeout_seconds=7))
    usual, short = Group.of("g", members), Group.of("g", members)
    short = attrs.evolve(short, hold_limit_seconds=12)

    seconds = [
        [group.limits(()).freeze_seconds(name) for name in ("db", "app")]
        for group in (usual, short)
    ]

    assert seconds == [[10, 7], [6, 7]]


def test_a_window_with_windows_in_it_is_short_unless_told_otherwise():
    """Windows thaws by itself after ten seconds: the window is over before."""
    group = Group.of("g", ["db", Member("ad", os="windows")])

    assert group.limits(()).hold_seconds == 30
    assert group.limits(("ad",)).hold_seconds == 8


def test_a_window_that_windows_would_cut_short_is_refused():
    """Whoever asks for it is told why, and what to do; a paused one is no matter."""
    windows = Member("ad", os="windows")

    with pytest.raises(GroupError, match="Windows in 'ad' lets every freeze go by"):
        Group("g", ((windows,),), hold_limit_seconds=9.5)

    paused = attrs.evolve(windows, backend="pause", level=Level.CRASH)
    assert Group("g", ((paused,),), hold_limit_seconds=9.5).members == (paused,)
    assert Group("g", ((windows,),), hold_limit_seconds=9).hold_limit_seconds == 9


@pytest.mark.parametrize("hold", [0, -1, 60, 61, float("nan"), float("inf")])
def test_a_window_may_not_outlast_its_lease(hold):
    """The window gives up before the lease thaws everything under it."""
    members = (Member("db", freeze_timeout_seconds=0.1),)

    with pytest.raises(GroupError, match="hold_limit_seconds is"):
        Group("g", (members,), hold_limit_seconds=hold, lease_seconds=60)


def test_levels_are_ordered_by_stillness():
    """A frozen file system is better than a pause, and a quiet application best."""
    assert sorted(Level, key=lambda level: level.rank) == [
        Level.CRASH,
        Level.FILESYSTEM,
        Level.APPLICATION,
    ]


def test_a_volume_type_may_need_another_strategy():
    """Volumes on Ceph are backed up whole while the others have increments."""
    policy = BackupPolicy(by_volume_type={"ceph": Strategy.VOLUME})

    assert policy.strategy_for("ceph") is Strategy.VOLUME
    assert policy.strategy_for("lvm") is Strategy.SNAPSHOT


def test_a_group_cannot_change_after_it_was_checked():
    """What was checked is what runs."""
    group = Group.of("g", ["db"])

    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        group.tiers = ()


def test_a_policy_keeps_its_own_copy_of_the_strategies():
    """Changing the mapping later does not change the group."""
    strategies = {"ceph": Strategy.VOLUME}
    policy = BackupPolicy(by_volume_type=strategies)

    strategies.clear()

    assert policy.strategy_for("ceph") is Strategy.VOLUME


def test_a_volume_is_known_by_name_and_id():
    """A volume without a name can still be told apart."""
    assert str(Volume("v1", "data")) == "data (v1)"
    assert str(Volume("v1")) == "unnamed (v1)"


def test_a_guest_is_known_by_its_servers_name():
    """Messages speak of servers as people do."""
    assert str(Guest("s1", "db", "qemu:///system")) == "db"


@pytest.mark.parametrize(
    ("make", "choices"),
    [
        (lambda: Member("db", policy="requires"), "'require', 'degrade', 'skip'"),
        (lambda: Member("db", level="high"), "'crash', 'filesystem', 'application'"),
        (lambda: Member("db", os="dos"), "'linux', 'windows'"),
        (lambda: BackupPolicy("full"), "'snapshot', 'volume', 'none'"),
        (lambda: BackupPolicy(keep="all"), "'volumes', 'snapshots', 'both', 'nothing'"),
        (lambda: BackupPolicy(by_volume_type={"ceph": "x"}), "'x' is none of"),
    ],
)
def test_an_unknown_choice_is_told_with_those_there_are(make, choices):
    """A word mistyped in a script is found where it stands."""
    with pytest.raises(GroupError, match=choices):
        make()


def test_a_choice_may_be_made_by_its_word():
    """Scripts and files use the same words."""
    assert Member("db", policy="skip", level="crash").policy is Policy.SKIP
