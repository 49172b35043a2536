"""What is captured of servers and volumes, over the wire."""

import pytest
from attrs import evolve

import vnfdr
from vnfdr.errors import CloudError, Forbidden, Gone
from vnfdr.model import Address, AddressPair, Disk
from vnfdr.sandbox import Effect, Fault
from vnfdr.sandbox.things import Flavor


@pytest.fixture
def restricted(sites):
    """Site a, for somebody who is no administrator."""
    site = vnfdr.connect("site-a-member")
    yield site
    site.connection.close()


@pytest.fixture
def port(a, server):
    """The port of the server."""
    (port,) = a.networks.ports_of(server.id)
    return port


def test_a_server_says_how_big_it_was(a, site, server):
    """The flavor is embedded, extra specs and all: the other site has other flavors."""
    specs = {"hw:cpu_policy": "dedicated"}
    server.flavor = Flavor("f", "vnf.large", 4, 8192, 20, 0, 0, specs)

    flavor = site.servers.blueprint(server.id).flavor

    assert (flavor.name, flavor.vcpus, flavor.ram_mib) == ("vnf.large", 4, 8192)
    assert (flavor.disk_gib, flavor.extra_specs) == (20, specs)


def test_a_server_says_what_it_was_called(site, server):
    """Its name in Nova, and the one that its guest was told."""
    server.hostname, server.description, server.tags = "db.ims", "HSS", ["ims"]

    blueprint = site.servers.blueprint(server.id)

    assert (blueprint.name, blueprint.hostname) == ("db", "db.ims")
    assert (blueprint.description, blueprint.tags) == ("HSS", ("ims",))


def test_a_hostname_is_told_to_everybody_where_nova_is_new_enough(restricted, server):
    """One needs to be no administrator for that."""
    server.hostname = "db.ims"

    assert restricted.servers.blueprint(server.id).hostname == "db.ims"


def test_an_older_nova_tells_what_it_can(site, server, monkeypatch):
    """It refuses a request in a form that it does not know yet, and is asked again."""
    monkeypatch.setattr("vnfdr.openstack.blueprints.HOSTNAME_VERSION", "2.999")
    server.tags = ["ims"]

    blueprint = site.servers.blueprint(server.id)

    assert (blueprint.name, blueprint.tags) == ("db", ("ims",))


def test_a_port_is_told_by_names(site, a, server, port):
    """Ids mean nothing at another site; addresses and the MAC address are kept."""
    port.allowed_address_pairs = [{"ip_address": "10.0.9.9", "mac_address": "a:b"}]
    group = a.networks.add_group("sip")
    port.security_groups = [group.id]
    (ip,) = port.fixed_ips

    (nic,) = site.servers.blueprint(server.id).nics

    assert (nic.network, nic.mac, nic.port_security) == (
        "private",
        port.mac_address,
        True,
    )
    subnet = Address(ip["ip_address"], "private-subnet", "10.0.0.0/16")
    assert nic.addresses == (subnet,)
    assert nic.security_groups == ("sip",)
    assert nic.allowed_pairs == (AddressPair("10.0.9.9", "a:b"),)


def test_ports_are_in_the_order_of_the_interfaces(site, a, server):
    """Neutron has no order, and a guest finds its networks by it."""
    networks = [a.networks.add_network(name, cidr) for name, cidr in CIDRS.items()]
    for network in reversed(networks):
        a.networks.add_port(network, server.id, server.host)
    order = a.networks.ports_of(server.id)
    ids = list(a.networks.ports)
    a.networks.ports = {i: a.networks.ports[i] for i in reversed(ids)}
    expected = [port.mac_address for port in reversed(order)]

    nics = site.servers.blueprint(server.id).nics

    assert [nic.mac for nic in nics] == expected


CIDRS = {"oam": "10.1.0.0/24", "core": "10.2.0.0/24"}


def test_what_a_new_port_would_not_have_is_told(site, a, server, port):
    """A floating address, a trunk and a quality of service are made by others."""
    a.networks.floating["203.0.113.7"] = port.id
    port.qos_policy_id = "gold"
    port.trunk_details = {"trunk_id": "t", "sub_ports": []}

    (nic,) = site.servers.blueprint(server.id).nics

    assert nic.lost == (
        "the floating address 203.0.113.7",
        "its trunk",
        "its quality of service",
    )


def test_a_server_without_ports_has_no_interfaces(site, a, server, port):
    """Nor is anything of other servers taken for its own."""
    a.networks.ports.pop(port.id)
    a.add_server("other")

    assert site.servers.blueprint(server.id).nics == ()


def test_disks_are_in_the_order_of_their_devices(a, site, server):
    """Nova promises no order; vdaa comes after vdz, and the root is the first."""
    names = ("/dev/vdaa", "/dev/vdb", "/dev/vda", "/dev/vdz")
    server.attachments[:] = [
        evolve(server.attachments[0], volume_id=name, device=name) for name in names
    ]
    server.attachments[1].tag = "data"

    disks = site.servers.blueprint(server.id).disks

    found = [disk.device for disk in disks]
    assert found == ["/dev/vda", "/dev/vdb", "/dev/vdz", "/dev/vdaa"]
    assert disks[1] == Disk("/dev/vdb", "/dev/vdb", "data")


