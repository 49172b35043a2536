"""``kill -9`` in each phase, then ``vnfdr resume``. On a real cloud."""

import json
import subprocess
import sys

import pytest

import vnfdr
from tests.lab import guests, upkeep
from tests.lab.place import until


def resume(plan, tmp_path):
    """Resume from a shell; return the exit status and what it printed."""
    command = ["vnfdr", "resume", plan.id, "--journal", str(tmp_path / "runs")]
    done = subprocess.run(
        [sys.executable, "-m", *command, "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def read_until(child, wanted):
    for line in child.stdout:
        if wanted in line:
            return
    pytest.fail(f"the run ended without {wanted!r}")


@pytest.mark.parametrize("frozen", [11, 13], ids=["freezing", "all frozen"])
def test_killed_in_the_window(
    local, site, doomed, tmp_path, site_a, before, domains, frozen
):
    """The failsafe thaws; resuming takes back whatever snapshots there are."""
    plan = vnfdr.protect(site, local)
    child = doomed(plan)
    until(lambda: guests.frozen_status(domains[frozen]) == "frozen", 0.01)
    child.kill()
    child.wait()
    until(lambda: {guests.frozen_status(d) for d in domains.values()} == {"thawed"})
    record = tmp_path / "runs" / f"{plan.id}.failsafe"
    # It writes that down after the last thaw, if it was in the window.
    until(lambda: '"thawed"' in record.read_text())

    status, told = resume(plan, tmp_path)

    assert (status, told["verdict"]) == (1, "compensated")
    assert {guests.frozen_status(d) for d in domains.values()} == {"thawed"}
    assert upkeep.leftovers(site_a, before) == []


@pytest.mark.parametrize(
    "moment",
    ["checked", "phase window", ":stamp:", ":volume:", ":backup:", ":delete-snapshot:"],
)
def test_killed_outside_the_window(
    site, doomed, tmp_path, site_a, before, domains, moment
):
    """Resuming goes on to the end; everything is there once."""
    plan = vnfdr.protect(site, vnfdr.Group.of("one", ["lb-1"]))
    child = doomed(plan)
    read_until(child, moment)
    child.kill()
    child.wait()

    status, told = resume(plan, tmp_path)

    assert (status, told["verdict"]) in {(0, "committed"), (1, "compensated")}
    assert guests.frozen_status(domains[13]) == "thawed"
    new = upkeep.inventory(site_a).since(before)
    count = 2 if status == 0 else 0
    assert (len(new.backups), len(new.volumes), len(new.snapshots)) == (count, count, 0)
    assert status == 0 or moment in {"checked", "phase window"}
