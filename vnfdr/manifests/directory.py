"""Manifests in a directory, which had better be on another site's storage."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from vnfdr.errors import ManifestError, UnknownPoint
from vnfdr.manifests.codec import text_of
from vnfdr.manifests.naming import is_name, names_at, parts_of
from vnfdr.private import make_directory, sync_directory


@frozen
class DirectoryStore:
    """A directory; each manifest is a file that only its owner can read."""

    directory: Path

    @property
    def place(self) -> str:
        return str(self.directory)

    def put(self, name: str, text: str) -> None:
        path = self._path(name)
        try:
            make_directory(path.parent)
            _replace(path, text.encode())
        except (OSError, UnicodeEncodeError) as error:
            raise self._failed(f"cannot write {name!r}", error) from error

    def get(self, name: str) -> str:
        try:
            if is_name(name):
                data = self._path(name).read_bytes()
                return text_of(data, f"{self.place}: cannot read {name!r}")
        except FileNotFoundError:
            pass
        except OSError as error:
            raise self._failed(f"cannot read {name!r}", error) from error
        raise UnknownPoint(f"{self.place} has no manifest {name!r}")

    def names(self) -> tuple[str, ...]:
        try:
            is_there = self.directory.is_dir()
            found = [
                path.relative_to(self.directory) for path in _files(self.directory)
            ]
        except OSError as error:
            what = "cannot list what it has"
            raise self._failed(what, error) from error
        if not is_there:
            raise ManifestError(f"{self.place}: there is no such directory")
        return names_at(path.as_posix() for path in found)

    def delete(self, name: str) -> None:
        path = self._path(name)
        try:
            path.unlink()
            sync_directory(path.parent)
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._failed(f"cannot delete {name!r}", error) from error

    def _path(self, name: str) -> Path:
        return self.directory.joinpath(*parts_of(name))

    def _failed(self, what: str, error: Exception) -> ManifestError:
        reason = getattr(error, "strerror", None) or error
        return ManifestError(f"{self.place}: {what}: {reason}")


def _replace(path: Path, data: bytes) -> None:
    """Put a file in place of another: all of it or none, whatever happens meanwhile."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(handle)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def _files(directory: Path) -> Iterator[Path]:
    """Yield all files below a directory, or fail where it cannot be looked into."""
    for place, _, names in os.walk(directory, onerror=_fail):
        yield from (Path(place, name) for name in names)


def _fail(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):  # It has just been deleted.
        raise error
