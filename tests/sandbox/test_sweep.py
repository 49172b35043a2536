"""What runs left behind at a site is found, and only what nobody wants is deleted."""

from datetime import timedelta

import pytest
from attrs import evolve
from cinderclient.client import Client

import vnfdr
from vnfdr.cloud import GROUP, KEY, KEY_SIGN, POINT, VERDICT, BackupRequest
from vnfdr.errors import InputError
from vnfdr.plan.codec import dump_value
from vnfdr.plan.ending import Ending
from vnfdr.plan.journal import Entry, Fact
from vnfdr.sandbox import Effect, Fault
from vnfdr.sweeping import Fate
from vnfdr.sweeping.removal import remove

DAY = 86_400
STRANGER = "20250101T000000Z-abcdef"


@pytest.fixture
def journals(tmp_path):
    """Where runs are recorded."""
    return vnfdr.open_journals(tmp_path / "journal")


@pytest.fixture
def plan(server, site):
    """The plan of a recovery point of one server."""
    member = vnfdr.Member("db", "sandbox", "filesystem")
    return vnfdr.protect(site, vnfdr.Group.of("vnf", [member]))


@pytest.fixture
def protect(plan, site, journals):
    """Take the recovery point."""

    def run():
        return vnfdr.run(plan, site, journal=journals, failsafe=False)

    return run


@pytest.fixture
def broken(plan, journals):
    """The name of a run that was taken back, and left nothing."""
    with journals.begin(plan) as journal:
        ending = dump_value(Ending(vnfdr.Verdict.COMPENSATED, "backup", "no room"))
        journal.append(Entry(plan.id, Fact.ENDED, note=ending))
    return plan.id


@pytest.fixture
def sweep(site, journals):
    """Look at the site, and perhaps delete."""

    def look(**said):
        return vnfdr.sweep(site, journal=journals, **said)

    return look


@pytest.fixture
def late(a, site, volume, until):
    """A snapshot whose request, of any run, is heard only now."""

    def arrive(run, **other):
        key = f"{run}:snapshot:{volume.id}"
        metadata = {POINT: run, GROUP: "vnf"}
        made = site.snapshots.request(volume.id, tag=key, metadata=metadata)
        site.snapshots.stamp(made, other)
        until(lambda: a.snapshots[made].status == "available")
        return a.snapshots[made]

    return arrive


@pytest.fixture
def theirs(a, cinder, volume, until):
    """A snapshot that somebody took without us."""
    made = cinder.volume_snapshots.create(volume.id, force=True, name="mine").id
    until(lambda: a.snapshots[made].status == "available")
    return a.snapshots[made]


@pytest.fixture
def late_backup(a, site, theirs):
    """A backup whose request, of any run, is heard only now."""

    def arrive(run, *, incremental=False):
        request = BackupRequest(
            tag=f"{run}:backup:{theirs.volume_id}",
            volume_id=theirs.volume_id,
            snapshot_id=theirs.id,
            incremental=incremental,
            metadata={POINT: run, GROUP: "vnf"},
        )
        return a.backups[site.backups.create(request, timeout_seconds=5)]

    return arrive


def fates(swept):
    """What becomes of everything, by id."""
    return {found.thing.id: found.fate for found in swept.found}


def test_what_was_heard_after_its_run_is_swept(a, site, protect, sweep, until):
    """An answer was lost, and nothing was found: the run is over when it comes.

    Its journal cannot know of it, and nobody will come back to it.
    """
    session = site.connection.session
    usual, session.timeout = session.timeout, 0.3
    a.faults.add(Fault("create snapshot", Effect.DELAY, seconds=30.0))
    outcome = protect()
    session.timeout = usual
    assert (outcome.verdict, a.made) == (vnfdr.Verdict.COMPENSATED, [])
    until(lambda: a.made)

    seen, swept = sweep(), sweep(delete=True)

    (found,) = seen.found
    assert (found.fate, found.run) == (Fate.TO_SWEEP, outcome.run)
    assert [each.fate for each in swept.found] == [Fate.SWEPT]
    assert (a.made, swept.clean, sweep().found) == ([], True, ())


def test_looking_deletes_nothing(a, broken, late, sweep):
    """Unless one asks for it."""
    snapshot = late(broken)

    swept = sweep()

    assert fates(swept) == {snapshot.id: Fate.TO_SWEEP}
    assert not swept.clean
    assert list(a.snapshots) == [snapshot.id]


