"""The processes of a run, as whoever kills them sees them."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import attrs

import vnfdr

CONTROLLER = """
import sys, vnfdr
plan = vnfdr.load_plan(open(sys.argv[1]).read())
outcome = vnfdr.run(plan, vnfdr.connect("site-a"), journal=sys.argv[2])
print(outcome.verdict.value)
"""


def start_controller(plan, directory, journal, clouds_yaml=None):
    """Start a process that carries a plan out, and prints how it ended.

    ``clouds_yaml`` is where it finds its cloud, if not where this process does.
    """
    path = directory / "plan.json"
    path.write_text(vnfdr.dump_plan(plan))
    command = [sys.executable, "-c", CONTROLLER, str(path), str(journal)]
    where = {"OS_CLIENT_CONFIG_FILE": str(clouds_yaml)} if clouds_yaml else {}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, **where}
    )


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


def end_helpers(clouds_yaml):
    """End the workers and failsafes of a cloud that goes away.

    A failsafe would try to thaw its guests for an hour.
    """
    mark = f"OS_CLIENT_CONFIG_FILE={clouds_yaml}".encode()
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (path / "cmdline").read_bytes()
            is_ours = mark in (path / "environ").read_bytes().split(b"\0")
            if b"vnfdr.failsafe." in command and is_ours:
                os.kill(int(path.name), signal.SIGKILL)
