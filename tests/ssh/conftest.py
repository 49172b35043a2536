"""Machines that ssh reaches: each is a directory, its processes run here."""

import contextlib
import os
import shutil
import signal
from pathlib import Path

import pytest
from attrs import field, frozen

from vnfdr.backends import sessions
from vnfdr.backends.ssh import SshQuiesce
from vnfdr.model import Guest

BIN = Path(__file__).parent / "bin"
# None of these is there: a stand-in that fails to be called freezes nothing real.
MOUNTS = r"""
22 1 0:20 / /proc rw,nosuid shared:5 - proc proc rw
28 1 254:1 / /vm rw,relatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro
29 28 254:15 / /vm/efi rw,relatime - vfat /dev/vda15 rw,fmask=0077
40 28 7:0 / /vm/snap ro,nodev shared:7 - squashfs /dev/loop0 ro
41 28 254:16 / /vm/data rw,relatime shared:9 - xfs /dev/vdb rw,attr2
42 28 254:16 /sub /vm/bind ro,relatime shared:9 - xfs /dev/vdb rw,attr2
43 41 7:1 / /vm/data/with\040space rw - ext4 /dev/loop1 rw
"""


@frozen
class Machine:
    """A machine, and what is frozen on it."""

    directory: Path

    @property
    def name(self):
        return self.directory.name

    @property
    def guest(self):
        return Guest(f"s-{self.name}", self.name, self.name)

    @property
    def frozen(self):
        return {path.name[6:] for path in self.directory.glob("frozen_*")}

    @property
    def calls(self):
        """What fsfreeze was called with, in order."""
        calls = self.directory / "calls"
        return calls.read_text().splitlines() if calls.exists() else []

    def has(self, mark, text=""):
        """Let something be so: ``hang_data``, for instance."""
        (self.directory / mark).write_text(text)

    def has_not(self, mark):
        (self.directory / mark).unlink()

    @property
    def processes(self):
        """The numbers of the processes that run on it."""
        return _with(f"MACHINE={self.directory}")

    def only_a_timer_since(self, before):
        """Tell whether all that came since is a timer, and what it sleeps in."""
        came = self.processes - before
        return len(came) == 2 and any(_words(pid)[:1] == ["sleep"] for pid in came)

    @property
    def clients(self):
        """The numbers of the ssh clients that are connected to it."""
        ours = _with(f"MACHINES={self.directory.parent}", program=str(BIN / "ssh"))
        return {pid for pid in ours if self.name in _words(pid)}


def _with(setting, program=""):
    """Return which processes have it in their environment, us excepted."""
    found = set()
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            environment = (path / "environ").read_text(errors="replace").split("\0")
            if setting in environment and (not program or program in _words(path.name)):
                found.add(int(path.name))
    return found - {os.getpid()}


def _words(pid):
    """Return the command line of a process; nothing if it has ended meanwhile."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")
    return []


@frozen
class Cloud:
    """As much of a site as a backend needs."""

    settings: dict[str, object] = field(factory=dict)
    name: str = "site-a"


@pytest.fixture(autouse=True)
def add(tmp_path, monkeypatch):
    """Put machines there; nothing that runs on them outlives the test."""
    machines = tmp_path / "machines"
    monkeypatch.setenv("MACHINES", str(machines))

    def add(name="db", shell="dash"):
        directory = machines / name
        (directory / "bin").mkdir(parents=True)
        (directory / "bin" / "sh").symlink_to(shutil.which(shell))
        (directory / "mountinfo").write_text(MOUNTS.lstrip())
        (directory / "refuse_vm_efi").write_text("Operation not supported")
        return Machine(directory)

    yield add
    for pid in _with(f"MACHINES={machines}"):
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def machine(add):
    """A machine with three file systems that can be frozen."""
    return add()


@pytest.fixture
def cloud():
    """A cloud whose ssh is the stand-in."""
    return Cloud({"ssh": {"command": [str(BIN / "ssh")]}})


@pytest.fixture
def backend(cloud):
    """The backend under test; its sessions are closed in the end."""
    backend = SshQuiesce(cloud)
    yield backend
    for server_id in list(backend._lines):  # noqa: SLF001 - nobody else knows them
        backend.settle(Guest(server_id, server_id))


@pytest.fixture
def prepared(backend, machine):
    """A machine whose guest was prepared, and has its calls forgotten."""
    backend.prepare(machine.guest, timeout_seconds=3, lease_seconds=30)
    return machine


@pytest.fixture
def frozen_(backend, prepared):
    """A machine whose guest is frozen."""
    backend.freeze(prepared.guest)
    return prepared


@pytest.fixture
def early_timers(monkeypatch):
    """Let the timer of a guest be no later than its failsafe."""
    monkeypatch.setattr(sessions, "SECOND_LINE_MARGIN_SECONDS", 0.0)
