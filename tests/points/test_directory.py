"""Manifests in a directory: for their owner alone, whole or not at all."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from vnfdr.errors import ManifestError, UnknownPoint
from vnfdr.manifests import open_manifests

DYING = """
import os, sys
from vnfdr.manifests import open_manifests
os.fsync = lambda _: os._exit(9)
os.makedirs(sys.argv[1] + "/group")
open_manifests(sys.argv[1]).put("group/p1", "half")
"""


@pytest.fixture
def directory(tmp_path):
    """Where manifests will be, two levels below what is there."""
    return tmp_path / "off-site" / "manifests"


@pytest.fixture
def store(directory):
    return open_manifests(directory)


@pytest.fixture
def breaking(monkeypatch):
    """Let a call to the system fail, as a disk makes it fail."""

    def fail(name, number):
        def refuse(*_args, **_kwargs):
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, name, refuse)

    return fail


def names_in(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_takes_the_place_of_a_readable_file_is_not_readable(store, directory):
    """A file that somebody copied there, and let everybody read, is private again."""
    store.put("group/p1", "one")
    (directory / "group" / "p1.json").chmod(0o644)

    store.put("group/p1", "two")

    assert mode(directory / "group" / "p1.json") == 0o600


@pytest.mark.parametrize(
    ("call", "number", "words"),
    [
        ("fsync", errno.ENOSPC, "No space left on device"),
        ("fsync", errno.EIO, "Input/output error"),
        ("replace", errno.EROFS, "Read-only file system"),
    ],
)
def test_a_disk_that_takes_no_more_keeps_what_it_has(
    store, directory, breaking, call, number, words
):
    """The error names place, name and reason; half of a text is left nowhere."""
    store.put("group/p1", "one")
    breaking(call, number)

    with pytest.raises(ManifestError) as full:
        store.put("group/p1", "two")

    assert str(full.value) == f"{directory}: cannot write 'group/p1': {words}"
    assert store.get("group/p1") == "one"
    assert names_in(directory / "group") == ["p1.json"]


@pytest.mark.parametrize(
    ("call", "act"),
    [
        ("mkdir", lambda store: store.put("new/p1", "{}")),
        ("unlink", lambda store: store.delete("group/p1")),
    ],
    ids=["put", "delete"],
)
def test_a_disk_that_is_read_only_changes_nothing(
    store, directory, breaking, call, act
):
    """What was there is there, and can be read."""
    store.put("group/p1", "one")
    breaking(call, errno.EROFS)

    with pytest.raises(ManifestError, match=f"{directory}: cannot .* Read-only file"):
        act(store)

    assert store.names() == ("group/p1",)
    assert store.get("group/p1") == "one"


def test_what_a_killed_process_left_behind_is_no_manifest(store, directory):
    """A text that was half written is not listed, not read, and in nobody's way."""
    subprocess.run([sys.executable, "-c", DYING, directory], check=False)

    assert len(names_in(directory / "group")) == 1
    assert store.names() == ()
    with pytest.raises(UnknownPoint):
        store.get("group/p1")
    store.put("group/p1", "whole")
    assert store.get("group/p1") == "whole"


def test_only_manifests_are_listed(store, directory):
    """Notes, copies of an editor and directories of any name are something else."""
    store.put("a.json/p1", "{}")
    for name in ("notes.txt", "p1.json~", ".p1.json.swp", ".json"):
        (directory / name).write_text("{}")
    (directory / "b.json").mkdir()

    assert store.names() == ("a.json/p1",)


def test_a_directory_that_cannot_be_looked_into_is_an_error(store, directory, breaking):
    """It is not taken for an empty one: a point may be in it."""
    store.put("group/p1", "{}")
    breaking("scandir", errno.EACCES)

    with pytest.raises(ManifestError) as closed:
        store.names()

    assert (
        str(closed.value) == f"{directory}: cannot list what it has: Permission denied"
    )


@pytest.mark.parametrize("spoil", [Path.mkdir, lambda path: path.write_bytes(b"\xff")])
def test_what_cannot_be_read_is_an_error(store, directory, spoil):
    """A directory in its place, or bytes that are no text: it is there, and no use."""
    store.put("group/p2", "{}")
    spoil(directory / "group" / "p1.json")

    with pytest.raises(ManifestError, match=f"{directory}: cannot read 'group/p1'"):
        store.get("group/p1")


@pytest.mark.parametrize(
    "act",
    [
        lambda store: store.put("group/p1", "{}"),
        lambda store: store.names(),
        lambda store: store.get("group/p1"),
        lambda store: store.delete("group/p1"),
    ],
    ids=["put", "names", "get", "delete"],
)
def test_a_file_is_no_place_for_manifests(store, directory, act):
    """Whoever names one by mistake is told, and not that it is empty."""
    directory.parent.mkdir()
    directory.write_text("something else")

    with pytest.raises(ManifestError, match=f"{directory}: cannot"):
        act(store)

    assert directory.read_text() == "something else"
