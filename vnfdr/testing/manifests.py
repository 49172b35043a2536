"""The check of a place for manifests."""

import contextlib
import os
from concurrent.futures import ThreadPoolExecutor

from vnfdr.errors import ManifestError, UnknownPoint
from vnfdr.manifests import ManifestStore

THREADS = 8
BIG = 2**20
"""The characters of a big text: a manifest of a thousand servers has more."""


def check_manifest_store(store: ManifestStore) -> None:
    """Check that ``store`` keeps the promises of `ManifestStore`.

    Texts of its own are put there, and taken away in the end; what else is there is
    left alone.

    Args:
        store: what is checked.

    Raises:
        AssertionError: a promise is broken; the message says which.
    """
    prefix = f"vnfdr-check-{os.urandom(4).hex()}"
    try:
        _check_texts(store, prefix)
        _check_names(store, prefix)
        _check_threads(store, prefix)
    except ManifestError as error:
        problem = f"a place that can be used was not: {error}"
        raise AssertionError(problem) from error
    finally:
        with contextlib.suppress(ManifestError):
            for name in _own(store, prefix):
                store.delete(name)


def _check_texts(store: ManifestStore, prefix: str) -> None:
    name = f"{prefix}/text"
    assert _missing(store, name), "what was never put raises UnknownPoint"
    store.delete(name)
    for text in ("one", "two", "two", "é \u2603 \U0001f600\n\r\n\t\0", "x" * BIG, ""):
        store.put(name, text)
        found = store.get(name)
        assert found == text, (
            f"what is read is what was put: put {text[:20]!r}, read {found[:20]!r}"
        )
    store.delete(name)
    assert _missing(store, name), "what is deleted is gone"
    store.delete(name)


def _check_names(store: ManifestStore, prefix: str) -> None:
    names = [
        f"{prefix}/p1",
        f"{prefix}/p1.probe",
        f"{prefix}/p10",
        f"{prefix}%20of/p1",
        f"{prefix}~a+b=c,d;e@f(g)/20260131T000000Z-abc123",
    ]
    for name in names:
        store.put(name, name)
    found = store.names()
    assert list(found) == sorted(found), f"names are sorted: {found}"
    own = _own(store, prefix)
    assert own == sorted(names), f"every name is listed as it was put: {own}"
    for name in names:
        assert store.get(name) == name, f"each name is another text: {name}"
    store.delete(names[0])
    own = _own(store, prefix)
    assert own == sorted(names[1:]), f"deleting one leaves the others: {own}"


def _check_threads(store: ManifestStore, prefix: str) -> None:
    """Have many put at once: a reader sees one of their texts, and all of it."""
    name = f"{prefix}/shared"
    texts = [f"{number}" * BIG for number in range(THREADS)]
    store.put(name, texts[0])

    def use(text: str) -> bool:
        store.put(name, text)
        return store.get(name) in texts

    with ThreadPoolExecutor(THREADS) as pool:
        whole = list(pool.map(use, texts))
    assert all(whole), "a reader sees all of a text, or of the one before it"


def _own(store: ManifestStore, prefix: str) -> list[str]:
    return [name for name in store.names() if name.startswith(prefix)]


def _missing(store: ManifestStore, name: str) -> bool:
    try:
        store.get(name)
    except UnknownPoint:
        return True
    return False
