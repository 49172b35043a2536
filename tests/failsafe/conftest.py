"""A sandboxed group whose window stays open for a while, and ways to meddle with it."""

import contextlib
import json
import os
import signal

import attrs
import pytest

import vnfdr
from tests.failsafe.processes import Helpers, end_helpers, start_controller
from vnfdr.retry import wait_until
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
def until():
    """Wait for something that has to come."""

    def wait(look, seconds=60.0):
        return wait_until(
            lambda: look() or None,
            what="what a test waits for",
            seconds_max=seconds,
            first_wait_seconds=0.005,
            wait_seconds_max=0.01,
        )

    return wait


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
def controller(tmp_path, journal, no_orphans):
    """Start a process that carries a plan out; it is gone at the end of the test."""
    started = []

    def start(plan):
        started.append(start_controller(plan, tmp_path, journal))
        return started[-1]

    yield start
    for child in started:
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(signal.SIGCONT)
        child.kill()
        child.wait()
        child.stdout.close()


@pytest.fixture
def pids_of(until):
    """Wait for the processes of a window: who works it, and who stands by."""

    def wait(controller=0):
        helpers = Helpers(controller or os.getpid())
        until(lambda: helpers.pid("working") and helpers.pid("standing"))
        return {role: helpers.pid(role) for role in ("working", "standing")}

    return wait


@pytest.fixture
def helpers():
    """The processes that this process, or another one, started for its window."""

    def of(controller=0):
        return Helpers(controller or os.getpid())

    return of
