"""A window keeps within its limits, or is given up."""

import attrs
import pytest

import vnfdr
from vnfdr.errors import PreflightFailed, Unprotectable
from vnfdr.sandbox import Effect, Fault


@pytest.fixture
def windows(a):
    """Let the root volume's image of a server say that it is Windows."""

    def be(name):
        (server,) = (s for s in a.servers.values() if s.name == name)
        root = a.volumes[server.attachments[0].volume_id]
        root.image_metadata = {"os_type": "windows"}

    return be


def longest_still(a):
    """For how long the guest that stood still the longest did so."""
    guests = [server.guest for server in a.servers.values()]
    stills = [still for guest in guests for still in guest.stills]
    return max((s.ended_ns - s.began_ns) / 1e9 for s in stills)


@pytest.mark.parametrize("failsafe", [True, False])
def test_a_window_that_reaches_its_limit_is_given_up(site, group, journal, a, failsafe):
    """Snapshots that do not come are not waited for: thaw, then take back."""
    short = attrs.evolve(group, hold_limit_seconds=3.0, lease_seconds=20.0)
    a.faults.add(Fault("create snapshot", Effect.DELAY, resource="lb", seconds=6.0))
    plan = vnfdr.protect(site, short)

    outcome = vnfdr.run(plan, site, journal=journal, failsafe=failsafe)

    assert outcome.verdict is vnfdr.Verdict.COMPENSATED
    assert "the window reached its limit of 3 s" in outcome.reason
    assert not outcome.certificate.consistent
    assert 2.0 < longest_still(a) < 5.0
    assert (a.frozen, a.made) == ([], [])


def test_a_window_that_is_expected_to_be_too_long_is_not_opened(
    site, group, journal, a
):
    """Preflight has an estimate, and refuses before anything is touched."""
    plan = vnfdr.protect(site, attrs.evolve(group, hold_limit_seconds=1.0))

    outcome = vnfdr.run(plan, site, journal=journal)

    assert isinstance(outcome.cause, PreflightFailed)
    assert "over its limit of 1 s" in outcome.reason
    assert "freeze guest" not in a.faults.calls
    assert a.made == []


def test_a_group_with_windows_in_it_has_a_short_window(
    site, group, journal, a, windows
):
    """What its image says is enough; the point is as consistent."""
    windows("app")
    plan = vnfdr.protect(site, group)

    outcome = vnfdr.run(plan, site, journal=journal)

    assert plan.window.hold_limit_seconds == 8
    assert outcome.certificate.consistent
    assert outcome.certificate.hold_limit_seconds == 8


def test_windows_cannot_be_asked_to_hold_for_long(site, group, a, windows):
    """It would thaw itself before the window ends: nothing is touched."""
    windows("app")
    calls = len(a.faults.calls)

    with pytest.raises(Unprotectable, match="Windows in 'app' lets every freeze go"):
        vnfdr.protect(site, attrs.evolve(group, hold_limit_seconds=20.0))

    asked = list(a.faults.calls)[calls:]
    assert all(call.startswith(("show", "list", "issue")) for call in asked), asked
