"""Whatever befalls the file of a journal, no entry is read that was not written."""

import contextlib
import shutil
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vnfdr.errors import JournalDamaged, JournalUnwritable
from vnfdr.plan import Entry, Fact, Receipt
from vnfdr.plan.sqlite import SqliteJournal

ENTRIES = tuple(
    Entry(f"p1:{number}", Fact.DONE, Receipt("snapshot", f"id-{number}"), "note " * 30)
    for number in range(40)
)
MORE = Entry("p1:more", Fact.UNDONE)
PLAN = '{"plan": "%s"}' % ("x" * 9000)


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    """Journals as a lost machine leaves them, each a directory of files."""
    place = tmp_path_factory.mktemp("originals")
    with SqliteJournal.create(place / "closed" / "p1.journal", PLAN) as journal:
        journal.append(*ENTRIES)
    for name, moved in (("open", 0), ("partly moved", 20)):
        path = place / f"{name}, living" / "p1.journal"
        with SqliteJournal.create(path, PLAN) as journal:
            journal.append(*ENTRIES[:moved])
            if moved:
                move(path)
            for entry in ENTRIES[moved:]:
                journal.append(entry)
            shutil.copytree(path.parent, place / name)
    return place


def move(path):
    """Have what was written moved from the log into the file itself."""
    connection = sqlite3.connect(path)
    connection.execute("pragma wal_checkpoint(passive)")
    connection.close()


def torn(content, at, amount):
    """A file that ends early."""
    return content[:at]


def flipped(content, at, amount):
    """A file with one byte changed."""
    changed = bytearray(content)
    changed[at] ^= amount
    return bytes(changed)


def blank(content, at, amount):
    """A file with a sector that was never written."""
    begin = at - at % 512
    return content[:begin] + bytes(512) + content[begin + 512 :]


@settings(max_examples=400, deadline=None)
@given(
    original=st.sampled_from(["closed", "open", "partly moved"]),
    suffix=st.sampled_from(["", "-wal"]),
    damage=st.sampled_from([torn, flipped, blank]),
    where=st.floats(0, 1, exclude_max=True) | st.floats(0, 0.01),
    amount=st.integers(1, 255),
)
def test_what_is_read_was_written(
    tmp_path_factory, originals, original, suffix, damage, where, amount
):
    """A damaged file is a journal up to some entry, or is told to be damaged."""
    place = tmp_path_factory.mktemp("damaged")
    path = place / "p1.journal"
    shutil.copytree(originals / original, place, dirs_exist_ok=True)
    file = place / f"p1.journal{suffix}"
    if file.exists():
        content = file.read_bytes()
        file.write_bytes(damage(content, int(where * len(content)), amount))

    try:
        with SqliteJournal.read(path) as journal:
            read = tuple(journal)
    except JournalDamaged as error:
        assert "p1.journal" in str(error)  # noqa: PT017 - it may or may not be raised
        read = ()
    assert read == ENTRIES[: len(read)]
    try:
        with SqliteJournal.open(path) as journal:
            before = tuple(journal)
            journal.append(MORE)
            after = tuple(journal)
    except (JournalDamaged, JournalUnwritable) as error:
        assert "p1.journal" in str(error)  # noqa: PT017 - it may or may not be raised
    else:
        assert before == ENTRIES[: len(before)]
        assert after == (*before, MORE)
    shutil.rmtree(place)


def test_a_whole_file_loses_nothing(originals):
    """A lost machine takes nothing with it that was recorded."""
    for original in ("closed", "open", "partly moved"):
        with SqliteJournal.read(originals / original / "p1.journal") as journal:
            assert tuple(journal) == ENTRIES


@pytest.mark.parametrize(("original", "suffix"), [("closed", ""), ("open", "-wal")])
def test_a_byte_that_changed_is_never_read_as_another(
    tmp_path, originals, original, suffix
):
    """Wherever it is, from one end of a file to the other."""
    shutil.copytree(originals / original, tmp_path, dirs_exist_ok=True)
    path, file = tmp_path / "p1.journal", tmp_path / f"p1.journal{suffix}"
    content = file.read_bytes()

    for at in range(0, len(content), 257):
        file.write_bytes(flipped(content, at, 1))
        with contextlib.suppress(JournalDamaged), SqliteJournal.read(path) as journal:
            read = tuple(journal)
            assert read == ENTRIES[: len(read)]
