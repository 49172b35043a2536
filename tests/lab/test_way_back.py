"""Site a is lost, and the group comes back at site b; then it comes home.

By its name these tests are the last of the lab's: what comes home is a new group.
"""

import shutil
from itertools import pairwise

import attrs
import pytest

import vnfdr
from tests.lab import cloud, guests
from tests.lab.aftermath import Watcher
from tests.lab.conftest import connected
from tests.lab.place import hypervisor, lab
from tests.lab.records import gaps, last_number, violations
from tests.lab.upkeep import inventory
from vnfdr.mapping import AgentProbe, BootTier
from vnfdr.model import BackupPolicy, Keep

TYPE = "restored"
"""The volume type that everything gets at the other site."""

CONTAINER = "swift://site-b/vnfdr-points"

DISASTER_SECONDS_MIN = 20.0
"""No other pause between two records is as long as that of a disaster."""

ZEROS, NOTE = "/data/zeros", "/data/away"
MIB = 4


@attrs.frozen
class Protected:
    """What is known of the group once its site is lost."""

    place: str
    """Where its manifests are, beside the container of the other site."""
    point: str
    """Its second recovery point: increments on the first."""
    stuck: dict
    """By guest: the number of the last record before its window."""
    journal: str
    """What the controller of the lost site knew: it is deleted before the failover."""


@attrs.frozen
class Back:
    """A group that came back: its run, and the guests that it has now."""

    outcome: vnfdr.Outcome
    members: tuple
    records: dict
    """By guest: those on its data volume, and those on its root volume."""
    kernel: dict
    """By guest: what its kernel said."""


def protect(vnf, site, places, journal, domains):
    """Take a recovery point of which nothing is kept at the site itself."""
    policy = BackupPolicy(keep=Keep.NOTHING)
    whole = attrs.evolve(vnf, backup=policy, manifests=places)
    watcher, plan = Watcher(domains), vnfdr.protect(site, whole)
    outcome = vnfdr.run(plan, site, journal=journal, listeners=(watcher,))
    outcome.raise_for_failure()
    return outcome.run, watcher.stuck


def carried_out(plan, site, journal, ledger):
    """Carry a plan out; what it took, phase by phase, is printed at the end."""
    watch = vnfdr.Stopwatch()
    outcome = vnfdr.run(plan, site, journal=journal, listeners=(watch,))
    ledger.reports.append(vnfdr.report_of(outcome, plan, watch))
    outcome.raise_for_failure()
    return outcome


def mapped(manifest, site, **changes):
    """Return how names translate: as suggested, then edited as a person would."""
    tiers = tuple(
        BootTier((server.name,), (AgentProbe("libvirt"),), within_seconds=300.0)
        for server in manifest.servers
    )
    kept = {"keep_addresses": True, "keep_macs": True, "tiers": tiers}
    return attrs.evolve(vnfdr.suggest_mapping(manifest, site), **kept | changes)


def seen(outcome, connection, site):
    """Look at a group that came back, from inside its guests."""
    members = cloud.members(connection)
    cloud.wait_until_talking(members, site)
    with hypervisor(site) as host:
        domains = {m.guest: guests.domain_of(host, m.server_id) for m in members}
        records = {
            guest: tuple(guests.recent(d, volume, 4000) for volume in ("data", "root"))
            for guest, d in domains.items()
        }
        kernel = {guest: guests.run(d, "dmesg") for guest, d in domains.items()}
    return Back(outcome, members, records, kernel)


@pytest.fixture(scope="module")
def protected(vnf, group, site, all_domains, tmp_path_factory):
    """The group, protected twice; then all daemons of its site are stopped."""
    place, journal = map(str, map(tmp_path_factory.mktemp, ("off-site", "runs-a")))
    assert group, "it is at work"
    database = all_domains[cloud.GROUP["db-1"]]
    guests.run(database, f"yes data | head -c {MIB}M >{ZEROS}; sync")
    protect(vnf, site, (place, CONTAINER), journal, all_domains)
    zeros = f"dd if=/dev/zero of={ZEROS} bs=1M count={MIB} conv=notrunc && sync"
    guests.run(database, zeros)
    second, stuck = protect(vnf, site, (place, CONTAINER), journal, all_domains)
    lab("down", "a")
    return Protected(place, second, stuck, journal)


@pytest.fixture(scope="module")
def other_site(protected, site_b):
    """Site b, which has a network and a volume type for whoever comes."""
    assert protected, "site a is lost"
    network, storage = site_b.network, site_b.block_storage
    if storage.find_type(TYPE) is None:
        storage.create_type(name=TYPE)
    if network.find_network(cloud.NETWORK) is None:
        made = network.create_network(name=cloud.NETWORK)
        network.create_subnet(
            network_id=made.id,
            name=cloud.NETWORK,
            ip_version=4,
            cidr=cloud.CIDR,
            gateway_ip=None,
        )
    return vnfdr.connect("site-b")


def everything(connection):
    """Return what there is at a site, by id; networks, subnets and ports, too."""
    kinds = connection.network.networks, connection.network.subnets
    wired = [{found.id for found in kind()} for kind in kinds]
    # A DHCP agent has its own ports, and makes them in its own time.
    ports = {p.id for p in connection.network.ports() if "dhcp" not in p.device_owner}
    return inventory(connection), wired, ports


