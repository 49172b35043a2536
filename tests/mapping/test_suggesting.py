"""What is suggested where two sites do not have the same names."""

import attrs
import pytest

from tests.manifests import SMALL, manifest, network, offer, server
from vnfdr.mapping import BootTier, ServerMapping
from vnfdr.mapping.judging import validate
from vnfdr.mapping.matching import suggest_mapping
from vnfdr.model import Flavor


def flavors(*several):
    """What a site offers that has these flavors."""
    return offer(flavors={f"f-{each.name}": each for each in several})


def test_the_same_names_stay_as_they_are():
    """Between two sites that are alike there is nothing to decide."""
    group = manifest(server("db"), [server("app-1"), server("app-2")])

    mapping = suggest_mapping(group, offer(), "site-b")

    assert (mapping.site, mapping.group) == ("site-b", "ims")
    assert mapping.flavors == {"m1.small": "m1.small"}
    assert mapping.networks == {"oam": "oam"}
    assert mapping.volume_types == {"ssd": "ssd"}
    assert (mapping.server_zones, mapping.volume_zones) == (
        {"az1": "az1"},
        {"nova": "nova"},
    )
    assert mapping.keypairs == {"ops": "ops"}
    assert mapping.security_groups == {"default": "default"}
    assert validate(mapping, group, offer()).problems == ()


def test_servers_boot_in_the_order_of_the_group():
    """The tiers of the group are a first answer to which servers need which."""
    group = manifest(server("db"), [server("app-1"), server("app-2")])

    mapping = suggest_mapping(group, offer(), "site-b")

    assert mapping.tiers == (BootTier(("db",)), BootTier(("app-1", "app-2")))


@pytest.mark.parametrize(
    ("there", "likest"),
    [
        ([Flavor("a", 4, 4096), Flavor("b", 2, 4096)], "b"),
        ([Flavor("a", 1, 4096), Flavor("b", 8, 8192)], "b"),
        ([Flavor("a", 2, 2048, extra_specs={"x": "y"}), Flavor("b", 4, 4096)], "b"),
        ([Flavor("a", 2, 2048, ephemeral_gib=1), Flavor("b", 4, 4096)], "b"),
        ([Flavor("m1.small", 1, 2048), Flavor("b", 4, 4096)], "b"),
        ([Flavor("m1.small", 4, 4096), Flavor("b", 2, 2048)], "m1.small"),
        ([Flavor("m1.small", 1, 512)], "m1.small"),
        ([Flavor("a", 1, 512)], ""),
    ],
    ids=[
        *("smallest", "big enough", "same extra specs", "no local disk"),
        *("a small namesake", "a namesake", "only a small namesake", "none"),
    ],
)
def test_a_flavor_is_the_smallest_that_is_big_enough(there, likest):
    """A namesake comes first, as long as servers fit into it."""
    mapping = suggest_mapping(manifest(server("db")), flavors(*there), "site-b")

    assert mapping.flavors == {"m1.small": likest}


def test_a_flavor_fits_every_server_that_had_its_namesake():
    """A flavor that was made anew between two servers has two sizes."""
    big = attrs.evolve(SMALL, ram_mib=4096)
    group = manifest(server("old"), server("new", flavor=big))

    mapping = suggest_mapping(group, flavors(SMALL, Flavor("b", 2, 4096)), "site-b")

    assert mapping.flavors == {"m1.small": "b"}


@pytest.mark.parametrize(
    ("there", "likest"),
    [
        ([network("oam", "10.9.0.0/24"), network("x")], "oam"),
        ([network("x"), network("y", "10.9.0.0/24")], "x"),
        ([network("x", "10.9.0.0/24")], "x"),
        ([network("x", "10.8.0.0/24"), network("y", "10.9.0.0/24")], ""),
        (
            [network("oam", "10.9.0.0/24", "n-1"), network("oam", network_id="n-2")],
            "n-2",
        ),
        ([], ""),
    ],
    ids=["namesake", "same subnet", "the only one", "neither", "namesakes", "none"],
)
def test_a_network_is_the_one_with_the_name_or_the_subnet(there, likest):
    """Of several with the name, the one with the subnet is meant, by its id."""
    group = manifest(server("db"))

    mapping = suggest_mapping(group, offer(networks=tuple(there)), "site-b")

    assert mapping.networks == {"oam": likest}


def test_what_has_no_likeness_is_the_default_or_open():
    """A volume has a type, a zone can be left to the site; the rest is for a person."""
    group = manifest(server("db", server_group="apart"), type="fast")
    bare = offer(server_zones=(), volume_zones=(), keypairs=(), security_groups={})

    mapping = suggest_mapping(group, bare, "site-b")

    assert mapping.volume_types == {"fast": "ssd"}
    assert (mapping.server_zones, mapping.volume_zones) == (
        {"az1": None},
        {"nova": None},
    )
    assert (mapping.keypairs, mapping.security_groups) == ({"ops": ""}, {"default": ""})
    assert mapping.server_groups == {"apart": ""}


@pytest.mark.parametrize(
    ("there", "kept"),
    [
        (offer(), (True, True)),
        (offer(networks=(network(cidr="10.9.0.0/24"),)), (False, True)),
        (offer(may_choose_addresses=None), (False, False)),
        (
            offer(networks=(network(is_own=True),), may_choose_addresses=None),
            (True,) * 2,
        ),
    ],
    ids=["an administrator", "other subnets", "somebody else", "an owner"],
)
def test_addresses_stay_where_they_fit_and_may_be_chosen(there, kept):
    """Nothing is asked for that Neutron will refuse after hours of restoring."""
    mapping = suggest_mapping(manifest(server("db")), there, "site-b")

    assert (mapping.keep_addresses, mapping.keep_macs) == kept


def test_servers_with_one_name_go_by_their_ids():
    """Nova lets several servers have one name; a mapping must not confuse them."""
    twin = attrs.evolve(server("db"), id="s-2")

    mapping = suggest_mapping(manifest(server("db"), twin), offer(), "site-b")

    assert [tier.servers for tier in mapping.tiers] == [("s-db",), ("s-2",)]


def test_a_server_with_user_data_has_a_place_for_it():
    """What is not kept is asked for where a person will see it."""
    group = manifest(server("db"), server("app", has_user_data=True))

    mapping = suggest_mapping(group, offer(), "site-b")

    assert mapping.servers == {"app": ServerMapping()}


def test_a_server_without_ports_asks_for_no_network():
    """Where a cloud has no Neutron there is nothing to map."""
    group = manifest(server("db", nics=()))

    mapping = suggest_mapping(group, offer(networks=()), "site-b")

    assert (mapping.networks, mapping.security_groups) == ({}, {})
