"""What is asked of a site, once every name is translated."""

import attrs
import pytest

from tests.manifests import SMALL, manifest, network, nic, offer, server
from vnfdr.cloud import FixedAddress, Network, Subnet
from vnfdr.errors import MappingError
from vnfdr.mapping import BootTier, ServerMapping, TcpProbe
from vnfdr.mapping.matching import suggest_mapping
from vnfdr.mapping.translating import translate
from vnfdr.mapping.translation import NewPort, NewServer, NewVolume
from vnfdr.model import Address, AddressPair


def translated(group, there=None, **changed):
    """Translate by a mapping that is suggested, and then changed."""
    found = suggest_mapping(group, there or offer(), "site-b")
    return translate(attrs.evolve(found, **changed), group, there or offer())


def port_of(*nics, there=None, **changed):
    """Translate the first port of a server that has these."""
    group = manifest(server("db", nics=nics))
    return translated(group, there, **changed).servers[0].ports[0]


def test_every_name_becomes_an_id():
    """Whoever builds requests from it looks nothing up any more."""
    group = manifest(server("db", server_group="apart"))

    found = translated(group, offer(server_groups={"apart": "g-1"}), name="{name}-dr")

    port = NewPort(
        name="",
        network_id="n-oam",
        addresses=(FixedAddress("n-oam-s", "10.0.0.5"),),
        mac_address="fa:16:3e:00:00:05",
        security_group_ids=("sg-1",),
        vnic_type="normal",
    )
    assert found.site == "site-b"
    assert found.servers == (
        NewServer("s-db", "db-dr", "f-1", (port,), "ops", "az1", "g-1"),
    )
    assert found.volumes == (NewVolume("v-db", "ssd", "nova"),)
    assert found.server("s-db").name == "db-dr"
    assert found.volume("v-db").type == "ssd"


def test_tiers_go_by_the_ids_that_servers_had():
    """A name may be another one at the site; an id stays what it was."""
    group = manifest(server("db"), server("app"))
    tiers = (BootTier(("db", "s-app"), (TcpProbe(80, servers=("app",)),), gate="ok?"),)

    found = translated(group, tiers=tiers)

    assert found.tiers == (
        BootTier(("s-db", "s-app"), (TcpProbe(80, servers=("s-app",)),), gate="ok?"),
    )


def test_what_is_said_for_one_server_weighs_more():
    """Its name, its flavor, its keypair and its user data are its own."""
    there = offer(
        flavors={"f-1": SMALL, "f-2": attrs.evolve(SMALL, name="m1.big")},
        keypairs=("ops", "mine"),
    )
    own = {
        "a": ServerMapping("x", "m1.big", "mine", __file__),
        "b": ServerMapping(keypair=None),
    }

    a, b = translated(manifest(server("a"), server("b")), there, servers=own).servers

    assert (a.name, a.flavor_id, a.key_name, a.user_data) == (
        "x",
        "f-2",
        "mine",
        __file__,
    )
    assert (b.name, b.flavor_id, b.key_name, b.user_data) == ("b", "f-1", "", "")


def test_what_is_left_out_is_left_to_the_site():
    """An empty zone is the site's default, and so is a type that nobody named."""
    group = manifest(server("db", server_group="apart"), type="")

    found = translated(
        group,
        server_zones={"az1": None},
        volume_zones={"nova": None},
        keypairs={"ops": None},
        server_groups={"apart": None},
    )

    (new,) = found.servers
    assert (new.availability_zone, new.key_name, new.server_group_id) == ("", "", "")
    assert found.volumes == (NewVolume("v-db", "", ""),)


@pytest.mark.parametrize(
    ("groups", "mapped", "ids"),
    [
        (("a", "b"), {"a": "x", "b": "y"}, ("sg-x", "sg-y")),
        (("a", "b"), {"a": "x", "b": None}, ("sg-x",)),
        (("a", "b"), {"a": "x", "b": "x"}, ("sg-x",)),
        (("a",), {"a": None}, None),
        ((), {}, ()),
    ],
    ids=["both", "one left out", "one for two", "none is left", "it had none"],
)
def test_security_groups_are_translated_one_by_one(groups, mapped, ids):
    """A port that had some never ends up with none, which would let nothing in."""
    there = offer(security_groups={"x": "sg-x", "y": "sg-y"})

    port = port_of(nic(security_groups=groups), there=there, security_groups=mapped)

    assert port.security_group_ids == ids


def test_new_addresses_are_left_to_neutron():
    """Of one subnet there is nothing to choose, and no right is needed."""
    port = port_of(nic(), keep_addresses=False, keep_macs=False)

    assert (port.addresses, port.mac_address) == ((), "")


def test_of_several_subnets_the_one_alike_is_asked_for():
    """A port that was in a subnet does not end up in its neighbour."""
    subnets = (Subnet("s-1", "", "10.9.0.0/24"), Subnet("s-2", "", "10.0.0.0/24"))
    there = offer(networks=(Network("n", "oam", subnets),))

    port = port_of(nic(), there=there, keep_addresses=False)

    assert port.addresses == (FixedAddress("s-2"),)


def test_an_address_that_neutron_makes_of_the_mac_is_not_asked_for():
    """It refuses to be asked, and makes the same one of the same MAC."""
    made = Address("2001:db8::f816:3eff:fe00:5", "v6", "2001:db8::/64")
    port = attrs.evolve(nic(), addresses=(made,))

    found = port_of(port, there=offer(networks=(network(cidr="2001:db8::/64"),)))

    assert found.addresses == (FixedAddress("n-oam-s"),)


def test_a_pair_with_the_old_mac_follows_the_new_one():
    """A virtual address stays usable although the port's MAC is another."""
    pairs = (
        AddressPair("10.0.0.9", "FA:16:3E:00:00:05"),
        AddressPair("10.0.0.8", "0a"),
    )

    port = port_of(nic(allowed_pairs=pairs), keep_macs=False)

    assert port.allowed_pairs == (
        AddressPair("10.0.0.9"),
        AddressPair("10.0.0.8", "0a"),
    )


def test_what_is_wrong_is_not_translated(group, mapping):
    """Nothing half translated ever reaches a plan; all problems are told."""
    wrong = attrs.evolve(mapping, networks={}, tiers=())

    with pytest.raises(MappingError) as refused:
        translate(wrong, group, offer())

    assert refused.value.subject == "group 'ims' cannot be brought to 'site-b'"
    assert len(refused.value.problems) == 4
