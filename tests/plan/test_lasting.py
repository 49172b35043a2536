"""What becomes of what a plan made, when its journal or its owner does not help."""

import pytest
from attrs import define, field

from tests.dead import plan_without_window
from tests.fakes import FakeClock
from vnfdr.errors import JournalBusy, JournalUnwritable
from vnfdr.plan import Entry, Fact, Lasting, Manner, MemoryJournal, Verdict, run
from vnfdr.plan.provisional import confirm, revoke

FULL = JournalUnwritable("disk full")


@define
class Refusing:
    """A journal that refuses one fact, and everything after it."""

    refused: Fact
    error: Exception = FULL
    is_full: bool = False
    entries: list[Entry] = field(factory=list)

    def append(self, *entries):
        if self.is_full or self.refused in {entry.fact for entry in entries}:
            self.is_full = True
            raise self.error
        self.entries.extend(entries)

    def __iter__(self):
        return iter(tuple(self.entries))


@pytest.fixture
def carry_out(world):
    """Run a plan, or resume it, on a journal."""

    def carry_out(plan, journal):
        return run(plan, world, journal, Manner(clock=FakeClock()))

    return carry_out


@pytest.mark.parametrize("error", [FULL, JournalBusy("taken over")])
def test_a_trial_that_cannot_be_recorded_is_not_taken_down(site, carry_out, error):
    """A process that comes back would not know; it names what is there instead."""
    plan = plan_without_window(site, "p1", "db", lasting=Lasting.TRIAL)
    journal = Refusing(refused=Fact.ACHIEVED, error=error)

    outcome = carry_out(plan, journal)

    assert outcome.verdict is Verdict.STRANDED
    assert {left.receipt.id for left in outcome.leftovers} == set(site.made)
    assert len(site.made) == 2

    again = carry_out(plan, MemoryJournal(journal.entries))
    assert (again.verdict, site.made) == (Verdict.COMMITTED, [])


def test_what_cannot_be_revoked_on_record_is_not_undone(site, carry_out):
    """The run still waits for its word."""
    plan = plan_without_window(site, "p1", "db")
    journal = Refusing(refused=Fact.REVOKED)
    carry_out(plan, journal)

    with pytest.raises(JournalUnwritable):
        revoke(plan, journal, FakeClock())

    assert len(site.made) == 2
    assert confirm(plan, MemoryJournal(journal.entries), FakeClock()).receipts


def test_what_was_undone_and_not_recorded_is_undone_again(site, carry_out):
    """The disk fills while a run is taken back: whoever resumes it finishes that."""
    plan = plan_without_window(site, "p1", "db")
    journal = Refusing(refused=Fact.UNDONE)
    carry_out(plan, journal)
    revoke(plan, journal, FakeClock())

    assert carry_out(plan, journal).verdict is Verdict.COMPENSATED
    assert site.made == []

    mended = MemoryJournal(journal.entries)
    assert carry_out(plan, mended).verdict is Verdict.COMPENSATED
    assert [e.fact for e in mended].count(Fact.UNDONE) == 2


def test_running_a_provisional_plan_again_does_not_take_it_back(site, carry_out):
    """Only the word does; the run tells its end, and makes no call."""
    plan = plan_without_window(site, "p1", "db")
    journal = MemoryJournal()
    first = carry_out(plan, journal)
    calls = len(site.wire.calls)

    again = carry_out(plan, journal)

    assert (again.verdict, again.receipts) == (first.verdict, first.receipts)
    assert len(site.wire.calls) == calls
