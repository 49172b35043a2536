"""Neutron, and what is true of its ports, networks and subnets alike.

They carry the key of the step that made them in their description. Where the catalog
has no Neutron there are none of them, and none can be made.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from threading import Lock
from typing import Any
from urllib.parse import urlencode

from attrs import field, frozen
from openstack.connection import Connection

from vnfdr.cloud import KEY_SIGN
from vnfdr.errors import Gone, Unsupported
from vnfdr.model import Marked
from vnfdr.openstack.api import Api, Json, asking_once, at, pages
from vnfdr.openstack.marks import date
from vnfdr.openstack.translation import repeatable

NEVER = "1970-01-01T00:00:00Z"
"""When something was made that has no date: a Neutron without that extension."""


@frozen
class Neutron:
    """The Neutron of a site, which is not looked for before somebody asks."""

    connection: Connection = field(repr=False)
    _lock: Lock = field(factory=Lock, init=False, repr=False, eq=False)
    """Proxies are made on first use, without a lock of their own."""

    def api(self) -> Api:
        """Return what speaks to it; raise `Unsupported` where there is none."""
        api = self.found()
        if api is None:
            raise Unsupported(
                f"cloud {self.connection.config.name!r} has no Neutron in its catalog"
            )
        return api

    def listed(self, noun: str, query: Mapping[str, str]) -> Iterator[Json]:
        """Yield those of the project that fit a query; none without a Neutron."""
        api = self.found()
        if api is None:
            return
        with repeatable("find out the project's id"):
            project_id = str(self.connection.session.get_project_id())
        # An administrator is shown those of all projects.
        seen = pages(
            lambda page: api.get(at(f"{noun}s"), f"list {noun}s", page),
            f"{noun}s",
            {**query, "project_id": project_id},
        )
        yield from (thing for thing in seen if thing["project_id"] == project_id)

    def carrying(self, noun: str, tag: str) -> str | None:
        """Return the id of the one that carries a key."""
        found = self.listed(noun, {"description": signed(tag)})
        return next((str(t["id"]) for t in found if key_of(t) == tag), None)

    def created(self, noun: str, what: str, asked: Json) -> str:
        """Ask for a new one, once; return its id."""
        answer = self.api().post_once(at(f"{noun}s"), what, {noun: asked})
        return str(answer.content[noun]["id"])

    def delete(self, noun: str, thing_id: str) -> None:
        """Delete one, if it is there."""
        with suppress(Gone):
            self.api().delete(at(f"{noun}s", thing_id), f"delete {noun} {thing_id!r}")

    def found(self) -> Api | None:
        """Return what speaks to it; ``None`` where there is none."""
        with self._lock, repeatable("find Neutron"):
            if not self.connection.config.get_session_endpoint("network"):
                return None
            return Api(asking_once(self.connection.network), "")


def signed(tag: str) -> str:
    """Return the description by which something carries a key."""
    return f"{KEY_SIGN}{tag}"


def key_of(seen: Json) -> str:
    """Return the key that something carries, or an empty text."""
    sign, _, key = (seen.get("description") or "").partition(KEY_SIGN)
    return "" if sign else key


def marked(
    noun: str,
    seen: Json,
    **about: Any,  # noqa: ANN401 - what `Marked` takes
) -> Marked:
    """Return what is known of something marked by its description."""
    key = key_of(seen)
    return Marked(
        noun=noun,
        id=seen["id"],
        name=seen["name"],
        key=key,
        point=key.partition(f":{noun}:")[0],
        group="",
        status=seen["status"],
        created_at=date(seen.get("created_at") or NEVER),
        **about,
    )


def of_any(api: Api, key: str, **wanted: Iterable[str]) -> Iterator[Json]:
    """Yield all of Neutron's ``key`` of which each attribute is one of some values.

    What is wanted of nothing is not asked for: Neutron would show everything.
    """
    query = [(name, value) for name, values in wanted.items() for value in values]
    if query:
        path = f"{at(key.replace('_', '-'))}?{urlencode(query)}"
        what = f"list {key.replace('_', ' ')}"
        yield from pages(lambda page: api.get(path, what, page), key, {})
