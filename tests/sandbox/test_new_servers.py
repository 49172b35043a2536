"""Servers that vnfdr creates, and the ports and networks that they are at."""

import pytest

from vnfdr.cloud import (
    KEY,
    POINT,
    BootVolume,
    FixedAddress,
    PortRequest,
    ServerRequest,
)
from vnfdr.errors import CloudError, Conflict, QuotaExceeded

TAG = "r1:server:5f1c6a4e-1111-4c1f-8a55-000000000001"
PORT_TAG = "r1:port:5f1c6a4e-1111-4c1f-8a55-000000000002"


@pytest.fixture
def wanted(a, volumes):
    """A server that is wanted, with all its volumes."""

    def wanted(**other):
        about = {
            "tag": TAG,
            "name": "db",
            "flavor_id": next(iter(a.flavors)),
            "volumes": tuple(BootVolume(v.id, f"tag-{v.name}") for v in volumes),
            "metadata": {POINT: "r1", "role": "primary"},
        }
        return ServerRequest(**about | other)

    return wanted


@pytest.fixture
def port_on(a):
    """A port that is wanted on the default network."""

    def port_on(**other):
        network_id = a.networks.default.id
        return PortRequest(
            **{"tag": PORT_TAG, "name": "eth0", "network_id": network_id} | other
        )

    return port_on


def test_a_server_has_all_its_volumes_in_their_order(a, site, wanted, volumes):
    """The guest finds each where it was, and deleting the server deletes none."""
    server_id = site.servers.create(wanted())

    attached = a.servers[server_id].attachments
    assert [at.volume_id for at in attached] == [v.id for v in volumes]
    assert [at.device for at in attached] == ["/dev/vda", "/dev/vdb", "/dev/vdc"]
    assert [at.tag for at in attached] == [f"tag-{v.name}" for v in volumes]
    site.servers.delete(server_id)
    assert [v.status for v in volumes] == ["available"] * 3


def test_a_server_is_what_it_was_wanted_to_be(a, site, wanted):
    """All that a request says is found at the server, user data but encoded."""
    about = {
        "description": "the database",
        "hostname": "db-1.example.org",
        "tags": ("blue", "prod"),
        "availability_zone": "nova",
        "config_drive": True,
        "user_data": b"#cloud-config",
    }

    server = a.servers[site.servers.create(wanted(**about))]

    assert server.metadata == {KEY: TAG, POINT: "r1", "role": "primary"}
    assert (server.name, server.description) == ("db", "the database")
    assert (server.hostname, server.tags) == ("db-1.example.org", ["blue", "prod"])
    assert (server.user_data, server.config_drive) == ("I2Nsb3VkLWNvbmZpZw==", "True")


def test_a_server_is_found_by_its_key(site, wanted, server):
    """And by nothing else: no other server is."""
    server_id = site.servers.create(wanted())

    found = site.servers.find(TAG)

    assert found == site.servers.get(server_id)
    assert site.servers.find("r1:server:none") is None


def test_a_server_that_fits_nowhere_says_so(a, site, wanted):
    """Nova's own words are told, and what it left behind is found and deleted."""
    with pytest.raises(CloudError, match=r"ERROR.*No valid host was found"):
        site.servers.create(wanted(availability_zone="nova:mars"))

    site.servers.delete(site.servers.find(TAG).id)
    assert a.servers == {}


def test_a_server_has_the_ports_that_were_made_for_it(a, site, wanted, port_on):
    """They stay when it goes."""
    first = site.ports.create(port_on())
    second = site.ports.create(port_on(tag="r1:port:2"))

    server_id = site.servers.create(wanted(port_ids=(second, first)))

    assert {p.id for p in a.networks.ports_of(server_id)} == {first, second}
    site.servers.delete(server_id)
    assert site.ports.find(PORT_TAG) == first


def test_a_port_is_as_it_was(a, site, port_on):
    """Addresses, security groups and pairs are those that were asked for."""
    subnet = a.networks.subnets_of(a.networks.default.id)[0]
    wanted = port_on(
        addresses=(FixedAddress(subnet.id, "10.0.4.4"),),
        mac_address="fa:16:3e:00:00:01",
        security_group_ids=(),
        port_security=False,
    )

    port = a.networks.ports[site.ports.create(wanted)]

    assert port.fixed_ips == [{"subnet_id": subnet.id, "ip_address": "10.0.4.4"}]
    assert port.mac_address == "fa:16:3e:00:00:01"
    assert (port.security_groups, port.port_security_enabled) == ([], False)
    assert port.description == f"vnfdr-key={PORT_TAG}"


def test_an_address_of_somebody_else_is_a_conflict(a, site, port_on):
    """Nothing is made."""
    subnet = a.networks.subnets_of(a.networks.default.id)[0]
    wanted = (FixedAddress(subnet.id, "10.0.4.4"),)
    site.ports.create(port_on(addresses=wanted))

    with pytest.raises(Conflict, match=r"10\.0\.4\.4 already allocated"):
        site.ports.create(port_on(tag="r1:port:2", addresses=wanted))

    assert site.ports.find("r1:port:2") is None


def test_no_port_beyond_the_quota(a, site, port_on):
    """Neutron's own status for that is one of a conflict; it is told as a quota."""
    a.networks.quotas["port"] = 0

    with pytest.raises(QuotaExceeded, match="Quota exceeded for resources"):
        site.ports.create(port_on())


def test_a_network_is_made_and_goes_with_its_subnets(a, site, port_on):
    """It is found by its key, as its subnets are, and nothing leads out of it."""
    network_id = site.networks.create(tag="r1:network:1", name="drill")
    subnet_id = site.networks.create_subnet(
        tag="r1:subnet:1", network_id=network_id, cidr="10.0.0.0/16"
    )
    assert site.networks.find("r1:network:1") == network_id
    assert site.networks.find_subnet("r1:subnet:1") == subnet_id
    assert [each.id for each in site.networks.marked()] == [network_id]
    assert a.networks.subnets[subnet_id].gateway_ip is None

    site.networks.delete(network_id)

    assert subnet_id not in a.networks.subnets
    assert site.networks.marked() == ()
