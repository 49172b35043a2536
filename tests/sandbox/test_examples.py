"""The examples run as they stand."""

import json
import os
import subprocess
import sys

import pytest

import vnfdr
from tests.sandbox.away import NAMES, seen, servers_of
from vnfdr.groupfile import dump_group


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


@pytest.fixture
def script(sites, away):
    """Run an example on the sandbox; return what it prints."""

    def run(name, *words):
        done = subprocess.run(
            [sys.executable, f"examples/{name}.py", *map(str, words)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "VNFDR_JOURNAL": str(away.journal)},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture
def point(a, site, away):
    """A point of three servers at work at site a."""
    for name in NAMES:
        a.add_server(name)
    return away.protect(site)


@pytest.fixture
def mapped(away, point, tmp_path):
    """Write a mapping to a site into a file, return its path."""

    def write(site):
        path = tmp_path / f"{site.name}.yaml"
        path.write_text(vnfdr.dump_mapping(away.mapping(point, site)))
        return path

    return write


def test_a_group_fails_over_and_back(a, b, site, other, away, mapped, script, tmp_path):
    """There with one script; home with another, which confirms itself."""
    told = script("fail_over", away.place, "ims", mapped(other))
    vnfdr.confirm(told.split("run ")[1].split()[0], journal=away.journal)
    for server in list(a.servers.values()):
        site.servers.delete(server.id)
    (tmp_path / "group.yaml").write_text(dump_group(away.group()))

    script("fail_back", tmp_path / "group.yaml", "site-b", mapped(site))

    assert list(servers_of(b)) == list(NAMES)
    assert list(servers_of(a)) == list(NAMES)


def test_a_failover_is_rehearsed(b, other, away, mapped, script, tmp_path):
    """The report is where it was asked for, and nothing else is left."""
    before = seen(b)

    told = script("rehearse", away.place, "ims", mapped(other), tmp_path / "rto.json")

    assert "all servers at work after" in told
    assert json.loads((tmp_path / "rto.json").read_text())["rto_seconds"] > 0
    assert seen(b) == before


def test_a_group_is_cloned(a, away, point, script):
    """An upgrade can be tried, and nothing remains of that."""
    before = seen(a)

    told = script("clone_a_group", away.place, "ims", "site-a")

    assert "boot 'clone-db'" in told
    assert "Here is where the upgrade is tried." in told
    assert seen(a) == before
