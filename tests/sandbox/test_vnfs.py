"""A three-tier VNF: who is told of a call, and what that leaves on the disks."""

import pytest

from vnfdr.sandbox.consistency import consistency_of
from vnfdr.sandbox.guests import GuestNetwork
from vnfdr.sandbox.paths import Stage
from vnfdr.sandbox.records import read_log


@pytest.fixture
def network():
    """Guests whose turns are given by hand."""
    return GuestNetwork(clock=lambda: 0)


@pytest.fixture
def add(network, store):
    """Put a guest there, at a place of a path, and switch it on."""

    def add(name, stage=None):
        guest = network.add(name, name, (store.create(1), store.create(1)), stage)
        guest.boot()
        return guest

    return add


@pytest.fixture
def ims(add):
    """The three tiers of a VNF, one guest each."""
    return [
        add(name, Stage("ims", number))
        for number, name in enumerate(("db", "app", "lb"))
    ]


def quoted(guest):
    """Whom the guest's last record quotes."""
    last = read_log(guest.disks[-1]).last
    return set(last.heard) if last else set()


def test_a_call_goes_from_tier_to_tier(network, ims):
    """The load balancer never talks to the database, the application does to both."""
    network.turn()
    network.turn()

    assert [quoted(guest) for guest in ims] == [{"app"}, {"db", "lb"}, {"app"}]


def test_a_break_between_any_two_tiers_is_seen(network, ims, store):
    """Whichever tier is imaged too early is told from the records of the next one."""
    for early in ims:
        network.turn()
        cut = {early.name: [store.image(disk) for disk in early.disks]}
        network.turn()
        network.turn()
        cut |= {g.name: g.disks for g in ims if g is not early}

        sentences = consistency_of(cut).violations

        assert sentences
        assert all(f"of {early.name}, whose root disk" in one for one in sentences)


def test_calls_are_shared_out(network, add):
    """Each server of a tier is told in its turn, and all of them in the end."""
    db = add("db", Stage("ims", 0))
    apps = [add(f"app-{n}", Stage("ims", 1)) for n in range(3)]
    for _ in range(4):
        network.turn()

    assert all(quoted(app) == {"db"} for app in apps)
    assert quoted(db) == {app.name for app in apps}


def test_who_was_heard_last_is_quoted(network, add):
    """A record has room for a few quotes: the newest of them."""
    db = add("db", Stage("ims", 0))
    for number in range(60):
        add(f"application-{number}", Stage("ims", 1))
    network.turn()
    network.turn()

    assert 5 < len(quoted(db)) < 60
    assert "application-59" in quoted(db)
    assert "application-0" not in quoted(db)


def test_two_vnfs_do_not_talk_to_each_other(network, ims, add):
    """Neither does a server that is of no VNF."""
    other, alone = add("other-app", Stage("other", 1)), add("alone")
    network.turn()
    network.turn()

    assert (quoted(other), quoted(alone)) == (set(), set())
    assert quoted(ims[1]) == {"db", "lb"}


def test_a_site_has_vnfs(a, until):
    """One call puts three tiers of servers there, which begin to work."""
    vnf = a.add_vnf("ims", app=2)

    names = {tier: [s.name for s in servers] for tier, servers in vnf.tiers.items()}
    assert names == {
        "db": ["ims-db-1"],
        "app": ["ims-app-1", "ims-app-2"],
        "lb": ["ims-lb-1"],
    }
    (db,) = vnf.tiers["db"]
    until(lambda: quoted(db.guest) == {"ims-app-1", "ims-app-2"})


def test_a_vnf_is_a_group_to_protect(a):
    """Its tiers are frozen one after another, the database first; none is empty."""
    group = a.add_vnf("ims", app=2, lb=0).group

    tiers = [[member.server for member in tier] for tier in group.tiers]
    assert tiers == [["ims-db-1"], ["ims-app-1", "ims-app-2"]]
    assert {member.backend for member in group.members} == {"sandbox"}
