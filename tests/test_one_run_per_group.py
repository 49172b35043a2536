"""Two runs never hold the same guests: the second is refused, and nothing touched."""

import os
import sqlite3
import subprocess
import sys

import attrs
import pytest

import vnfdr
from tests.dead import BackendsOf, die_in_window, plan_of, plan_without_window
from vnfdr import world
from vnfdr.errors import GroupBusy, JournalBusy, JournalUnwritable
from vnfdr.plan import Entry, Fact, Lasting

RACER = """
import sys, vnfdr
from vnfdr.errors import VnfdrError
plan = vnfdr.load_plan(sys.stdin.readline())
journals = vnfdr.open_journals(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
try:
    journal = journals.begin(plan)
    print("began", flush=True)
except VnfdrError as error:
    print(type(error).__name__, flush=True)
sys.stdin.read()
"""

PARENT = """
import os, select, sys, vnfdr
plan = vnfdr.load_plan(sys.stdin.readline())
with vnfdr.open_journals(sys.argv[1]).begin(plan) as journal:
    journal.append(vnfdr.plan.Entry(plan.window.key, vnfdr.plan.Fact.STARTED))
    heard, said = os.pipe()
    if os.fork() == 0:
        os.write(said, b".")
        # Until the other end of the pipe is closed; what comes is for the parent.
        pipe = select.poll()
        pipe.register(0, 0)
        pipe.poll()
        sys.exit()
    # By then the child has let go of what it is not to have.
    os.read(heard, 1)
    print("forked", flush=True)
    sys.stdin.readline()
print("closed", flush=True)
sys.stdin.read()
"""

PARENT_OF_ONE_THAT_ENDS = PARENT.replace("pipe.poll()", "pass").replace(
    'print("forked"', 'os.wait(); print("forked"'
)


@pytest.fixture(autouse=True)
def backends(site, monkeypatch):
    """Every world finds the quiesce backend of the site."""
    monkeypatch.setattr(world, "get_backend", BackendsOf([site]))


