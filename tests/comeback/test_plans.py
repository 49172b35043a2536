"""What a group's coming back is planned to be, from a manifest and a mapping."""

import attrs
import pytest

from tests.manifests import SMALL
from vnfdr.mapping import AgentProbe
from vnfdr.plan import Lasting, dump_plan, load_plan
from vnfdr.recipes import clone_plan, recover_plan, rehearse_plan


def headings(plan):
    return [phase.name for phase in plan.phases]


def test_a_recovery_reads_from_top_to_bottom_as_what_happens(coming):
    """Records oldest first, volumes, bytes, ports, then tier by tier."""
    text = str(recover_plan(coming()))

    said = [line.split(maxsplit=1)[1] for line in text.splitlines() if "    " in line]
    assert text.startswith("recover 'ims' at 'site-b' from point p1\n  run r1\n")
    assert said == [
        "import the record of full backup b-v-db of 'v-db'",
        "import the record of full backup b-v-data of 'v-data'",
        "import the record of full backup b-v-app of 'v-app'",
        "import the record of increment b-data-2 of 'v-data'",
        "create a blank volume for 'v-db': 1 GiB, of type 'ssd'",
        "create a blank volume for 'v-data': 1 GiB, of type 'ssd'",
        "create a blank volume for 'v-app': 1 GiB, of type 'ssd'",
        "restore backup b-v-db into the volume for 'v-db'",
        "restore backup b-data-2 into the volume for 'v-data'",
        "restore backup b-v-app into the volume for 'v-app'",
        *(
            f"give the volume for '{name}' its name, metadata and image properties,"
            " bootable"
            for name in ("v-db", "v-data", "v-app")
        ),
        "create a port for 'db' on 'oam' with 10.0.0.5, fa:16:3e:00:00:05",
        "create a port for 'app' on 'oam' with 10.0.0.6, fa:16:3e:00:00:06",
        "boot 'db' as 'm1.small' from 2 volumes",
        "probe 'db': its agent answers, by 'libvirt', within 60 s",
        "probe 'db': port 5432 accepts connections, within 60 s",
        "wait until somebody says yes: Is the standby promoted?",
        "boot 'app' as 'm1.small' from 1 volume",
        "probe 'app': http://{address}/ is answered with 200, within 900 s",
    ]


def test_a_recovery_previews_its_calls_and_no_window(coming):
    """Nobody is held still when a group comes back."""
    told = str(recover_plan(coming()).preview())

    assert "POST /backups/import_record  b-v-db" in told
    assert "window" not in told


def test_a_recovery_is_provisional_and_says_what_to_mind(coming):
    """The site it came from must be down; records stay; one call takes it back."""
    plan = recover_plan(coming())

    told = "\n".join(plan.remarks)
    assert plan.lasting is Lasting.PROVISIONAL
    assert plan.group == "ims"
    assert "'site-a' must be down" in told
    assert "records that are imported stay" in told
    assert "vnfdr commit r1" in told
    assert "vnfdr take-back r1" in told


def test_no_more_is_restored_at_once_than_was_said(coming):
    """A backup store has its limits, and so has its operator."""
    plan = recover_plan(coming(restores_at_once=2))

    assert {phase.name: phase.at_once for phase in plan.phases}["restore"] == 2


def test_quotas_count_only_the_records_that_are_not_there_yet(coming):
    """A second rehearsal does not need room for what the first one imported."""
    known = frozenset({"b-v-db", "b-v-data"})

    (quota,) = [p for p in recover_plan(coming(known=known)).parts if p.kind == "quota"]

    assert quota.needs == {
        "volumes": 3,
        "gigabytes": 3,
        "volumes_ssd": 3,
        "gigabytes_ssd": 3,
        "backups": 2,
        "backup_gigabytes": 2,
    }


def test_nova_is_asked_for_room_for_all_servers(coming):
    """Their flavors say how much that is."""
    (room,) = [part for part in recover_plan(coming()).parts if part.kind == "room"]

    assert (room.servers, room.cores) == (2, 2 * SMALL.vcpus)
    assert room.ram_mib == 2 * SMALL.ram_mib


def network_room(plan):
    (room,) = [part for part in plan.parts if part.kind == "network room"]
    return room.needs


def test_neutron_is_asked_for_room_for_all_that_is_made(coming):
    """In isolation networks, subnets and the ports of their DHCP agents as well."""
    isolated = coming(prefix="rehearsal-", isolated=True)

    assert network_room(recover_plan(coming())) == {"port": 2}
    assert network_room(rehearse_plan(isolated)) == {
        "network": 1,
        "subnet": 1,
        "port": 3,
    }


def test_a_rehearsal_is_on_networks_of_its_own(coming):
    """The same addresses, and no way to or from the networks of the site."""
    plan = rehearse_plan(coming(prefix="rehearsal-", isolated=True))

    text = str(plan)
    assert plan.lasting is Lasting.TRIAL
    assert "create network 'rehearsal-oam', which leads nowhere" in text
    assert "create subnet 10.0.0.0/24 for 'oam', without a gateway" in text
    assert "port for 'rehearsal-db' on 'rehearsal-oam' with 10.0.0.5, fa:16" in text
    ports = [step.port for step in plan.steps if step.kind == "create port"]
    assert {port.network_id for port in ports} == {"r1:network:0"}
    assert {a.subnet_id for port in ports for a in port.addresses} == {"r1:subnet:0-0"}


def test_a_rehearsal_asks_nothing_that_the_group_itself_could_answer(coming):
    """At the same addresses the real servers may be at work."""
    plan = rehearse_plan(coming(prefix="rehearsal-", isolated=True))

    probes = [step.probe for step in plan.steps if step.kind == "probe server"]
    assert probes == [AgentProbe("libvirt")]
    assert any("TCP and HTTP are left out" in remark for remark in plan.remarks)


def test_a_rehearsal_is_in_no_other_runs_way(coming):
    """A group is protected and failed over while it is rehearsed."""
    plan = rehearse_plan(coming(prefix="rehearsal-", isolated=True))

    assert plan.group == ""


def test_a_clone_restores_nothing(group, coming):
    """It is made from what was kept: of snapshots, to which nobody can have written."""
    root, data, app = group.disks
    kept = (
        attrs.evolve(root, copy_id="c-1", snapshot_id="s-1"),
        attrs.evolve(data, snapshot_id="s-2"),
        attrs.evolve(app, copy_id="c-3"),
    )
    whole = attrs.evolve(group, disks=kept)

    plan = clone_plan(coming(manifest=whole, prefix="clone-", isolated=True))

    assert headings(plan)[:2] == ["create volumes", "repair what Cinder leaves out"]
    titles = [step.title for step in plan.phases[0].steps]
    assert titles == [
        "create a volume for 'v-db' from the kept snapshot s-1",
        "create a volume for 'v-data' from the kept snapshot s-2",
        "create a volume for 'v-app' from the kept copy c-3",
    ]


@pytest.mark.parametrize("recipe", [recover_plan, rehearse_plan, clone_plan])
def test_a_plan_is_written_down_and_read_again(coming, recipe):
    """What a journal holds is what was planned, whoever reads it."""
    plan = recipe(coming(prefix="x-", isolated=True))

    assert load_plan(dump_plan(plan)) == plan


def test_a_point_that_is_not_consistent_is_called_so(group, coming):
    """Who lets it be taken reads it again in the plan."""
    voided = attrs.evolve(group.certificate, voided="the failsafe thawed")

    plan = recover_plan(coming(manifest=attrs.evolve(group, certificate=voided)))

    assert "point p1 is NOT CONSISTENT: servers may not agree" in plan.remarks
