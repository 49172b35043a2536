"""Whatever fails on the way back is said, or taken back, and nothing is lost by it."""

import attrs
import pytest

import vnfdr
from tests.sandbox.away import NAMES, seen, servers_of
from vnfdr.errors import Unrecoverable
from vnfdr.mapping import AgentProbe, BootTier
from vnfdr.sandbox import Effect, Fault
from vnfdr.sandbox.backups import BackupStore

NOTHING = ({}, {})


@pytest.fixture
def point(a, site, away):
    """A point of three servers that were at work at site a."""
    for name in NAMES:
        a.add_server(name)
    return away.protect(site)


@pytest.fixture
def second(site, away, point):
    """Another point of them, which builds on that."""
    return away.protect(site)


@pytest.fixture
def stored(sites, a, point):
    """What is in the backup store, which nothing here may make less."""
    before = sorted(path.name for path in (sites.directory / "backups").iterdir())
    yield
    after = sorted(path.name for path in (sites.directory / "backups").iterdir())
    assert after == before


def made(site):
    """What there is of servers and volumes at a site."""
    return site.servers, site.volumes


LOST = ("import backup", "create volume", "restore backup", "create port")


@pytest.mark.parametrize("call", [*LOST, "create server"])
def test_a_lost_answer_makes_nothing_twice(b, other, away, point, stored, call):
    """What was made although nobody heard of it is found, and used."""
    b.faults.add(Fault(call, Effect.DROP_AFTER))

    outcome = away.recover(point, other)

    assert outcome.verdict is vnfdr.Verdict.COMMITTED, outcome
    assert list(servers_of(b)) == list(NAMES)
    assert (len(b.volumes), len(b.backups)) == (6, 6)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault("create volume", Effect.ERROR), "status 'error'"),
        (Fault("restore backup", Effect.ERROR), "'error_restoring'"),
        (Fault("create server", Effect.ERROR), "No valid host was found"),
        (Fault("create server", Effect.ANSWER, status=403), "create server"),
        (Fault("create volume", Effect.ANSWER, status=413), "volume"),
    ],
    ids=lambda told: told if isinstance(told, str) else told.call,
)
def test_what_fails_is_taken_back_and_said(
    b, other, away, point, stored, fault, reason
):
    """Nothing of the run remains but the records, and the reason is in its outcome."""
    before = seen(b)
    b.faults.add(fault)

    outcome = away.recover(point, other)

    assert outcome.verdict is vnfdr.Verdict.COMPENSATED
    assert reason in outcome.reason
    assert seen(b) == before
    assert len(b.backups) == 6


def test_a_record_that_cannot_be_imported_stays(b, other, away, point, stored):
    """It is in error there, and to delete it could delete the other site's data."""
    b.faults.add(Fault("import backup", Effect.ERROR))

    outcome = away.recover(point, other)

    assert outcome.verdict is vnfdr.Verdict.COMPENSATED
    assert "status 'error'" in outcome.reason
    assert "error" in {backup.status for backup in b.backups.values()}
    assert made(b) == NOTHING


def test_a_link_that_is_missing_in_the_manifest_is_told_before(other, away, second, b):
    """It says which chain lacks what, and touches nothing."""
    manifest = away.manifest(second)
    first, *others = manifest.disks
    broken = attrs.evolve(first, chain=first.chain[1:])
    lacking = attrs.evolve(manifest, disks=(broken, *others))

    with pytest.raises(Unrecoverable) as refusal:
        vnfdr.recover(lacking, other, away.mapping(second, other))

    assert f"lacks {first.chain[0].id}" in str(refusal.value)
    assert (made(b), b.backups) == (NOTHING, {})


def test_a_link_that_is_missing_in_the_store_is_found_out(
    b, other, away, second, sites
):
    """Cinder notices when it restores; what was made is removed, records stay."""
    sites.a.backup_store.delete(away.manifest(second).disks[0].chain[0].id)

    outcome = away.recover(second, other)

    assert outcome.verdict is vnfdr.Verdict.COMPENSATED
    assert "error_restoring" in outcome.reason
    assert made(b) == NOTHING
    assert len(b.backups) == 12


def test_a_store_that_cannot_be_read_is_found_out(
    b, other, away, point, stored, tmp_path
):
    """Records are imported all the same: Cinder does not look at the files."""
    b.backup_store = BackupStore(tmp_path / "elsewhere")

    outcome = away.recover(point, other)

    assert outcome.verdict is vnfdr.Verdict.COMPENSATED
    assert "not to be trusted" in outcome.reason
    assert made(b) == NOTHING


def test_a_record_that_is_there_already_is_used(b, other, away, point, stored):
    """A rehearsal has imported it, or an earlier attempt."""
    for disk in away.manifest(point).disks[:2]:
        other.backups.take_in(disk.chain[0])

    outcome = away.recover(point, other)

    assert outcome.verdict is vnfdr.Verdict.COMMITTED
    assert len(b.backups) == 6


