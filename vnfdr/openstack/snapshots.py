"""Cinder's snapshots. What the window needs of them is one request each."""

from collections.abc import Mapping
from functools import lru_cache
from json import loads

from attrs import frozen

from vnfdr.cloud import KEY, POINT
from vnfdr.model import Marked, Snapshot
from vnfdr.openstack.api import Api, Json, at, pages
from vnfdr.openstack.collection import Collection, having, tag_of, tagged
from vnfdr.openstack.marks import bears_a_mark, counted, date, marked

REQUEST_SECONDS_MAX = 20.0
LOOK_SECONDS_MAX = 5.0
"""Guests stand still meanwhile: whoever waits longer would give the window up."""

PAGES_REMEMBERED = 4
"""Most looks see what the one before has seen."""

BUSY = frozenset({"creating", "backing-up", "restoring", "updating"})
BUSY_SECONDS_MAX = 1800.0


@frozen
class CinderSnapshots:
    """The snapshots of a project."""

    api: Api

    def request(self, volume_id: str, *, tag: str, metadata: Mapping[str, str]) -> str:
        asked_for = {
            "volume_id": volume_id,
            "name": tag,
            "force": True,
            "metadata": tagged(tag, metadata),
        }
        answer = self.api.post_once(
            at("snapshots"),
            f"snapshot volume {volume_id!r}",
            {"snapshot": asked_for},
            within_seconds=REQUEST_SECONDS_MAX,
        )
        return str(answer.content["snapshot"]["id"])

    def look(self, point: str) -> tuple[Snapshot, ...]:
        # The short list: it tells all that is asked for, to everybody, in less.
        path, what = at("snapshots"), f"look for snapshots of {point!r}"

        def ask(query: Mapping[str, str]) -> Json:
            return self.api.get_once(
                path, what, query, within_seconds=LOOK_SECONDS_MAX, reader=_read
            )

        found = pages(ask, "snapshots", having(POINT, point))
        return tuple(snapshot for of, snapshot in found if of == point)

    def find(self, tag: str) -> Snapshot | None:
        found = self._all.carrying(tag, having(KEY, tag))
        return _snapshot(found) if found else None

    def stamp(self, snapshot_id: str, metadata: Mapping[str, str]) -> None:
        self.api.post(
            at("snapshots", snapshot_id, "metadata"),
            f"stamp snapshot {snapshot_id!r}",
            {"metadata": dict(metadata)},
        )

    def delete(self, snapshot_id: str) -> None:
        self._all.delete(snapshot_id)

    def marked(self) -> tuple[Marked, ...]:
        ours = [seen for seen in self._all.listed({}) if bears_a_mark(seen)]
        if not ours:
            return ()
        volumes = Collection(self.api, "volume", frozenset(), 0.0)
        made = counted(volumes.listed({}), "snapshot_id")
        return tuple(_marked(seen, made[seen["id"]]) for seen in ours)

    @property
    def _all(self) -> Collection:
        return Collection(self.api, "snapshot", BUSY, BUSY_SECONDS_MAX)


@lru_cache(PAGES_REMEMBERED)
def _read(content: bytes) -> Json:
    """Read a list of snapshots, each with its point, unless it was read just before."""
    page: Json = loads(content)
    found = page["snapshots"]
    return page | {
        "snapshots": [(seen["metadata"].get(POINT), _snapshot(seen)) for seen in found]
    }


def _snapshot(seen: Json) -> Snapshot:
    return Snapshot(seen["id"], seen["volume_id"], seen["status"], tag_of(seen))


def _marked(seen: Json, dependents: int) -> Marked:
    return marked(
        "snapshot",
        seen,
        created_at=date(seen["created_at"]),
        size_gib=seen["size"],
        of=seen["volume_id"],
        dependents=dependents,
    )
