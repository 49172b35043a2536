"""The processes that a run starts, seen from outside."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

from attrs import frozen

import vnfdr

ROLES = ("working", "standing")
"""Who works the window, and who stands by to thaw."""


@frozen
class Helpers:
    """The processes that a controller has started for its window."""

    controller: int

    def pid(self, role: str) -> int:
        """Return the process of a role; 0 if there is none."""
        for path in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                parent = int((path / "stat").read_text().rsplit(")", 1)[1].split()[1])
                command = (path / "cmdline").read_bytes().split(b"\0")
                is_it = f"vnfdr.failsafe.{role}".encode() in command
                if is_it and parent == self.controller:
                    return int(path.name)
        return 0

    def pids(self) -> dict[str, int]:
        """Return both, by role; nothing before both are there."""
        found = {role: self.pid(role) for role in ROLES}
        return found if all(found.values()) else {}


CONTROLLER = """
import sys, vnfdr
plan = vnfdr.load_plan(open(sys.argv[1]).read())
outcome = vnfdr.run(plan, vnfdr.connect("site-a"), journal=sys.argv[2])
print(outcome.verdict.value)
"""


def carrying_out(plan: vnfdr.Plan, directory: Path, journal: Path) -> list[str]:
    """Return what to say to Python: carry a plan out, and print how it ended."""
    path = directory / f"{plan.id}.json"
    path.write_text(vnfdr.dump_plan(plan))
    return ["-c", CONTROLLER, str(path), str(journal)]


def start_controller(
    plan: vnfdr.Plan, directory: Path, journal: Path, clouds_yaml: Path
) -> "subprocess.Popen[str]":
    """Start a process that carries a plan out, and finds its cloud in that file."""
    command = [sys.executable, *carrying_out(plan, directory, journal)]
    where = {"OS_CLIENT_CONFIG_FILE": str(clouds_yaml)}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, **where}
    )


def end(child: "subprocess.Popen[str]") -> None:
    """End a process, though it may have been stopped, or have ended by itself."""
    with contextlib.suppress(ProcessLookupError):
        child.send_signal(signal.SIGCONT)
    child.kill()
    child.communicate()


def end_helpers(clouds_yaml: Path) -> None:
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
