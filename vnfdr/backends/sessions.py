"""Scripts at the other end of ssh: kept running, and asked line by line.

The operator's own OpenSSH client is what runs: its configuration, keys, certificates,
jump hosts and known hosts are theirs, and hold here as they do in their shell.
"""

import contextlib
import itertools
import math
import shlex
import subprocess
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from functools import cache
from importlib.resources import files
from threading import Lock, Thread
from typing import IO, Self

from attrs import field, frozen

from vnfdr.errors import NotQuiescable

CLIENT = ("ssh",)
CONNECT_SECONDS_MAX = 10
GREETING_SECONDS_MAX = 15.0
END_SECONDS_MAX = 1.0
SECOND_LINE_MARGIN_SECONDS = 15.0
"""By how much a timer comes after the failsafe, which has to thaw meanwhile."""

FAILED = 255
"""What the client exits with when it is not the script that failed."""

# It asks nobody anything, shares no connection that somebody else may close, and
# notices within 15 seconds that the other end is gone.
_OPTIONS = (
    "-T",
    *("-o", "BatchMode=yes"),
    *("-o", f"ConnectTimeout={CONNECT_SECONDS_MAX}"),
    *("-o", "ControlMaster=no", "-o", "ControlPath=none"),
    *("-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3"),
)
_MARK = "vnfdr"


class SessionFailed(Exception):
    """A session could not be opened, or has ended; why, as a phrase."""


def second_line_seconds(lease_seconds: float) -> int:
    """Return the time of a timer that thaws when the failsafe did not."""
    return math.ceil(lease_seconds + SECOND_LINE_MARGIN_SECONDS)


@cache
def script(name: str) -> str:
    """Return a script that is shipped with vnfdr."""
    return files("vnfdr.backends").joinpath(name).read_text()


def as_root(command: Sequence[str]) -> tuple[str, ...]:
    """Return the command that runs ``command`` as root: with sudo, unless it is."""
    become = 'if [ "$(id -u)" = 0 ]; then exec "$@"; else exec sudo -n "$@"; fi'
    return ("sh", "-c", become, "sh", *command)


def checked(destination: str) -> str:
    """Return where ssh is to connect to.

    Raises:
        NotQuiescable: ssh would take it for something else.
    """
    odd = not destination or destination.startswith("-") or destination.split()[1:]
    if odd or destination != destination.strip():
        raise NotQuiescable(f"{destination!r} is no address for ssh; correct it")
    return destination


@frozen(eq=False)
class Session:
    """A script that runs at the other end; `ask` it, from any thread."""

    destination: str
    greeting: str
    _process: "subprocess.Popen[bytes]"
    _answers: "dict[int, Future[str]]"
    _numbers: Iterator[int] = field(factory=lambda: itertools.count(1))
    _lock: Lock = field(factory=Lock)

    @classmethod
    def open(
        cls, client: Sequence[str], destination: str, command: Sequence[str]
    ) -> Self:
        """Connect, and start ``command``; return when it has greeted.

        Raises:
            SessionFailed: nobody is there, or lets us in; or it does not greet.
            NotQuiescable: it says that it can never do what it is for.
        """
        there = shlex.join(command)
        try:
            process = subprocess.Popen(  # noqa: S603 - the operator's own client
                [*client, *_OPTIONS, "--", checked(destination), there],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                # No Ctrl-C of somebody's terminal ends it.
                start_new_session=True,
            )
        except OSError as error:
            raise SessionFailed(f"{client[0]!r} cannot be started: {error}") from error
        greeted: Future[str] = Future()
        answers = {0: greeted}
        Thread(
            target=_listen, args=(process, destination, answers), daemon=True
        ).start()
        try:
            return cls(destination, _welcome(greeted), process, answers)
        except (SessionFailed, NotQuiescable):
            _end(process)
            raise

    @property
    def is_open(self) -> bool:
        """Whether it has not ended, as far as is known."""
        return self._process.poll() is None

    def ask(self, verb: str) -> "Future[str]":
        """Send a line; return where its answer comes to.

        Its result is a `SessionFailed` when the session ends before the answer.
        """
        answer: Future[str] = Future()
        with self._lock:
            number = next(self._numbers)
            self._answers[number] = answer
            try:
                assert self._process.stdin, "it was opened with a pipe"
                self._process.stdin.write(f"{number} {verb}\n".encode())
            except (OSError, ValueError):
                _settle(answer, SessionFailed(f"ssh to {self.destination} has ended"))
        if not self.is_open:
            _settle(answer, SessionFailed(f"ssh to {self.destination} has ended"))
        return answer

    def close(self) -> None:
        """End the script's input, and so the script; do not wait for it for long."""
        _end(self._process)


def _welcome(greeted: "Future[str]") -> str:
    try:
        greeting = greeted.result(GREETING_SECONDS_MAX)
    except TimeoutError:
        late = f"no answer within {GREETING_SECONDS_MAX:g} s"
        raise SessionFailed(late) from None
    word, _, rest = greeting.partition(" ")
    if word != "ready":
        raise NotQuiescable(rest)
    return rest


def _listen(
    process: "subprocess.Popen[bytes]",
    destination: str,
    answers: "dict[int, Future[str]]",
) -> None:
    """Hand answers out until there are no more; whatever else is said, is not ours."""
    assert process.stdout, "it was opened with a pipe"
    assert process.stderr, "it was opened with a pipe"
    complaints: deque[str] = deque(maxlen=3)
    listener = Thread(target=_hear, args=(process.stderr, complaints), daemon=True)
    listener.start()
    with process.stdout as said:
        for line in said:
            mark, _, rest = line.decode(errors="replace").strip().partition(" ")
            number, _, answer = rest.partition(" ")
            if mark == _MARK and number.isdecimal() and int(number) in answers:
                _settle(answers[int(number)], answer)
    listener.join()
    status = process.wait()
    why = "; ".join(complaints) or "it ended without a word"
    hint = (
        f"; mend what `ssh -o BatchMode=yes {destination}` complains of"
        if status == FAILED
        else ""
    )
    ended = SessionFailed(f"ssh to {destination} exited with {status}: {why}{hint}")
    for waiting in list(answers.values()):
        _settle(waiting, ended)


def _hear(complaining: IO[bytes], complaints: deque[str]) -> None:
    with complaining as lines:
        for line in lines:
            if text := line.decode(errors="replace").strip():
                complaints.append(text.rstrip("."))


def _settle(answer: "Future[str]", result: str | SessionFailed) -> None:
    """Put what came of a question where its asker looks; the first word counts."""
    with contextlib.suppress(Exception):
        if isinstance(result, SessionFailed):
            answer.set_exception(result)
        else:
            answer.set_result(result)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Hang up; a client that does not go by itself is ended."""
    with contextlib.suppress(OSError):
        assert process.stdin, "it was opened with a pipe"
        process.stdin.close()
    try:
        process.wait(END_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
