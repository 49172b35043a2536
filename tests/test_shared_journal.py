"""Controllers that share a journal: one has a run's lease, and the others wait."""

import logging
import os
import signal
import subprocess
import sys
import threading
import traceback
import uuid

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import vnfdr
from tests.dead import BackendsOf, die_in_window, plan_of, plan_without_window
from tests.fakes import FakeClock, FakeSite, world_of
from tests.postgres import PASSWORD, Wire
from vnfdr import world
from vnfdr.errors import (
    CloudError,
    GroupBusy,
    JournalBusy,
    JournalDamaged,
    JournalUnwritable,
    UnknownRun,
    VnfdrError,
)
from vnfdr.journals.postgresql import PostgresJournals
from vnfdr.plan import Entry, Fact, Manner, Receipt, run
from vnfdr.retry import wait_until

ENTRIES = (
    Entry("p1:a", Fact.STARTED),
    Entry("p1:a", Fact.DONE, Receipt("snapshot", "9f3c")),
    Entry("p1:b", Fact.FAILED, note="no 'space'\n<left> \0 \udc80"),
)
MORE = Entry("p1:b", Fact.UNDONE)
SHORT_SECONDS = 3.0


@pytest.fixture
def url(postgres, tmp_path, monkeypatch):
    """The URL of a database of its own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return postgres.new()


@pytest.fixture
def shared(url):
    """Its journals."""
    return PostgresJournals(url)


@pytest.fixture
def hasty(url):
    """The same, with leases that run out soon."""
    return PostgresJournals(url, SHORT_SECONDS)


@pytest.fixture
def backends(site, monkeypatch):
    """Every world finds the quiesce backend of the site."""
    monkeypatch.setattr(world, "get_backend", BackendsOf([site]))


@pytest.fixture
def plan(site, backends):
    """A plan for one server."""
    return plan_of(site, "p1", "db")


@pytest.fixture
def until():
    """Wait for something that comes soon."""

    def wait(look):
        return wait_until(
            lambda: look() or None,
            what="what a test waits for",
            seconds_max=300.0,
            first_wait_seconds=0.05,
            wait_seconds_max=0.2,
        )

    return wait


@pytest.fixture
def stopped():
    """Stop a process, which is not asked whether it likes to, until the test ends."""
    pids = []

    def stop(pid):
        os.kill(pid, signal.SIGSTOP)
        pids.append(pid)

    yield stop
    for pid in pids:
        os.kill(pid, signal.SIGCONT)


@pytest.fixture
def silent(postgres):
    """The server, which answers again when the test ends."""
    yield postgres
    postgres.go_on()


def sql(url, statement):
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(statement).rowcount


def hang(journal):
    """Let its controller hang: it gives no sign of life any more."""
    journal._closing.set()  # noqa: SLF001 - there is no other way to hang a thread
    journal._renewer.join()  # noqa: SLF001


def free(journals, run="p1"):
    """Take a run up if its lease has run out."""
    try:
        return journals.resume(run)[0]
    except JournalBusy:
        return None


def test_what_was_written_is_read_back_in_order(journals, site):
    """Whoever reads it later, and wherever it is kept."""
    plan = plan_of(site, "p1", "db")
    with journals.begin(plan) as journal:
        journal.append(*ENTRIES[:1])
        journal.append(*ENTRIES[1:])
    with journals.resume("p1")[0] as journal:
        journal.append(MORE)

    kept, read = journals.read("p1")

    with kept:
        assert tuple(kept) == (*ENTRIES, MORE)
    assert read == plan


def test_runs_are_listed_with_how_they_stand(journals, site, monkeypatch):
    """Oldest first."""
    monkeypatch.setattr(world, "get_backend", BackendsOf([site]))
    site.add_server("web")
    vnfdr.run(plan_of(site, "p1", "db"), site, journal=journals, failsafe=False)
    journals.begin(plan_of(site, "p2", "app", group="two")).close()
    die_in_window(journals, plan_of(site, "p3", "web", group="three"), site)

    told = [(run.run, run.state, run.unfinished) for run in journals.summaries()]

    assert told == [
        ("p1", "committed", False),
        ("p2", "not begun", False),
        ("p3", "unfinished", True),
    ]


def test_an_unknown_run_is_told_with_those_there_are(journals, site):
    """Where nothing was ever recorded, too."""
    with pytest.raises(UnknownRun, match="none"):
        journals.read("p9")
    journals.begin(plan_of(site, "p1", "db")).close()
    with pytest.raises(UnknownRun, match="p1"):
        journals.resume("p9")


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    entries=st.lists(
        st.builds(
            Entry,
            st.text(),
            st.sampled_from([Fact.STARTED, Fact.DONE, Fact.UNDONE, Fact.LEFT]),
            st.none() | st.builds(Receipt, st.text(), st.text()),
            st.text(),
        )
    )
)
def test_any_entry_survives(postgres, entries):
    """Whatever names, notes and ids hold, they come back as they were."""
    site, name = FakeSite(), uuid.uuid4().hex
    site.add_server(name)
    shared = PostgresJournals(postgres.url())
    with shared.begin(plan_of(site, name, name, group=name)) as journal:
        journal.append(*entries)
        journal.append(Entry(name, Fact.REFUSED))

    with shared.read(name)[0] as journal:
        assert list(journal) == [*entries, Entry(name, Fact.REFUSED)]


@pytest.mark.parametrize(
    ("damage", "entry"),
    [
        (
            "update vnfdr_entry set body = '{}' where number = 2",
            2,
        ),
        ("delete from vnfdr_entry where number = 1", 1),
        ("update vnfdr_entry set chain = '' where number = 3", 3),
    ],
)
def test_a_changed_entry_is_named_by_its_number(url, shared, plan, damage, entry):
    """Nothing is done on the word of a record that somebody changed."""
    with shared.begin(plan) as journal:
        journal.append(*ENTRIES)
    assert sql(url, damage) == 1

    with pytest.raises(JournalDamaged, match=f"entry {entry} "):
        shared.resume("p1")
    (found,) = vnfdr.recover_runs(shared)
    assert found.state == "damaged"


def test_a_changed_plan_is_noticed(url, shared, plan):
    """The plan says what to thaw and what to delete: it must be the one that ran."""
    shared.begin(plan).close()
    sql(url, "update vnfdr_run set plan = replace(plan, 'db', 'xy')")

    with pytest.raises(JournalDamaged, match="plan"):
        shared.resume("p1")


def test_a_run_with_a_lease_is_not_taken_up(shared, url, plan):
    """The error says who has it, and for how long."""
    with (
        shared.begin(plan),
        pytest.raises(JournalBusy, match=r"process \d+ on .* runs out in \d+ s"),
    ):
        PostgresJournals(url).resume("p1")

    shared.resume("p1")[0].close()


def test_a_lease_is_renewed_while_its_controller_lives(hasty, plan, until):
    """However long a backup takes."""
    with hasty.begin(plan) as journal:
        began = journal._lease  # noqa: SLF001
        waited = []
        until(lambda: waited.append(free(hasty)) or len(waited) > 25)
        journal.append(MORE)

    assert set(waited) == {None}
    assert began.seconds == SHORT_SECONDS


def test_who_has_lost_the_lease_writes_nothing(hasty, plan, until):
    """It may wake up as late as it likes."""
    first = hasty.begin(plan)
    first.append(ENTRIES[0])
    hang(first)
    second = until(lambda: free(hasty))

    with pytest.raises(JournalBusy, match="taken over by process"):
        first.append(MORE)

    second.append(ENTRIES[1])
    first.close()
    second.append(ENTRIES[2])
    assert tuple(second) == ENTRIES
    second.close()


def test_a_controller_that_hung_before_its_window_opens_none(hasty, site, plan, until):
    """Another run of its group has begun since: it would freeze the same guests."""
    first = hasty.begin(plan)
    hang(first)
    second = until(lambda: _begun(hasty, plan_of(site, "p2", "db")))

    with pytest.raises(JournalBusy):
        run(plan, world_of(site), first, Manner(clock=FakeClock()))

    assert not any(call.startswith("freeze") for call in site.wire.calls)
    assert site.made == []
    first.close()
    second.close()


def _begun(journals, plan):
    try:
        return journals.begin(plan)
    except GroupBusy:
        return None


def test_a_controller_that_lost_its_run_undoes_nothing(hasty, site, plan, until):
    """Whoever has taken it over goes on, and needs what is there."""
    first, at_first, others = hasty.begin(plan), threading.Lock(), []

    def lose(call):
        if call == "stamp" and at_first.acquire(blocking=False):
            hang(first)
            others.append(until(lambda: free(hasty)))

    site.wire.before = lose
    lost = run(plan, world_of(site), first, Manner(clock=FakeClock()))
    made = list(site.made)

    assert lost.verdict is vnfdr.Verdict.STRANDED
    assert "taken over by process" in lost.reason
    assert all("taken over by process" in str(x.reason) for x in lost.leftovers)
    assert len(made) == 2
    with others[0] as second:
        outcome = run(plan, world_of(site), second, Manner(clock=FakeClock()))
    assert outcome.verdict is vnfdr.Verdict.COMMITTED
    assert (site.made, site.frozen) == (made, [])
    first.close()


def test_a_run_that_failed_and_was_taken_over_is_undone_by_one(
    hasty, site, plan, until
):
    """The failure of the one that lost it is recorded nowhere."""
    first, at_first, others = hasty.begin(plan), threading.Lock(), []

    def fail(call):
        if call == "stamp" and at_first.acquire(blocking=False):
            hang(first)
            others.append(until(lambda: free(hasty)))
            raise CloudError("no")

    site.wire.before = fail
    lost = run(plan, world_of(site), first, Manner(clock=FakeClock()))

    assert lost.verdict is vnfdr.Verdict.STRANDED
    assert len(site.made) == 2
    assert Fact.FAILED not in {entry.fact for entry in others[0]}
    others[0].close()
    first.close()


def test_a_run_survives_a_restart_of_its_database(postgres, shared, site, backends):
    """What it does not answer is asked again."""
    site.add_server("one", volumes=1)
    plan, restarts = plan_of(site, "p1", "one"), []

    def restart(call):
        if call == "stamp" and not restarts:
            restarts.append(call)
            postgres.stop()
            postgres.start()

    site.wire.before = restart

    outcome = vnfdr.run(plan, site, journal=shared, failsafe=False)

    assert len(restarts) == 1
    assert outcome.verdict is vnfdr.Verdict.COMMITTED
    assert [run.state for run in shared.summaries()] == ["committed"]


@pytest.fixture
def lose_state(tmp_path, monkeypatch):
    """From now on, this machine can keep no state."""

    def lose():
        (tmp_path / "file").touch()
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file" / "state"))

    return lose


def test_a_run_without_a_place_for_its_failsafe_does_not_begin(
    shared, site, plan, lose_state
):
    """The reason is told, and the group is free."""
    lose_state()

    with pytest.raises(JournalUnwritable, match="for the failsafe's record"):
        vnfdr.run(plan, site, journal=shared)

    assert ([*shared.summaries()], site.made, site.frozen) == ([], [], [])


def test_without_that_place_nothing_is_taken_back(shared, site, lose_state):
    """The run waits for its word still."""
    vnfdr.run(plan_without_window(site, "p1", "db"), site, journal=shared)
    lose_state()

    with pytest.raises(JournalUnwritable):
        vnfdr.take_back("p1", site, journal=shared)

    assert len(site.made) == 2
    assert [run.state for run in shared.summaries()] == ["committed, to be confirmed"]


def test_a_database_that_is_gone_in_the_window_holds_no_guest(
    postgres, site, plan, tmp_path, monkeypatch
):
    """Nothing in the window waits for it; the run is taken back when it is there."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with Wire(postgres.port) as wire:
        journals = PostgresJournals(postgres.new(wire.port), SHORT_SECONDS)
        frozen_for = []

        def cut(call):
            if call.startswith("freeze"):
                wire.cut()
            frozen_for.append(tuple(site.frozen))

        site.wire.after = cut
        with journals.begin(plan) as journal:
            outcome = run(plan, world_of(site), journal, Manner(clock=FakeClock()))
        wire.mend()

        assert site.frozen == []
        assert ("s-db",) in frozen_for
        assert outcome.verdict is vnfdr.Verdict.COMPENSATED
        assert site.made == []
        assert [run.unfinished for run in journals.summaries()] == [True]


