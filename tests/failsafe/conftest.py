"""A sandboxed group whose window stays open for a while, and ways to meddle with it."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

import vnfdr
from vnfdr.sandbox import Latency, two_sites

NAMES = ("db", "app", "lb")
CONTROLLER = """
import sys, vnfdr
plan = vnfdr.load_plan(open(sys.argv[1]).read())
outcome = vnfdr.run(plan, vnfdr.connect("site-a"), journal=sys.argv[2])
print(outcome.verdict.value)
"""


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
def no_orphans(sites):
    """A failsafe whose cloud is gone would try to thaw for an hour."""
    yield
    mark = f"OS_CLIENT_CONFIG_FILE={sites.clouds_yaml}".encode()
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (path / "cmdline").read_bytes()
            is_ours = mark in (path / "environ").read_bytes().split(b"\0")
            if b"vnfdr.failsafe." in command and is_ours:
                os.kill(int(path.name), signal.SIGKILL)


@pytest.fixture
def controller(tmp_path, journal, no_orphans):
    """Start a process that carries a plan out; it is gone at the end of the test."""
    started = []

    def start(plan):
        path = tmp_path / "plan.json"
        path.write_text(vnfdr.dump_plan(plan))
        command = [sys.executable, "-c", CONTROLLER, str(path), str(journal)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        started.append(child)
        return child

    yield start
    for child in started:
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(signal.SIGCONT)
        child.kill()
        child.wait()
        child.stdout.close()


@attrs.frozen
class Helpers:
    """The processes that a controller has started for its window."""

    controller: int

    def pid(self, role):
        """Return the process of a role, ``working`` or ``standing``; 0 if none."""
        for path in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                parent = int((path / "stat").read_text().rsplit(")", 1)[1].split()[1])
                command = (path / "cmdline").read_bytes().split(b"\0")
                is_it = f"vnfdr.failsafe.{role}".encode() in command
                if is_it and parent == self.controller:
                    return int(path.name)
        return 0


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
