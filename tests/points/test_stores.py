"""What every place for manifests promises, on the ones that are shipped."""

import os

import pytest
from attrs import define, field

from vnfdr.errors import ManifestError, UnknownPoint
from vnfdr.manifests import DirectoryStore
from vnfdr.testing import check_manifest_store


def test_a_directory_keeps_the_promises(store):
    """It is checked as anybody else's store is, and is as it was before."""
    store.put("ims/p1", "mine")

    check_manifest_store(store)

    assert store.names() == ("ims/p1",)


@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_a_directory_that_is_not_there_is_made(tmp_path, umask):
    """For its owner alone, with those above it, whatever the umask."""
    store = DirectoryStore(tmp_path / "above" / "place")

    before = os.umask(umask)
    try:
        store.put("ims/p1", "text")
    finally:
        os.umask(before)

    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
    folders = dict.fromkeys(("above", "place", "ims"), 0o700)
    assert modes == folders | {"p1.json": 0o600}


def test_a_failure_names_the_place(tmp_path):
    """There may be several of them."""
    (tmp_path / "file").write_text("")
    store = DirectoryStore(tmp_path / "file" / "place")

    for use in (lambda: store.put("a/b", ""), lambda: store.get("a/b"), store.names):
        with pytest.raises(ManifestError, match=str(store.directory)):
            use()


@define
class Memory:
    """A store in memory, which may break a promise."""

    broken: str = ""
    texts: dict[str, str] = field(factory=dict)
    place: str = "memory"

    def put(self, name, text):
        if self.broken == "fails":
            raise ManifestError("memory: it is full")
        self.texts[name.lower() if self.broken == "case" else name] = (
            text.replace("\r\n", "\n") if self.broken == "newlines" else text
        )

    def get(self, name):
        if name not in self.texts:
            if self.broken == "missing":
                return ""
            raise UnknownPoint(name)
        return self.texts[name]

    def names(self):
        found = sorted(self.texts, reverse=self.broken == "order")
        return tuple(found[:3] if self.broken == "pages" else found)

    def delete(self, name):
        if self.broken == "deletes all":
            self.texts.clear()
        elif self.broken != "deletes nothing":
            self.texts.pop(name, None)


def test_a_store_in_memory_keeps_the_promises():
    """So that what breaks one is what the check finds."""
    check_manifest_store(Memory())


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ("fails", "a place that can be used was not: memory"),
        ("newlines", "what is read is what was put"),
        ("missing", "raises UnknownPoint"),
        ("order", "names are sorted"),
        ("pages", "every name is listed"),
        ("case", "every name is listed"),
        ("deletes all", "deleting one leaves the others"),
        ("deletes nothing", "what is deleted is gone"),
    ],
)
def test_a_broken_promise_is_found(broken, words):
    """A check that cannot fail is worth nothing."""
    with pytest.raises(AssertionError, match=words):
        check_manifest_store(Memory(broken))
