"""``vnfdr points``, as a shell sees it."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from vnfdr.plan import SystemClock
from vnfdr.points_command import list_points


@pytest.fixture
def shell(store):
    """Run the command on the place; return its exit status and what it printed."""

    def run(*words):
        runner = CliRunner()
        with runner.isolation() as (out, *_):
            status = list_points.main(
                [store.place, *words], standalone_mode=False, prog_name="vnfdr points"
            )
            return status, out.getvalue().decode()

    return run


@pytest.fixture
def still(monkeypatch):
    """Let it be a certain time, and stay so."""
    return lambda date: monkeypatch.setattr(SystemClock, "date", lambda self: date)


def test_points_are_listed_one_a_line(shell, make, keep):
    """The newest is what the eye falls on."""
    for point in ("20260131T080000Z-aaaaaa", "20260131T120000Z-bbbbbb"):
        keep(make(point))

    status, printed = shell()

    first, second = printed.splitlines()
    assert status == 0
    assert first.startswith("20260131T120000Z-bbbbbb  ims  ")
    assert second.startswith("20260131T080000Z-aaaaaa  ims  ")


def test_points_are_listed_as_json(shell, make, keep):
    """A monitoring system reads how old the newest is."""
    keep(make())

    status, printed = shell("--json", "--group", "ims")

    (found,) = json.loads(printed)
    assert status == 0
    assert found["age_seconds"] > 0
    assert (found["group"], found["whole"], found["damaged"]) == ("ims", True, False)
    assert found["taken_at"] == "2026-01-31T12:00:00+00:00"


def test_a_point_that_was_taken_this_moment_has_an_age(shell, make, keep, still):
    """Zero seconds are an age, and no unknown one."""
    keep(make())
    still(datetime(2026, 1, 31, 12, tzinfo=UTC))

    _, printed = shell("--json")

    assert json.loads(printed)[0]["age_seconds"] == 0


def test_a_damaged_manifest_is_an_alarm(shell, store, make, keep):
    """The status says that somebody has to see to something."""
    keep(make())
    store.put("ims/p1", "{")

    status, printed = shell()

    assert status == 2
    assert "DAMAGED" in printed


def test_a_place_without_points_says_so(shell):
    """Nothing printed would look like something gone wrong."""
    assert shell() == (0, "no points are kept there\n")
