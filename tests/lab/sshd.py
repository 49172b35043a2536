"""A real sshd on the loopback device, for one user with one key."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from tests.lab.place import until
from tests.ports import free_port

PROGRAM = "/usr/sbin/sshd"
CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {directory}/host
AuthorizedKeysFile {directory}/key.pub
PasswordAuthentication no
PermitRootLogin prohibit-password
UsePAM no
StrictModes no
PidFile none
"""


@frozen
class Sshd:
    """A daemon that listens, and how to reach it."""

    directory: Path
    port: int
    process: "subprocess.Popen[bytes]"

    @property
    def command(self) -> list[str]:
        """The client, with what an operator would have in a configuration file."""
        known = f"UserKnownHostsFile={self.directory}/known"
        key = str(self.directory / "key")
        port = str(self.port)
        return ["ssh", "-F", "none", "-p", port, "-i", key, "-o", known]

    @property
    def sessions(self) -> set[int]:
        """The processes that serve its sessions."""
        found: set[int] = set()
        parents = {self.process.pid}
        while parents:
            found |= parents
            parents = {p for p in _children(parents) if _is_sshd(p)} - found
        return found - {self.process.pid}

    def signal_sessions(self, number: signal.Signals) -> None:
        """Do something to every session; what runs in one is not touched."""
        for pid in self.sessions:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


def _children(parents: set[int]) -> set[int]:
    found = set()
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if int((path / "stat").read_text().rsplit(")", 1)[1].split()[1]) in parents:
                found.add(int(path.name))
    return found


def _is_sshd(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().startswith("sshd")
    return False


@contextlib.contextmanager
def sshd(directory: Path) -> Iterator[Sshd]:
    """Start a daemon; it and its sessions are gone in the end."""
    for name in ("host", "key"):
        make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", directory / name]
        subprocess.run(make, check=True)
    port = free_port()
    host_key = (directory / "host.pub").read_text()
    (directory / "known").write_text(f"[127.0.0.1]:{port} {host_key}")
    config = directory / "sshd_config"
    config.write_text(CONFIG.format(port=port, directory=directory))
    Path("/run/sshd").mkdir(exist_ok=True)
    with (
        (directory / "log").open("wb") as log,
        subprocess.Popen([PROGRAM, "-D", "-e", "-f", config], stderr=log) as process,
    ):
        try:
            until(lambda: "listening" in (directory / "log").read_text(), 0.05, 10)
            server = Sshd(directory, port, process)
            yield server
            server.signal_sessions(signal.SIGCONT)
            server.signal_sessions(signal.SIGTERM)
        finally:
            process.terminate()
