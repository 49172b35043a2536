"""Manifests in a container of an object store, as `vnfdr.manifests` wants them kept.

A project's containers are its own. Each request may be made again: what is put is put
whole, and putting it twice leaves what putting it once does.
"""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import quote, unquote, urlsplit

from attrs import field, frozen

from vnfdr.errors import (
    CloudError,
    Gone,
    ManifestError,
    UnknownCloud,
    UnknownPlace,
    UnknownPoint,
)
from vnfdr.manifests.codec import text_of
from vnfdr.manifests.naming import is_name, names_at, parts_of
from vnfdr.openstack.api import Api, at
from vnfdr.openstack.connect import object_store

FORM = "swift://CLOUD/CONTAINER or swift://CLOUD/CONTAINER/PREFIX"
EVERYBODY = ".r:"
"""How Swift says, among those who may read a container, that all the world may."""


def open_container(url: str) -> "ContainerStore":
    """Return the store at a URL; nothing is connected to yet.

    Raises:
        UnknownPlace: it is no such URL. It is not quoted: a password may be in it.
    """
    parts = urlsplit(url)
    names = [unquote(name) for name in parts.path.strip("/").split("/")]
    if "@" in parts.netloc:
        raise UnknownPlace(
            "the URL of a place for manifests has a user or a password in it, which"
            " errors and logs would repeat: credentials belong in clouds.yaml; write"
            f" {FORM}"
        )
    if parts.query or parts.fragment or not parts.netloc or _are_odd(names):
        raise UnknownPlace(f"a place for manifests in an object store is {FORM}")
    container, *prefix = names
    return ContainerStore(unquote(parts.netloc), container, tuple(prefix))


@frozen
class ContainerStore:
    """A container, or what is in it below a prefix; each manifest is an object.

    Args:
        cloud: its name in clouds.yaml.
        container: the container's name; it is made when it is first written to.
        prefix: the parts of what all names begin with; there may be none.
    """

    cloud: str
    container: str
    prefix: tuple[str, ...] = ()
    _lock: threading.Lock = field(
        factory=threading.Lock, init=False, repr=False, eq=False
    )
    _signed_in: list[Api] = field(factory=list, init=False, repr=False, eq=False)
    """The object store, once somebody needed it; empty at first."""

    @property
    def place(self) -> str:
        names = (self.cloud, self.container, *self.prefix)
        return f"swift://{'/'.join(quote(name, safe='') for name in names)}"

    def put(self, name: str, text: str) -> None:
        with self._telling(f"write {name!r}"):
            data = text.encode()
            with suppress(Gone):
                self._write(name, data)
                return
            self._swift.exchange("PUT", at(self.container), "create the container")
            self._write(name, data)

    def get(self, name: str) -> str:
        what = f"read {name!r}"
        # Of several copies in the object store, one may not have heard of a change.
        newest = {"X-Newest": "true"}
        with self._telling(what), suppress(Gone):
            if is_name(name):
                path = self._at(name)
                answer = self._swift.exchange("GET", path, what, headers=newest)
                return text_of(answer.content, f"{self.place}: cannot {what}")
        raise UnknownPoint(f"{self.place} has no manifest {name!r}")

    def names(self) -> tuple[str, ...]:
        before = "".join(f"{part}/" for part in self.prefix)
        with self._telling("list what it has"), suppress(Gone):
            return names_at(key.removeprefix(before) for key in self._keys(before))
        raise ManifestError(f"{self.place}: there is no such container")

    def delete(self, name: str) -> None:
        what = f"delete {name!r}"
        with self._telling(what), suppress(Gone):
            self._swift.exchange("DELETE", self._at(name), what)

    def _write(self, name: str, data: bytes) -> None:
        """Write where only the project reads; `Gone` where there is no container."""
        container = self._swift.exchange("HEAD", at(self.container), "look at it")
        if EVERYBODY in container.headers.get("X-Container-Read", ""):
            raise ManifestError(
                f"{self.place}: cannot write {name!r}: everybody may read the"
                " container; take that back, or name another one"
            )
        md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
        headers = {"Content-Type": "application/json", "ETag": md5}
        answer = self._swift.exchange(
            "PUT", self._at(name), f"write {name!r}", data=data, headers=headers
        )
        if answer.headers.get("ETag", "").strip('"') != md5:
            raise ManifestError(
                f"{self.place}: {name!r} was written, and is not kept as it was sent:"
                " its checksum differs; write it again"
            )

    def _keys(self, before: str) -> Iterator[str]:
        """Yield what is in the container, page by page; how long one is, it decides."""
        query = {"format": "json", "prefix": before}
        while True:
            answer = self._swift.exchange(
                "GET", at(self.container), "list what it has", params=query
            )
            page = [str(entry["name"]) for entry in json.loads(answer.content or "[]")]
            yield from page
            if not page:
                return
            query["marker"] = page[-1]

    def _at(self, name: str) -> str:
        return at(self.container, *self.prefix, *parts_of(name))

    @property
    def _swift(self) -> Api:
        """The object store; an attempt that failed is made again with the next use."""
        with self._lock:
            if not self._signed_in:
                self._signed_in.append(object_store(self.cloud))
            return self._signed_in[0]

    @contextmanager
    def _telling(self, what: str) -> Iterator[None]:
        """Turn what goes wrong into an error that names the place."""
        try:
            yield
        except (CloudError, UnknownCloud) as error:
            raise ManifestError(f"{self.place}: {error}") from error
        except UnicodeError as error:
            raise ManifestError(f"{self.place}: cannot {what}: {error}") from error


def _are_odd(names: list[str]) -> bool:
    """Tell whether any of these is no name, or would lead elsewhere in a URL."""
    return any("/" in name or not is_name(name) for name in names)
