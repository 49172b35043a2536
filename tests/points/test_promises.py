"""What every place for manifests promises, whichever it is."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from vnfdr.errors import ManifestError, UnknownPoint

TEXT = '{"name": "é \\u0000"}\r\n \n' + "x" * 100_000
"""What must come back as it was put: letters, ends of lines, and a good deal of it."""

NAMES = ("ims%20core/p1", "ims%20core/p2", "a.json/p1", ".hidden/x", "~!$&'()*+,;=:@/p")


def test_what_is_put_is_there(store):
    """Every text comes back as it was, under every name there may be."""
    for name in NAMES:
        store.put(name, TEXT)

    assert store.names() == tuple(sorted(NAMES))
    assert [store.get(name) for name in NAMES] == [TEXT] * len(NAMES)


def test_the_last_text_counts(store):
    """One of the same name takes the place of the one before."""
    store.put("group/p1", "one")
    store.put("group/p1", "two")
    store.put("group/p1", "two")

    assert store.get("group/p1") == "two"
    assert store.names() == ("group/p1",)


def test_a_place_with_nothing_in_it_says_so(store):
    """Nobody has to make it first; that it is not there yet is told to who looks."""
    with pytest.raises(ManifestError, match="no such"):
        store.names()
    with pytest.raises(UnknownPoint, match="has no manifest 'group/p1'") as unknown:
        store.get("group/p1")
    assert store.place in str(unknown.value)
    store.delete("group/p1")


@pytest.mark.parametrize("name", ["../group/p1", "group/../p1", "group//p1", "", "."])
def test_a_name_that_leads_elsewhere_is_nobodys(store, name):
    """Whoever asks for one is told that it is not there, though something may be."""
    store.put("group/p1", "{}")
    store.put("p1", "{}")

    with pytest.raises(UnknownPoint, match="has no manifest"):
        store.get(name)


def test_what_is_deleted_is_gone(store):
    """Deleting again succeeds, and what else there is stays."""
    store.put("group/p1", "one")
    store.put("group/p2", "two")

    store.delete("group/p1")
    store.delete("group/p1")

    assert store.names() == ("group/p2",)
    with pytest.raises(UnknownPoint):
        store.get("group/p1")


def test_a_text_that_cannot_be_written_is_refused(store):
    """Half of a character is one; the error names the place, and nothing is put."""
    store.put("group/p2", "")
    with pytest.raises(ManifestError) as refused:
        store.put("group/p1", "\ud800")

    assert str(refused.value).startswith(f"{store.place}: cannot write 'group/p1'")
    assert store.names() == ("group/p2",)


def test_many_threads_may_use_it_at_once(store):
    """Whoever comes first connects, and all find what they put."""
    names = [f"group/p{number:02}" for number in range(20)]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(store.put, names, names))
        found = list(pool.map(store.get, names))

    assert found == names
    assert store.names() == tuple(names)