def test_a_database_that_hangs_is_not_waited_for_without_end(url, silent, plan):
    """It takes each question and answers none: that is told as if it were gone."""
    with PostgresJournals(url, answer_seconds_max=1).begin(plan) as journal:
        silent.pause()
        with pytest.raises(JournalUnwritable, match="cannot be used"):
            journal.append(ENTRIES[0])
        silent.go_on()

        journal.append(MORE)

        assert tuple(journal)[-1] == MORE


def test_a_connection_that_hangs_is_given_up_for_another(url, plan, stopped):
    """What is not answered on it is asked again, and never answered late."""
    with PostgresJournals(url, answer_seconds_max=1).begin(plan) as journal:
        with psycopg.connect(url) as connection:
            ours = "select pid from pg_stat_activity where application_name = 'vnfdr'"
            ((pid,),) = connection.execute(f"{ours} and datname = current_database()")
        stopped(pid)

        journal.append(*ENTRIES)

        assert tuple(journal) == ENTRIES


def test_an_append_whose_answer_was_lost_is_not_done_twice(postgres, plan):
    """It is there, and that is seen when it is tried again."""
    with Wire(postgres.port) as wire:
        journals = PostgresJournals(postgres.new(wire.port))
        with journals.begin(plan) as journal:
            for entry in ENTRIES:
                journal.append(entry)
                wire.cut()
                mending = threading.Timer(0.1, wire.mend)
                mending.start()
                journal.append(MORE)
                mending.join()
            assert [e.fact for e in journal].count(Fact.UNDONE) == len(ENTRIES)


