"""Running, resuming, undoing, and what is told of it."""

import logging
import signal
import threading

import pytest
from attrs import evolve

from tests.fakes import FakeClock, FakeJournal, failing, setting
from vnfdr.discovery import discover
from vnfdr.errors import AnswerLost, CloudError, JournalUnwritable, RunFailed
from vnfdr.plan import Fact, Happening, Manner, SystemClock, Verdict, run
from vnfdr.recipes import protect_plan, recovery_point


class HastyClock(SystemClock):
    """Real time, in which nobody waits for long."""

    def wait(self, seconds, *, unless):
        unless.wait(min(seconds, 0.02))


@pytest.fixture
def journal(site):
    """The journal of the run."""
    return FakeJournal(site.wire)


@pytest.fixture
def plan(world, group):
    """A plan for the whole group."""
    return protect_plan(discover(world, group), point="p1")


@pytest.fixture
def carry_out(world, journal):
    """Run a plan, or resume it."""

    def carry_out(plan, **manner):
        return run(plan, world, journal, Manner(clock=FakeClock(), **manner))

    return carry_out


def test_a_committed_run_says_what_it_saved(site, plan, carry_out):
    """Every volume has a backup and a copy; the snapshots are tidied away."""
    point = recovery_point(plan, carry_out(plan))

    assert all(volume.backup_id and volume.copy_id for volume in point.volumes)
    assert not any(volume.snapshot_id for volume in point.volumes)
    assert [volume.volume_id for volume in point.volumes] == [
        f"v-{name}-{n}" for name in ("db", "app", "lb") for n in range(2)
    ]


def test_running_again_changes_nothing(site, plan, carry_out):
    """A run that ended tells its end, and makes no call."""
    first = carry_out(plan)
    calls = len(site.wire.calls)

    again = carry_out(plan)

    assert again.verdict is first.verdict
    assert again.receipts == first.receipts
    assert len(site.wire.calls) == calls


def test_preflight_refuses_before_anything_is_touched(site, plan, carry_out, backend):
    """Every problem is told, and no call changed anything."""
    backend.dead.add("lb")
    site.free["snapshots"] = 5
    site.all_volumes["v-db-0"] = evolve(site.all_volumes["v-db-0"], status="error")

    outcome = carry_out(plan)

    assert outcome.verdict is Verdict.COMPENSATED
    assert len(outcome.cause.problems) == 3
    assert not any(call.startswith(("freeze", "request")) for call in site.wire.calls)
    with pytest.raises(RunFailed, match="nothing was touched"):
        outcome.raise_for_failure()


def test_a_refused_run_can_be_run_once_it_is_mended(plan, carry_out, backend):
    """Refusal is not the end of a plan."""
    backend.dead.add("lb")
    carry_out(plan)
    backend.dead.clear()

    assert carry_out(plan).verdict is Verdict.COMMITTED


def test_a_failed_backup_takes_everything_back(site, plan, carry_out):
    """Snapshots, volumes and the other backups are deleted."""
    site.wire.before = failing("create backup", CloudError("cinder-backup died"))

    outcome = carry_out(plan)

    assert outcome.verdict is Verdict.COMPENSATED
    assert outcome.failed.startswith("p1:backup:")
    assert site.made == []


def test_a_lost_answer_is_looked_up(site, plan, carry_out):
    """A backup whose answer never came is found by its key, and not made twice."""
    lost = [AnswerLost("connection reset")]

    def hook(call):
        if call == "create backup" and lost:
            raise lost.pop()

    site.wire.after = hook

    outcome = carry_out(plan)

    assert outcome.verdict is Verdict.COMMITTED
    assert len(site.all_backups) == 6


def test_what_cannot_be_undone_is_named_and_the_rest_is_undone(site, plan, carry_out):
    """One stuck snapshot does not keep the others."""
    busy = failing("delete snapshot", CloudError("busy"))

    def hook(call):
        if call == "create volume":
            raise CloudError("no space")
        busy(call)

    site.wire.before = hook

    outcome = carry_out(plan)

    assert outcome.verdict is Verdict.STRANDED
    assert {left.reason for left in outcome.leftovers} == {"busy"}
    assert {left.receipt.id for left in outcome.leftovers} == set(site.made)


