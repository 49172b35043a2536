"""Disks that are full or cannot be written, and clocks that jump."""

import ctypes
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from attrs import define

import vnfdr
from tests.dead import BackendsOf, die_in_window, plan_of
from tests.fakes import FakeClock, FakeSite, world_of
from vnfdr import world
from vnfdr.errors import JournalUnwritable
from vnfdr.failsafe.record import Deed, Record
from vnfdr.plan import Entry, Fact, Manner, Past, run
from vnfdr.plan.declaration import may_be_frozen
from vnfdr.plan.sqlite import SqliteJournal

FULL = """
import json, resource, sys
import vnfdr
from tests.dead import plan_of
from tests.fakes import FakeClock, FakeSite, world_of
from vnfdr.errors import JournalUnwritable
from vnfdr.plan import Manner, run

when, place = sys.argv[1:]
site = FakeSite()
site.add_server("db")
nothing, everything = 0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]

def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, everything))

def fill(call):
    if call.startswith(when):
        limit(nothing)

def carry_out():
    told = {}
    with vnfdr.open_journals(place).begin(plan) as journal:
        try:
            outcome = run(plan, world_of(site), journal, Manner(clock=FakeClock()))
            told["verdict"] = outcome.verdict.value
            told["leftovers"] = [str(leftover) for leftover in outcome.leftovers]
        except JournalUnwritable as error:
            told["error"] = str(error)
    told["made"], told["frozen"] = site.made, site.frozen
    told["froze"] = "freeze db" in site.wire.calls
    return told

plan = plan_of(site, "p1", "db")
site.wire.after = fill
full = carry_out()
site.wire.after = lambda call: None
limit(everything)
print(json.dumps([full, carry_out()]))
"""


@pytest.fixture
def site():
    """A site with one server."""
    site = FakeSite()
    site.add_server("db")
    return site


@pytest.fixture
def full_disk(tmp_path):
    """Carry a run out in a process that can write no file from some call on.

    Then let it write, and carry it out again.
    """

    def carry_out(when):
        done = subprocess.run(
            [sys.executable, "-c", FULL, when, str(tmp_path)],
            capture_output=True,
            text=True,
            check=True,
        )
        full, then = json.loads(done.stdout)
        return full, then

    return carry_out


def test_a_disk_that_is_full_before_the_window_stops_the_run(full_disk):
    """What cannot be recorded is not begun, and is begun when there is room."""
    told, then = full_disk("prepare")

    assert "cannot write" in told["error"]
    assert (told["froze"], told["made"], told["frozen"]) == (False, [], [])
    assert then["verdict"] == "committed"


@pytest.mark.parametrize("when", ["freeze", "look", "thaw"])
def test_a_disk_that_fills_up_in_the_window_holds_no_guest(full_disk, when):
    """All is thawed and taken back: the declaration says so to whoever comes next."""
    told, then = full_disk(when)

    assert (told["froze"], told["frozen"], told["made"]) == (True, [], [])
    assert told["verdict"] == then["verdict"] == "compensated"


def test_a_disk_that_fills_up_after_the_window_leaves_what_it_names(full_disk):
    """What it would undo, the next process might build on; so it goes on instead."""
    told, then = full_disk("stamp")

    assert told["verdict"] == "stranded"
    named = " ".join(told["leftovers"])
    assert len(told["made"]) == 2
    assert all(snapshot in named for snapshot in told["made"])
    assert all("cannot be written" in leftover for leftover in told["leftovers"])
    assert (then["verdict"], then["made"]) == ("committed", told["made"])


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


