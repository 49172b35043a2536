"""The benchmark, as far as it can be tried in a moment."""

import json
import subprocess
import sys

import pytest

FIGURES = {
    "bound_seconds",
    "window_seconds",
    "worst_guest_seconds",
    "mean_guest_seconds",
    "to_bound",
    "to_bare_calls",
    "requests",
    "cpu_ms_per_request",
    "cpu_to_bare_calls",
}
TRIED = {
    "strict": {"bare calls", "vnfdr", "TaskFlow"},
    "3 tiers": {"bare calls", "vnfdr", "TaskFlow"},
    "early thaw": {"bare calls", "vnfdr"},
}


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """What the benchmark writes of three servers on a cloud that is nearly at once."""
    path = tmp_path_factory.mktemp("bench") / "report.json"
    asked = {
        "sizes": "3",
        "clouds": "tiny",
        "rounds": "1",
        "script-max": "0",
        "whole": "3",
    }
    options = [f"--{name}={value}" for name, value in asked.items()]
    command = [sys.executable, "-m", "tests.bench", *options, f"--json={path}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=300)
    return json.loads(path.read_text())


def test_every_way_is_measured(report):
    """Each shape of a window is tried in each way, and has every figure."""
    tried = {}
    for window in report["windows"]:
        tried.setdefault(window["shape"], set()).add(window["way"])
        assert window["servers"] == 3
        assert all(window[figure] > 0 for figure in FIGURES)

    assert tried == TRIED


def test_what_is_measured_is_a_recovery_point(report):
    """No way is quick because it takes something that is not one moment."""
    assert [w["way"] for w in report["windows"] if not w["consistent"]] == []


def test_vnfdr_looks_once_a_tick_and_predicts(report):
    """One request shows all snapshots, and there is a prediction for each window."""
    ours = [window for window in report["windows"] if window["way"] == "vnfdr"]

    assert [window["polls_per_tick"] for window in ours] == [1.0] * len(TRIED)
    assert all(window["prediction"] > 0 for window in ours)


def test_the_rest_is_measured_too(report):
    """Plans, starts and a whole run have figures, and every goal is judged."""
    assert report["plan"]["seconds"] > 0
    assert report["start_up"].keys() == {"import vnfdr", "vnfdr --help", "vnfdr thaw"}
    assert report["whole_run"]["committed"]
    assert all(isinstance(goal["reached"], bool) for goal in report["goals"])
    assert len(report["goals"]) > len(report["start_up"])


def test_a_kill_is_measured():
    """The failsafe's benchmark tells both of its figures, by what the guests saw."""
    command = [sys.executable, "-m", "tests.bench.failsafe", "--kills=1"]

    done = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=300
    )

    one, median, last = done.stdout.splitlines()
    assert int(one.split(" with ")[1].split()[0]) > 0
    assert [line[:4] in {"pass", "FAIL"} for line in (median, last)] == [True, True]