def test_a_stranded_run_is_taken_back_once_more(site, plan, carry_out):
    """Resuming it undoes what could not be undone before."""
    site.wire.before = lambda call: _refuse(call, ("create volume", "delete snapshot"))
    assert carry_out(plan).verdict is Verdict.STRANDED
    site.wire.before = lambda call: None

    outcome = carry_out(plan)

    assert outcome.verdict is Verdict.COMPENSATED
    assert site.made == []


def _refuse(call, refused):
    if call in refused:
        raise CloudError("not now")


def test_what_cannot_be_tidied_does_not_cost_the_point(site, world, group, carry_out):
    """The backups are there: the run commits, and names what stays."""
    plan = protect_plan(discover(world, group), point="p1")
    site.wire.before = lambda call: _refuse(call, ("delete snapshot",))

    outcome = carry_out(plan)

    assert outcome.verdict is Verdict.COMMITTED
    assert len(outcome.leftovers) == 6
    assert len(site.all_backups) == 6


def test_a_snapshot_whose_deletion_was_not_answered_is_not_called_saved(
    site, plan, carry_out
):
    """It may be gone: it is left over, and no part of the recovery point."""

    def hook(call):
        if call == "delete snapshot":
            raise AnswerLost("connection reset")

    site.wire.after = hook

    outcome = carry_out(plan)

    assert site.all_snapshots == {}
    assert len(outcome.leftovers) == 6
    point = recovery_point(plan, outcome)
    assert not any(volume.snapshot_id for volume in point.volumes)


def test_a_journal_that_cannot_be_written_stops_everything(site, plan, carry_out):
    """Nothing is frozen that could not be found again."""
    full = JournalUnwritable("disk full")
    site.wire.before = failing("journal", full, times=99)

    with pytest.raises(JournalUnwritable):
        carry_out(plan)

    assert not any(call.startswith("freeze") for call in site.wire.calls)


def test_every_step_is_announced_before_it_is_done(plan, journal, carry_out):
    """For each thing done, the journal says started first."""
    carry_out(plan)

    facts = [(entry.part, entry.fact) for entry in journal]
    done = [part for part, fact in facts if fact is Fact.DONE]
    assert len(done) == len(plan.steps)
    for part in done:
        assert facts.index((part, Fact.STARTED)) < facts.index((part, Fact.DONE))


def test_listeners_hear_of_every_guest_and_of_the_end(plan, carry_out):
    """What a progress bar shows is told as it happens."""
    heard = []

    carry_out(plan, listeners=(heard.append,))

    happenings = [event.happening for event in heard]
    assert happenings.count(Happening.THAWED) == 3
    assert happenings[-1] is Happening.ENDED


def test_a_listener_that_raises_takes_the_run_back(site, plan, carry_out):
    """Its error is the reason; no guest is frozen and nothing is left."""
    raised = threading.Event()

    def clumsy(event):
        if event.happening is Happening.PHASE:
            raised.set()
            raise ZeroDivisionError

    # It has a thread of its own, for which a run of milliseconds does not wait.
    site.wire.before = lambda call: call == "prepare" and raised.wait(30)
    outcome = carry_out(plan, listeners=(clumsy,))

    assert outcome.verdict is Verdict.COMPENSATED
    assert "ZeroDivisionError" in outcome.reason
    assert (site.frozen, site.made) == ([], [])


def test_ctrl_c_in_the_window_thaws_and_takes_back(
    site, plan, world, journal, usual_signals
):
    """An operator who loses patience leaves nothing frozen and nothing behind."""
    site.fate["v-lb-1"] = "creating"

    def interrupt(call):
        if call == "look" and site.wire.calls.count("look") == 3:
            signal.raise_signal(signal.SIGINT)

    site.wire.before = interrupt

    outcome = run(plan, world, journal, Manner(clock=HastyClock()))

    assert outcome.verdict is Verdict.COMPENSATED
    assert "asked to stop" in outcome.reason
    assert (site.frozen, site.made) == ([], [])