@pytest.mark.parametrize("written", [True, False], ids=["written", "not written"])
def test_an_append_that_failed_is_not_taken_for_the_next(postgres, plan, written):
    """Its entry is there or not, and the entries of all later appends are."""
    with Wire(postgres.port) as wire:
        journals = PostgresJournals(postgres.new(wire.port), clock=FakeClock())
        with journals.begin(plan) as journal:
            journal.append(ENTRIES[0])
            wire.cut_before = b"COMMIT" if written else b"INSERT"
            with pytest.raises(JournalUnwritable):
                journal.append(ENTRIES[1])
            with pytest.raises(JournalUnwritable):
                journal.append(ENTRIES[2])
            wire.mend()

            journal.append(MORE)
            journal.append(*ENTRIES)

            lost = ENTRIES[1:2] if written else ()
            assert tuple(journal) == (ENTRIES[0], *lost, MORE, *ENTRIES)


def test_nothing_is_appended_to_what_somebody_else_wrote(shared, url, plan):
    """Whoever has the lease is the only one to write."""
    with shared.begin(plan) as journal:
        journal.append(*ENTRIES)
        sql(url, "update vnfdr_entry set chain = '' where number = 3")

        with pytest.raises(JournalDamaged, match="entry 3 "):
            journal.append(MORE)

    assert sql(url, "select 1 from vnfdr_entry") == len(ENTRIES)


