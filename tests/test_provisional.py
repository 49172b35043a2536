"""What was made is kept for good, or all of it is taken back: by word, once."""

import pytest

import vnfdr
from tests.dead import plan_without_window
from tests.fakes import failing
from vnfdr.cloud import GROUP, POINT
from vnfdr.errors import (
    CloudError,
    GroupBusy,
    InputError,
    JournalBusy,
    NotProvisional,
    UnknownCloud,
)
from vnfdr.plan import Fact, Lasting, Past, Verdict
from vnfdr.sweeping import Fate


@pytest.fixture
def done(site, journals):
    """A provisional run that has committed."""
    plan = plan_without_window(site, "p1", "db")
    return vnfdr.run(plan, site, journal=journals)


@pytest.fixture(autouse=True)
def cloud(site, monkeypatch):
    """The site is what any cloud's name leads to."""
    monkeypatch.setattr("vnfdr.provisional.connect", lambda name: site)
    monkeypatch.setattr("vnfdr.recovery.connect", lambda name: site)


def states(journals):
    return {run.run: run.state for run in journals.summaries()}


def refuse(call):
    if call == "delete snapshot":
        raise CloudError("not now")


def test_what_waits_for_its_word_is_listed_so_and_is_not_unfinished(
    site, done, journals
):
    """It committed, and nobody has to resume it."""
    assert done.verdict is Verdict.COMMITTED
    assert states(journals) == {"p1": "committed, to be confirmed"}
    assert vnfdr.recover_runs(journals, site=lambda _: site) == ()
    assert len(site.made) == 2


def test_one_call_takes_all_of_it_back(site, done, journals):
    """Nothing of it remains, and the run says so whoever asks."""
    outcome = vnfdr.take_back("p1", site, journal=journals)

    assert outcome.verdict is Verdict.COMPENSATED
    assert (outcome.failed, outcome.receipts) == ("", {})
    assert site.made == []
    assert states(journals) == {"p1": "compensated"}


def test_taking_back_once_more_changes_nothing(site, done, journals):
    """Whoever is not sure says it again."""
    first = vnfdr.take_back("p1", journal=journals)
    calls = len(site.wire.calls)

    again = vnfdr.take_back("p1", journal=journals)

    assert (again.verdict, again.reason) == (first.verdict, first.reason)
    assert len(site.wire.calls) == calls


def test_what_cannot_be_taken_back_is_named_until_it_can(site, done, journals):
    """A second call tries once more."""
    site.wire.before = refuse
    stranded = vnfdr.take_back("p1", site, journal=journals)
    left = {leftover.receipt.id for leftover in stranded.leftovers}
    assert (stranded.verdict, left) == (Verdict.STRANDED, set(site.made))
    site.wire.before = lambda call: None

    outcome = vnfdr.take_back("p1", site, journal=journals)

    assert outcome.verdict is Verdict.COMPENSATED
    assert site.made == []


def test_what_is_confirmed_stays(site, done, journals):
    """Confirming once more changes nothing; taking back is refused."""
    vnfdr.confirm("p1", journal=journals)
    again = vnfdr.confirm("p1", journal=journals)

    with pytest.raises(NotProvisional, match="it was confirmed at 20"):
        vnfdr.take_back("p1", site, journal=journals)

    assert again.receipts == done.receipts
    assert len(site.made) == 2
    assert states(journals) == {"p1": "committed"}


def test_what_was_taken_back_cannot_be_confirmed(site, done, journals):
    """There is nothing left to keep."""
    vnfdr.take_back("p1", site, journal=journals)

    with pytest.raises(NotProvisional, match="it was taken back"):
        vnfdr.confirm("p1", journal=journals)


@pytest.mark.parametrize("word", [vnfdr.confirm, vnfdr.take_back])
@pytest.mark.parametrize("lasting", [Lasting.KEPT, Lasting.TRIAL])
def test_only_a_provisional_run_waits_for_a_word(site, journals, word, lasting):
    """Any other is refused, and stays as it is."""
    plan = plan_without_window(site, "p1", "db", lasting=lasting)
    vnfdr.run(plan, site, journal=journals)
    before = site.made

    with pytest.raises(NotProvisional, match="nothing was done"):
        word("p1", journal=journals)

    assert site.made == before


