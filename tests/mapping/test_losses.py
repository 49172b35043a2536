"""What a group will not have any more is said before, and refuses nothing."""

import attrs
import pytest

from tests.manifests import SMALL, manifest, network, nic, offer, server
from vnfdr.mapping import ServerMapping
from vnfdr.model import Disk, Flavor


def test_between_sites_that_are_alike_nothing_is_lost(losses):
    """Who moves a group as it is hears of no loss."""
    assert losses(manifest(server("db"))) == []


def test_what_no_blueprint_can_carry_is_said(losses):
    """The state of a vTPM is on no volume, a floating address on no port."""
    port = nic(lost=("its floating address 192.0.2.7",))
    group = manifest(server("db", nics=(port,), lost=("the state of its vTPM",)))

    assert losses(group) == [
        "db: the state of its vTPM",
        "db: its floating address 192.0.2.7",
    ]


def test_secrets_that_were_not_kept_are_said(losses):
    """Nobody finds out from a server that does not come up."""
    group = manifest(server("db", has_user_data=True, withheld=("password",)))

    assert losses(group) == [
        "db: metadata that may be secret was not kept: 'password'",
        "db: it had user data, which is not kept, and is given none",
    ]


def test_user_data_that_is_given_is_not_lost(losses, tmp_path):
    """The file stands for what was not kept."""
    path = tmp_path / "user-data"
    path.write_text("#cloud-config")
    group = manifest(server("db", has_user_data=True))

    assert losses(group, servers={"db": ServerMapping(user_data=str(path))}) == []


@pytest.mark.parametrize(
    ("part", "lost"),
    [
        ({"keypairs": {"ops": None}}, "keypair 'ops' of db is left out: no key is put"),
        ({"server_zones": {"az1": None}}, "zone for servers 'az1' of db is left out"),
        ({"server_groups": {"apart": None}}, "server group 'apart' of db is left out"),
        ({"keep_addresses": False}, "db: it gets new addresses in place of 10.0.0.5"),
        ({"keep_macs": False}, "db: it gets new MAC addresses in place of fa:16:3e"),
    ],
    ids=["keypair", "zone", "server group", "addresses", "MACs"],
)
def test_what_is_left_out_on_purpose_is_said(losses, part, lost):
    """Null is an answer, and the judgement says what it costs."""
    group = manifest(server("db", server_group="apart"))

    (told,) = losses(group, offer(server_groups={"apart": "sg"}), **part)

    assert lost in told


def test_a_port_without_its_groups_gets_the_default(losses):
    """Its guests would otherwise hear nobody."""
    told = losses(manifest(server("db")), security_groups={"default": None})

    assert told[-1].endswith("is left: it gets the project's default")


def test_a_server_that_is_smaller_on_purpose_is_said(losses):
    """Half the size may be enough for some hours, and nobody should wonder later."""
    there = offer(flavors={"f-1": SMALL, "f-2": Flavor("tiny", 1, 2048)})

    told = losses(
        manifest(server("db")), there, servers={"db": ServerMapping(flavor="tiny")}
    )

    assert told == ["db: it is smaller: 1 VCPU where it had 2"]


def test_local_disks_and_extra_specs_that_are_lost_are_said(losses):
    """What a flavor promises is lost with the flavor."""
    specs = {"hw:cpu_policy": "dedicated"}
    before = attrs.evolve(SMALL, ephemeral_gib=8, swap_mib=1, extra_specs=specs)
    there = offer(flavors={"f-1": attrs.evolve(SMALL, ephemeral_gib=8)})

    told = losses(manifest(server("db", flavor=before)), there)

    missing, specs = told
    assert missing == "db: it has no local swap disk any more"
    assert specs.startswith(
        "db: flavor 'm1.small' does not say hw:cpu_policy=dedicated"
    )


def test_encrypted_volumes_are_said_to_need_a_key_manager(losses):
    """Restoring one would fail at the end of hours."""
    (told,) = losses(manifest(server("db"), encrypted=True))

    assert told.startswith("volume 'v-db' of db is encrypted: it cannot be restored")


def test_volumes_that_servers_share_need_a_type_for_it(losses):
    """The site's type has to allow it, and one cannot see that from outside."""
    shared = (Disk("v-both"),)

    (told,) = losses(manifest(server("a", disks=shared), server("b", disks=shared)))

    assert told.startswith(
        "volume 'v-both' is shared by a, b: it cannot be unless 'ssd'"
    )


def test_a_right_that_cannot_be_looked_up_is_said(losses):
    """It is a risk, and the user's to take."""
    there = offer(networks=(network(),), may_choose_addresses=None)

    (told,) = losses(manifest(server("db")), there, keep_addresses=True, keep_macs=True)

    assert "choose fixed addresses, MAC addresses; 'oam' is not ours: it may be" in told