def test_a_database_out_of_reach_stops_a_run_first(postgres, site, plan):
    """Nothing is touched that could not be recorded."""
    with Wire(postgres.port) as wire:
        journals = PostgresJournals(postgres.new(wire.port))
        wire.cut()
        calls = list(site.wire.calls)

        with pytest.raises(JournalUnwritable):
            vnfdr.run(plan, site, journal=journals, failsafe=False)

        assert site.wire.calls == calls


@pytest.mark.parametrize(
    "wrong",
    [
        "postgresql://vnfdr:{}@127.0.0.1:1/none",
        "postgresql://vnfdr:{}@127.0.0.1:not-a-port/none",
        "postgresql://vnfdr:{}@127.0.0.1/none?colour={}",
    ],
)
def test_the_password_is_told_to_nobody(wrong, plan, caplog, site):
    """Not in an error, its causes, a log, or the text of a value."""
    caplog.set_level(logging.DEBUG)
    secret = "Oh-so-secret"  # noqa: S105 - of nobody

    with pytest.raises(VnfdrError) as error:
        vnfdr.open_journals(wrong.format(secret, secret)).begin(plan)

    told = "".join(traceback.format_exception(error.value)) + caplog.text
    assert secret not in told.replace(wrong.format(secret, secret), "")


def test_the_password_of_a_database_that_answers_is_told_to_nobody(shared, url, plan):
    """What is wrong is told by the server's name."""
    journal = shared.begin(plan)
    told = [repr(shared), repr(journal), str(shared)]
    sql(url, "drop table vnfdr_entry, vnfdr_run cascade")
    with pytest.raises(JournalUnwritable) as error:
        journal.append(MORE)
    told += traceback.format_exception(error.value)
    journal.close()

    assert PASSWORD not in "".join(told)
    assert "127.0.0.1" in str(error.value)


def test_a_shell_finds_the_journal_by_its_url(url, shared, site, plan, tmp_path):
    """Each command takes it, by option or by environment."""
    shared.begin(plan).close()
    command = [sys.executable, "-m", "vnfdr", "runs"]

    by_option = subprocess.run(
        [*command, "--journal", url], capture_output=True, text=True, check=True
    )
    by_environment = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        env={"VNFDR_JOURNAL": url, "HOME": str(tmp_path)},
    )

    assert by_option.stdout.startswith("p1  not begun")
    assert by_environment.stdout == by_option.stdout
