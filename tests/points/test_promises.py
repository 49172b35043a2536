"""What every place for manifests promises, whichever it is."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from vnfdr.errors import ManifestError, UnknownPoint
from vnfdr.testing import check_manifest_store

TEXT = '{"name": "é \\u0000"}\r\n \n' + "x" * 100_000
"""What must come back as it was put: letters, ends of lines, and a good deal of it."""

NAMES = ("ims%20core/p1", "ims%20core/p2", "a.json/p1", ".hidden/x", "~!$&'()*+,;=:@/p")


def test_what_is_put_is_there(each):
    """Every text comes back as it was, under every name there may be."""
    for name in NAMES:
        each.put(name, TEXT)

    assert each.names() == tuple(sorted(NAMES))
    assert [each.get(name) for name in NAMES] == [TEXT] * len(NAMES)


def test_the_shipped_ones_pass_the_check_of_others(each):
    """What somebody else's has to pass, these pass, and are as they were before."""
    each.put("ims/p1", "mine")

    check_manifest_store(each)

    assert each.names() == ("ims/p1",)


def test_a_place_that_is_not_there_is_an_error(each):
    """A name that was mistyped is not taken for a place where nothing is."""
    with pytest.raises(ManifestError, match="there is no such") as missing:
        each.names()

    assert str(missing.value).startswith(f"{each.place}: ")
    each.delete("group/p1")
    with pytest.raises(UnknownPoint):
        each.get("group/p1")


def test_the_last_text_counts(each):
    """One of the same name takes the place of the one before."""
    each.put("group/p1", "one")
    each.put("group/p1", "two")
    each.put("group/p1", "two")

    assert each.get("group/p1") == "two"
    assert each.names() == ("group/p1",)


def test_a_place_with_nothing_in_it_says_so(each):
    """It was emptied, and knows no name."""
    each.put("group/p2", "{}")
    each.delete("group/p2")

    assert each.names() == ()
    with pytest.raises(UnknownPoint, match="has no manifest 'group/p1'") as unknown:
        each.get("group/p1")
    assert each.place in str(unknown.value)
    each.delete("group/p1")


@pytest.mark.parametrize("name", ["../group/p1", "group/../p1", "group//p1", "", "."])
def test_a_name_that_leads_elsewhere_is_nobodys(each, name):
    """Whoever asks for one is told that it is not there, though something may be."""
    each.put("group/p1", "{}")
    each.put("p1", "{}")

    with pytest.raises(UnknownPoint, match="has no manifest"):
        each.get(name)


def test_what_is_deleted_is_gone(each):
    """Deleting again succeeds, and what else there is stays."""
    each.put("group/p1", "one")
    each.put("group/p2", "two")

    each.delete("group/p1")
    each.delete("group/p1")

    assert each.names() == ("group/p2",)
    with pytest.raises(UnknownPoint):
        each.get("group/p1")


def test_a_text_that_cannot_be_written_is_refused(each):
    """Half of a character is one; the error names the place, and nothing is put."""
    with pytest.raises(ManifestError) as refused:
        each.put("group/p1", "\ud800")

    assert str(refused.value).startswith(f"{each.place}: cannot write 'group/p1'")
    with pytest.raises(UnknownPoint):
        each.get("group/p1")


def test_many_threads_may_use_it_at_once(each):
    """Whoever comes first connects, and all find what they put."""
    names = [f"group/p{number:02}" for number in range(20)]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(each.put, names, names))
        found = list(pool.map(each.get, names))

    assert found == names
    assert each.names() == tuple(names)
