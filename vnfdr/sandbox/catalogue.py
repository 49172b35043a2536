"""What kinds of volumes, and of groups of them, a sandboxed Cinder offers."""

import uuid
from collections.abc import Mapping

from attrs import Factory, define, field

ONE_INSTANT = "consistent_group_snapshot_enabled"
"""The spec of a type of groups whose snapshots are one instant of all volumes."""

YES = "<is> True"


@define
class Kind:
    """A type of volumes, or of groups."""

    id: str
    name: str
    description: str | None = None
    is_public: bool = True
    specs: dict[str, str] = Factory(dict)


@define
class Catalogue:
    """All types that there are, by id; the first of volumes is the default."""

    site: str
    volumes: dict[str, Kind] = Factory(dict)
    groups: dict[str, Kind] = Factory(dict)
    default: Kind = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.default = self.add_volume_type("sandbox")

    def add_volume_type(
        self, name: str, specs: Mapping[str, str] | None = None
    ) -> Kind:
        """Offer another type of volumes."""
        kind = Kind(self._id("volume", name), name, specs=dict(specs or {}))
        self.volumes[kind.id] = kind
        return kind

    def add_group_type(self, name: str, specs: Mapping[str, str] | None = None) -> Kind:
        """Offer another type of groups."""
        kind = Kind(self._id("group", name), name, specs=dict(specs or {}))
        self.groups[kind.id] = kind
        return kind

    def _id(self, what: str, name: str) -> str:
        # Not the site's random numbers: what is offered changes no latency.
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.site}/{what}/{name}"))


def named(kinds: Mapping[str, Kind], wanted: str) -> Kind | None:
    """Return what goes by an id or a name."""
    found = (kind for kind in list(kinds.values()) if kind.name == wanted)
    return kinds.get(wanted) or next(found, None)
