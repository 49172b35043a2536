"""Cinder's volumes."""

from collections.abc import Mapping

from attrs import frozen

from vnfdr.cloud import KEY
from vnfdr.model import Marked, Volume, VolumeBlueprint
from vnfdr.openstack.api import Api, Json, at
from vnfdr.openstack.blueprints import volume_blueprint_of
from vnfdr.openstack.collection import Collection, having, tagged
from vnfdr.openstack.marks import bears_a_mark, counted, date, marked
from vnfdr.openstack.system import system_in

CREATE_SECONDS_MAX = 1800.0
"""Long enough for drivers that copy the whole volume."""

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
        asked_for = {
            "snapshot_id": snapshot_id,
            "size": size_gib,
            "name": tag,
            "metadata": tagged(tag, metadata),
        }
        answer = self.api.post_once(
            at("volumes"),
            f"make a volume from snapshot {snapshot_id!r}",
            {"volume": asked_for},
        )
        volume_id = str(answer.content["volume"]["id"])
        self.wait(volume_id)
        return volume_id

    def wait(self, volume_id: str) -> None:
        self._all.until_available(volume_id, seconds_max=CREATE_SECONDS_MAX)

    def find(self, tag: str) -> Volume | None:
        found = self._all.carrying(tag, having(KEY, tag))
        return _volume(found) if found else None

    def delete(self, volume_id: str) -> None:
        self._all.delete(volume_id)

    def marked(self) -> tuple[Marked, ...]:
        ours = [seen for seen in self._all.listed({}) if bears_a_mark(seen)]
        if not ours:
            return ()
        snapshots = Collection(self.api, "snapshot", frozenset(), 0.0)
        taken = counted(snapshots.listed({}), "volume_id")
        return tuple(_marked(seen, taken[seen["id"]]) for seen in ours)

    def blueprint(self, volume_id: str) -> VolumeBlueprint:
        return volume_blueprint_of(self._all.get(volume_id))

    @property
    def _all(self) -> Collection:
        return Collection(self.api, "volume", BUSY, CREATE_SECONDS_MAX)


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
        server_ids=tuple(sorted(a["server_id"] for a in seen["attachments"])),
        os=system_in(seen.get("volume_image_metadata")),
    )


def _marked(seen: Json, dependents: int) -> Marked:
    return marked(
        "volume",
        seen,
        created_at=date(seen["created_at"]),
        size_gib=seen["size"],
        of=seen["snapshot_id"] or "",
        used_by=tuple(sorted(a["server_id"] for a in seen["attachments"])),
        dependents=dependents,
    )
