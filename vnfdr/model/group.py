"""What is to be protected, and how: a group, its members and their policies."""

import enum
import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TypeVar

from attrs import field, frozen

from vnfdr.errors import GroupError
from vnfdr.model.limits import LEASE_SECONDS, Limits
from vnfdr.model.places import as_places, bad_places
from vnfdr.model.retention import Retention


class Level(enum.Enum):
    """How still a guest is while its volumes are cut."""

    CRASH = "crash"
    """Paused, or not held at all: what a power cut would leave."""

    FILESYSTEM = "filesystem"
    """File systems flushed and frozen: no journal needs replaying."""

    APPLICATION = "application"
    """The guest's own hooks brought its applications to rest first."""

    @property
    def rank(self) -> int:
        """The levels in order, the stillest highest."""
        return list(Level).index(self)


class Policy(enum.Enum):
    """What to do when a member cannot be held as asked."""

    REQUIRE = "require"
    """Give the whole recovery point up, and take everything back."""

    DEGRADE = "degrade"
    """Go on; snapshot the member all the same, and certify the lower level."""

    SKIP = "skip"
    """Go on without the member, and say so."""


class System(enum.Enum):
    """What runs in a guest, as far as freezing it goes."""

    LINUX = "linux"
    """It stays frozen until it is thawed; so does everything but Windows."""

    WINDOWS = "windows"
    """It lets every freeze go by itself after 10 seconds."""


class Strategy(enum.Enum):
    """What a backup is taken from."""

    SNAPSHOT = "snapshot"
    """The original volume, as of its snapshot: increments are real."""

    VOLUME = "volume"
    """The volume created from the snapshot: always whole, right for Ceph's driver."""

    NONE = "none"
    """Nothing is backed up: the recovery point stays on this site."""


class Keep(enum.Enum):
    """What of the local copies stays once the backups are there."""

    VOLUMES = "volumes"
    """The volumes created from the snapshots: the local recovery copy."""

    SNAPSHOTS = "snapshots"
    """The snapshots."""

    BOTH = "both"
    """Volumes and snapshots."""

    NOTHING = "nothing"
    """The backups are enough."""


E = TypeVar("E", bound=enum.Enum)


def _choice(kind: type[E], value: E | str) -> E:
    """Return the choice that a value names, whether it is one or its word."""
    try:
        return kind(value)
    except ValueError:
        choices = ", ".join(repr(choice.value) for choice in kind)
        problem = f"{value!r} is none of {choices}"
        raise GroupError(f"{kind.__name__.lower()} is unknown", (problem,)) from None


def _level(value: Level | str) -> Level:
    return _choice(Level, value)


def _policy(value: Policy | str) -> Policy:
    return _choice(Policy, value)


def _system(value: System | str | None) -> System | None:
    return None if value is None else _choice(System, value)


def _strategy(value: Strategy | str) -> Strategy:
    return _choice(Strategy, value)


def _strategies(value: Mapping[str, Strategy | str]) -> Mapping[str, Strategy]:
    return {kind: _strategy(chosen) for kind, chosen in value.items()}


def _keep(value: Keep | str) -> Keep:
    return _choice(Keep, value)


@frozen
class Member:
    """One server of a group, with its policy.

    Args:
        server: the id of a server, or its name where that is unique.
        backend: the name of the quiesce backend that holds it still.
        level: how still it must be.
        policy: what to do when it cannot be held so.
        freeze_timeout_seconds: how long its agent may take to freeze; 10, or half
            of the hold limit where that is less, unless it is said.
        leave_out: ids or names of volumes that are not part of the point.
        allow_local_disks: protect its volumes although disks of it that live on
            the compute host (an image-backed root, ephemeral, swap) are lost.
        os: what runs in it; what its image or its metadata says, unless it is said.
    """

    server: str
    backend: str = "libvirt"
    level: Level = field(default=Level.FILESYSTEM, converter=_level)
    policy: Policy = field(default=Policy.REQUIRE, converter=_policy)
    freeze_timeout_seconds: float | None = None
    leave_out: tuple[str, ...] = ()
    allow_local_disks: bool = False
    os: System | None = field(default=None, converter=_system)