@pytest.fixture
def racer(journals):
    """Start a process that begins a run when it is told to, and then waits."""
    started = []

    def start(plan, program=RACER):
        place = getattr(journals, "url", None) or str(journals.directory)
        child = subprocess.Popen(
            [sys.executable, "-c", program, place],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(child)
        child.stdin.write(vnfdr.dump_plan(plan).replace("\n", " ") + "\n")
        child.stdin.flush()
        return child

    yield start
    for child in started:
        child.kill()
        child.wait()
        child.stdin.close()
        child.stdout.close()


def go(*children):
    """Tell the processes to begin, all at once; return what became of each."""
    for child in children:
        assert child.stdout.readline() == "ready\n"
    for child in children:
        child.stdin.write("\n")
        child.stdin.flush()
    return [child.stdout.readline().strip() for child in children]


def test_a_second_run_of_a_group_is_refused(site, journals):
    """The error names the other run, its process, and since when."""
    plan = plan_of(site, "p2", "db")
    first = plan_of(site, "p1", "db", "app")
    calls = list(site.wire.calls)

    with (
        journals.begin(first),
        pytest.raises(GroupBusy, match="nothing was touched") as refused,
    ):
        vnfdr.run(plan, site, journal=journals, failsafe=False)

    told = str(refused.value)
    assert refused.value.run == "p1"
    assert f"process {os.getpid()} on " in told
    assert "since 20" in told
    assert "wait until it is over" in told
    assert [run.run for run in journals.summaries()] == ["p1"]
    assert site.wire.calls == calls


def test_a_group_is_free_again_when_its_run_is_over(site, journals):
    """However that ended."""
    first = vnfdr.run(plan_of(site, "p1", "db"), site, journal=journals, failsafe=False)
    second = vnfdr.run(
        plan_of(site, "p2", "db"), site, journal=journals, failsafe=False
    )

    assert (first.run, second.run) == ("p1", "p2")


def test_a_run_that_died_is_resumed_before_the_next_begins(site, journals):
    """Its guests may be frozen."""
    die_in_window(journals, plan_of(site, "p1", "db"), site)
    plan = plan_of(site, "p2", "db")

    with pytest.raises(GroupBusy, match="vnfdr resume p1"):
        journals.begin(plan)

    assert site.frozen == ["s-db"]


def test_a_run_that_did_nothing_is_in_nobodys_way(site, journals):
    """It died before its window."""
    journals.begin(plan_of(site, "p1", "db")).close()

    with journals.begin(plan_of(site, "p2", "db")) as journal:
        assert list(journal) == []


def test_groups_that_share_a_server_do_not_run_at_once(site, journals):
    """A server is frozen by one run at a time, whatever the group is called."""
    with journals.begin(plan_of(site, "p1", "db", "app", group="ims")):
        with pytest.raises(GroupBusy, match="app is held with group 'ims' in run p1"):
            journals.begin(plan_of(site, "p2", "app", "lb", group="web"))
        journals.begin(plan_of(site, "p3", "lb", group="web")).close()


def test_the_same_name_at_another_site_is_another_group(site, journals):
    """Groups are told apart by site and name."""
    here = plan_of(site, "p1", "db")
    there = attrs.evolve(plan_of(site, "p2", "app"), site="site-b")

    with journals.begin(here), journals.begin(there) as journal:
        assert list(journal) == []


def test_a_run_that_is_under_way_is_not_begun_by_another(site, journals):
    """The same plan is not carried out twice at once."""
    plan = plan_of(site, "p1", "db")

    with journals.begin(plan), pytest.raises(JournalBusy, match=str(os.getpid())):
        journals.begin(plan)


def test_a_run_that_was_refused_can_be_tried_again(site, journals):
    """When the other one is over, the same plan runs."""
    plan = plan_of(site, "p2", "db")
    with journals.begin(plan_of(site, "p1", "db")), pytest.raises(GroupBusy):
        journals.begin(plan)

    outcome = vnfdr.run(plan, site, journal=journals, failsafe=False)

    assert outcome.run == "p2"


def test_an_old_run_does_not_begin_beside_a_new_one(site, journals):
    """It was never begun, and the group has gone on without it."""
    journals.begin(plan_of(site, "p1", "db")).close()

    with journals.begin(plan_of(site, "p2", "db")), pytest.raises(GroupBusy):
        journals.resume("p1")


def test_a_damaged_run_is_in_the_way_until_it_is_moved(site, directory):
    """Whether its guests are frozen is not known; its plan says who they are."""
    die_in_window(directory, plan_of(site, "p1", "db"), site)
    connection = sqlite3.connect(directory.directory / "p1.journal")
    with connection:
        connection.execute("update entry set chain = ''")
    connection.close()

    with pytest.raises(GroupBusy, match=r"damaged.*vnfdr thaw p1"):
        directory.begin(plan_of(site, "p2", "db"))


def test_a_run_of_a_newer_version_is_in_the_way_of_its_group_only(site, journals):
    """What it says of itself is not understood, and may be that guests are frozen."""
    newer = plan_of(site, "p1", "db")
    with journals.begin(newer) as journal:
        journal.append(Entry(newer.window.key, Fact.DECLARED, note='{"format": 9}'))

    with pytest.raises(GroupBusy, match="damaged"):
        journals.begin(plan_of(site, "p2", "db"))
    journals.begin(plan_of(site, "p3", "app", group="other")).close()


@pytest.mark.parametrize("same", [True, False], ids=["one run", "one group"])
def test_one_of_several_processes_begins(site, racer, same):
    """They may all begin at the same moment."""
    names = ["p1"] * 4 if same else ["p1", "p2", "p3", "p4"]

    said = go(*[racer(plan_of(site, name, "db")) for name in names])

    refused = "JournalBusy" if same else "GroupBusy"
    assert sorted(said) == sorted([refused] * 3 + ["began"])


@pytest.mark.parametrize("journals", ["directory"], indirect=True)
def test_a_killed_process_holds_nothing(site, racer, journals):
    """What it had is free when it is gone."""
    child = racer(plan_of(site, "p1", "db"))
    assert go(child) == ["began"]
    with pytest.raises(GroupBusy, match=f"process {child.pid} "):
        journals.begin(plan_of(site, "p2", "db"))

    child.kill()
    child.wait()

    with journals.begin(plan_of(site, "p2", "db")) as journal:
        assert list(journal) == []


@pytest.mark.parametrize("journals", ["directory"], indirect=True)
@pytest.mark.parametrize("killed", [True, False], ids=["killed", "closed"])
def test_a_forked_child_holds_nothing(site, racer, journals, killed):
    """What its parent had is free when that has let it go, or is gone."""
    parent = racer(plan_of(site, "p1", "db"), PARENT)
    assert parent.stdout.readline() == "forked\n"
    with pytest.raises(JournalBusy, match=f"process {parent.pid} "):
        journals.resume("p1")

    if killed:
        parent.kill()
        parent.wait()
    else:
        parent.stdin.write("\n")
        parent.stdin.flush()
        assert parent.stdout.readline() == "closed\n"

    journals.resume("p1")[0].close()


@pytest.mark.parametrize("journals", ["directory"], indirect=True)
def test_a_forked_child_that_ends_takes_nothing_from_its_parent(site, racer, journals):
    """It leaves the same blocks of code, and lets go what is not its own."""
    parent = racer(plan_of(site, "p1", "db"), PARENT_OF_ONE_THAT_ENDS)
    assert parent.stdout.readline() == "forked\n"

    with pytest.raises(JournalBusy, match=f"process {parent.pid} "):
        journals.resume("p1")


def test_a_group_is_brought_by_one_run_at_a_time(site, journals):
    """A plan without a window says which group it is about."""
    kept = Lasting.KEPT
    first = plan_without_window(site, "p1", "db", lasting=kept)

    with journals.begin(first):
        for second in (
            plan_without_window(site, "p2", "app", lasting=kept),
            plan_of(site, "p3", "app"),
        ):
            with pytest.raises(GroupBusy, match="group 'vnf' of 'site-a' is in run p1"):
                journals.begin(second)


def test_a_plan_about_no_group_is_in_nobodys_way(site, journals):
    """It neither waits nor is waited for."""
    plan = plan_without_window(site, "p1", "db", lasting=Lasting.KEPT)
    first = attrs.evolve(plan, group="")

    with journals.begin(first), journals.begin(plan_of(site, "p2", "db")) as journal:
        assert list(journal) == []


def test_a_run_without_a_window_that_died_is_resumed_before_the_next(site, journals):
    """Nothing of it can be frozen, and the error does not say so."""
    first = plan_without_window(site, "p1", "db", lasting=Lasting.KEPT)
    with journals.begin(first) as journal:
        journal.append(Entry(first.steps[0].key, Fact.STARTED))

    with pytest.raises(GroupBusy, match="vnfdr resume p1") as refused:
        journals.begin(plan_without_window(site, "p2", "db"))

    assert "frozen" not in str(refused.value)


def test_who_has_let_a_run_go_writes_nothing_in_it_any_more(site, journals):
    """A step that nobody waits for may end late; another may have the run by then."""
    plan = plan_of(site, "p1", "db")
    with journals.begin(plan) as journal:
        pass

    with pytest.raises(JournalUnwritable):
        journal.append(Entry(plan.steps[0].key, Fact.DONE))

    assert [run.state for run in journals.summaries()] == ["not begun"]
