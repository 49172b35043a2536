import pytest
from attrs import evolve
from openstack.exceptions import (
    BadRequestException,
    ConflictException,
    ForbiddenException,
    HttpException,
    NotFoundException,
)

from vnfdr.sandbox import Effect, Fault, Latency

MAC = "fa:16:3e:00:00:01"


@pytest.fixture
def network(connection):
    """The network that a site begins with."""
    return connection.network.find_network("private")


@pytest.fixture
def port(connection, network):
    return connection.network.create_port(network_id=network.id, name="db")


def test_a_site_begins_with_a_network(connection, network):
    """There are a network, a subnet and a security group."""
    (subnet,) = connection.network.subnets(network_id=network.id)
    (group,) = connection.network.security_groups()

    assert (network.subnet_ids, subnet.cidr) == ([subnet.id], "10.0.0.0/16")
    assert (group.name, len(group.security_group_rules)) == ("default", 4)


def test_a_port_gets_an_address(connection, port):
    """It has an address, a MAC address and a security group; nothing is at it."""
    (group,) = connection.network.security_groups()

    assert port.fixed_ips[0]["ip_address"].startswith("10.0.")
    assert port.mac_address.startswith("fa:16:3e:")
    assert (port.security_group_ids, port.status) == ([group.id], "DOWN")


def test_a_port_gets_what_it_asks_for(connection, network):
    """The network's owner chooses the addresses."""
    made = connection.network.create_port(
        network_id=network.id, mac_address=MAC, fixed_ips=[{"ip_address": "10.0.3.7"}]
    )

    assert made.mac_address == MAC
    assert [ip["ip_address"] for ip in made.fixed_ips] == ["10.0.3.7"]


@pytest.mark.parametrize(
    ("asked", "refused", "words"),
    [
        ({"mac_address": "x"}, BadRequestException, "is not a valid MAC address"),
        ({"network_id": "x"}, NotFoundException, "Network x could not be found"),
        ({"security_group_ids": ["x"]}, NotFoundException, "group x does not exist"),
        (
            {"fixed_ips": [{"ip_address": "192.0.2.1"}]},
            BadRequestException,
            "is not a valid IP for any of the subnets",
        ),
        (
            {"fixed_ips": [{"subnet_id": "x"}]},
            NotFoundException,
            "Subnet x could not be found",
        ),
        (
            {"fixed_ips": [{"ip_address": "10.0.0.1"}]},
            ConflictException,
            "IP address 10.0.0.1 already allocated in subnet",
        ),
    ],
)
def test_a_port_that_cannot_be_is_refused(
    a, connection, network, asked, refused, words
):
    """What does not exist, or is somebody's, is refused in Neutron's words."""
    with pytest.raises(refused, match=words):
        connection.network.create_port(**({"network_id": network.id} | asked))

    assert a.networks.ports == {}


def test_addresses_are_of_one_port(connection, network, port):
    """Neither a MAC address nor another one is given twice."""
    with pytest.raises(ConflictException, match=r"mac address .* is in use"):
        connection.network.create_port(
            network_id=network.id, mac_address=port.mac_address
        )
    with pytest.raises(ConflictException, match="already allocated in subnet"):
        connection.network.create_port(network_id=network.id, fixed_ips=port.fixed_ips)


def test_users_choose_no_address_in_networks_of_others(a, member):
    """In a shared network, addresses are for its owner and for administrators."""
    shared = a.networks.add_network(
        "shared", "10.9.0.0/24", project_id="x", shared=True
    )

    assert member.network.create_port(network_id=shared.id).fixed_ips
    with pytest.raises(
        ForbiddenException, match=r"mac_address.* is disallowed by policy"
    ):
        member.network.create_port(network_id=shared.id, mac_address=MAC)
    with pytest.raises(
        ForbiddenException, match=r"fixed_ips.* is disallowed by policy"
    ):
        member.network.create_port(
            network_id=shared.id, fixed_ips=[{"ip_address": "10.9.0.5"}]
        )