@frozen
class BackupPolicy:
    """How a group's volumes are backed up.

    Args:
        strategy: what a backup is taken from.
        by_volume_type: strategies of volume types that need another one.
        full_every: a chain starts anew with every so-many-th backup.
        keep: which local copies stay once the backups are there.
        at_once: how many backups run together.
        timeout_seconds: how long one backup may take.
    """

    strategy: Strategy = field(default=Strategy.SNAPSHOT, converter=_strategy)
    by_volume_type: Mapping[str, Strategy] = field(factory=dict, converter=_strategies)
    full_every: int = 7
    keep: Keep = field(default=Keep.VOLUMES, converter=_keep)
    at_once: int = 4
    timeout_seconds: float = 6 * 3600.0

    def strategy_for(self, volume_type: str) -> Strategy:
        """Return the strategy for volumes of one type."""
        return self.by_volume_type.get(volume_type, self.strategy)


@frozen
class Group:
    """The servers that are protected together, in the order they are frozen.

    Args:
        name: what people call the group.
        tiers: the members, tier by tier; a tier is frozen at once, and before
            the next.
        backup: how its volumes are backed up.
        hold_limit_seconds: how long a window may last before it is given up; 30,
            or 8 where a member is Windows, unless it is said.
        lease_seconds: how long it may last before everything is thawed, whoever is
            alive, and how long thawing is tried before a guest is reported frozen.
        early_thaw: thaw each guest as soon as its own volumes are snapshotted, and
            not in the reverse order once all are: as consistent, and shorter.
        keep_inconsistent: keep a point that turns out not to be consistent, with its
            true level; otherwise such a run is taken back.
        manifests: the places off-site where the manifest of each point is kept: paths
            of directories, or URLs such as ``swift://cloud/container``.
        retention: which of its points stay when old ones are removed; ``None`` where
            that is not said.

    Raises:
        GroupError: the group is empty, has no name, names a server twice or has
            limits that contradict each other.
    """

    name: str
    tiers: tuple[tuple[Member, ...], ...]
    backup: BackupPolicy = BackupPolicy()
    hold_limit_seconds: float | None = None
    lease_seconds: float = LEASE_SECONDS
    early_thaw: bool = False
    keep_inconsistent: bool = False
    manifests: tuple[str, ...] = field(default=(), converter=as_places)
    retention: Retention | None = None

    def __attrs_post_init__(self) -> None:
        problems = tuple(_problems(self))
        if problems:
            raise GroupError(f"group {self.name!r} cannot be protected", problems)

    @classmethod
    def of(
        cls, name: str, servers: Iterable[str | Member | Iterable[str | Member]]
    ) -> "Group":
        """Make a group from servers in freeze order; a list among them is a tier.

        ``Group.of("ims", ["db", ["app-1", "app-2"], "lb"])`` freezes ``db`` first,
        then both applications at once, then ``lb``.
        """
        if isinstance(servers, str):
            # Its letters would be taken for servers.
            servers = (servers,)
        return cls(name, tuple(_tier(entry) for entry in servers))

    @property
    def members(self) -> tuple[Member, ...]:
        """Every member, in freeze order."""
        return tuple(member for tier in self.tiers for member in tier)

    def limits(self, windows: Collection[str]) -> Limits:
        """Return what a window is limited by; ``windows`` names who is Windows."""
        timeouts = {m.server: m.freeze_timeout_seconds for m in self.members}
        return Limits(self.hold_limit_seconds, self.lease_seconds, timeouts, windows)


def _tier(entry: str | Member | Iterable[str | Member]) -> tuple[Member, ...]:
    if isinstance(entry, Member):
        return (entry,)
    if isinstance(entry, str):
        return (Member(entry),)
    return tuple(m if isinstance(m, Member) else Member(m) for m in entry)


def _problems(group: Group) -> Iterator[str]:
    if not group.name.strip():
        yield "it has no name"
    if not group.members:
        yield "it has no servers"
    if any(not tier for tier in group.tiers):
        yield "it has an empty tier"
    for name, count in Counter(m.server for m in group.members).items():
        if not name.strip():
            yield "a server has no name"
        if count > 1:
            yield f"server {name!r} is in it {count} times"
    yield from bad_places(group.manifests)
    yield from _bad_limits(group)


def _bad_limits(group: Group) -> Iterator[str]:
    windows = [m for m in group.members if m.os is System.WINDOWS]
    frozen = [m.server for m in windows if m.level is not Level.CRASH]
    yield from group.limits(frozen).problems()
    if not 0 < group.backup.timeout_seconds < math.inf:
        yield (
            f"timeout_seconds of the backups is {group.backup.timeout_seconds:g};"
            " it must be above 0 and finite"
        )
    if group.backup.full_every < 1:
        yield f"full_every is {group.backup.full_every}; it must be at least 1"
    if group.backup.at_once < 1:
        yield f"at_once is {group.backup.at_once}; it must be at least 1"
