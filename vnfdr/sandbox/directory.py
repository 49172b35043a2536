"""A directory that a sandbox has for itself, and leaves as it was."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from vnfdr.errors import InputError

CLAIM = "in-use-by-a-sandbox"
"""The first file that a sandbox writes: of two that want a directory, one has it."""


@contextmanager
def own_directory(wanted: Path | None) -> Iterator[Path]:
    """Have a directory for oneself: ``wanted``, or a temporary one.

    What is in it when the block ends is removed, and so is the directory, unless it
    was there before.

    Raises:
        InputError: something is in it already, or it cannot be written.
    """
    if wanted is None:
        with tempfile.TemporaryDirectory(
            prefix="vnfdr-sandbox-", ignore_cleanup_errors=True
        ) as made:
            yield Path(made)
        return
    place = wanted.absolute()
    is_new = not place.exists()
    try:
        place.mkdir(parents=True, exist_ok=True)
        _claim(place)
    except OSError as error:
        raise InputError(
            f"directory {place} cannot be used: {error.strerror}; name another one"
        ) from error
    try:
        yield place
    finally:
        for path in place.iterdir():
            shutil.rmtree(path, ignore_errors=True)
            with suppress(OSError):
                path.unlink(missing_ok=True)
        if is_new:
            with suppress(OSError):
                place.rmdir()


def _claim(place: Path) -> None:
    claim = place / CLAIM
    try:
        claim.touch(exist_ok=False)
    except FileExistsError as error:
        raise InputError(
            f"directory {place} belongs to another sandbox, or to one that was killed;"
            " name another one, or remove it"
        ) from error
    if others := sorted(path.name for path in place.iterdir() if path != claim):
        claim.unlink()
        raise InputError(
            f"directory {place} is not empty: it has {others[0]}; name another one"
        )
