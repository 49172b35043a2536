"""A group that was protected at one site comes up at the other, from its manifest."""

import shutil

import pytest

import vnfdr
from tests.sandbox.away import (
    FAR,
    NAMES,
    disks_of,
    ends_at,
    ends_kept,
    lose,
    servers_of,
)
from vnfdr.errors import UnknownCloud


@pytest.fixture
def servers(a):
    """Three servers at work at site a, with all that is worth keeping."""
    servers = {name: a.add_server(name) for name in NAMES}
    servers["db"].metadata["role"] = "database"
    servers["db"].description = "keeps the orders"
    servers["db"].tags = ["gold"]
    return servers


@pytest.fixture
def quiet(b):
    """Guests at site b come up, and write nothing: their disks are as restored."""
    b.network.stop()


def test_a_lost_group_comes_back_as_one_moment(a, b, other, site, servers, away, quiet):
    """With site a gone, its servers are at work at b, with the bytes of the point."""
    point = away.protect(site)
    lose(a)

    outcome = away.recover(point, other)

    there = servers_of(b)
    taken = {
        at.volume_id: b.volumes[at.volume_id].disk
        for server in there.values()
        for at in server.attachments
    }
    assert outcome.verdict is vnfdr.Verdict.COMMITTED, outcome
    assert list(there) == list(NAMES)
    assert [server.vm_state for server in there.values()] == ["active"] * 3
    verdict = b.judge(taken)
    assert (len(taken), verdict.violations, verdict.needs_recovery) == (6, (), ())


def test_not_one_record_of_the_point_is_lost(a, b, other, site, servers, away, quiet):
    """What the kept copies at a end with, the disks at b end with."""
    point = away.protect(site)

    away.recover(point, other)

    assert ends_at(b) == ends_kept(a, away.manifest(point))
    assert min(map(min, ends_at(b).values())) > 0


def test_no_guest_has_to_recover_its_disks(b, other, site, servers, away):
    """They were frozen, so they come up as after an orderly end, and go on."""
    point = away.protect(site)

    away.recover(point, other)

    assert [server.guest.recovered for server in b.servers.values()] == [()] * 3
    assert all(server.guest.write_record() > 1 for server in b.servers.values())


def test_servers_look_as_they_did(b, other, site, servers, away):
    """Name, description, metadata and tags are what they were."""
    away.recover(away.protect(site), other)

    there = servers_of(b)["db"]
    assert there.description == "keeps the orders"
    assert there.tags == ["gold"]
    assert there.metadata["role"] == "database"
    assert there.hostname == servers["db"].hostname


def test_volumes_are_as_mapped_and_bootable(a, b, other, site, servers, away):
    """Each has the type that the mapping says, its old name, and its own flag."""
    b.types.add_volume_type("gold")
    named = {a.volumes[at.volume_id].name for at in servers["db"].attachments}

    away.recover(away.protect(site), other, volume_types={"sandbox": "gold"})

    ids = [at.volume_id for at in servers_of(b)["db"].attachments]
    there = [b.volumes[volume_id] for volume_id in ids]
    assert {volume.type for volume in there} == {"gold"}
    assert {volume.name for volume in there} == named
    assert [volume.bootable for volume in there] == [True, False]


def test_ports_keep_their_addresses(a, b, other, site, servers, away):
    """Addresses and MAC addresses are what they were, where the mapping keeps them."""
    before = [a.networks.ports_of(server.id)[0] for server in servers.values()]

    away.recover(away.protect(site), other, keep_addresses=True, keep_macs=True)

    after = [b.networks.ports_of(server.id)[0] for server in servers_of(b).values()]
    assert [p.mac_address for p in after] == [p.mac_address for p in before]
    assert _addresses(after) == _addresses(before)


def test_the_controller_may_be_lost_as_well(a, b, other, site, servers, away):
    """The manifest is enough: no journal of the protecting run is needed."""
    point = away.protect(site)
    lose(a)
    shutil.rmtree(away.journal)

    outcome = away.recover(point, other)

    assert outcome.verdict is vnfdr.Verdict.COMMITTED
    assert list(servers_of(b)) == list(NAMES)


def test_a_second_point_comes_back_to_its_own_last_record(
    a, b, other, site, servers, away, quiet
):
    """Full backup and increment together are the second moment, not the first."""
    away.protect(site)
    second = away.manifest(away.protect(site))

    away.recover(second.point, other)

    assert {len(disk.chain) for disk in second.disks} == {2}
    assert ends_at(b) == ends_kept(a, second)


def test_what_was_zeroed_comes_back_as_zeros(b, other, site, servers, away, a):
    """Data that was overwritten by zeros between two points does not shine through."""
    disk = a.volumes[servers["db"].attachments[1].volume_id].disk
    disk.write(FAR, b"secret" * 1000)
    away.protect(site)
    disk.write(FAR, bytes(6000))
    second = away.protect(site)

    away.recover(second, other)

    (_, restored) = disks_of(b, servers_of(b)["db"])
    assert restored.read(FAR, 6000) == bytes(6000)


def test_a_recovery_can_be_taken_back(b, other, site, servers, away):
    """Servers, ports and volumes go, the records stay, and it can be done again."""
    point = away.protect(site)
    outcome = away.recover(point, other)
    records = set(b.backups)

    vnfdr.take_back(outcome.run, other, journal=away.journal)

    assert (b.servers, b.volumes) == ({}, {})
    assert set(b.backups) == records
    assert away.recover(point, other).verdict is vnfdr.Verdict.COMMITTED


def test_a_group_comes_home_with_what_was_written_away(
    a, b, other, site, servers, away
):
    """Protected at b and recovered at a, it has the records of both sites."""
    point = away.protect(site)
    first = ends_kept(a, away.manifest(point))
    outcome = away.recover(point, other)
    vnfdr.confirm(outcome.run, journal=away.journal)
    for server in list(a.servers.values()):
        site.servers.delete(server.id)
    home = away.manifest(away.protect(other))
    a.network.stop()

    away.recover(home.point, site)

    assert list(servers_of(a)) == list(NAMES)
    assert ends_at(a) == ends_kept(b, home)
    assert all(min(ends_at(a)[name]) > max(first[name]) for name in NAMES)


def test_site_a_is_really_gone(a, site, away, servers):
    """What these tests call a lost site answers nobody."""
    lose(a)

    with pytest.raises(UnknownCloud):
        vnfdr.connect("site-a")


def _addresses(ports):
    return [[ip["ip_address"] for ip in port.fixed_ips] for port in ports]