@pytest.fixture(scope="module")
def rehearsal(protected, other_site, site_b, ledger, tmp_path_factory):
    """A rehearsal, from the container; what was at the site before it, and after."""
    manifest = vnfdr.load_point(CONTAINER, protected.point)
    before = everything(site_b)
    plan = vnfdr.rehearse(manifest, other_site, mapped(manifest, other_site))
    outcome = carried_out(
        plan, other_site, tmp_path_factory.mktemp("rehearsal"), ledger
    )
    return vnfdr.report_of(outcome, plan), before, everything(site_b)


def test_a_rehearsal_leaves_the_site_as_it_was(rehearsal):
    """Only the imported records are there that were not there before."""
    report, (before, wired_before, ports), (after, wired_after, ports_after) = rehearsal

    assert report.verdict is vnfdr.Verdict.COMMITTED
    assert attrs.evolve(after, backups={}) == attrs.evolve(before, backups={})
    assert (wired_after, ports_after) == (wired_before, ports)
    assert len(after.backups) > len(before.backups)


def test_a_rehearsal_tells_how_long_a_failover_takes(rehearsal):
    """The phases are timed, and taking everything back is not part of it."""
    report, *_ = rehearsal

    seconds = {phase.name: phase.seconds for phase in report.phases}
    assert 0 < report.rto_seconds < sum(seconds.values())
    assert sum("boot" in name for name in seconds) == len(cloud.GROUP)


@pytest.fixture(scope="module")
def journal_b(tmp_path_factory):
    """Where site b's runs are recorded: nothing is left of the other controller."""
    return tmp_path_factory.mktemp("runs-b")


@pytest.fixture(scope="module")
def back(rehearsal, protected, other_site, site_b, journal_b, ledger):
    """The group at the other site, from the manifest alone, for real."""
    assert rehearsal
    shutil.rmtree(protected.journal)
    manifest = vnfdr.load_point(protected.place, protected.point)
    types = {disk.volume.type: TYPE for disk in manifest.disks}
    mapping = mapped(manifest, other_site, volume_types=types)
    plan = vnfdr.recover(manifest, other_site, mapping)
    outcome = carried_out(plan, other_site, journal_b, ledger)
    return seen(outcome, site_b, "site-b")


def before_the_disaster(records):
    """Return the records that came with a volume: those before the long pause."""
    pause = gaps(records, least_seconds=DISASTER_SECONDS_MIN)[-1]
    return [record for record in records if record.number <= pause.after.number]


def test_it_comes_back_to_the_last_record(back, protected):
    """Both volumes of each guest end with the last record before its window."""
    for guest, volumes in back.records.items():
        ends = {last_number(before_the_disaster(records)) for records in volumes}

        assert ends <= {protected.stuck[guest] - 1, protected.stuck[guest]}


def test_what_came_back_is_one_moment(back):
    """No record that came back quotes one that did not."""
    cut = {
        guest: tuple(before_the_disaster(records) for records in volumes)
        for guest, volumes in back.records.items()
    }

    assert violations(cut) == []


def test_no_file_system_had_to_recover(back):
    """They were frozen when they were snapshotted: their journals are empty."""
    for said in back.kernel.values():
        assert "EXT4-fs" in said
        assert "recovery complete" not in said


def test_servers_are_booted_in_their_order(back, site_b):
    """Each began its life when the one before it had answered."""
    compute = site_b.compute
    servers = [compute.get_server(member.server_id) for member in back.members]

    for one, next_one in pairwise(servers):
        assert one.launched_at[:19] <= next_one.created_at[:19]


def test_volumes_are_typed_and_bootable_as_mapped(back, site_b):
    """The servers could be created again from them."""
    for member in back.members:
        root, data = map(
            site_b.block_storage.get_volume, (member.root_id, member.data_id)
        )

        assert (root.volume_type, data.volume_type) == (TYPE, TYPE)
        assert (root.is_bootable, data.is_bootable) == (True, False)


def test_zeros_come_back_as_zeros(back):
    """What was overwritten between the two points is not what it was before."""
    with hypervisor("site-b") as host:
        database = guests.domain_of(host, back.members[0].server_id)
        said = guests.run(database, f"tr -d '\\0' <{ZEROS} | wc -c; wc -c <{ZEROS}")

    assert said.split() == ["0", str(MIB << 20)]


@pytest.fixture(scope="module")
def home(back, protected, vnf, site_b, other_site, journal_b, ledger, tmp_path_factory):
    """The group at site a again, with what it did while it was away."""
    vnfdr.confirm(back.outcome.run, journal=journal_b)
    with hypervisor("site-b") as host:
        domains = {m.guest: guests.domain_of(host, m.server_id) for m in back.members}
        guests.run(domains[cloud.GROUP["db-1"]], f"echo away >{NOTE}; sync")
        places = (protected.place,)
        point, stuck = protect(vnf, other_site, places, journal_b, domains)
    cloud.remove_group(site_b)
    lab("up", "a")
    site_a = connected("site-a")
    cloud.remove_group(site_a)
    site = vnfdr.connect("site-a")
    manifest = vnfdr.load_point(protected.place, point)
    plan = vnfdr.recover(manifest, site, mapped(manifest, site))
    outcome = carried_out(plan, site, tmp_path_factory.mktemp("failback"), ledger)
    return seen(outcome, site_a, "site-a"), stuck


def test_it_comes_home_with_what_it_did_while_it_was_away(home):
    """What was written at the other site is there, to the last record."""
    came, stuck = home
    with hypervisor("site-a") as host:
        database = guests.domain_of(host, came.members[0].server_id)
        note = guests.run(database, f"cat {NOTE}")

    assert note.strip() == "away"
    for guest, volumes in came.records.items():
        ends = {last_number(before_the_disaster(records)) for records in volumes}
        assert ends <= {stuck[guest] - 1, stuck[guest]}
