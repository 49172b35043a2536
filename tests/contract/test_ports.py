"""Neutron's networks, subnets and ports, as a recovery asks for them."""

import re

import pytest

from tests.contract.cloud import NOBODY, content

MARK = "vnfdr-key=r:{}:1"
MAC = "fa:16:3e:00:00:2a"


@pytest.fixture(scope="module")
def make(cloud):
    """Create something of Neutron's; all of it is gone afterwards."""
    there = []

    def make(noun, **asked):
        answer = cloud.neutron.post(f"/v2.0/{noun}s", json={noun: asked})
        if answer.status_code == 201:
            there.append(f"/v2.0/{noun}s/{content(answer)['id']}")
        return answer

    yield make
    for path in reversed(there):
        assert cloud.neutron.delete(path).status_code in {204, 404}


@pytest.fixture(scope="module")
def network_id(make):
    asked = {"name": "drill", "description": MARK.format("network")}
    return content(make("network", **asked))["id"]


@pytest.fixture(scope="module")
def subnet(make, network_id):
    """Its addresses; no gateway leads out of it, and no DHCP agent has one of them."""
    about = {"network_id": network_id, "cidr": "192.0.2.0/28", "ip_version": 4}
    mark = MARK.format("subnet")
    asked = {**about, "gateway_ip": None, "enable_dhcp": False, "description": mark}
    return content(make("subnet", **asked))


@pytest.fixture(scope="module")
def port(make, network_id, subnet):
    """A port with addresses that were asked for."""
    address = {"subnet_id": subnet["id"], "ip_address": "192.0.2.9"}
    asked = {
        "network_id": network_id,
        "name": "eth0",
        "description": MARK.format("port"),
        "fixed_ips": [address],
        "mac_address": MAC,
        "allowed_address_pairs": [{"ip_address": "192.0.2.10"}],
    }
    return content(make("port", **asked))


def assert_refused(answer, status, kind, words):
    """Check that Neutron refused something, in its own way."""
    inner = answer.json()["NeutronError"]
    assert (answer.status_code, inner["type"]) == (status, kind), answer.text
    assert re.search(words, inner["message"]), inner["message"]


def test_without_a_gateway_all_addresses_are_given_out(subnet):
    """The first one, too."""
    assert subnet["gateway_ip"] is None
    assert subnet["allocation_pools"] == [{"start": "192.0.2.1", "end": "192.0.2.14"}]


def test_a_port_is_what_was_asked_for(port, subnet):
    """Its addresses, and those that its guest may use beside them."""
    address = {"subnet_id": subnet["id"], "ip_address": "192.0.2.9"}
    assert (port["fixed_ips"], port["mac_address"]) == ([address], MAC)
    pair = {"ip_address": "192.0.2.10", "mac_address": MAC}
    assert port["allowed_address_pairs"] == [pair]
    assert (port["binding:vnic_type"], port["device_id"]) == ("normal", "")


def test_a_port_is_filtered_unless_it_is_said(make, network_id, port):
    """It is in the default group, or in those that were named, or in none."""
    usual = content(make("port", network_id=network_id))
    none = content(make("port", network_id=network_id, security_groups=[]))
    off = content(make("port", network_id=network_id, port_security_enabled=False))

    assert (usual["port_security_enabled"], len(usual["security_groups"])) == (True, 1)
    assert (none["port_security_enabled"], none["security_groups"]) == (True, [])
    assert (off["port_security_enabled"], off["security_groups"]) == (False, [])


@pytest.mark.parametrize("noun", ["network", "subnet", "port"])
def test_things_are_found_by_their_description(cloud, port, noun):
    """By all of it; part of it finds nothing."""
    mark, query = MARK.format(noun), {"project_id": cloud.project_id}
    for user in (cloud.admin, cloud.member):
        found, none = (
            content(
                user.neutron.get(f"/v2.0/{noun}s", params=query | {"description": d})
            )
            for d in (mark, mark[:-1])
        )

        assert [each["description"] for each in found] == [mark]
        assert none == []


