"""Manifests in a directory, which had better be on another site's storage."""

import os
import tempfile
from pathlib import Path

from attrs import frozen

from vnfdr.errors import ManifestError, UnknownPoint
from vnfdr.private import make_directory

SUFFIX = ".json"


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
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(text.encode())
                    file.flush()
                    os.fsync(file.fileno())
                Path(temporary).replace(path)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
            _sync(path.parent)
            _sync(self.directory)
        except OSError as error:
            raise self._failed(f"cannot write {name!r}", error) from error

    def get(self, name: str) -> str:
        try:
            return self._path(name).read_bytes().decode()
        except FileNotFoundError:
            raise UnknownPoint(f"{self.place} has no manifest {name!r}") from None
        except (OSError, UnicodeDecodeError) as error:
            raise self._failed(f"cannot read {name!r}", error) from error

    def names(self) -> tuple[str, ...]:
        if not self.directory.is_dir():
            raise ManifestError(f"{self.place}: there is no such directory")
        try:
            found = [
                path.relative_to(self.directory).as_posix().removesuffix(SUFFIX)
                for path in self.directory.rglob(f"*{SUFFIX}")
            ]
        except OSError as error:
            raise self._failed(f"cannot list {self.place}", error) from error
        return tuple(sorted(found))

    def delete(self, name: str) -> None:
        try:
            self._path(name).unlink(missing_ok=True)
        except OSError as error:
            raise self._failed(f"cannot delete {name!r}", error) from error

    def _path(self, name: str) -> Path:
        parts = name.split("/")
        assert not {"", ".", ".."} & set(parts), "names are made by vnfdr"
        return self.directory.joinpath(*parts[:-1], parts[-1] + SUFFIX)

    def _failed(self, what: str, error: Exception) -> ManifestError:
        reason = getattr(error, "strerror", None) or error
        return ManifestError(f"{self.place}: {what}: {reason}")


def _sync(directory: Path) -> None:
    """Make the name of a file durable, too."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
