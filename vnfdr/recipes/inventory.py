"""What was found of a group: its servers, their volumes, and the backups of those."""

from collections.abc import Mapping
from functools import cached_property

from attrs import frozen

from vnfdr.model import (
    Backup,
    Blueprint,
    Group,
    Guest,
    Level,
    Limits,
    Member,
    Volume,
    VolumeBlueprint,
)


@frozen
class Protected:
    """One member, as it was found.

    Args:
        member: the member, with its policy.
        guest: how to reach its guest.
        reaches: the level its backend reaches.
        holds: whether its backend holds it at all.
        volumes: its volumes that are part of the point, in device order.
        attached: the ids of all its volumes.
        local_disks: its disks that are not volumes, and are not protected.
        windows: whether it is frozen, and lets itself go as Windows does.
    """

    member: Member
    guest: Guest
    reaches: Level
    holds: bool
    volumes: tuple[Volume, ...]
    attached: tuple[str, ...]
    local_disks: tuple[str, ...] = ()
    windows: bool = False


@frozen
class Captured:
    """What the manifests of a group say of it, beside what a run makes.

    Args:
        places: where they are kept; paths are absolute.
        servers: the blueprints of its servers, by id.
        volumes: those of its volumes that are part of the point, by id.
    """

    places: tuple[str, ...]
    servers: Mapping[str, Blueprint]
    volumes: Mapping[str, VolumeBlueprint]


@frozen
class Inventory:
    """A group, as it was found on a site.

    Args:
        group: the group.
        site: the name of the site.
        project_id: the project that everything is in.
        tiers: the members, as the group orders them.
        history: the backups there are already, by volume id, oldest first.
        captured: what its manifests say; ``None`` where none is kept.
    """

    group: Group
    site: str
    project_id: str
    tiers: tuple[tuple[Protected, ...], ...]
    history: dict[str, tuple[Backup, ...]]
    captured: Captured | None = None

    @property
    def members(self) -> tuple[Protected, ...]:
        """Every member, in freeze order."""
        return tuple(member for tier in self.tiers for member in tier)

    @cached_property
    def limits(self) -> Limits:
        """What its window is limited by."""
        return self.group.limits([m.member.server for m in self.members if m.windows])

    @property
    def volumes(self) -> tuple[Volume, ...]:
        """Every volume of the point once, whoever else has it attached too."""
        found = {v.id: v for member in self.members for v in member.volumes}
        return tuple(found.values())