@pytest.mark.parametrize(
    ("asked", "status", "kind", "words"),
    [
        ({"ip_address": "198.51.100.1"}, 400, "InvalidIpForNetwork", "not a valid IP"),
        ({"ip_address": "192.0.2.9"}, 409, "IpAddressAlreadyAllocated", "already"),
        ({"subnet_id": NOBODY}, 404, "SubnetNotFound", "could not be found"),
    ],
)
def test_an_address_that_cannot_be_had(
    make, network_id, port, asked, status, kind, words
):
    """It is of no subnet, or somebody's."""
    answer = make("port", network_id=network_id, fixed_ips=[asked])

    assert_refused(answer, status, kind, words)


def test_an_address_is_of_the_subnet_that_was_named(make, network_id, subnet):
    """Neutron says so in other words than where none was named."""
    address = {"subnet_id": subnet["id"], "ip_address": "198.51.100.1"}

    answer = make("port", network_id=network_id, fixed_ips=[address])

    assert_refused(answer, 400, "InvalidIpForSubnet", "is not a valid IP")


def test_a_mac_address_is_of_one_port(make, network_id, port):
    """On one network."""
    answer = make("port", network_id=network_id, mac_address=MAC)

    assert_refused(answer, 409, "MacAddressInUse", "is in use")


def test_what_neutron_does_not_know_is_refused(make, network_id):
    """So would port security be, where there is none."""
    answer = make("port", network_id=network_id, nonsense=1)

    assert_refused(answer, 400, "HTTPBadRequest", r"Unrecognized attribute\(s\)")


def project(cloud):
    """Return the query for what is the project's own."""
    return {"project_id": cloud.project_id}


@pytest.mark.parametrize("who", ["admin", "member"])
def test_neutron_tells_what_is_used(cloud, make, network_id, who):
    """Each new port counts, and a member may see that of the own project."""

    def port():
        path = f"/v2.0/quotas/{cloud.project_id}/details"
        quotas = content(getattr(cloud, who).neutron.get(path))
        assert quotas.keys() >= {"network", "subnet", "port"}
        return quotas["port"]

    before = port()
    assert before.keys() == {"limit", "used", "reserved"}

    assert make("port", network_id=network_id).ok

    assert port()["used"] == before["used"] + 1


def test_no_port_beyond_the_quota(cloud, make, network_id):
    """It is a conflict by its status, and not by its words."""
    path = f"/v2.0/quotas/{cloud.project_id}"
    before = content(cloud.neutron.get(path))["port"]
    there = content(cloud.neutron.get("/v2.0/ports", params=project(cloud)))
    # It may not be less than there are.
    assert cloud.neutron.put(path, json={"quota": {"port": len(there)}}).ok

    answer = make("port", network_id=network_id)

    assert cloud.neutron.put(path, json={"quota": {"port": before}}).ok
    assert_refused(
        answer, 409, "OverQuota", r"Quota exceeded for resources: \['port'\]"
    )


def test_a_network_with_a_port_stays(cloud, network_id, port, subnet):
    """And so does its subnet."""
    for noun, thing_id in (("network", network_id), ("subnet", subnet["id"])):
        answer = cloud.neutron.delete(f"/v2.0/{noun}s/{thing_id}")

        kind = f"{noun.capitalize()}InUse"
        assert_refused(answer, 409, kind, "Unable to complete operation")


def test_a_network_takes_its_subnets_along_and_the_ports_of_dhcp(cloud, make):
    """Nobody else has to delete those first."""
    network = content(make("network", name="short"))
    about = {"network_id": network["id"], "cidr": "192.0.2.0/28", "ip_version": 4}
    subnet = content(make("subnet", **about, enable_dhcp=False))
    owner = {"device_owner": "network:dhcp", "device_id": "reserved_dhcp_port"}
    port = content(make("port", network_id=network["id"], **owner))

    answer = cloud.neutron.delete(f"/v2.0/networks/{network['id']}")

    assert answer.status_code == 204
    for path in (f"subnets/{subnet['id']}", f"ports/{port['id']}"):
        assert cloud.neutron.get(f"/v2.0/{path}").status_code == 404
