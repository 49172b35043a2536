"""Servers that vnfdr creates, and the ports and networks that they are at."""

import pytest

from vnfdr.cloud import (
    KEY,
    POINT,
    BootVolume,
    FixedAddress,
    PortRequest,
    ServerRequest,
    VolumeRequest,
)
from vnfdr.errors import AnswerLost, CloudError, Conflict, QuotaExceeded, Unsupported
from vnfdr.sandbox import Effect, Fault

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


def test_a_port_without_addresses_stays_without(a, site, port_on):
    """Neutron gives one to every port of which nothing is said."""
    usual = a.networks.ports[site.ports.create(port_on())]
    bare = port_on(tag="r1:port:2", unaddressed=True)

    port = a.networks.ports[site.ports.create(bare)]

    assert (len(usual.fixed_ips), port.fixed_ips) == (1, [])


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


@pytest.fixture
def makers(site, wanted, port_on, volumes):
    """For each call that creates something: how to make it, and how to find it."""
    network_id = port_on().network_id
    volume_tag = TAG.replace("server", "volume")
    blank = VolumeRequest(volume_tag, 1, "", "", {})
    subnet = {"tag": "r1:subnet:1", "network_id": network_id, "cidr": "192.0.2.0/24"}
    copy = {"tag": volume_tag, "volume_id": volumes[1].id, "size_gib": 1}
    networks = site.networks
    return {
        "create server": (
            lambda: site.servers.create(wanted()),
            lambda: site.servers.find(TAG),
        ),
        "create port": (
            lambda: site.ports.create(port_on()),
            lambda: site.ports.find(PORT_TAG),
        ),
        "create network": (
            lambda: networks.create(tag="r1:network:1", name="drill"),
            lambda: networks.find("r1:network:1"),
        ),
        "create subnet": (
            lambda: networks.create_subnet(**subnet),
            lambda: networks.find_subnet("r1:subnet:1"),
        ),
        "create volume": (
            lambda: site.volumes.create_blank(blank),
            lambda: site.volumes.find(volume_tag),
        ),
        "copy": (
            lambda: site.volumes.copy(**copy, metadata={}),
            lambda: site.volumes.find(volume_tag),
        ),
    }


@pytest.mark.parametrize(
    ("effect", "is_made"),
    [
        (Effect.DROP, False),
        (Effect.DROP_AFTER, True),
        (Effect.ANSWER, False),
        (Effect.ANSWER_AFTER, True),
    ],
    ids=lambda case: getattr(case, "name", ""),
)
@pytest.mark.parametrize(
    "what",
    [
        "create server",
        "create port",
        "create network",
        "create subnet",
        "create volume",
        "copy",
    ],
)
def test_a_lost_answer_is_told_and_its_effect_found(a, makers, what, effect, is_made):
    """It is asked for once, whatever befalls the answer."""
    make, find = makers[what]
    call = "create volume" if what == "copy" else what
    a.faults.add(Fault(call, effect))

    with pytest.raises(AnswerLost):
        make()

    assert a.faults.calls.count(call) == 1
    assert (find() is not None) is is_made


@pytest.mark.parametrize("what", ["create server", "create port", "create volume"])
def test_a_request_that_hangs_is_given_up(a, site, makers, what):
    """Nothing came of it; who asked looks, and may ask again."""
    make, find = makers[what]
    session = site.connection.session
    usual, session.timeout = session.timeout, 0.3
    a.faults.add(Fault(what, Effect.HANG))
    with pytest.raises(AnswerLost, match="no answer"):
        make()
    session.timeout = usual
    assert find() is None

    make()

    assert find() is not None


@pytest.mark.parametrize("what", ["create server", "create port", "create network"])
def test_a_token_that_has_ended_delays_nothing(a, makers, what):
    """A new one is asked for: nothing was done with the old one."""
    make, find = makers[what]
    a.faults.add(Fault(what, Effect.EXPIRE))

    make()

    assert find() is not None


@pytest.mark.parametrize("effect", [Effect.ANSWER, Effect.DROP, Effect.EXPIRE])
def test_a_new_server_is_waited_for_through_hiccups(a, site, wanted, effect):
    """Nobody gives a server up because its cloud is briefly unwell."""
    a.faults.add(Fault("show server", effect, times=3))

    server_id = site.servers.create(wanted())

    assert a.servers[server_id].vm_state == "active"


def test_a_server_that_was_found_half_made_is_waited_for(a, site, wanted):
    """Its answer was lost; it is found by its key, and not asked for again."""
    a.faults.add(Fault("create server", Effect.DROP_AFTER))
    with pytest.raises(AnswerLost):
        site.servers.create(wanted())

    site.servers.wait(site.servers.find(TAG).id)

    (server,) = a.servers.values()
    assert server.vm_state == "active"


def test_a_network_is_deleted_though_an_agent_put_its_port_back(a, site):
    """Ports of Neutron's own are deleted with it, however often they come."""
    network_id = site.networks.create(tag="r1:network:1", name="drill")
    site.networks.create_subnet(
        tag="r1:subnet:1", network_id=network_id, cidr="192.0.2.0/28"
    )
    port = a.networks.add_port(a.networks.networks[network_id])
    port.device_owner = "network:dhcp"
    a.faults.add(Fault("delete network", Effect.ANSWER, status=409))

    site.networks.delete(network_id)

    assert network_id not in a.networks.networks
    assert port.id not in a.networks.ports


def test_a_network_that_somebody_is_on_stays(a, site, port_on):
    """Nor is its subnet deleted."""
    network_id = site.networks.create(tag="r1:network:1", name="drill")
    subnet_id = site.networks.create_subnet(
        tag="r1:subnet:1", network_id=network_id, cidr="192.0.2.0/28"
    )
    site.ports.create(port_on(network_id=network_id))

    for delete, thing_id in (
        (site.networks.delete, network_id),
        (site.networks.delete_subnet, subnet_id),
    ):
        with pytest.raises(Conflict, match="Unable to complete operation"):
            delete(thing_id)

    assert subnet_id in a.networks.subnets


def test_what_is_not_there_is_deleted_already(a, site):
    """Whatever it was; and what is there stays."""
    there = set(a.networks.networks), set(a.networks.subnets)

    for delete in (
        site.networks.delete,
        site.networks.delete_subnet,
        site.ports.delete,
        site.servers.delete,
    ):
        delete("5f1c6a4e-1111-4c1f-8a55-000000000001")

    assert (set(a.networks.networks), set(a.networks.subnets)) == there
    assert all(there)


def test_user_data_that_is_too_long_is_refused_without_being_shown(site, wanted):
    """Nova would repeat it."""
    with pytest.raises(CloudError, match="longer than the 65535") as caught:
        site.servers.create(wanted(user_data=b"secret" * 10_000))

    assert "c2VjcmV0" not in str(caught.value)
    assert site.servers.find(TAG) is None


def test_a_cloud_without_a_neutron_has_no_ports(a, site, monkeypatch, port_on):
    """None are found, and none can be made."""
    monkeypatch.setattr(
        site.connection.config, "get_session_endpoint", lambda service: None
    )

    assert site.ports.marked() == site.networks.marked() == ()
    assert site.ports.find(PORT_TAG) is None
    with pytest.raises(Unsupported, match="has no Neutron"):
        site.ports.create(port_on())
