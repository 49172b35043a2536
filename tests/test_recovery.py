"""After a crash every guest is thawed first, and then each run has its end."""

import pytest

import vnfdr
from tests.dead import FAILSAFE, BackendsOf, die_in_window, plan_of
from tests.fakes import FakeSite
from vnfdr import world
from vnfdr.errors import CloudError, UnknownCloud
from vnfdr.failsafe.record import Deed, Record
from vnfdr.plan import Fact, MemoryJournal


@pytest.fixture
def sites(monkeypatch):
    """Two clouds, each with two servers of names of its own."""
    sites = {}
    for cloud in ("a", "b"):
        sites[f"site-{cloud}"] = site = FakeSite(name=f"site-{cloud}")
        for name in ("db", "app"):
            site.add_server(f"{name}-{cloud}")
    monkeypatch.setattr(world, "get_backend", BackendsOf(sites.values()))
    return sites


@pytest.fixture
def a(sites):
    return sites["site-a"]


@pytest.fixture
def b(sites):
    return sites["site-b"]


@pytest.fixture
def connect(sites):
    """Connect to one of them; a name that is in ``down`` is out of reach."""

    def connect(name):
        connect.asked.append(name)
        if name in connect.down:
            raise UnknownCloud(f"{name} does not answer")
        return sites[name]

    connect.asked, connect.down = [], set()
    return connect


def states(found):
    return {each.run: each.state for each in found}


def test_every_guest_is_thawed_before_anything_is_undone(a, b, journals, connect):
    """The guests of the newest run do not wait for the oldest one's deletions."""
    frozen_at_deletions = []
    for site in (a, b):

        def look(call):
            if call.startswith("delete"):
                frozen_at_deletions.append((*a.frozen, *b.frozen))

        site.wire.before = look
    die_in_window(journals, plan_of(a, "p1", "db-a", group="one"), a)
    die_in_window(journals, plan_of(a, "p2", "app-a", group="two"), a)
    die_in_window(journals, plan_of(b, "p3", "db-b", "app-b"), b)

    found = vnfdr.recover_runs(journals, site=connect)

    assert [each.run for each in found] == ["p1", "p2", "p3"]
    assert {each.state for each in found} == {"compensated"}
    assert frozen_at_deletions == [()] * 8
    assert (a.made, b.made) == ([], [])


def test_a_journal_that_goes_while_runs_are_listed_is_left_out(a, directory):
    """A run that is refused leaves none, and spoils no list of the others."""
    die_in_window(directory, plan_of(a, "p1", "db-a"), a)
    directory.begin(plan_of(a, "p2", "app-a", group="other")).close()
    listed = directory.summaries()
    assert next(listed).run == "p1"

    (directory.directory / "p2.journal").unlink()

    assert list(listed) == []


@pytest.mark.parametrize("all_at_once", [True, False], ids=["recover", "resume"])
def test_guests_are_thawed_where_no_state_can_be_kept(
    a, postgres, connect, tmp_path, monkeypatch, all_at_once
):
    """A journal in a database is enough: the failsafe's record may be missing."""
    journals = vnfdr.open_journals(postgres.new())
    die_in_window(journals, plan_of(a, "p1", "db-a"), a)
    (tmp_path / "full").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "full" / "state"))

    if all_at_once:
        (found,) = vnfdr.recover_runs(journals, site=connect)
        ended = found.outcome
    else:
        ended = vnfdr.resume("p1", a, journal=journals)

    assert ended.verdict is vnfdr.Verdict.COMPENSATED
    assert (a.frozen, a.made) == ([], [])


def test_each_run_is_resumed_on_its_own_cloud(a, b, journals, connect):
    """A run is taken back where it was carried out, and clouds are connected once."""
    die_in_window(journals, plan_of(a, "p1", "db-a"), a)
    die_in_window(journals, plan_of(b, "p2", "db-b"), b)
    die_in_window(journals, plan_of(b, "p3", "app-b", group="other"), b)

    vnfdr.recover_runs(journals, site=connect)

    assert sorted(connect.asked) == ["site-a", "site-b"]
    assert (a.made, b.made) == ([], [])


def test_a_guest_is_thawed_although_its_cloud_is_down(a, b, journals, connect):
    """The journal says where the guest is; the run itself waits for the cloud."""
    connect.down.add("site-a")
    die_in_window(journals, plan_of(a, "p1", "db-a"), a)
    die_in_window(journals, plan_of(b, "p2", "db-b"), b)

    found = vnfdr.recover_runs(journals, site=connect)

    assert states(found) == {"p1": "not resumed", "p2": "compensated"}
    assert "site-a does not answer" in found[0].detail
    assert (a.frozen, b.frozen) == ([], [])
    assert a.made != []

    connect.down.clear()
    assert states(vnfdr.recover_runs(journals, site=connect)) == {"p1": "compensated"}
    assert a.made == []


