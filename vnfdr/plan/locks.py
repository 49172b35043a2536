"""Who carries a run out: a lock that the kernel takes back when its holder dies.

The file of a lock says who took it, and stays as long as the run needs somebody.

A process that is forked has all open files of its parent, and with them would keep its
locks, however that ends: so it closes them first of all.
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

_open: set[int] = set()
"""The files of this process that are locked, or are about to be."""


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
            close_lock(lock.handle)
            raise
        return lock

    @classmethod
    def _taken(cls, path: Path) -> Self | None:
        """Return the lock unless somebody has it."""
        while True:
            handle = open_lock(path)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _is_there(path, handle):
                    return cls(path, handle)
            except BlockingIOError:
                close_lock(handle)
                return None
            except BaseException:
                close_lock(handle)
                raise
            # Its last holder removed it meanwhile: what we have is nobody's lock.
            close_lock(handle)

    def release(self, *, is_over: bool) -> None:
        """Give the lock back; nobody needs its file when the run is over."""
        if self.handle not in _open:
            # We are a child of the process that has it.
            return
        if is_over:
            self.path.unlink(missing_ok=True)
        close_lock(self.handle)


def is_held(path: Path) -> bool:
    """Tell whether a process that lives has the lock."""
    try:
        handle = open_lock(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        close_lock(handle)
    return False


def open_lock(path: Path, flags: int = os.O_CREAT | os.O_RDWR) -> int:
    """Open a file that is to be locked."""
    handle = os.open(path, flags, 0o600)
    _open.add(handle)
    return handle


def close_lock(handle: int) -> None:
    """Unlock a file and close it."""
    _open.discard(handle)
    # A child that is being forked has it still: closing alone would not unlock it.
    fcntl.flock(handle, fcntl.LOCK_UN)
    os.close(handle)


def _close_those_of_the_parent() -> None:
    """Close what was open when this process was forked; that unlocks nothing."""
    while _open:
        os.close(_open.pop())


os.register_at_fork(after_in_child=_close_those_of_the_parent)


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
