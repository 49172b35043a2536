"""What is on the disks of volumes and snapshots, read from Ceph, not from guests.

An image is copied, sparsely, into a temporary file and read there without being
mounted: what a guest would find if it booted from it now.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from attrs import frozen

from tests.lab.cloud import Member
from tests.lab.place import STATE
from tests.lab.records import Cut, Record, parse

RECORD_FILES = {"data": "/records", "root": "/var/records"}
"""Where the records are on each kind of volume, seen from its own root."""


@frozen
class Disk:
    """What one volume or snapshot holds."""

    records: tuple[Record, ...]
    """The records that a guest would find after booting from it."""
    needs_recovery: bool
    """Whether the guest would have to recover the filesystem's journal first."""


def read(
    kind: str, volume_id: str, snapshot_id: str | None = None, site: str = "site-a"
) -> Disk:
    """Read a "data" or "root" volume, or one of its snapshots."""
    with copied(volume_id, snapshot_id, site) as image:
        recover = needs_recovery(image)
        if recover:
            _run("e2fsck", "-p", "-E", "journal_only", image)
        return Disk(tuple(parse(_dumped(image, RECORD_FILES[kind]))), recover)


def read_cut(
    members: Sequence[Member],
    snapshots: Mapping[str, str | None],
    site: str = "site-a",
) -> dict[int, tuple[Disk, Disk]]:
    """Read the data and root disks of each guest, by volume id to snapshot id.

    Args:
        members: Whose volumes they are.
        snapshots: The snapshot to read of each volume; None for the volume itself.
        site: Where they are.
    """
    with ThreadPoolExecutor(2) as pool:
        jobs = {
            member.guest: (
                pool.submit(
                    read, "data", member.data_id, snapshots[member.data_id], site
                ),
                pool.submit(
                    read, "root", member.root_id, snapshots[member.root_id], site
                ),
            )
            for member in members
        }
        return {g: (data.result(), root.result()) for g, (data, root) in jobs.items()}


def as_cut(disks: Mapping[int, tuple[Disk, Disk]]) -> Cut:
    """Take the records alone, for `tests.lab.records.violations`."""
    return {g: (data.records, root.records) for g, (data, root) in disks.items()}


def needs_recovery(image: Path) -> bool:
    """Tell whether an ext4 image has a journal that must be recovered.

    A filesystem that was frozen has none: that is what freezing is for.
    """
    superblock = _run("dumpe2fs", "-h", image).decode()
    features = next(
        line for line in superblock.splitlines() if line.startswith("Filesystem feat")
    )
    return "needs_recovery" in features.split()


@contextmanager
def copied(
    volume_id: str, snapshot_id: str | None = None, site: str = "site-a"
) -> Iterator[Path]:
    """Copy a volume, or one of its snapshots, into a sparse temporary file."""
    name = f"volumes-{site[-1]}/volume-{volume_id}"
    if snapshot_id:
        name += f"@snapshot-{snapshot_id}"
    command = ["rbd", "export-diff", "--no-progress", name, "-"]
    settings = os.environ | {"CEPH_CONF": str(STATE / "ceph/ceph.conf")}
    with tempfile.TemporaryDirectory(prefix="vnfdr-lab-") as folder:
        image = Path(folder, "image")
        with (
            subprocess.Popen(command, stdout=subprocess.PIPE, env=settings) as export,
            image.open("wb") as target,
        ):
            _apply(export.stdout, target)
        if export.returncode:
            raise FileNotFoundError(name)
        yield image


def _apply(diff: IO[bytes], target: IO[bytes]) -> None:
    """Write out Ceph's "rbd diff v1": only what is not zero, so it is quick."""
    diff.readline()

    def number(size_bytes: int = 8) -> int:
        return int.from_bytes(diff.read(size_bytes), "little")

    while (tag := diff.read(1)) not in (b"e", b""):
        if tag in b"ft":
            diff.read(number(4))
        elif tag == b"s":
            target.truncate(number())
        elif tag == b"w":
            target.seek(number())
            target.write(diff.read(number()))
        else:
            assert tag == b"z", f"the diff has no tag {tag!r}"
            diff.read(16)


def _dumped(image: Path, path: str) -> bytes:
    target = image.with_name("records")
    target.unlink(missing_ok=True)
    _run("debugfs", "-R", f"dump {path} {target}", image)
    return target.read_bytes() if target.exists() else b""


def _run(*command: str | Path) -> bytes:
    done = subprocess.run(command, capture_output=True, check=False)
    # 1 is e2fsck's "errors were corrected".
    if done.returncode not in (0, 1):
        raise OSError(f"{command[0]}: {done.stderr.decode()}")
    return done.stdout