def without_privileges(act):
    """Do something in a process to which the permissions of files apply."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            # As root, permissions mean nothing before this is given up.
            header = _Header(0x20080522, 0)
            ctypes.CDLL(None).capset(ctypes.byref(header), bytes(24))
            act()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.fixture
def read_only(tmp_path, site, monkeypatch):
    """Journals on a disk that has turned read-only, with a run that died in it."""
    monkeypatch.setattr(world, "get_backend", BackendsOf([site]))
    journals = vnfdr.open_journals(tmp_path / "runs")
    die_in_window(journals, plan_of(site, "p1", "db"), site)
    for path in journals.directory.iterdir():
        path.chmod(0o400)
    journals.directory.chmod(0o500)
    yield journals
    journals.directory.chmod(0o700)


def test_a_disk_that_cannot_be_written_keeps_no_guest_frozen(read_only, site):
    """Each way to thaw works, and says what it could not do."""

    def thaw():
        assert vnfdr.thaw("p1", site, journal=read_only) == ()
        assert site.frozen == []

    def recover():
        (found,) = vnfdr.recover_runs(read_only, site=lambda name: site)
        assert (found.state, found.frozen) == ("not resumed", ())
        assert "cannot write" in found.detail
        assert site.frozen == []

    assert without_privileges(thaw) == 0
    assert without_privileges(recover) == 0


def test_nothing_begins_on_a_disk_that_cannot_be_written(read_only, site):
    """Nothing is touched that could not be recorded."""
    site.add_server("app")
    plan = plan_of(site, "p2", "app")
    calls = list(site.wire.calls)

    def begin():
        with pytest.raises(JournalUnwritable, match="nothing was touched"):
            vnfdr.run(plan, site, journal=read_only, failsafe=False)
        assert site.wire.calls == calls

    assert without_privileges(begin) == 0


@define
class Backwards(FakeClock):
    """A clock whose date goes back an hour with each look, as after a bad setting."""

    looks: int = 0

    def date(self):
        self.looks += 1
        return datetime(2026, 1, 1, tzinfo=UTC) - timedelta(hours=self.looks)


def test_a_clock_that_jumps_back_ends_no_window(site, tmp_path):
    """Dates are for people; what is waited for is measured on another clock."""
    clock = Backwards()
    journal = SqliteJournal.create(tmp_path / "p1.journal", "{}", clock)
    plan = plan_of(site, "p1", "db")

    with journal:
        outcome = run(plan, world_of(site), journal, Manner(clock=clock))

    assert clock.looks > 5
    assert outcome.verdict is vnfdr.Verdict.COMMITTED
    assert outcome.certificate.consistent
    with SqliteJournal.open(tmp_path / "p1.journal", clock) as again:
        assert [entry.fact for entry in again][-1] is Fact.ENDED


def test_runs_that_began_in_disorder_are_kept_apart_all_the_same(site, tmp_path):
    """A run whose date lies before that of a dead one does not slip in before it."""
    journals = vnfdr.open_journals(tmp_path)
    die_in_window(journals, plan_of(site, "p2", "db"), site)

    with pytest.raises(vnfdr.errors.GroupBusy):
        journals.begin(plan_of(site, "p1", "db"))


TORN = '{"at": "2026-01-01T00:00:00.000+00:00", "deed": "thaw'


@pytest.mark.parametrize(
    "text",
    [
        "",
        TORN,
        '{"deed": "armed", "window": "w"}\n' + TORN,
        '{"deed": "disarmed", "window": "w"}\n{"deed": "armed", "window": "w"}\n'
        + TORN,
        '{"deed": "thawed", "window": "w"}\n' + TORN,
        "\0" * 100,
        '"thawed"\n',
        "[1]\n",
        '{"deed": ["thawed"], "window": "w"}\n',
    ],
)
def test_a_torn_record_of_the_failsafe_proves_nothing(tmp_path, text):
    """What cannot be read may have been anything: guests are thawed once more."""
    record = Record(tmp_path / "p1.failsafe", "w")
    record.path.write_text(text)

    assert not record.all_thawed("w")


def test_what_is_written_behind_a_torn_line_proves_nothing(tmp_path):
    """Both are one line now, and that is none."""
    record = Record(tmp_path / "p1.failsafe", "w")
    record.path.write_text(TORN)
    record.write(Deed.DISARMED)
    assert not record.all_thawed("w")

    record.write(Deed.DISARMED)
    assert record.all_thawed("w")


def test_a_record_that_cannot_be_read_proves_nothing(tmp_path):
    """It is not the last word then."""
    (tmp_path / "p1.failsafe").mkdir()

    assert not Record(tmp_path / "p1.failsafe").all_thawed("w")


def test_an_entry_that_no_file_could_hold_is_kept(tmp_path):
    """What an error quotes may be no text at all."""
    entry = Entry("p1:a", Fact.FAILED, note="odd \udc80 bytes \0 here")
    with SqliteJournal.create(tmp_path / "p1.journal", "{}") as journal:
        journal.append(entry)

    with SqliteJournal.open(tmp_path / "p1.journal") as journal:
        assert list(journal) == [entry]


def test_a_lost_machine_loses_no_declaration(site, tmp_path):
    """What may be frozen is known to whoever reads the files that it leaves."""
    journals = vnfdr.open_journals(tmp_path)
    plan = plan_of(site, "p1", "db")
    die_in_window(journals, plan, site)

    journal, _ = journals.read("p1")
    with journal:
        assert may_be_frozen(Past.of(journal), plan.window) == {"p1:freeze:s-db"}