def test_the_public_key_is_kept_and_whose_it_was(site, a, server, connection):
    """A keypair is of a user, so that the other site may have to be given it."""
    made = connection.compute.create_keypair(name="ops", public_key="ssh-rsa QUJD ops")
    server.key_name, server.user_id = "ops", made.user_id

    blueprint = site.servers.blueprint(server.id)

    assert (blueprint.key_name, blueprint.public_key) == ("ops", "ssh-rsa QUJD ops")


def test_who_may_not_see_a_keypair_keeps_its_name(restricted, a, server, connection):
    """It is another user's: one of that name may be another key."""
    connection.compute.create_keypair(name="ops", public_key="ssh-rsa QUJD ops")
    server.key_name = "ops"

    blueprint = restricted.servers.blueprint(server.id)

    assert (blueprint.key_name, blueprint.public_key) == ("ops", "")


def test_a_server_group_is_told_by_its_name(site, a, server, connection):
    """What kept its servers apart is to do so again."""
    made = connection.compute.create_server_group(name="apart", policy="anti-affinity")
    a.server_groups[made.id].members.append(server.id)

    blueprint = site.servers.blueprint(server.id)

    placed = (blueprint.server_group, blueprint.server_group_policy)
    assert placed == ("apart", "anti-affinity")


def test_a_server_group_that_one_may_not_see_is_left_out(site, a, server, connection):
    """All else is captured as it is."""
    made = connection.compute.create_server_group(name="apart", policy="affinity")
    a.server_groups[made.id].members.append(server.id)
    a.faults.add(Fault("show server group", Effect.ANSWER, status=403))

    blueprint = site.servers.blueprint(server.id)

    assert (blueprint.name, blueprint.server_group) == ("db", "")


def test_secrets_stay_where_they_are(site, server):
    """That there is user data is told, and which metadata was left out."""
    server.user_data = "I2Nsb3VkLWNvbmZpZw=="
    server.metadata |= {
        "role": "hss",
        "admin_password": "x",
        "API-Key": "x",
        "url": "http://u:p@h/",
        "vnfdr-key": "p0:server:1",
    }

    blueprint = site.servers.blueprint(server.id)

    assert blueprint.has_user_data
    assert blueprint.metadata == {"role": "hss"}
    assert blueprint.withheld == ("API-Key", "admin_password", "url")
    assert "I2Nsb3Vk" not in repr(blueprint)


@pytest.mark.parametrize(
    ("specs", "lost"),
    [
        ({"hw:tpm_version": "2.0"}, ("the state of its vTPM",)),
        ({"os:secure_boot": "required"}, ("its UEFI variables",)),
        ({"hw:cpu_policy": "shared"}, ()),
    ],
)
def test_what_is_on_the_host_alone_is_told(site, server, specs, lost):
    """No volume has it, so that nothing can bring it back."""
    server.flavor = Flavor("f", "f", extra_specs=specs)

    assert site.servers.blueprint(server.id).lost == lost


def test_local_disks_are_told(site, server):
    """They are lost with the compute host."""
    server.flavor = Flavor("f", "f", ephemeral=10)

    assert site.servers.blueprint(server.id).lost == ("an ephemeral disk of 10 GiB",)


def test_a_server_that_is_gone_has_no_blueprint(site, server):
    """Nor does what was never one."""
    with pytest.raises(Gone):
        site.servers.blueprint("b6f1b1a4-0000-4000-8000-000000000000")


def test_a_volume_says_what_it_takes_to_have_it_again(site, volume):
    """Its type, its size, whether one boots from it, and its image's properties."""
    volume.description = "root"
    volume.image_metadata = {"hw_disk_bus": "scsi", "min_disk": 1}
    volume.metadata |= {"role": "hss", "db_secret": "x", "vnfdr-key": "k"}
    volume.metadata["src_backup_id"] = "of an earlier life"

    blueprint = site.volumes.blueprint(volume.id)

    known = (blueprint.name, blueprint.type, blueprint.size_gib, blueprint.bootable)
    assert known == (volume.name, "sandbox", 1, True)
    assert blueprint.description == "root"
    assert blueprint.image_metadata == {"hw_disk_bus": "scsi", "min_disk": "1"}
    assert blueprint.metadata == {"role": "hss"}


@pytest.fixture
def chain(a, cinder, spare, until):
    """A full backup and an increment of one volume."""
    ids = []
    for number in range(2):
        made = cinder.backups.create(spare.id, incremental=bool(number))
        until(lambda made=made: a.backups[made.id].status == "available")
        ids.append(made.id)
    return ids


def test_a_record_says_on_which_backup_it_builds(site, chain, spare):
    """All else of it is for the other site's Cinder alone."""
    full, increment = chain

    records = [site.backups.export(backup_id) for backup_id in chain]

    assert [record.parent_id for record in records] == ["", full]
    assert [record.id for record in records] == [full, increment]
    assert {record.volume_id for record in records} == {spare.id}
    assert {record.size_gib for record in records} == {1}


def test_a_member_exports_no_record(restricted, chain):
    """Cinder keeps that for administrators."""
    with pytest.raises(Forbidden, match="backup:export-import"):
        restricted.backups.export(chain[0])


def test_a_backup_that_is_not_whole_is_not_exported(a, site, chain):
    """It may never be."""
    a.backups[chain[0]].status = "error"

    with pytest.raises(CloudError, match="must be available"):
        site.backups.export(chain[0])