def test_a_subnet_of_another_network_is_refused(a, connection, network):
    """A port's addresses are of its own network."""
    other = a.networks.add_network("other", "10.9.0.0/24")
    (subnet,) = a.networks.subnets_of(other.id)

    with pytest.raises(BadRequestException, match="fixed_ips included invalid subnet"):
        connection.network.create_port(
            network_id=network.id, fixed_ips=[{"subnet_id": subnet.id}]
        )


def test_a_failure_is_said_as_neutron_says_it(raw):
    """The envelope is Neutron's, with the type of the failure."""
    answer = raw("GET", "/ports/x", service="network")

    assert answer.status_code == 404
    assert answer.json() == {
        "NeutronError": {
            "type": "PortNotFound",
            "message": "Port x could not be found.",
            "detail": "",
        }
    }


def test_ports_are_found(a, connection, server, port):
    """By name, by device and by address."""
    (bound,) = connection.network.ports(device_id=server.id)
    address = port.fixed_ips[0]["ip_address"]

    assert bound.device_owner == "compute:nova"
    assert [p.id for p in connection.network.ports(name="db")] == [port.id]
    found = connection.network.ports(fixed_ips=f"ip_address={address}")
    assert [p.id for p in found] == [port.id]
    assert connection.network.find_port("db").id == port.id


def test_ports_come_in_pages(connection, network):
    """Whoever follows the links sees every port once."""
    net = connection.network
    made = {net.create_port(network_id=network.id).id for _ in range(5)}

    seen = [port.id for port in net.ports(limit=2)]

    assert (set(seen), len(seen)) == (made, 5)


def test_a_list_has_the_fields_that_are_asked_for(raw, port):
    """Who wants less gets less."""
    (seen,) = raw("GET", "/ports?fields=id", service="network").json()["ports"]

    assert seen == {"id": port.id}


def test_an_unknown_filter_is_refused(raw, port, message):
    """A list that is filtered by nothing would be a wrong one."""
    answer = raw("GET", "/ports?colour=red", service="network")

    assert answer.status_code == 400
    assert message(answer) == "['colour'] is invalid attribute for filtering"


def test_a_port_is_changed(connection, network, port):
    """Names, addresses and security groups can be others."""
    group = connection.network.create_security_group(name="web")
    connection.network.update_port(
        port.id,
        name="app",
        fixed_ips=[{"ip_address": "10.0.0.99"}],
        security_group_ids=[group.id],
        allowed_address_pairs=[{"ip_address": "10.0.0.200"}],
    )

    seen = connection.network.get_port(port.id)

    assert (seen.name, seen.security_group_ids) == ("app", [group.id])
    assert [ip["ip_address"] for ip in seen.fixed_ips] == ["10.0.0.99"]
    pair = {"ip_address": "10.0.0.200", "mac_address": port.mac_address}
    assert seen.allowed_address_pairs == [pair]


def test_things_are_tagged(connection, port):
    """What a run makes can be found by its tag."""
    connection.network.set_tags(port, ["run-1"])

    assert [p.id for p in connection.network.ports(tags="run-1")] == [port.id]
    assert list(connection.network.ports(tags="run-2")) == []


def test_a_network_of_ones_own(a, connection):
    """An isolated network is made and used, and deleted in the right order."""
    net = connection.network
    network = net.create_network(name="drill")
    subnet = net.create_subnet(
        network_id=network.id, cidr="192.0.2.0/29", ip_version=4, gateway_ip=None
    )
    port = net.create_port(network_id=network.id)
    assert (subnet.gateway_ip, port.fixed_ips[0]["ip_address"]) == (None, "192.0.2.1")

    with pytest.raises(ConflictException, match="One or more ports have an IP"):
        net.delete_subnet(subnet, ignore_missing=False)
    with pytest.raises(ConflictException, match="one or more ports still in use"):
        net.delete_network(network, ignore_missing=False)
    net.delete_port(port)
    net.delete_network(network)

    assert list(a.networks.networks.values()) == [a.networks.default]
    assert len(a.networks.subnets) == 1


