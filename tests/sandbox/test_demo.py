"""The demonstration: what it claims is there, and it fails if that is not so."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import openstack
import pytest

PATIENCE_SECONDS = 400
DEMO = [sys.executable, "examples/demo.py"]
JUDGE_THAT_SEES_NOTHING = """
import runpy, sys
from vnfdr.sandbox import Site
from vnfdr.sandbox.consistency import Verdict
Site.judge = lambda site, taken: Verdict((), ())
sys.path.insert(0, "examples")
runpy.run_path("examples/demo.py", run_name="__main__")
"""


@pytest.fixture
def demo(tmp_path):
    """Run the demonstration, with its clouds kept; return it and what it told."""
    process = subprocess.Popen(
        [*DEMO, "--keep"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={"TMPDIR": str(tmp_path)},
    )
    told = ""
    for line in process.stdout:
        told += line
        if "vnfdr protect" in line:
            break
    yield process, told
    process.kill()
    process.communicate()


def figures(told, pattern):
    """The numbers that it told."""
    found = re.search(pattern, told, re.DOTALL)
    assert found, told
    return [int(each.replace(",", "")) for each in found.groups()]


def test_the_demonstration_shows_what_it_claims(demo, tmp_path, monkeypatch):
    """Each claim is there with its figures, and its clouds can be talked to."""
    process, told = demo

    assert re.findall(r"^(\d)\. ", told, re.MULTILINE) == list("1234567"), told
    broken, saved = figures(told, r"contradictions +(\d+) +(\d+)")
    assert broken > saved == 0
    assert len(re.findall(r"^  - ", told, re.MULTILINE)) == broken
    assert figures(told, r"disks to recover +(\d+) +(\d+)") == [6, 0]
    first, second = figures(told, r"first run: +([\d,]+) .*second run: +([\d,]+)")
    assert 0 < second < first / 10
    assert "consistent: all held together for" in told
    assert re.search(r"ims-db-1 +░+█+░+ +\d\.\d\d s\n", told)
    failure = told[told.index("6. When") :]
    assert ": compensated\n" in failure
    assert "guests frozen: none\n  left behind: nothing\n" in failure
    clouds = re.search(r"export OS_CLIENT_CONFIG_FILE=(.*)", told)[1]
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", clouds)
    with openstack.connect("site-a") as connection:
        assert len(list(connection.block_storage.backups())) == 12
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE_SECONDS) == 0
    assert list(Path(tmp_path).iterdir()) == []


def test_a_demonstration_that_shows_nothing_fails():
    """Were the unfrozen snapshots one moment, it would try again, say so, and fail."""
    done = subprocess.run(
        [sys.executable, "-c", JUDGE_THAT_SEES_NOTHING],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )

    assert done.returncode == 1
    assert done.stdout.count("hit one moment by luck") == 5
    assert done.stderr.startswith("NOT TRUE: 0 records quote what was lost")
