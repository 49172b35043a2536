"""What a mapping is made from: flavors, networks, types, zones, keys and groups."""

import pytest

from tests.contract.cloud import assert_refused, content

FLAVOR = {"id", "name", "vcpus", "ram", "disk", "OS-FLV-EXT-DATA:ephemeral", "swap"}
KEY = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7+nLgWgrvoMcBn0Hj6lqYrYfJ0oGZbHzvZgOgGQ7s/ c"
)


@pytest.fixture
def both(cloud):
    """Those who may ask."""
    return cloud.admin, cloud.member


def test_flavors_tell_their_sizes_and_extra_specs(cloud, both):
    """Sizes are numbers, that of the swap disk too."""
    for user in both:
        found = content(user.nova.get("/flavors/detail"))

        assert found
        assert all(flavor.keys() >= FLAVOR | {"extra_specs"} for flavor in found)
        assert all(f["swap"] >= 0 for f in found)


@pytest.mark.parametrize("service", ["nova", "cinder"])
def test_zones_tell_whether_they_are_up(both, service):
    """Nova's own zone, which nobody can ask for, is not among them."""
    for user in both:
        found = content(getattr(user, service).get("/os-availability-zone"))

        up = [z["zoneName"] for z in found if z["zoneState"]["available"] is True]
        assert up
        assert "internal" not in up


def test_volume_types_have_names_and_one_is_the_default(both):
    """The default is looked up by a name that no type has for an id."""
    for user in both:
        names = {kind["name"] for kind in content(user.cinder.get("/types"))}

        default = content(user.cinder.get("/types/default"))

        assert default["name"] in names


def test_networks_tell_whose_they_are(both):
    """And whether others share them; a subnet tells of which network it is."""
    for user in both:
        networks = content(user.neutron.get("/v2.0/networks"))
        subnets = content(user.neutron.get("/v2.0/subnets"))

        told = {"id", "name", "project_id", "shared", "subnets"}
        assert all(network.keys() >= told for network in networks)
        ids = {network["id"] for network in networks}
        assert {subnet["network_id"] for subnet in subnets} <= ids
        assert all(subnet.keys() >= {"id", "name", "cidr"} for subnet in subnets)


def test_a_project_has_a_security_group_from_the_start(cloud, both):
    """An administrator asks for those of one project by its id."""
    for user in both:
        query = {"project_id": cloud.project_id}
        found = content(user.neutron.get("/v2.0/security-groups", params=query))

        assert "default" in {group["name"] for group in found}
        assert {group["project_id"] for group in found} == {cloud.project_id}


def test_a_keypair_is_its_users(cloud):
    """Another user of the same project does not have it."""
    asked = {"keypair": {"name": "contract", "public_key": KEY}}
    assert cloud.nova.post("/os-keypairs", json=asked).status_code == 201

    mine = content(cloud.nova.get("/os-keypairs"))
    theirs = content(cloud.member.nova.get("/os-keypairs"))

    assert cloud.nova.delete("/os-keypairs/contract").status_code == 204
    assert "contract" in [each["keypair"]["name"] for each in mine]
    assert "contract" not in [each["keypair"]["name"] for each in theirs]


def test_a_server_group_has_a_name_and_an_id(cloud):
    """From 2.64 on it has one policy, and not a list of them."""
    asked = {"server_group": {"name": "contract", "policy": "anti-affinity"}}
    made = content(cloud.nova.post("/os-server-groups", json=asked))

    found = content(cloud.nova.get("/os-server-groups"))

    assert cloud.nova.delete(f"/os-server-groups/{made['id']}").status_code == 204
    assert ("contract", made["id"]) in [(each["name"], each["id"]) for each in found]
    assert made["policy"] == "anti-affinity"


def test_limits_tell_what_is_used(cloud, both):
    """Numbers, of which -1 is without limit, and where nobody counts, not known."""
    for user in both:
        told = content(user.nova.get("/limits"))["absolute"]

        for limit, used in (
            ("maxTotalInstances", "totalInstancesUsed"),
            ("maxTotalCores", "totalCoresUsed"),
            ("maxTotalRAMSize", "totalRAMUsed"),
        ):
            assert told[limit] >= -1
            assert told[used] >= 1 or told[used] == told[limit] == -1


def test_a_policy_that_hides_something_says_so(cloud):
    """A list that one may not see is refused, and not empty."""
    answer = cloud.member.nova.get("/os-availability-zone/detail")

    assert_refused(answer, 403, "forbidden", "os-availability-zone:detail")
