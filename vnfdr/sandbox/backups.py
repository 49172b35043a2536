"""Backups on a file system that both sites share, as Cinder's POSIX driver keeps them.

A backup is a directory: objects, which are compressed runs of blocks, and what it
knows of itself: its parent, and the SHA-256 of every block of the source that is not
all zeros. An increment has only the blocks whose hash is not its parent's. Nothing
says whose a backup is: to delete it at one site deletes it for the other.
"""

import hashlib
import json
import re
import shutil
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from vnfdr.sandbox.blocks import BLOCK_BYTES, ZEROS
from vnfdr.sandbox.disks import Disk, Image

BLOCKS_PER_OBJECT_MAX = 1024
"""An object is one run of neighbouring blocks, of at most 32 MiB."""

PIECE_BYTES = 2**20
"""How much of an object is written to a new disk at once, or is not if all zeros."""

_COMPRESSION = 1
_ABOUT = "about.json"


class BackupMissingError(Exception):
    """A backup, or a link of its chain, is not in the store."""


class BackupRefusedError(Exception):
    """The backup does not fit: a full one is needed, or a bigger disk."""


@frozen
class Saved:
    """What a backup took."""

    object_count: int
    stored_bytes: int
    """Of the objects: compressed, and without the list of hashes."""


@frozen
class _About:
    """What a backup knows of itself."""

    size_bytes: int
    parent: str | None
    hashes: Mapping[int, str]
    """Of the blocks that are not all zeros."""
    objects: Mapping[int, int]
    """First block to stored bytes."""
    source: Mapping[str, Any]
    """What the source was like, in Cinder's words."""


@define(eq=False)
class BackupStore:
    """All backups in ``directory``; any number of stores may share it."""

    directory: Path = field(converter=Path)

    def save(
        self,
        source: Disk | Image,
        backup_id: str,
        parent: str | None = None,
        like: Mapping[str, Any] | None = None,
    ) -> Saved:
        """Back ``source`` up: in full, or what differs from ``parent``.

        A disk that is written to meanwhile is backed up as it was in the beginning.
        What it is ``like`` is kept beside its bytes.
        """
        before: Mapping[int, str] = {}
        if parent is not None:
            about = self._about(parent)
            if about.size_bytes < source.size_bytes:
                raise BackupRefusedError(
                    f"{source.id} has grown since backup {parent}: do a full backup"
                )
            before = about.hashes
        hashes: dict[int, str] = {}
        place = self._place(backup_id)
        place.mkdir(parents=True)
        try:
            blocks = _differing(source, before, hashes)
            objects = {first: _write(place, first, run) for first, run in _runs(blocks)}
            about = _About(source.size_bytes, parent, hashes, objects, like or {})
            # The last thing written: without it, a backup is not there.
            (place / _ABOUT).write_text(_dumped(about))
        except BaseException:
            self.delete(backup_id)
            raise
        return Saved(len(objects), sum(objects.values()))

    def restore(self, backup_id: str, disk: Disk, *, is_new: bool = False) -> None:
        """Write the whole chain to ``disk``, oldest first, zeros included.

        Nothing is written if a link is missing. What ``disk`` has beyond the end of
        the backup stays.

        To a disk that ``is_new`` no zeros are written, as in Cinder's own drivers:
        where an increment has zeros, what its parent had shows through.
        """
        chain = list(self._chain(backup_id))
        if chain[0][1].size_bytes > disk.size_bytes:
            raise BackupRefusedError(f"{disk.id} is too small for backup {backup_id}")
        for link, about in reversed(chain):
            if about.parent is None:
                disk.zero_blocks(range(about.size_bytes // BLOCK_BYTES))
            for first in about.objects:
                content = self._object(link, first)
                for at in range(0, len(content), PIECE_BYTES):
                    piece = content[at : at + PIECE_BYTES]
                    if not is_new or any(piece):
                        disk.write(first * BLOCK_BYTES + at, piece)

    def source(self, backup_id: str) -> dict[str, Any]:
        """Return what the source of a backup was like."""
        return dict(self._about(backup_id).source)

    def delete(self, backup_id: str) -> None:
        """Delete the files; to delete twice is no error."""
        shutil.rmtree(self._place(backup_id), ignore_errors=True)

    def _place(self, backup_id: str) -> Path:
        if not re.fullmatch(r"\w[\w.-]*", backup_id):
            raise ValueError(f"{backup_id!r} cannot be the id of a backup")
        return self.directory / backup_id

    def _chain(self, backup_id: str) -> Iterator[tuple[str, _About]]:
        """Yield the backup and its ancestors, the newest first."""
        link: str | None = backup_id
        child = None
        while link is not None:
            try:
                about = self._about(link)
            except BackupMissingError as error:
                if child is None:
                    raise
                raise BackupMissingError(
                    f"backup {backup_id} cannot be restored: backup {link}, the "
                    f"parent of {child}, is not in the store"
                ) from error
            yield link, about
            child, link = link, about.parent

    def _about(self, backup_id: str) -> _About:
        try:
            return _loaded((self._place(backup_id) / _ABOUT).read_text())
        except FileNotFoundError as error:
            raise BackupMissingError(
                f"backup {backup_id} is not in the store"
            ) from error

    def _object(self, backup_id: str, first: int) -> bytes:
        try:
            stored = _object_in(self._place(backup_id), first).read_bytes()
        except FileNotFoundError as error:
            raise BackupMissingError(
                f"backup {backup_id} was deleted while it was restored"
            ) from error
        return zlib.decompress(stored)


def _object_in(place: Path, first: int) -> Path:
    return place / f"{first:08}"


def _write(place: Path, first: int, run: Sequence[bytes]) -> int:
    stored = zlib.compress(b"".join(run), _COMPRESSION)
    return _object_in(place, first).write_bytes(stored)


def _differing(
    source: Disk | Image, before: Mapping[int, str], hashes: dict[int, str]
) -> Iterator[tuple[int, bytes]]:
    """Yield the blocks to store, and note the hashes of all that are there."""
    for index, content in source.blocks():
        hashes[index] = hashlib.sha256(content).hexdigest()
        if before.get(index) != hashes[index]:
            yield index, content
    for index in sorted(before.keys() - hashes.keys()):
        yield index, ZEROS


def _runs(
    blocks: Iterable[tuple[int, bytes]],
) -> Iterator[tuple[int, list[bytes]]]:
    """Gather neighbouring blocks, no more at once than an object has."""
    first, run = 0, list[bytes]()
    for index, content in blocks:
        if run and (index != first + len(run) or len(run) == BLOCKS_PER_OBJECT_MAX):
            yield first, run
            run = []
        first = first if run else index
        run.append(content)
    if run:
        yield first, run


def _dumped(about: _About) -> str:
    return json.dumps(
        {
            "size_bytes": about.size_bytes,
            "parent": about.parent,
            "hashes": list(about.hashes.items()),
            "objects": list(about.objects.items()),
            "source": dict(about.source),
        }
    )


def _loaded(text: str) -> _About:
    raw = json.loads(text)
    return _About(
        raw["size_bytes"],
        raw["parent"],
        dict(raw["hashes"]),
        dict(raw["objects"]),
        raw["source"],
    )
