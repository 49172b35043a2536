"""The embedded journal keeps what it is given, and notices what was done to it."""

import sqlite3
import stat

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes import FakeSite, world_of
from vnfdr.discovery import discover
from vnfdr.errors import (
    JournalBusy,
    JournalDamaged,
    JournalUnwritable,
    UnknownRun,
)
from vnfdr.journals import open_journals
from vnfdr.model import Group, Member
from vnfdr.plan import Entry, Fact, Manner, Receipt, run
from vnfdr.plan.sqlite import SqliteJournal
from vnfdr.recipes import protect_plan

ENTRIES = (
    Entry("p1:a", Fact.STARTED),
    Entry("p1:a", Fact.DONE, Receipt("snapshot", "9f3c")),
    Entry("p1:b", Fact.FAILED, note="no 'space'\n<left>"),
)


@pytest.fixture
def path(tmp_path):
    """Where the journal of a run is, with three entries in it."""
    path = tmp_path / "runs" / "p1.journal"
    with SqliteJournal.create(path, "{}") as journal:
        journal.append(*ENTRIES)
    return path


@pytest.fixture
def plan():
    """A plan for one server."""
    site = FakeSite()
    site.add_server("db")
    group = Group.of("vnf", [Member("db", "fake")])
    return protect_plan(discover(world_of(site), group), point="p1")


def change(path, statement):
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()


def test_what_was_written_is_read_back_in_order(path):
    """Another process reads what the first one wrote."""
    with SqliteJournal.read(path) as journal:
        assert tuple(journal) == ENTRIES


def test_a_journal_is_gone_on_with(path):
    """Opening it again appends, and the whole still checks."""
    more = Entry("p1:b", Fact.UNDONE)
    with SqliteJournal.open(path) as journal:
        journal.append(more)

    with SqliteJournal.read(path) as journal:
        assert tuple(journal) == (*ENTRIES, more)


def test_it_can_be_read_while_it_is_written(path):
    """Who looks at a run does not confuse whoever carries it out."""
    with SqliteJournal.open(path) as journal:
        reading = iter(journal)
        next(reading)
        journal.append(Entry("p1:c", Fact.STARTED))
        assert len(list(reading)) == 2
        journal.append(Entry("p1:c", Fact.UNDONE))

    with SqliteJournal.read(path) as journal:
        assert len(tuple(journal)) == 5


def test_only_its_owner_can_read_it(path):
    """Names of servers and volumes are nobody else's business."""
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("damage", "entry"),
    [
        ("update entry set body = replace(body, '9f3c', '0000') where number = 2", 2),
        ("delete from entry where number = 1", 1),
        ("update entry set number = 7 where number = 3", 3),
        ("update entry set chain = '' where number = 1", 1),
    ],
)
def test_a_changed_entry_is_named_by_its_number(path, damage, entry):
    """Nothing is done on the word of a record that somebody changed."""
    change(path, damage)

    with pytest.raises(JournalDamaged, match=f"entry {entry} "):
        SqliteJournal.open(path)


def test_a_changed_plan_is_noticed(path):
    """The plan says what to thaw and what to delete: it must be the one that ran."""
    change(path, "update plan set text = '{ }'")

    with pytest.raises(JournalDamaged, match="plan"):
        SqliteJournal.open(path)


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\0"])
def test_a_file_that_is_no_journal_is_told(tmp_path, content):
    """The error names the file."""
    path = tmp_path / "p1.journal"
    path.write_bytes(content)

    with pytest.raises(JournalDamaged, match=r"p1\.journal"):
        SqliteJournal.open(path)


def test_two_processes_do_not_carry_out_one_run(path):
    """The second is refused while the first lives."""
    with SqliteJournal.open(path), pytest.raises(JournalBusy):
        SqliteJournal.open(path)

    SqliteJournal.open(path).close()


def test_a_place_that_cannot_be_written_is_told_first(tmp_path, plan):
    """Nothing is touched when nothing can be recorded."""
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(JournalUnwritable, match="nothing was touched"):
        open_journals(tmp_path / "file" / "runs").begin(plan)


def test_runs_are_listed_with_how_they_stand(tmp_path, plan):
    """A damaged journal is listed too, with what is wrong."""
    site = FakeSite()
    site.add_server("db")
    journals = open_journals(tmp_path)
    with journals.begin(plan) as journal:
        run(plan, world_of(site), journal, Manner())
    (tmp_path / "p2.journal").write_text("rubbish")

    states = {summary.run: summary.state for summary in journals.summaries()}

    assert states == {"p1": "committed", "p2": "damaged"}


@pytest.mark.parametrize("run_name", ["p9", "../p1", "", ".", "p1/../p1"])
def test_an_unknown_run_is_told_with_those_there_are(tmp_path, plan, run_name):
    """A name is a name, and no way out of the directory."""
    journals = open_journals(tmp_path)
    journals.begin(plan).close()

    with pytest.raises(UnknownRun):
        journals.read(run_name)


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    entries=st.lists(
        st.builds(
            Entry,
            st.text(),
            st.sampled_from(Fact),
            st.none() | st.builds(Receipt, st.text(), st.text()),
            st.text(),
        )
    )
)
def test_any_entry_survives(tmp_path_factory, entries):
    """Whatever names, notes and ids hold, they come back as they were."""
    path = tmp_path_factory.mktemp("journal") / "p.journal"
    with SqliteJournal.create(path, "{}") as journal:
        journal.append(*entries)

    with SqliteJournal.read(path) as journal:
        assert list(journal) == entries
