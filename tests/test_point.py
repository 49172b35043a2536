"""The verdict is computed from evidence, and anything missing counts against it."""

import pytest
from attrs import evolve

from vnfdr.model import Level, Policy
from vnfdr.plan import dump_value, load_value
from vnfdr.point import Certificate, CutEvidence, GuestEvidence

HELD = GuestEvidence(
    key="p1:freeze:s1",
    name="db",
    asked=Level.FILESYSTEM,
    reaches=Level.FILESYSTEM,
    policy=Policy.REQUIRE,
    freeze_asked_at=0.0,
    frozen_at=0.1,
    thaw_asked_at=1.0,
    thawed_at=1.1,
    froze=2,
    thawed=2,
    before="boot 1",
    after="boot 1",
)
CUT = CutEvidence("p1:snapshot:v1", (HELD.key,), asked_at=0.2, ready_at=0.9)
GOOD = Certificate("p1", "vnf", "2026-01-31T00:00:00Z", (HELD,), (CUT,), 30.0)


def with_guest(**changes):
    return evolve(GOOD, guests=(evolve(HELD, **changes),))


def with_cut(**changes):
    return evolve(GOOD, cuts=(evolve(CUT, **changes),))


def test_a_guest_held_while_its_volume_was_cut_is_consistent():
    """There is nothing to say against it."""
    assert GOOD.consistent
    assert GOOD.as_asked
    assert GOOD.level is Level.FILESYSTEM


@pytest.mark.parametrize(
    ("certificate", "why"),
    [
        (evolve(GOOD, guests=()), "no guest"),
        (evolve(GOOD, cuts=()), "no snapshot"),
        (with_guest(frozen_at=None), "not frozen"),
        (with_guest(froze=0), "not frozen"),
        (with_guest(thaw_asked_at=None), "not proven thawed"),
        (with_guest(thawed_at=None), "not proven thawed"),
        (with_guest(thawed=1), "found 1 frozen"),
        (with_guest(thawed=0), "found 0 frozen"),
        (with_guest(before=""), "not the same guest"),
        (with_guest(after="boot 2"), "not the same guest"),
        (with_guest(before="", after=""), "not the same guest"),
        (with_guest(problem="VSS held too long"), "VSS"),
        (with_guest(holds=False), "left running on purpose"),
        (with_cut(asked_at=None), "not seen to be there"),
        (with_cut(ready_at=None), "not seen to be there"),
        (with_cut(asked_at=0.05), "before every guest was frozen"),
        (with_cut(ready_at=1.05), "not there before its guest was thawed"),
        (with_cut(held_by=("p1:freeze:unknown",)), "is of no guest"),
        (with_cut(held_by=()), "is of no guest"),
        (evolve(GOOD, hold_limit_seconds=1.0), "over its limit"),
    ],
)
def test_any_doubt_makes_it_inconsistent_and_is_told(certificate, why):
    """One missing or wrong piece of evidence is enough."""
    assert not certificate.consistent
    assert why in "; ".join(certificate.problems)
    assert "NOT CONSISTENT" in str(certificate)


@pytest.mark.parametrize("policy", [Policy.DEGRADE, Policy.SKIP])
def test_a_lenient_policy_keeps_the_point_and_lowers_its_level(policy):
    """What the user allowed is not a failure, and is not called consistent either."""
    certificate = with_guest(frozen_at=None, policy=policy)

    assert certificate.as_asked
    assert not certificate.consistent
    assert certificate.level is Level.CRASH


@pytest.mark.parametrize(
    "certificate",
    [with_cut(asked_at=0.05), with_cut(ready_at=1.05), evolve(GOOD, voided="it fired")],
)
def test_a_snapshot_out_of_place_is_of_no_level(certificate):
    """Its guest was held, and that says nothing of what the snapshot holds."""
    assert certificate.level is Level.CRASH


def test_a_window_that_took_too_long_keeps_its_level():
    """Everything was held all the same: the point is only not consistent."""
    late = evolve(GOOD, hold_limit_seconds=1.0)

    assert (late.consistent, late.level) == (False, Level.FILESYSTEM)


def test_a_required_guest_in_doubt_is_not_as_asked():
    """The run is taken back."""
    assert not with_guest(thawed=1).as_asked


def test_a_guest_left_running_on_purpose_is_as_asked_at_crash_level():
    """A backend that holds nothing was asked for by name."""
    running = with_guest(
        holds=False, asked=Level.CRASH, reaches=Level.CRASH, frozen_at=None
    )

    assert running.as_asked
    assert not running.consistent


def test_a_snapshot_outside_the_window_is_nobodys_policy():
    """Even lenient members cannot make a misplaced snapshot good."""
    lenient = evolve(HELD, policy=Policy.DEGRADE)

    assert not evolve(with_cut(asked_at=0.0), guests=(lenient,)).as_asked


def test_a_snapshot_left_out_with_its_guest_does_not_count():
    """A skipped member's volumes are not missing: they were left out."""
    skipped = CutEvidence("p1:snapshot:v2", ("p1:freeze:s2",), left_out=True)

    assert evolve(GOOD, cuts=(CUT, skipped)).consistent


def test_the_overlap_is_when_all_were_held_together():
    """From the last freeze to the first thaw."""
    later = evolve(HELD, name="lb", frozen_at=0.3, thaw_asked_at=0.8, thawed_at=0.85)
    both = evolve(GOOD, guests=(HELD, later))

    assert both.overlap_seconds == pytest.approx(0.5)
    assert both.window_seconds == pytest.approx(1.1)


def test_a_certificate_reads_back_equal():
    """Whoever reads it later sees the same evidence."""
    assert load_value(dump_value(GOOD), Certificate) == GOOD


def with_two_guests(*, early_thaw_at, **late_cut):
    """Return a certificate of two guests; the second is let go earlier."""
    early = evolve(
        HELD,
        key="p1:freeze:s2",
        name="app",
        thaw_asked_at=early_thaw_at,
        thawed_at=early_thaw_at + 0.01,
    )
    cut = CutEvidence("p1:snapshot:v2", (early.key,), asked_at=0.2, ready_at=0.4)
    return evolve(GOOD, guests=(HELD, early), cuts=(CUT, evolve(cut, **late_cut)))


def test_a_guest_thawed_once_its_own_snapshots_are_there_is_consistent():
    """What is cut of the others stays as it was until they are thawed themselves."""
    both = ("p1:freeze:s2", HELD.key)

    assert with_two_guests(early_thaw_at=0.5).consistent
    assert with_two_guests(early_thaw_at=0.5, held_by=both).consistent


@pytest.mark.parametrize(
    ("certificate", "why"),
    [
        (with_two_guests(early_thaw_at=0.3), "was not there before its guest"),
        (
            with_two_guests(early_thaw_at=0.3, held_by=("p1:freeze:s2", HELD.key)),
            "was not there before its guest",
        ),
        (with_two_guests(early_thaw_at=0.05), "before every guest was frozen"),
    ],
)
def test_a_guest_thawed_before_its_own_snapshots_are_there_is_not(certificate, why):
    """A volume that two guests share needs both."""
    assert not certificate.consistent
    assert why in "; ".join(certificate.problems)
