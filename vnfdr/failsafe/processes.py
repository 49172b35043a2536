"""Start a process of our own, talk to it, and be rid of it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, Pipe
from multiprocessing.spawn import get_executable
from pathlib import Path
from typing import Self

from attrs import frozen

from vnfdr.errors import FailsafeFailed
from vnfdr.failsafe.environment import without_secrets
from vnfdr.failsafe.logs import level_of_logs, send_logs, take_logs
from vnfdr.failsafe.messages import Leave

END_SECONDS_MAX = 30.0
FATE_SECONDS_MAX = 1.0
STOPPED = os.WSTOPPED | os.WNOHANG | os.WNOWAIT


@frozen
class Child:
    """A process that was started, and the line to it."""

    what: str
    process: "subprocess.Popen[bytes]"
    line: Connection
    logs: threading.Thread
    """Logs what it logs."""

    @classmethod
    def start(cls, what: str, module: str, handles: Sequence[int]) -> Self:
        """Start ``module`` in a session of its own, so that no Ctrl-C reaches it.

        Args:
            what: what people call it.
            module: its ``main`` is called with the numbers of its lines.
            handles: what of ours it inherits.
        """
        ours, theirs = Pipe()
        heard, said = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, said:
            lines = theirs.fileno(), said.fileno()
            words = map(str, (*lines, level_of_logs()))
            # Before it can fail to start: the listener closes what it listens to.
            logs = take_logs(heard, what)
            # Not from the current directory, unless our own modules are.
            command = [_python(), "-P", "-m", module, *words]
            process = subprocess.Popen(  # noqa: S603 - our own module
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={
                    **without_secrets(os.environ),
                    "PYTHONPATH": os.pathsep.join(
                        p or str(Path.cwd()) for p in sys.path
                    ),
                },
                pass_fds=(*lines, *handles),
                start_new_session=True,
            )
        return cls(what, process, ours, logs)

    def send(self, message: object) -> None:
        """Tell it something.

        Raises:
            FailsafeFailed: it is gone.
        """
        try:
            self.line.send(message)
        except OSError as error:
            raise FailsafeFailed(f"{self.what} is gone: {self.fate}") from error

    def answer(self, seconds: float) -> object:
        """Return what it says next.

        Raises:
            FailsafeFailed: it said nothing in time, or is gone.
        """
        try:
            if self.line.poll(seconds):
                answer: object = self.line.recv()
                return answer
        except (OSError, EOFError) as error:
            raise FailsafeFailed(f"{self.what} is gone: {self.fate}") from error
        except Exception as error:  # whatever somebody's value raises when it is made
            raise FailsafeFailed(f"{self.what} cannot be understood") from error
        raise FailsafeFailed(f"{self.what} did not answer within {seconds:g} s")

    @property
    def fate(self) -> str:
        """What became of the process, as far as can be told."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            status = self.process.wait(FATE_SECONDS_MAX)
            if status < 0:
                return f"killed by {signal.Signals(-status).name}"
            return f"it exited with {status}"
        return "it does not talk any more"

    def kill(self) -> None:
        """Let it do nothing more."""
        self.process.kill()

    def end(self, is_needed: Callable[[], bool] = lambda: False) -> None:
        """Let it go, give it time for that, then end it.

        Args:
            is_needed: whether it does by then what nobody else would. If it is at
                work, it is left to that.
        """
        with contextlib.suppress(FailsafeFailed):
            self.send(Leave())
        self.line.close()
        try:
            self.process.wait(END_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            if is_needed() and not self._is_stopped:
                # So that it is no zombie in the end, however long this process lives.
                threading.Thread(target=self.process.wait, daemon=True).start()
                return
            self.process.kill()
            self.process.wait()
        self.logs.join(FATE_SECONDS_MAX)

    @property
    def lives(self) -> bool:
        """Whether it is there still."""
        return self.process.poll() is None

    @property
    def _is_stopped(self) -> bool:
        """Whether somebody stopped it, as SIGSTOP does: it will do nothing."""
        try:
            return bool(os.waitid(os.P_PID, self.process.pid, STOPPED))
        except ChildProcessError:
            return True


def line_of(arguments: Sequence[str]) -> Connection:
    """Return, in the process that was started, the line to who started it.

    What vnfdr logs in this process goes there, too.
    """
    line, logs, level = map(int, arguments[1:])
    send_logs(logs, level)
    return Connection(line)


def _python() -> str:
    """Return what runs Python, where our own process may be something else."""
    return os.fsdecode(get_executable())