@pytest.mark.parametrize("word", [vnfdr.confirm, vnfdr.take_back])
def test_a_run_that_failed_waits_for_no_word(site, journals, word):
    """It was taken back already."""
    site.wire.before = lambda call: (
        refuse("delete snapshot") if call == "request snapshot" else None
    )
    vnfdr.run(plan_without_window(site, "p1", "db"), site, journal=journals)

    with pytest.raises(NotProvisional, match="it is compensated"):
        word("p1", journal=journals)


@pytest.mark.parametrize("word", [vnfdr.confirm, vnfdr.take_back])
def test_a_run_that_is_under_way_waits_for_no_word(site, journals, word):
    """Its process has its journal."""
    with (
        journals.begin(plan_without_window(site, "p1", "db")),
        pytest.raises(JournalBusy),
    ):
        word("p1", journal=journals)


@pytest.mark.parametrize("word", [vnfdr.confirm, vnfdr.take_back])
def test_a_run_that_has_not_ended_is_resumed_first(site, journals, word):
    """The error says how."""
    plan = plan_without_window(site, "p1", "db")
    with journals.begin(plan) as journal:
        journal.append(vnfdr.plan.Entry(plan.steps[0].key, Fact.STARTED))

    with pytest.raises(NotProvisional, match="vnfdr resume p1"):
        word("p1", journal=journals)


@pytest.mark.parametrize("again", ["resume", "recover_runs", "take_back"])
def test_who_dies_while_taking_back_is_followed_by_another(site, done, journals, again):
    """Resuming it, recovering all runs, or saying it again: each goes on with it."""

    class Died(BaseException):
        pass

    site.wire.before = failing("delete snapshot", Died())
    with pytest.raises(Died):
        vnfdr.take_back("p1", site, journal=journals)
    assert states(journals) == {"p1": "unfinished"}
    site.wire.before = lambda call: None

    if again == "recover_runs":
        vnfdr.recover_runs(journals, site=lambda _: site)
    else:
        getattr(vnfdr, again)("p1", site, journal=journals)

    assert states(journals) == {"p1": "compensated"}
    assert site.made == []


def test_a_cloud_out_of_reach_costs_nothing(site, done, journals, monkeypatch):
    """The run still waits for its word."""

    def down(name):
        raise UnknownCloud(f"{name} does not answer")

    monkeypatch.setattr("vnfdr.provisional.connect", down)

    with pytest.raises(UnknownCloud):
        vnfdr.take_back("p1", journal=journals)

    assert states(journals) == {"p1": "committed, to be confirmed"}


@pytest.mark.parametrize("lasting", [Lasting.KEPT, Lasting.PROVISIONAL])
def test_a_group_is_not_brought_twice_before_the_first_is_confirmed(
    site, done, journals, lasting
):
    """The error names both words; either lets the next one begin."""
    second = plan_without_window(site, "p2", "app", lasting=lasting)
    with pytest.raises(GroupBusy, match=r"vnfdr commit p1.*vnfdr take-back p1"):
        journals.begin(second)

    vnfdr.confirm("p1", journal=journals)

    journals.begin(second).close()


def test_a_group_is_free_when_it_was_taken_back(site, done, journals):
    """Another attempt begins at once."""
    vnfdr.take_back("p1", site, journal=journals)

    outcome = vnfdr.run(plan_without_window(site, "p2", "db"), site, journal=journals)

    assert outcome.verdict is Verdict.COMMITTED


def test_a_trial_leaves_nothing_and_says_that_it_could_be_done(site, journals):
    """It commits, with no receipts; what it made was there in between."""
    plan = plan_without_window(site, "p1", "db", lasting=Lasting.TRIAL)

    outcome = vnfdr.run(plan, site, journal=journals)

    assert (outcome.verdict, outcome.receipts) == (Verdict.COMMITTED, {})
    assert site.wire.calls.count("request snapshot") == 2
    assert site.made == []
    assert vnfdr.resume("p1", site, journal=journals).receipts == {}