def test_a_record_of_that_id_that_is_another_is_told(b, other, away, point, stored):
    """It is left as it is, and nothing is touched."""
    record = away.manifest(point).disks[0].chain[0]
    other.backups.take_in(record)
    b.backups[record.id].size_gib = 99

    outcome = away.recover(point, other)

    assert outcome.verdict is vnfdr.Verdict.COMPENSATED
    assert "is known here already, and is another" in outcome.reason
    assert (made(b), list(b.backups)) == (NOTHING, [record.id])


@pytest.mark.parametrize("name", ["volumes", "gigabytes", "backups"])
def test_too_little_quota_in_cinder_is_told_before(b, other, away, point, name):
    """The plan is refused, with what it needs, before anything is touched."""
    b.quotas[name] = 3

    outcome = away.recover(point, other)

    assert f"the quota for {name} leaves 3 free" in outcome.reason
    assert (made(b), b.backups) == (NOTHING, {})


def test_too_little_room_in_nova_is_told_before(b, other, away, point):
    """Servers that could not be booted are not restored for."""
    b.compute_quotas["instances"] = 2

    outcome = away.recover(point, other)

    assert "quota for servers leaves 2 free and 3 are needed" in outcome.reason
    assert (made(b), b.backups) == (NOTHING, {})


def test_too_little_room_in_neutron_is_told_before(b, other, away, point):
    """Servers that could not be connected are not restored for."""
    b.networks.quotas["port"] = 2

    outcome = away.recover(point, other)

    assert "quota for ports leaves 2 free and 3 are needed" in outcome.reason
    assert (made(b), b.backups) == (NOTHING, {})


def test_an_address_that_is_taken_is_taken_back(b, other, away, point, stored):
    """Somebody else at the other site has it; that is told, and theirs is left."""
    server = away.manifest(point).servers[0]
    address = server.nics[0].addresses[0].address
    port = b.networks.add_port(b.networks.default, "", "")
    port.fixed_ips[0]["ip_address"] = address
    before = seen(b)

    outcome = away.recover(point, other, keep_addresses=True)

    assert outcome.verdict is vnfdr.Verdict.COMPENSATED
    assert address in outcome.reason
    assert seen(b) == before


def test_a_name_that_is_taken_is_told_before(b, other, away, point):
    """A server of that name may be the group itself, come up by other means."""
    b.add_server("app")

    outcome = away.recover(point, other)

    assert "a server is called 'app' already" in outcome.reason
    assert b.backups == {}


def test_a_server_that_never_answers_is_taken_back(b, other, away, point, stored):
    """The outcome names the server, the probe, and the last reason."""
    b.faults.add(Fault("show guest", Effect.DROP, resource="app", times=None))
    tier = BootTier(NAMES, (AgentProbe("sandbox"),), within_seconds=0.5)

    outcome = away.recover(point, other, tiers=(tier,))

    assert outcome.verdict is vnfdr.Verdict.COMPENSATED
    assert "server 'app' did not answer within 0.5 s" in outcome.reason
    assert "its agent does not answer" in outcome.reason
    assert made(b) == NOTHING


@pytest.mark.parametrize(
    ("word", "verdict"),
    [(True, vnfdr.Verdict.COMMITTED), (False, vnfdr.Verdict.COMPENSATED)],
)
def test_a_gate_is_a_persons_word(b, other, away, point, stored, word, verdict):
    """Yes boots the next tier, no takes back the one that is booted."""
    questions = []
    tiers = (BootTier(("db",), gate="Is it well?"), BootTier(("app", "lb")))
    mapping = away.mapping(point, other, tiers=tiers)
    plan = vnfdr.recover(away.manifest(point), other, mapping)

    def ask(question):
        questions.append((question, list(servers_of(b))))
        return word

    outcome = vnfdr.run(plan, other, journal=away.journal, gatekeeper=ask)

    assert questions == [("Is it well?", ["db"])]
    assert outcome.verdict is verdict
    assert len(b.servers) == (3 if word else 0)


def test_a_mapping_of_another_group_is_told(other, away, point):
    """Its names would mean something else."""
    mapping = away.mapping(point, other, group="web")

    with pytest.raises(Unrecoverable, match="web"):
        vnfdr.recover(away.manifest(point), other, mapping)


def test_all_that_is_wrong_is_said_at_once(other, away, point):
    """Who mends one thing at a time loses an hour he has not got."""
    manifest = away.manifest(point)
    first, *others = manifest.disks
    locked = attrs.evolve(first, volume=attrs.evolve(first.volume, encrypted=True))
    voided = attrs.evolve(manifest.certificate, voided="the failsafe thawed")
    worse = attrs.evolve(manifest, disks=(locked, *others), certificate=voided)

    with pytest.raises(Unrecoverable) as refusal:
        vnfdr.recover(worse, other, away.mapping(point, other, flavors={}))

    told = "\n".join(refusal.value.problems)
    assert "is encrypted" in told
    assert "it is not consistent" in told
    assert "the failsafe thawed" in told
    assert "flavor" in told