def test_a_recovery_point_is_wanted(a, protect, sweep):
    """All that a committed run kept stays."""
    protect()
    before = a.made

    swept = sweep(delete=True)

    assert {found.fate for found in swept.found} == {Fate.WANTED}
    assert (a.made, swept.clean) == (before, True)


def test_a_twin_of_what_is_wanted_goes(a, protect, late, sweep):
    """The recovery point names one of the two; the other is a late one."""
    run = protect().run
    before = a.made

    twin = late(run)
    swept = sweep(delete=True)

    assert [found.thing.id for found in swept.of(Fate.SWEPT)] == [twin.id]
    assert a.made == before


def test_an_unfinished_run_is_to_be_resumed(a, plan, journals, late, sweep):
    """Whether it is under way or dead: what is its own is not touched."""
    with journals.begin(plan) as journal:
        journal.append(Entry("any", Fact.STARTED))
    snapshot = late(plan.id)

    swept = sweep(delete=True)

    (found,) = swept.found
    assert (found.fate, swept.clean) == (Fate.TO_RESUME, False)
    assert f"run {plan.id} has not ended: resume it" in found.reason
    assert snapshot.id in a.snapshots


def test_what_a_stranded_run_names_is_swept(a, protect, sweep):
    """As soon as what kept it is gone; its journal says what that was."""
    a.faults.add(
        Fault("create backup", Effect.ERROR),
        Fault("delete snapshot", Effect.ANSWER, status=403, times=None),
    )
    outcome = protect()
    assert outcome.verdict is vnfdr.Verdict.STRANDED
    a.faults.clear()

    swept = sweep(delete=True)

    assert len(swept.of(Fate.SWEPT)) == len(outcome.leftovers)
    assert all("ended stranded" in found.reason for found in swept.found)
    assert a.made == []


def test_a_damaged_journal_gives_nothing_away(a, broken, journals, late, sweep):
    """What it says of its run cannot be trusted."""
    snapshot = late(broken)
    (journals.directory / f"{broken}.journal").write_bytes(b"rubbish")

    swept = sweep(delete=True, unknown_older_than=timedelta(hours=1))

    assert fates(swept) == {snapshot.id: Fate.UNTOUCHED}
    assert snapshot.id in a.snapshots


def test_another_controllers_run_is_left_alone(a, late, sweep):
    """No journal here knows whether it is under way, dead, or a recovery point."""
    snapshot = late(STRANGER)
    snapshot.created_at -= 9 * DAY

    swept = sweep(delete=True)

    assert fates(swept) == {snapshot.id: Fate.UNKNOWN}
    assert (swept.clean, list(a.snapshots)) == (True, [snapshot.id])


def test_an_old_unknown_run_goes_when_told_so(a, late, sweep):
    """Its newest thing counts, since a run under way makes new ones."""
    old, young = late(STRANGER), late(STRANGER)
    old.created_at -= 9 * DAY

    first = sweep(delete=True, unknown_older_than=timedelta(days=1))
    young.created_at -= 2 * DAY
    second = sweep(delete=True, unknown_older_than=timedelta(days=1))

    assert set(fates(first).values()) == {Fate.UNKNOWN}
    assert set(fates(second).values()) == {Fate.SWEPT}
    assert a.made == []


@pytest.mark.parametrize("verdict", ["consistent", "inconsistent"])
def test_a_point_of_an_unknown_run_never_goes(a, late, sweep, verdict):
    """One of its things has a verdict: it is somebody's, and all of it stays."""
    for other in ({VERDICT: verdict}, {}):
        late(STRANGER, **other).created_at -= 9 * DAY

    swept = sweep(delete=True, unknown_older_than=timedelta(days=1))

    assert set(fates(swept).values()) == {Fate.UNKNOWN}
    assert len(a.snapshots) == 2


def test_who_is_too_eager_is_refused(a, late, sweep):
    """A run at work elsewhere may make nothing new for as long as a backup takes."""
    late(STRANGER)

    with pytest.raises(InputError, match="ask for 1:00:00 or more"):
        sweep(delete=True, unknown_older_than=timedelta(minutes=5))

    assert len(a.snapshots) == 1


def test_what_cannot_be_seen_may_have_the_verdict(a, late_backup, sweep):
    """As long as it cannot be looked at, an unknown run is not swept; that is told."""
    late_backup(STRANGER).created_at -= 9 * DAY
    a.faults.add(Fault("list snapshots", Effect.ANSWER, status=403, times=None))

    swept = sweep(delete=True, unknown_older_than=timedelta(days=1))

    assert set(fates(swept).values()) == {Fate.UNKNOWN}
    assert (len(swept.unseen), swept.clean) == (1, False)
    assert len(a.backups) == 1


