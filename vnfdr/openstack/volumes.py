"""Cinder's volumes."""

from collections.abc import Mapping

from attrs import frozen

from vnfdr.cloud import KEY, VolumeRequest
from vnfdr.model import Marked, Volume, VolumeBlueprint
from vnfdr.openstack.api import Api, Json, at
from vnfdr.openstack.blueprints import volume_blueprint_of
from vnfdr.openstack.collection import Collection, having, tag_of, tagged
from vnfdr.openstack.marks import (
    RESTORED_FROM,
    bears_a_mark,
    bears_our_name,
    counted,
    date,
    marked,
)
from vnfdr.openstack.repairing import repair
from vnfdr.openstack.system import system_in

CREATE_SECONDS_MAX = 1800.0
CREATE_SECONDS_MAX_PER_GIB = 30.0
"""On top of that: there are drivers that copy the whole volume, at 34 MiB/s or more."""

BUSY_SECONDS_MAX = 7200.0
"""A restore that nobody wants any more is waited out: Cinder cannot stop it."""

A_HOST = "a host"
"""What a volume is attached to that is attached to no server."""

BUSY = frozenset(
    {"creating", "downloading", "backing-up", "restoring-backup", "detaching"}
)


@frozen
class CinderVolumes:
    """The volumes of a project."""

    api: Api

    def get(self, volume_id: str) -> Volume:
        return _volume(self._all.get(volume_id))

    def create(
        self, *, tag: str, snapshot_id: str, size_gib: int, metadata: Mapping[str, str]
    ) -> str:
        asked_for = {"snapshot_id": snapshot_id, "size": size_gib}
        what = f"make a volume from snapshot {snapshot_id!r}"
        return self._made(what, tag, asked_for, metadata)

    def create_blank(self, request: VolumeRequest) -> str:
        wishes = {
            "volume_type": request.type,
            "availability_zone": request.availability_zone,
        }
        asked_for = {"size": request.size_gib, **{k: v for k, v in wishes.items() if v}}
        what = f"make a blank volume of {request.size_gib} GiB"
        return self._made(what, request.tag, asked_for, request.metadata)

    def copy(
        self, *, tag: str, volume_id: str, size_gib: int, metadata: Mapping[str, str]
    ) -> str:
        asked_for = {"source_volid": volume_id, "size": size_gib}
        what = f"make a volume from volume {volume_id!r}"
        return self._made(what, tag, asked_for, metadata)

    def wait(self, volume_id: str) -> None:
        size_gib = self._all.get(volume_id)["size"]
        self._all.until_available(
            volume_id,
            seconds_max=CREATE_SECONDS_MAX + CREATE_SECONDS_MAX_PER_GIB * size_gib,
        )

    def find(self, tag: str) -> Volume | None:
        # A restore takes the metadata away, and leaves the name.
        for query in (having(KEY, tag), {"name": tag.strip()}):
            for seen in self._all.listed(query):
                if _is_made_for(tag, seen):
                    return _volume(seen)
        return None

    def restored_from(self, volume_id: str) -> str:
        seen = self._all.get(volume_id)
        return str(seen["metadata"].get(RESTORED_FROM, ""))

    def repair(
        self, volume_id: str, like: VolumeBlueprint, metadata: Mapping[str, str]
    ) -> None:
        repair(self.api, self._all.get(volume_id), like, metadata)

    def delete(self, volume_id: str) -> None:
        self._all.delete(volume_id)

    def marked(self) -> tuple[Marked, ...]:
        seen = self._all.listed({})
        ours = [v for v in seen if bears_a_mark(v) or bears_our_name(v)]
        if not ours:
            return ()
        snapshots = Collection(self.api, "snapshot", frozenset(), 0.0)
        taken = counted(snapshots.listed({}), "volume_id")
        return tuple(_marked(seen, taken[seen["id"]]) for seen in ours)

    def _made(
        self, what: str, tag: str, asked_for: Json, metadata: Mapping[str, str]
    ) -> str:
        body = {**asked_for, "name": tag, "metadata": tagged(tag, metadata)}
        answer = self.api.post_once(at("volumes"), what, {"volume": body})
        volume_id = str(answer.content["volume"]["id"])
        self.wait(volume_id)
        return volume_id

    def blueprint(self, volume_id: str) -> VolumeBlueprint:
        return volume_blueprint_of(self._all.get(volume_id))

    @property
    def _all(self) -> Collection:
        return Collection(self.api, "volume", BUSY, BUSY_SECONDS_MAX)


def _is_made_for(tag: str, seen: Json) -> bool:
    """Tell whether a volume was made by the step that has a key.

    What is called by a key was made for that, whatever its metadata say: a restore
    brings those of the volume that was backed up, which may have had a key of its own.
    """
    if str(seen["name"]).strip() == tag.strip():
        return True
    return tag_of(seen) == tag and not bears_our_name(seen)


def _volume(seen: Json) -> Volume:
    return Volume(
        id=seen["id"],
        name=seen["name"] or "",
        size_gib=seen["size"],
        status=seen["status"],
        type=seen["volume_type"] or "",
        project_id=seen.get("os-vol-tenant-attr:tenant_id", ""),
        bootable=seen["bootable"] == "true",
        multiattach=seen["multiattach"],
        encrypted=seen["encrypted"],
        server_ids=_users(seen),
        os=system_in(seen.get("volume_image_metadata")),
    )


def _users(seen: Json) -> tuple[str, ...]:
    """Return the ids of the servers that have it; a host that has it has no id."""
    return tuple(sorted(a["server_id"] or A_HOST for a in seen["attachments"]))


def _marked(seen: Json, dependents: int) -> Marked:
    return marked(
        "volume",
        seen,
        created_at=date(seen["created_at"]),
        size_gib=seen["size"],
        of=seen["snapshot_id"] or "",
        used_by=_users(seen),
        dependents=dependents,
    )