def test_a_trial_that_cannot_be_taken_down_is_stranded(site, journals):
    """What stays is named; resuming it tries again, and then it has succeeded."""
    plan = plan_without_window(site, "p1", "db", lasting=Lasting.TRIAL)
    site.wire.before = refuse
    stranded = vnfdr.run(plan, site, journal=journals)
    left = {leftover.receipt.id for leftover in stranded.leftovers}
    assert (stranded.verdict, left) == (Verdict.STRANDED, set(site.made))
    site.wire.before = lambda call: None

    outcome = vnfdr.resume("p1", site, journal=journals)

    assert (outcome.verdict, outcome.failed) == (Verdict.COMMITTED, "")
    assert site.made == []


def test_a_trial_that_fails_is_compensated(site, journals):
    """It could not be done, and the outcome says why."""
    plan = plan_without_window(site, "p1", "db", lasting=Lasting.TRIAL)
    site.wire.before = lambda call: (
        refuse("delete snapshot")
        if call == "request snapshot" and site.wire.calls.count(call) == 2
        else None
    )

    outcome = vnfdr.run(plan, site, journal=journals)

    assert (outcome.verdict, outcome.reason) == (Verdict.COMPENSATED, "not now")
    assert site.made == []


@pytest.mark.parametrize("call", ["run", "resume", "take_back", "preflight"])
def test_a_plan_is_not_carried_out_at_another_site(site, done, journals, call):
    """What it names may be there, and be something else."""
    plan = plan_without_window(site, "p1", "db")
    calls = len(site.wire.calls)
    site.name = "site-b"

    with pytest.raises(InputError, match="planned for site 'site-a'"):
        {
            "run": lambda: vnfdr.run(plan, site, journal=journals),
            "resume": lambda: vnfdr.resume("p1", site, journal=journals),
            "take_back": lambda: vnfdr.take_back("p1", site, journal=journals),
            "preflight": lambda: vnfdr.preflight(plan, site),
        }[call]()

    assert len(site.wire.calls) == calls


def test_what_was_said_of_a_run_is_in_its_journal(site, done, journals):
    """With the date."""
    vnfdr.confirm("p1", journal=journals)

    journal, _ = journals.read("p1")
    with journal:
        confirmed = Past.of(journal).last(Fact.CONFIRMED)
    assert confirmed.part == "p1"
    assert confirmed.note.endswith("+00:00")


def test_what_is_to_be_confirmed_is_not_swept(site, done, journals):
    """It may become what somebody relies on, and so it is afterwards."""
    waiting = vnfdr.sweep(site, journal=journals, delete=True)
    vnfdr.confirm("p1", journal=journals)
    kept = vnfdr.sweep(site, journal=journals, delete=True)

    assert {found.fate for found in (*waiting.found, *kept.found)} == {Fate.WANTED}
    assert "what run p1 made, which is to be confirmed" in waiting.found[0].reason
    assert len(site.made) == 2


@pytest.mark.parametrize("lasting", [Lasting.PROVISIONAL, Lasting.TRIAL])
def test_what_comes_late_of_a_run_that_was_undone_is_swept(site, journals, lasting):
    """Nobody relies on it."""
    plan = plan_without_window(site, "p1", "db", lasting=lasting)
    vnfdr.run(plan, site, journal=journals)
    if lasting is Lasting.PROVISIONAL:
        vnfdr.take_back("p1", site, journal=journals)
    mark = {POINT: "p1", GROUP: "vnf"}
    site.snapshots.request("v-db-0", tag=plan.steps[0].key, metadata=mark)

    swept = vnfdr.sweep(site, journal=journals, delete=True)

    assert [found.fate for found in swept.found] == [Fate.SWEPT]
    assert site.made == []