def test_ctrl_c_while_tidying_does_not_cost_the_point(
    site, plan, world, journal, usual_signals
):
    """The backups are there already: the rest is tidied, and the run commits."""

    def interrupt(call):
        if call == "delete snapshot" and site.wire.calls.count(call) == 1:
            signal.raise_signal(signal.SIGINT)

    site.wire.before = interrupt

    outcome = run(plan, world, journal, Manner(clock=HastyClock()))

    assert outcome.verdict is Verdict.COMMITTED
    assert outcome.leftovers == ()
    assert site.all_snapshots == {}
    assert len(site.all_backups) == 6


@pytest.fixture
def second_press():
    """Press Ctrl-C once more, while the run says that it was interrupted."""

    class Pressing(logging.Handler):
        def emit(self, record):
            if record.getMessage().startswith("interrupted"):
                raise KeyboardInterrupt

    pressing = Pressing()
    logging.getLogger("vnfdr").addHandler(pressing)
    yield
    logging.getLogger("vnfdr").removeHandler(pressing)


def test_ctrl_c_again_and_again_leaves_no_run_behind(
    site, plan, world, journal, usual_signals, second_press
):
    """The third one comes while the run is waited for, after the second."""
    has_left = threading.Event()
    site.fate["v-lb-1"] = "creating"

    def interrupt(call):
        if call == "look" and site.wire.calls.count(call) == 3:
            signal.raise_signal(signal.SIGINT)
        if call == "delete snapshot" and site.wire.calls.count(call) == 1:
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            has_left.wait(0.5)

    site.wire.before = interrupt
    with pytest.raises(KeyboardInterrupt):
        run(plan, world, journal, Manner(clock=HastyClock()))
    has_left.set()

    assert (site.frozen, site.made) == ([], [])
    assert run(plan, world, journal).verdict is Verdict.COMPENSATED


def test_what_is_asked_for_when_a_run_is_stopped_is_waited_for_and_undone(
    site, plan, world, journal
):
    """Its answer comes after everything else has been looked at twice."""
    stop, looked_twice = threading.Event(), threading.Event()

    def answer_late(call):
        if call == "create backup":
            stop.set()
            assert looked_twice.wait(10)
        if call == "find backup" and site.wire.calls.count(call) > 2 * 6:
            looked_twice.set()

    site.wire.before = answer_late

    outcome = run(plan, world, journal, Manner(clock=HastyClock(), stop=stop))

    assert outcome.verdict is Verdict.COMPENSATED
    assert (site.frozen, site.made) == ([], [])


def test_what_a_stopped_run_had_just_begun_is_not_done_behind_its_back(
    site, plan, world
):
    """The journal is slow: whoever takes the run back has not read of it yet."""
    stop, taken_back = threading.Event(), threading.Event()

    class Slow(FakeJournal):
        """A journal that takes long to write that a volume is being made."""

        def append(self, *entries):
            if any(e.fact is Fact.STARTED and ":volume:" in e.part for e in entries):
                stop.set()
                assert taken_back.wait(10)
            super().append(*entries)

    site.wire.after = setting({"delete snapshot": taken_back})
    manner = Manner(clock=HastyClock(), stop=stop)
    outcome = run(plan, world, Slow(site.wire), manner)
    for thread in threading.enumerate():
        if thread.name.startswith("vnfdr-step"):
            thread.join(10)

    assert outcome.verdict is Verdict.COMPENSATED
    assert (site.frozen, site.made) == ([], [])


def test_a_run_that_was_being_seen_through_is_not_taken_back(
    site, plan, world, journal
):
    """It died among its last deletions: who stops it now costs it nothing."""
    run(plan, world, journal, Manner(clock=FakeClock()))
    last = {step.key for each in plan.phases if each.final for step in each.steps}
    first = next(n for n, e in enumerate(journal.entries) if e.part in last)
    del journal.entries[first + 1 :]
    raised = threading.Event()

    class Far(FakeJournal):
        """A journal that takes a while to read: the listener is faster."""

        def __iter__(self):
            raised.wait(0.2)
            return super().__iter__()

    def clumsy(event):
        raised.set()
        raise BrokenPipeError

    far = Far(site.wire, journal.entries)
    outcome = run(plan, world, far, Manner(clock=FakeClock(), listeners=(clumsy,)))

    assert outcome.verdict is Verdict.COMMITTED
    assert len(site.all_backups) == 6
