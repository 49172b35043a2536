"""A sandboxed group whose window stays open for a while, and ways to meddle with it."""

import json
import os
import subprocess
import sys

import attrs
import pytest

import vnfdr
from tests.processes import Helpers, carrying_out, end, end_helpers
from vnfdr.sandbox import Latency, two_sites

NAMES = ("db", "app", "lb")


@pytest.fixture
def sites(monkeypatch):
    """Two sites whose snapshots take a while."""
    with two_sites(latency=Latency(snapshot=2.0), pace_seconds=0.01) as sites:
        monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(sites.clouds_yaml))
        for name in NAMES:
            sites.a.add_server(name)
        yield sites


@pytest.fixture
def a(sites):
    """Site a, for its operator."""
    return sites.a


@pytest.fixture
def site(sites):
    """Site a, through vnfdr's own adapter."""
    site = vnfdr.connect("site-a")
    yield site
    site.connection.close()


@pytest.fixture
def group():
    """Three servers, of which only snapshots are kept."""
    members = [vnfdr.Member(name, backend="sandbox") for name in NAMES]
    local = vnfdr.BackupPolicy("none", keep="snapshots")
    return attrs.evolve(vnfdr.Group.of("ims", members), backup=local)


@pytest.fixture
def journal(tmp_path):
    """Where runs are recorded."""
    return tmp_path / "runs"


@pytest.fixture
def deeds(journal):
    """What the failsafe of a plan wrote down, in order."""

    def read(plan):
        lines = (journal / f"{plan.id}.failsafe").read_text().splitlines()
        return [json.loads(line)["deed"] for line in lines]

    return read


@pytest.fixture
def no_orphans(sites):
    """A failsafe whose cloud is gone would try to thaw for an hour."""
    yield
    end_helpers(sites.clouds_yaml)


@pytest.fixture
def start(no_orphans, usual_signals):
    """Start Python, as a shell or a kernel does; it is gone at the end of the test."""
    started = []

    def start(*words):
        child = subprocess.Popen(
            [sys.executable, *map(str, words)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            process_group=0,
        )
        started.append(child)
        return child

    yield start
    for child in started:
        end(child)


@pytest.fixture
def controller(start, tmp_path, journal):
    """Start a process that carries a plan out."""
    return lambda plan: start(*carrying_out(plan, tmp_path, journal))


@pytest.fixture
def pids_of(until):
    """Wait for the processes of a window: who works it, and who stands by."""

    def wait(controller=0):
        return until(Helpers(controller or os.getpid()).pids)

    return wait


@pytest.fixture
def helpers():
    """The processes that this process, or another one, started for its window."""

    def of(controller=0):
        return Helpers(controller or os.getpid())

    return of
