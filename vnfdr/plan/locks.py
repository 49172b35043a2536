"""Who carries a run out: a lock that the kernel takes back when its holder dies.

The file of a lock says who took it, and stays as long as the run needs somebody.
"""

import fcntl
import json
import os
import socket
from pathlib import Path
from typing import Self

from attrs import asdict, frozen

from vnfdr.errors import JournalBusy
from vnfdr.plan.clock import Clock


@frozen
class Holder:
    """A process that carries a run out, or did.

    Args:
        pid: its number.
        host: the machine that it runs on.
        since: when it began, for people.
    """

    pid: int
    host: str
    since: str

    @classmethod
    def me(cls, clock: Clock) -> Self:
        """Return this process."""
        since = clock.date().isoformat(timespec="seconds")
        return cls(os.getpid(), socket.gethostname(), since)

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}, since {self.since}"


@frozen
class FileLock:
    """The right to carry out one run."""

    path: Path
    handle: int

    @classmethod
    def take(cls, path: Path, clock: Clock) -> Self:
        """Take the lock, and say who has it.

        Raises:
            JournalBusy: another process has it.
            OSError: there is no writing at ``path``.
        """
        lock = cls._taken(path)
        if lock is None:
            raise busy(path)
        try:
            os.ftruncate(lock.handle, 0)
            os.write(lock.handle, json.dumps(asdict(Holder.me(clock))).encode())
        except OSError:
            os.close(lock.handle)
            raise
        return lock

    @classmethod
    def _taken(cls, path: Path) -> Self | None:
        """Return the lock unless somebody has it."""
        while True:
            handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _is_there(path, handle):
                    return cls(path, handle)
            except BlockingIOError:
                os.close(handle)
                return None
            except BaseException:
                os.close(handle)
                raise
            # Its last holder removed it meanwhile: what we have is nobody's lock.
            os.close(handle)

    def release(self, *, is_over: bool) -> None:
        """Give the lock back; nobody needs its file when the run is over."""
        if is_over:
            self.path.unlink(missing_ok=True)
        os.close(self.handle)


def is_held(path: Path) -> bool:
    """Tell whether a process that lives has the lock."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def busy(path: Path) -> JournalBusy:
    """Return the error for a run that somebody carries out."""
    holder = holder_of(path) or "another process"
    return JournalBusy(f"run {path.stem} is being carried out already, by {holder}")


def holder_of(path: Path) -> Holder | None:
    """Return who took the lock last, if that can be read."""
    try:
        return Holder(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _is_there(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False