def test_what_others_made_is_not_even_seen(a, broken, site, theirs, sweep):
    """Names and metadata of others mean nothing to us."""
    site.snapshots.stamp(theirs.id, {"owner": broken})
    a.add_volume(f"{broken}:volume:of-mine", None)

    assert sweep(delete=True).found == ()
    assert theirs.id in a.snapshots


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"name": "keep this"}, "somebody renamed it"),
        ({"volume_id": "another"}, "of another volume"),
        ({"metadata": {POINT: "p"}}, "not whole"),
    ],
    ids=["renamed", "of another volume", "no key"],
)
def test_a_mark_that_is_not_ours_protects(a, broken, late, sweep, change, why):
    """Whoever copies metadata, or takes a snapshot over, keeps what is theirs."""
    snapshot = late(broken)
    for name, value in change.items():
        setattr(snapshot, name, value)

    swept = sweep(delete=True)

    (found,) = swept.found
    assert (found.fate, swept.clean) == (Fate.UNTOUCHED, True)
    assert why in found.reason
    assert snapshot.id in a.snapshots


def test_what_a_backup_was_restored_into_is_not_ours(a, broken, site, late, sweep):
    """Cinder gives it the metadata, and often the name, of what was backed up."""
    snapshot = late(broken)
    key = f"{broken}:volume:{snapshot.volume_id}"
    made = site.volumes.create(
        tag=key,
        snapshot_id=snapshot.id,
        size_gib=1,
        metadata={POINT: broken, GROUP: "vnf"},
    )
    a.volumes[made].metadata["src_backup_id"] = "b1"

    swept = sweep(delete=True)

    assert fates(swept)[made] is Fate.UNTOUCHED
    assert made in a.volumes


def test_an_imported_record_is_never_deleted(a, broken, site, late_backup, sweep):
    """Deleting it would delete the data of the site that it is from."""
    backup = late_backup(broken)
    backup.volume_id = "a-volume-of-another-site"

    swept = sweep(delete=True)

    (found,) = swept.found
    assert (found.fate, swept.clean) == (Fate.UNTOUCHED, True)
    assert "imported" in found.reason
    assert backup.id in a.backups


def test_records_at_the_other_site_are_left_alone(
    b, sites, protect, cinder, sweep, journals, until
):
    """Both sites' runs are in one journal, and a key says nothing of its site."""
    outcome = protect()
    there = vnfdr.connect("site-b")
    with_b = Client("3.64", session=there.connection.session)
    for volume in outcome.recovery_point.volumes:
        record = cinder.backups.export_record(volume.backup_id)
        with_b.backups.import_record(record["backup_service"], record["backup_url"])
    until(lambda: {x.status for x in b.backups.values()} == {"available"})

    swept = vnfdr.sweep(there, journal=journals, delete=True)

    assert set(fates(swept).values()) == {Fate.UNTOUCHED}
    assert len(b.backups) == len(outcome.recovery_point.volumes)
    there.connection.close()


def test_the_parent_of_an_increment_that_stays_is_kept(
    a, cinder, broken, late_backup, theirs, sweep, until
):
    """Cinder built an increment of somebody's on a backup that came late."""
    parent = late_backup(broken)
    wanted = {"snapshot_id": theirs.id, "incremental": True}
    child = cinder.backups.create(theirs.volume_id, **wanted).id
    until(lambda: a.backups[child].status == "available")

    swept = sweep(delete=True)

    assert fates(swept) == {parent.id: Fate.UNTOUCHED}
    assert set(a.backups) == {parent.id, child}


def test_a_chain_goes_newest_first(a, broken, late_backup, sweep):
    """Whatever the order in which it is seen."""
    chain = [late_backup(broken), late_backup(broken, incremental=True)]
    for backup in chain:
        backup.created_at -= DAY

    swept = sweep(delete=True)

    assert fates(swept) == {backup.id: Fate.SWEPT for backup in chain}
    assert a.backups == {}


def test_what_cannot_be_deleted_is_named_and_stops_nothing(a, broken, late, sweep):
    """One fails, with the reason; the others go."""
    stays, goes = late(broken), late(broken)
    fault = Fault("delete snapshot", Effect.ANSWER, status=403, resource=stays.id)
    a.faults.add(fault)

    swept = sweep(delete=True)

    assert fates(swept) == {stays.id: Fate.STAYS, goes.id: Fate.SWEPT}
    assert not swept.clean
    assert "HTTP 403" in swept.of(Fate.STAYS)[0].reason
    assert list(a.snapshots) == [stays.id]


