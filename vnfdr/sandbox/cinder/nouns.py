"""Cinder's nouns: what they are called, where they are, who may look for what."""

from collections.abc import Callable, Mapping
from typing import Any, Generic, Protocol, TypeVar

from attrs import frozen

from vnfdr.sandbox.rest import Call, Json, Refusal
from vnfdr.sandbox.site import Site
from vnfdr.sandbox.things import (
    Backup,
    GroupSnapshot,
    Snapshot,
    Volume,
    VolumeGroup,
)


class Thing(Protocol):
    """What all of them are made of."""

    id: str
    name: str
    status: str
    description: str | None


T = TypeVar("T", bound=Thing)
T_contra = TypeVar("T_contra", bound=Thing, contravariant=True)


@frozen
class Noun(Generic[T]):
    """One kind of thing.

    Args:
        name: what Cinder calls it.
        title: the same at the beginning of a sentence.
        links: where a list of them says how it goes on.
        things: all that there are, by id.
        filters: what users who are no administrators may look for.
    """

    name: str
    title: str
    links: str
    things: Callable[[Site], dict[str, T]]
    filters: frozenset[str]

    @property
    def plural(self) -> str:
        """What many of them are called, in paths and bodies."""
        return f"{self.name}s"

    def one(self, call: Call, thing_id: object = None) -> T:
        """Return the thing of that id, or else the one that the call is about.

        Raises:
            Refusal: there is none.
        """
        wanted = call.id if thing_id is None else str(thing_id)
        thing = self.things(call.site).get(wanted)
        if thing is None:
            raise self.missing(wanted)
        return thing

    def missing(self, thing_id: str) -> Refusal:
        """Say that there is no such thing."""
        return Refusal(404, f"{self.title} {thing_id} could not be found.")


VOLUME = Noun[Volume](
    "volume",
    "Volume",
    "volumes_links",
    lambda site: site.volumes,
    frozenset(
        {"name", "status", "metadata", "bootable", "availability_zone", "group_id"}
    ),
)
SNAPSHOT = Noun[Snapshot](
    "snapshot",
    "Snapshot",
    "snapshots_links",
    lambda site: site.snapshots,
    frozenset({"name", "status", "volume_id", "metadata", "availability_zone"}),
)
BACKUP = Noun[Backup](
    "backup",
    "Backup",
    "backups_links",
    lambda site: site.backups,
    frozenset({"name", "status", "volume_id"}),
)
GROUP = Noun[VolumeGroup](
    "group",
    "Group",
    "group_links",
    lambda site: site.groups,
    frozenset({"name"}),
)
GROUP_SNAPSHOT = Noun[GroupSnapshot](
    "group_snapshot",
    "GroupSnapshot",
    "group_snapshot_links",
    lambda site: site.group_snapshots,
    frozenset({"name", "status", "group_id"}),
)


def introduced(call: Call, asked: Json) -> dict[str, Any]:
    """Return what every new thing has: an id, a time, its user and name."""
    return {
        "id": call.site.new_id(),
        "name": name_in(asked),
        "description": asked.get("description"),
        "created_at": int(call.site.now()),
        "user_id": call.user.id,
    }


def name_in(asked: Mapping[str, Any]) -> str:
    """Return the name that a body gives; Cinder takes the blanks off."""
    return str(asked.get("name") or "").strip()
