"""Everything that is wrong with a mapping is told at once, before it is used."""

import attrs
import pytest

from tests.manifests import SMALL, manifest, network, nic, offer, server
from vnfdr.mapping import ServerMapping
from vnfdr.mapping.judging import validate
from vnfdr.mapping.matching import suggest_mapping
from vnfdr.model import Flavor

ALL_WRONG = """\
group: it is for 'other', and the point is of 'ims'
flavors: the site has no flavor 'm1.smal'; did you mean 'm1.small'?
networks: 'oam' (of db, app-1, app-2) is missing
volume_types: nothing of the group had 'sata'; known: ssd
keypairs: nobody has said what 'ops' (of db, app-1, app-2) becomes
servers: the group has no server 'web'; known: db, app-1, app-2
"""


def test_every_problem_is_told_at_once(problems):
    """One look is enough to mend the whole mapping."""
    told = problems(
        group="other",
        flavors={"m1.small": "m1.smal"},
        networks={},
        volume_types={"ssd": "ssd", "sata": "ssd"},
        keypairs={"ops": ""},
        servers={"web": ServerMapping()},
    )

    assert told == ALL_WRONG.splitlines()


def test_a_judgement_prints_what_to_mend_and_what_is_lost(group, mapping):
    """A shell shows it as it is, a line for each sentence."""
    wrong = attrs.evolve(mapping, networks={}, keypairs={"ops": None})

    text = str(validate(wrong, group, offer()))

    assert text.splitlines()[0].startswith("to mend: networks: 'oam'")
    assert "is lost: keypair 'ops' of db, app-1, app-2 is left out" in text


def test_a_mapping_for_another_site_is_not_used(group, mapping):
    """The names of one site mean nothing, or something else, at the next."""
    judgement = validate(mapping, group, offer(), site_name="site-c")

    assert judgement.problems == ("site: it leads to 'site-b', and this is 'site-c'",)


def test_a_name_that_several_have_needs_an_id(problems):
    """Neutron lets several networks have one name."""
    two = (network(network_id="n-1"), network(network_id="n-2"))

    told = problems(there=offer(networks=two))

    assert told == ["networks: 2 of the site are 'oam'; give an id: n-1, n-2"]
    assert problems(there=offer(networks=two), networks={"oam": "n-2"}) == []


def test_a_flavor_that_is_too_small_is_a_mistake(problems):
    """Unless it is said for the one server: then it is meant."""
    there = offer(flavors={"f-1": SMALL, "f-2": Flavor("tiny", 1, 512)})
    tiny = {"m1.small": "tiny"}
    meant = {name: ServerMapping(flavor="tiny") for name in ("db", "app-1", "app-2")}

    told = problems(there=there, flavors=tiny)

    assert told[0].startswith(
        "flavors: 'tiny' is too small for db: 1 VCPU where it had"
    )
    assert len(told) == 3
    assert problems(there=there, servers=meant) == []


def test_a_flavor_with_disks_of_its_own_is_a_mistake(problems):
    """Nova puts local disks before volumes, whose device names would move."""
    local = attrs.evolve(SMALL, swap_mib=512)

    told = problems(there=offer(flavors={"f-1": local}))

    assert len(told) == 3
    assert "gives db a local swap disk" in told[0]


def test_an_address_must_be_in_a_subnet(problems):
    """A port is not asked for with an address that Neutron has to refuse."""
    elsewhere = offer(networks=(network(cidr="10.9.0.0/24"),))

    told = problems(there=elsewhere)

    assert told[0].startswith(
        "networks: address 10.0.0.5 of db is in no subnet of 'oam'"
    )
    assert problems(there=elsewhere, keep_addresses=False) == []


@pytest.mark.parametrize("own", [True, False])
def test_choosing_addresses_takes_a_right(problems, own):
    """Of a network of another project, only an administrator chooses addresses."""
    there = offer(networks=(network(is_own=own),), may_choose_addresses=False)

    told = problems(there=there)

    refused = "choose fixed addresses, MAC addresses; 'oam' is not ours"
    assert [refused in problem for problem in told] == ([] if own else [True])


def test_two_servers_with_one_name_are_refused(problems):
    """A pattern that forgets the name would call all of them the same."""
    assert problems(name="copy") == [
        "name: db, app-1, app-2 would all be called 'copy'"
    ]
    assert problems(name="{name}-dr") == []


def test_a_name_is_not_too_long(problems):
    """Nova takes 255 characters."""
    (told, *_) = problems(name="{name}" + "x" * 255)

    assert "is longer than 255 characters" in told


def test_a_name_is_not_too_long_with_what_it_begins_with(group, mapping):
    """Rehearsals and clones put a word before it."""
    long = attrs.evolve(mapping, servers={"db": ServerMapping(name="x" * 250)})

    (told,) = validate(long, group, offer(), prefix="clone-").problems

    assert validate(long, group, offer()).passes
    assert "'clone-xxx" in told
    assert "is longer than 255 characters" in told


def test_a_name_is_not_blank(problems):
    """Nova refuses it, once everything else is there."""
    told = problems(servers={"db": ServerMapping(name="  ")})

    assert told == ["servers.db.name: it is blank; leave it out to keep the name"]


def test_user_data_must_be_there_and_not_too_big(problems, tmp_path):
    """A server is not booted without the file that it was to be given."""
    big = tmp_path / "big"
    big.write_bytes(b"x" * 49150)

    told = problems(
        servers={
            "db": ServerMapping(user_data=str(tmp_path / "missing")),
            "app-1": ServerMapping(user_data=str(big)),
        }
    )

    missing, too_big = told
    assert missing.endswith("missing: No such file or directory")
    assert too_big.endswith("big has more than 49149 bytes")


def test_what_is_said_for_one_server_must_be_there(problems):
    """Whatever overrides the mapping is looked up at the site, too."""
    told = problems(servers={"db": ServerMapping(flavor="m9", keypair="mine")})

    assert told == [
        "servers.db: the site has no flavor 'm9'; known: m1.small",
        "servers.db: the site has no keypair 'mine'; known: ops",
    ]


def test_a_server_is_named_once(problems):
    """Its name and its id together would leave open which of the two counts."""
    told = problems(servers={"db": ServerMapping(), "s-db": ServerMapping()})

    assert told == ["servers: 'db' and 's-db' are the same server"]


def test_a_name_that_several_servers_had_needs_an_id():
    """It is not guessed which of them is meant."""
    group = manifest(server("db"), attrs.evolve(server("db"), id="s-2"))
    found = suggest_mapping(group, offer(), "site-b")
    mapping = attrs.evolve(found, servers={"db": ServerMapping()})

    told = validate(mapping, group, offer()).problems

    assert told == (
        "servers: the group has no server 'db'; 2 have the name: give an id: s-db, s-2",
    )


def test_a_site_without_neutron_has_no_networks(problems):
    """Ports cannot be had there, and that is said before."""
    told = problems(there=offer(networks=(), security_groups={}))

    assert told == [
        "networks: the site has no network 'oam'; known: none",
        "security_groups: the site has no security group 'default'; known: none",
    ]


def test_what_servers_do_not_have_needs_no_mapping():
    """A group without ports or keypairs comes to any site."""
    group = manifest(server("db", nics=(), key_name="", availability_zone=""))
    found = suggest_mapping(group, offer(), "site-b")

    assert validate(found, group, offer(networks=(), keypairs=())).problems == ()
    assert nic().network not in found.networks
