"""The examples that need no cloud run as they stand."""

import subprocess
import sys


def test_a_runbook_is_tried_offline(tmp_path):
    """One snapshot fails; the guests are thawed and nothing is left."""
    done = subprocess.run(
        [sys.executable, "examples/try_a_runbook_offline.py"],
        capture_output=True,
        text=True,
        check=False,
        env={"VNFDR_JOURNAL": str(tmp_path)},
    )

    assert done.returncode == 0, done.stderr
    assert "compensated" in done.stdout
    assert "guests frozen: none" in done.stdout
    assert "left behind: nothing" in done.stdout