def test_addresses_run_out(connection):
    """A subnet has as many as it has."""
    net = connection.network
    network = net.create_network(name="tiny")
    net.create_subnet(network_id=network.id, cidr="192.0.2.0/30", ip_version=4)
    net.create_port(network_id=network.id)

    with pytest.raises(ConflictException, match="No more IP addresses available"):
        net.create_port(network_id=network.id)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"cidr": "x"}, "x is not in a CIDR format"),
        ({"cidr": "10.0.7.0/24"}, "overlaps with another subnet"),
        ({"cidr": "192.0.2.0/24", "ip_version": 6}, "does not match the ip_version"),
        (
            {
                "cidr": "192.0.2.0/24",
                "allocation_pools": [{"start": "10.0.0.5", "end": "10.0.0.9"}],
            },
            "allocation pool",
        ),
    ],
)
def test_a_subnet_that_cannot_be_is_refused(connection, network, asked, words):
    """Addresses are addresses, and each is in one subnet of a network."""
    request = {"network_id": network.id, "ip_version": 4} | asked

    with pytest.raises(BadRequestException, match=words):
        connection.network.create_subnet(**request)


def test_security_groups(connection, port):
    """Rules are made once; a group is deleted when no port is in it."""
    net = connection.network
    group = net.create_security_group(name="web")
    rule = {
        "security_group_id": group.id,
        "direction": "ingress",
        "protocol": "tcp",
        "port_range_min": 80,
        "port_range_max": 80,
    }
    made = net.create_security_group_rule(**rule)
    with pytest.raises(ConflictException, match=f"Rule id is {made.id}"):
        net.create_security_group_rule(**rule)
    net.update_port(port.id, security_group_ids=[group.id])
    with pytest.raises(ConflictException, match="in use"):
        net.delete_security_group(group.id, ignore_missing=False)

    net.update_port(port.id, security_group_ids=[])
    net.delete_security_group_rule(made.id)
    net.delete_security_group(group.id)

    assert [g.name for g in net.security_groups()] == ["default"]
    assert len(list(net.security_group_rules())) == 4


def test_the_default_group_stays(connection):
    """It is neither made nor deleted."""
    (group,) = connection.network.security_groups()

    with pytest.raises(ConflictException, match="already exists"):
        connection.network.create_security_group(name="default")
    with pytest.raises(ConflictException, match="removing default security group"):
        connection.network.delete_security_group(group.id, ignore_missing=False)


def test_quotas_are_kept(a, connection, network):
    """Neutron answers 409 when one is used up."""
    connection.network.update_quota(a.project_id, port=0)

    with pytest.raises(ConflictException, match="Quota exceeded for resources"):
        connection.network.create_port(network_id=network.id)

    told = connection.network.get_quota(a.project_id, details=True)
    assert told.ports == {"limit": 0, "used": 0, "reserved": 0}


def test_extensions_are_told(connection):
    """Whoever asks what this Neutron can is told."""
    assert connection.network.find_extension("port-security").alias == "port-security"
    assert connection.network.find_extension("teleport") is None


def test_faults_find_neutrons_calls(a, connection, network):
    """A call can be refused like any other, by the name of what it is about."""
    a.faults.add(Fault("create port", Effect.ANSWER, resource="db", status=500))

    connection.network.create_port(network_id=network.id, name="app")
    with pytest.raises(HttpException, match="told to fail"):
        connection.network.create_port(network_id=network.id, name="db")