def test_an_interrupt_ends_it_with_what_was_done(a, broken, late, sweep):
    """What is told is true, and the next sweep does the rest."""
    for _ in range(8):
        late(broken)

    def interrupt(found):
        if found.fate is Fate.SWEPT:
            raise KeyboardInterrupt

    swept = sweep(delete=True, listeners=[interrupt])

    assert (swept.interrupted, swept.clean) == (True, False)
    assert len(swept.of(Fate.SWEPT)) == 1
    assert "interrupted: sweep again" in str(swept)
    assert sweep(delete=True).clean
    assert a.made == []


def test_whoever_listens_hears_of_everything(broken, late, sweep):
    """First what is to be deleted, then what became of each."""
    heard = []
    ids = {late(broken).id, late(broken).id}

    sweep(delete=True, listeners=[heard.append])

    assert [found.fate for found in heard] == [Fate.TO_SWEEP] * 2 + [Fate.SWEPT] * 2
    assert {found.thing.id for found in heard} == ids


def test_a_sweep_prints_what_is_there_and_what_it_costs(broken, late, sweep):
    """Kind, id, age, size and reason of each; and how much it is in all."""
    snapshot = late(broken)
    snapshot.created_at -= 3 * DAY

    text = str(sweep())

    why = f"run {broken} was taken back before this came"
    assert text.splitlines() == [
        "sweep of site-a: 1 to sweep (1 GiB)",
        f"  to sweep: snapshot {snapshot.id} (3 days old, 1 GiB): {why}",
    ]


def test_what_was_made_of_it_is_counted(broken, late, cinder, sweep):
    """Whoever decides sees that somebody made a volume from it."""
    snapshot = late(broken)
    cinder.volumes.create(1, snapshot_id=snapshot.id)

    (found,) = sweep().found

    assert found.thing.dependents == 1
    assert "1 GiB, 1 made of it)" in str(found)


def test_a_server_is_found_and_deleted(a, booted, connection, site):
    """Nova's metadata is its mark; its volumes are told when they would go along."""
    key = f"{STRANGER}:server:{booted.id}"
    mark = {KEY: key, POINT: STRANGER, GROUP: "vnf"}
    connection.compute.set_server_metadata(booted.id, **mark)
    booted.attachments[1].delete_on_termination = True

    (found,) = site.servers.marked()
    site.servers.delete(booted.id)
    site.servers.delete(booted.id)

    assert (found.id, found.key, found.group) == (booted.id, key, "vnf")
    assert found.takes_along == (booted.attachments[1].volume_id,)
    assert booted.id not in a.servers


def test_a_port_is_found_and_deleted(a, connection, site):
    """Its mark is made with it, in one request: tags would take another."""
    network = connection.network.find_network("private")
    made = connection.network.create_port(
        network_id=network.id, description=f"{KEY_SIGN}{STRANGER}:port:p1"
    )
    connection.network.create_port(network_id=network.id, description="mine")

    (found,) = site.ports.marked()
    site.ports.delete(made.id)
    site.ports.delete(made.id)

    assert (found.id, found.point) == (made.id, STRANGER)
    assert (site.ports.marked(), len(a.networks.ports)) == ((), 1)


@pytest.fixture
def network(site):
    """A network of an unknown run, with addresses."""
    network_id = site.networks.create(tag=f"{STRANGER}:network:n1", name="drill")
    site.networks.create_subnet(
        tag=f"{STRANGER}:subnet:n1", network_id=network_id, cidr="192.0.2.0/28"
    )
    return network_id


def test_a_network_of_an_unknown_run_is_listed_and_stays(a, network, sweep):
    """A group may have been recovered into it."""
    (found,) = sweep(delete=True, unknown_older_than=timedelta(hours=1)).found

    assert (found.thing.id, found.fate) == (network, Fate.UNKNOWN)
    assert "it may be at work" in found.reason
    assert network in a.networks.networks


def test_a_network_that_is_swept_takes_its_addresses_along(a, network, site, sweep):
    """Once its run is known to have been taken back."""
    seen = sweep()
    doomed = tuple(evolve(found, fate=Fate.TO_SWEEP) for found in seen.found)

    swept = remove(site, evolve(seen, found=doomed))

    assert [found.fate for found in swept.found] == [Fate.SWEPT]
    assert list(a.networks.networks.values()) == [a.networks.default]
