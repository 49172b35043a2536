"""What a site has to offer to a group that comes to it."""

import attrs
import pytest

import vnfdr
from vnfdr.cloud import Network, Subnet
from vnfdr.model import Flavor
from vnfdr.sandbox.faults import Effect, Fault
from vnfdr.sandbox.things import Flavor as SandboxFlavor


@pytest.fixture
def offer(site):
    """What site a offers to its administrator, now."""
    return site.catalogue.offer


@pytest.fixture
def to_member(sites):
    """What it offers to somebody who is none."""
    site = vnfdr.connect("site-a-member")
    yield site.catalogue.offer
    site.connection.close()


def test_flavors_are_offered_with_all_that_matters(a, offer):
    """Which one is likest to another is for their sizes and extra specs to say."""
    specs = {"hw:cpu_policy": "dedicated"}
    a.flavors["f-2"] = SandboxFlavor("f-2", "big", 4, 8192, 20, 8, 512, specs)

    found = offer().flavors

    assert found["f-2"] == Flavor("big", 4, 8192, 20, 8, 512, specs)
    assert {flavor.name for flavor in found.values()} == {"big", "sandbox.small"}


def test_networks_are_offered_that_ports_can_be_made_on(a, offer, to_member):
    """Not those of other projects, nor the external ones of somebody else."""
    a.networks.add_network("theirs", "10.1.0.0/24", project_id="other")
    a.networks.add_network("outside", project_id="other").external = True
    shared = a.networks.add_network(
        "shared", "10.2.0.0/24", project_id="other", shared=True
    )
    (subnet,) = a.networks.subnets_of(shared.id)

    for found in (offer().networks, to_member().networks):
        own, other = found
        assert (own.name, own.is_own, len(own.subnets)) == ("private", True, 1)
        there = Subnet(subnet.id, "shared-subnet", "10.2.0.0/24")
        assert other == Network(shared.id, "shared", (there,), is_own=False)


def test_volume_types_and_the_default_are_offered(a, offer):
    """A volume that nobody knows a type for has the default."""
    a.types.add_volume_type("fast")

    found = offer()

    assert sorted(found.volume_types) == ["fast", "sandbox"]
    assert found.default_volume_type == "sandbox"


def test_the_zones_of_servers_and_volumes_are_offered(offer):
    """Nova and Cinder have zones of their own, which may have other names."""
    found = offer()

    assert (found.server_zones, found.volume_zones) == (("nova",), ("nova",))


def test_keypairs_are_the_users_own(connection, offer, to_member):
    """A server can only be given a key that its creator has."""
    connection.compute.create_keypair(name="ops", public_key="ssh-rsa AAAA ops")

    assert offer().keypairs == ("ops",)
    assert to_member().keypairs == ()


def test_groups_are_offered_with_their_ids(a, connection, offer):
    """Of two with one name, each goes by its id, and neither by the name."""
    apart = connection.compute.create_server_group(name="apart", policy="anti-affinity")
    twins = {a.networks.add_group("web").id for _ in range(2)}

    found = offer()

    assert found.server_groups == {"apart": apart.id}
    default = a.networks.default_group.id
    assert found.security_groups == {"default": default, **{t: t for t in twins}}


def test_groups_of_other_projects_are_not_offered(a, offer):
    """An administrator is shown them, and a port of ours cannot be in one."""
    theirs = a.networks.add_group("theirs")
    theirs.project_id = "other"

    assert "theirs" not in offer().security_groups


def test_only_an_administrator_surely_may_choose_addresses(offer, to_member):
    """For others it depends on whose network it is, and on what Neutron allows."""
    assert offer().may_choose_addresses is True
    assert to_member().may_choose_addresses is None


@pytest.mark.parametrize(
    ("call", "left_out"),
    [
        ("list keypairs", "keypairs"),
        ("list flavors", "flavors"),
        ("show volume type", "default_volume_type"),
        ("list networks", "networks"),
        ("list security groups", "security_groups"),
        ("list compute zones", "server_zones"),
    ],
)
def test_what_one_may_not_see_is_left_out(a, connection, offer, call, left_out):
    """A policy that hides one thing does not hide the rest."""
    connection.compute.create_keypair(name="ops", public_key="ssh-rsa AAAA ops")
    whole = offer()
    a.faults.add(Fault(call, Effect.ANSWER, status=403))

    part = offer()

    assert not getattr(part, left_out)
    assert attrs.evolve(part, **{left_out: getattr(whole, left_out)}) == whole


def assert_told(found, told):
    """Each sentence begins as it should, and there are no others."""
    assert len(found) == len(told)
    assert all(f.startswith(t) for f, t in zip(found, told, strict=True))


@pytest.mark.parametrize(
    ("limit", "wanted", "told"),
    [
        ({}, {"port": 99, "network": 9}, []),
        ({"port": -1, "network": 3}, {"port": 99, "network": 2}, []),
        (
            {"port": 3, "network": 1},
            {"port": 3, "network": 1, "subnet": 9},
            [
                "Neutron's quota for ports leaves 2 free and 3 are needed",
                "Neutron's quota for networks leaves 0 free and 1 are needed",
            ],
        ),
        (
            {"port": 0},
            {"port": 1},
            ["Neutron's quota for ports leaves 0 free and 1 are needed"],
        ),
    ],
)
def test_network_room_is_what_the_quotas_of_neutron_leave(a, site, limit, wanted, told):
    """Every limit that is in the way is told at once; one below zero has no end."""
    a.add_server("there")
    a.networks.quotas |= limit

    found = site.catalogue.network_room_for(wanted)

    assert_told(found, told)


@pytest.mark.parametrize("status", [403, 404])
def test_a_neutron_that_tells_no_usage_forbids_nothing(a, site, status):
    """It is an extension, and some may not see it."""
    a.networks.quotas["port"] = 0
    a.faults.add(Fault("show network quotas", Effect.ANSWER, status=status))

    assert site.catalogue.network_room_for({"port": 1}) == ()


@pytest.mark.parametrize(
    ("limit", "wanted", "told"),
    [
        ({}, (9, 99, 99_999), []),
        ({"instances": 3}, (2, 2, 1024), []),
        (
            {"instances": 3},
            (3, 3, 1024),
            ["Nova's quota for servers leaves 2 free and 3"],
        ),
        (
            {"cores": 1, "ram": 600},
            (1, 1, 512),
            [
                "Nova's quota for cores leaves 0 free and 1 are",
                "Nova's quota for memory in MiB leaves 88 free and 512 are",
            ],
        ),
    ],
)
def test_room_is_what_the_limits_of_nova_leave(a, site, limit, wanted, told):
    """Every limit that is in the way is told at once."""
    a.add_server("there")
    a.compute_quotas |= limit

    found = site.catalogue.room_for(*wanted)

    assert_told(found, told)