def test_a_server_is_given_a_port(a, connection, boot, volumes, port, until):
    """A port that existed before is bound, and stays when the server goes."""
    made = boot("app", volumes, networks=[{"port": port.id}])
    until(lambda: a.servers[made.id].vm_state == "active")
    seen = connection.network.get_port(port.id)
    assert (seen.device_id, seen.status) == (made.id, "ACTIVE")
    (interface,) = connection.compute.server_interfaces(made.id)
    assert interface.mac_addr == port.mac_address

    connection.compute.delete_server(made.id)
    until(lambda: not a.servers)

    seen = connection.network.get_port(port.id)
    assert (seen.device_id, seen.status) == ("", "DOWN")


def test_a_server_gets_a_port_of_a_network(
    a, connection, boot, volumes, network, until
):
    """A port that Nova made goes with its server."""
    group = connection.network.create_security_group(name="web")
    made = boot(
        "app",
        volumes,
        networks=[{"uuid": network.id, "fixed_ip": "10.0.0.77"}],
        security_groups=[{"name": "web"}],
    )
    until(lambda: a.servers[made.id].vm_state == "active")
    seen = connection.compute.get_server(made.id)
    assert [ip["addr"] for ip in seen.addresses["private"]] == ["10.0.0.77"]
    assert seen.security_groups == [{"name": "web"}]
    (port,) = connection.network.ports(device_id=made.id)
    assert port.security_group_ids == [group.id]

    connection.compute.delete_server(made.id)
    until(lambda: not a.servers)

    assert list(connection.network.ports()) == []


def test_any_network_is_the_only_one(a, connection, boot, volumes, until):
    """A server takes the only network there is, and cannot choose between two."""
    made = boot("app", volumes, networks="auto")
    until(lambda: a.servers[made.id].vm_state == "active")
    assert list(connection.compute.get_server(made.id).addresses) == ["private"]

    a.networks.add_network("second", "10.7.0.0/24")
    root = a.add_volume("other", None)
    root.bootable = True
    with pytest.raises(ConflictException, match="More than one possible network"):
        boot("db", [root], networks="auto")


def test_a_port_that_is_in_use(connection, boot, server, volumes):
    """Two servers have no port in common."""
    (port,) = connection.network.ports(device_id=server.id)

    with pytest.raises(ConflictException, match=f"Port {port.id} is still in use"):
        boot("app", volumes, networks=[{"port": port.id}])


def test_a_port_twice(boot, volumes, port):
    """A server has a port once."""
    with pytest.raises(BadRequestException, match="was specified twice"):
        boot("app", volumes, networks=[{"port": port.id}, {"port": port.id}])


def test_an_address_that_is_taken(boot, volumes, port, network):
    """A server gets no address that another has."""
    address = port.fixed_ips[0]["ip_address"]

    with pytest.raises(BadRequestException, match=f"{address} is already in use"):
        boot("app", volumes, networks=[{"uuid": network.id, "fixed_ip": address}])


def test_a_network_without_addresses(connection, boot, volumes):
    """Nova wants a subnet."""
    network = connection.network.create_network(name="empty")

    with pytest.raises(BadRequestException, match="requires a subnet"):
        boot("app", volumes, networks=[{"uuid": network.id}])


def test_an_address_that_is_of_no_subnet(a, boot, volumes, network, until):
    """That is found out while the server is built."""
    wish = {"uuid": network.id, "fixed_ip": "192.0.2.1"}
    made = boot("app", volumes, networks=[wish])

    until(lambda: a.servers[made.id].vm_state == "error")

    assert "Failed to allocate the network(s)" in a.servers[made.id].fault


def test_a_port_that_is_taken_while_a_server_is_built(a, boot, volumes, port, until):
    """Who comes second ends in error."""
    a.latency = evolve(Latency(), boot=4.0)
    made = boot("app", volumes, networks=[{"port": port.id}])
    a.networks.bind(a.networks.ports[port.id], "another server", "a host")

    until(lambda: a.servers[made.id].vm_state == "error")

    assert "Failed to allocate the network(s)" in a.servers[made.id].fault
    assert a.networks.ports[port.id].device_id == "another server"