def test_a_run_whose_process_lives_is_left_alone(a, journals, connect):
    """Its guests are frozen for a reason."""
    plan = plan_of(a, "p1", "db-a")
    die_in_window(journals, plan, a)
    mine, _ = journals.resume("p1")

    with mine:
        (found,) = vnfdr.recover_runs(journals, site=connect)

    assert found.state == "running"
    assert "process" in found.detail
    assert a.frozen == ["s-db-a"]


def test_a_damaged_journal_does_not_stop_the_others(a, directory, connect):
    """It is told, with what to do about it."""
    die_in_window(directory, plan_of(a, "p1", "db-a", group="one"), a)
    (directory.directory / "p1.journal").write_bytes(b"rubbish" * 1000)
    die_in_window(directory, plan_of(a, "p2", "app-a", group="two"), a)

    found = vnfdr.recover_runs(directory, site=connect)

    assert states(found) == {"p1": "damaged", "p2": "compensated"}
    assert "vnfdr thaw p1" in found[0].detail
    assert a.frozen == ["s-db-a"]


def test_a_run_that_cannot_be_undone_does_not_stop_the_others(a, b, journals, connect):
    """What stays is named."""

    def refuse(call):
        if call == "delete snapshot":
            raise CloudError("no")

    a.wire.before = refuse
    die_in_window(journals, plan_of(a, "p1", "db-a"), a)
    die_in_window(journals, plan_of(b, "p2", "db-b"), b)

    found = vnfdr.recover_runs(journals, site=connect)

    assert states(found) == {"p1": "stranded", "p2": "compensated"}
    assert len(found[0].outcome.leftovers) == 2


def test_a_run_that_died_after_its_window_goes_on(a, journals, connect):
    """Its point is as good as it was."""
    plan = plan_of(a, "p1", "db-a")
    whole = MemoryJournal()
    vnfdr.run(plan, a, journal=whole, failsafe=False)
    closed = [entry.fact for entry in whole].index(Fact.CLOSED)
    with journals.begin(plan) as journal:
        journal.append(*whole.entries[: closed + 1])

    (found,) = vnfdr.recover_runs(journals, site=connect)

    assert found.state == "committed"
    assert found.outcome.certificate.consistent
    assert len(found.outcome.recovery_point.volumes) == 2


def test_what_ended_or_never_began_is_not_touched(a, journals, connect):
    """Nothing is to be done, and nothing is."""
    vnfdr.run(plan_of(a, "p1", "db-a"), a, journal=journals, failsafe=False)
    journals.begin(plan_of(a, "p2", "db-a")).close()
    calls = len(a.wire.calls)

    assert vnfdr.recover_runs(journals, site=connect) == ()
    assert len(a.wire.calls) == calls


def test_whom_the_failsafe_has_thawed_nobody_thaws_again(a, journals, connect):
    """A guest that is frozen by now was frozen by somebody else."""
    die_in_window(journals, plan_of(a, "p1", "db-a"), a)
    Record(journals.failsafe("p1"), FAILSAFE).write(Deed.THAWED)

    (found,) = vnfdr.recover_runs(journals, site=connect)

    assert found.state == "compensated"
    assert a.frozen == ["s-db-a"]


def test_what_a_failsafe_says_of_another_window_proves_nothing(a, journals, connect):
    """It stood by when the run was begun before, and nothing was declared then."""
    die_in_window(journals, plan_of(a, "p1", "db-a"), a)
    Record(journals.failsafe("p1"), "f0").write(Deed.DISARMED)

    (found,) = vnfdr.recover_runs(journals, site=connect)

    assert found.state == "compensated"
    assert a.frozen == []


def test_what_the_failsafe_proved_is_recorded_although_the_cloud_is_down(
    a, journals, connect
):
    """Whoever comes next, and sees the journal alone, thaws nobody either."""
    connect.down.add("site-a")
    die_in_window(journals, plan_of(a, "p1", "db-a"), a)
    Record(journals.failsafe("p1"), FAILSAFE).write(Deed.THAWED)

    vnfdr.recover_runs(journals, site=connect)

    (run,) = journals.summaries()
    assert run.unfinished
    assert "frozen" not in run.detail


def test_a_single_run_is_thawed_before_its_cloud_is_asked(
    a, journals, connect, monkeypatch
):
    """Resuming it fails for the cloud's sake; its guests are at work."""
    monkeypatch.setattr("vnfdr.recovery.connect", connect)
    connect.down.add("site-a")
    die_in_window(journals, plan_of(a, "p1", "db-a"), a)

    with pytest.raises(UnknownCloud):
        vnfdr.resume("p1", journal=journals)

    assert a.frozen == []


def test_thawing_asks_no_cloud_where_none_is_needed(a, journals, connect, monkeypatch):
    """Nobody has to name the cloud, and whether it is up does not matter."""
    monkeypatch.setattr("vnfdr.recovery.connect", connect)
    die_in_window(journals, plan_of(a, "p1", "db-a"), a)

    assert vnfdr.thaw("p1", journal=journals) == ()
    assert connect.asked == []
    assert a.frozen == []
