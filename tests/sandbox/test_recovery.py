"""The job of the other site: a group boots there from what was backed up here."""

import openstack
import pytest
from cinderclient.client import Client

from tests.sandbox.conftest import devices
from vnfdr.sandbox.records import read_log

NAMES = ("db", "app")


@pytest.fixture
def at_b(sites):
    with openstack.connect("site-b") as connection:
        yield connection


@pytest.fixture
def saved(a, cinder, until):
    """The records of backups of two servers' volumes, of one moment of both."""
    servers = [a.add_server(name) for name in NAMES]
    until(lambda: all(end_of(server) > 3 for server in servers))
    for server in servers:
        server.guest.freeze()
    records = {}
    for server in servers:
        made = [
            cinder.backups.create(attached.volume_id, force=True).id
            for attached in server.attachments
        ]
        until(lambda ids=made: all(a.backups[i].status == "available" for i in ids))
        records[server.name] = [cinder.backups.export_record(i) for i in made]
    for server in servers:
        server.guest.thaw()
    return records


@pytest.fixture
def restored(b, at_b, saved, until):
    """New volumes at the other site, by the name of the server they are to be of."""
    cinder = Client("3.64", session=at_b.session)
    volumes = {}
    for name, records in saved.items():
        volumes[name] = [b.add_volume(f"{name}-restored", None) for _ in records]
        for volume, record in zip(volumes[name], records, strict=True):
            url = record["backup_url"]
            came = cinder.backups.import_record(record["backup_service"], url)["id"]
            until(lambda i=came: b.backups[i].status == "available")
            cinder.restores.restore(came, volume.id)
        until(lambda v=volumes[name]: all(x.status == "available" for x in v))
        volumes[name][0].bootable = True
    return volumes


@pytest.fixture
def group(b, at_b, restored):
    """The servers at the other site, each with a port and its restored volumes."""
    network = at_b.network.find_network("private")
    flavor = at_b.compute.find_flavor("sandbox.small")
    made = [
        at_b.compute.create_server(
            name=name,
            flavor_id=flavor.id,
            networks=[{"port": at_b.network.create_port(network_id=network.id).id}],
            block_device_mapping=devices(*volumes),
        )
        for name, volumes in restored.items()
    ]
    for server in made:
        at_b.compute.wait_for_server(server, interval=0.02, wait=60)
    return [b.servers[server.id] for server in made]


def end_of(server):
    """The number of the last record on a server's root disk."""
    return read_log(server.guest.disks[-1]).end


def test_a_group_comes_back(a, group, until):
    """Guests go on after the last record that was saved, and nothing is missing."""
    assert [server.name for server in group] == list(NAMES)
    assert [server.guest.recovered for server in group] == [(), ()]
    saved = {server.name: end_of(server) for server in group}
    until(lambda: all(end_of(server) > saved[server.name] + 3 for server in group))
    for server in group:
        server.guest.freeze()

    for server in group:
        log = read_log(server.guest.disks[-1])
        assert log.last.guest == server.name
        assert log.numbers == tuple(range(1, log.end + 1))


def test_a_group_that_came_back_can_be_judged(b, group, until):
    """A moment of booted servers is judged as one of servers that were there."""
    saved = {server.name: end_of(server) for server in group}
    until(lambda: all(end_of(server) > saved[server.name] + 3 for server in group))
    for server in group:
        server.guest.freeze()
    volumes = [v for server in group for v in server.attachments]
    disks = {v.volume_id: b.volumes[v.volume_id].disk for v in volumes}

    verdict = b.judge({key: b.disks.image(disk) for key, disk in disks.items()})

    assert (len(disks), verdict.violations, verdict.needs_recovery) == (4, (), ())


def test_a_guest_finds_out_that_it_was_not_frozen(a, boot, server, until):
    """What was taken of disks that were written to needs recovery at the next boot."""
    until(lambda: end_of(server) > 3)
    images = [a.disks.image(disk) for disk in server.guest.disks]
    copies = [a.add_volume("copy", a.disks.create(1, image)) for image in images]
    root, data = copies[-1], copies[0]
    root.bootable = True

    made = boot("db", [root, data])
    until(lambda: a.servers[made.id].vm_state == "active")

    recovered = a.servers[made.id].guest.recovered
    assert set(recovered) == {root.disk.id, data.disk.id}


def test_nothing_is_left_of_a_rehearsal(b, at_b, group, until):
    """Servers that are deleted leave volumes and ports that can be deleted, too."""
    for server in group:
        at_b.compute.delete_server(server.id)
    until(lambda: not b.servers)

    for volume in list(b.volumes.values()):
        at_b.block_storage.delete_volume(volume.id)
    for port in list(at_b.network.ports()):
        at_b.network.delete_port(port)
    until(lambda: not b.volumes)

    assert (b.servers, b.volumes, b.networks.ports) == ({}, {}, {})
