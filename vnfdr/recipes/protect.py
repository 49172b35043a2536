"""Protect: take one consistent recovery point of a whole group.

The workflow of the nova-spec *Expose quiesce/unquiesce API* (Mitaka), steps 2 to 6:
quiesce the servers in order, snapshot all their volumes, unquiesce in the reverse
order, create volumes from the snapshots, back those up incrementally.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from vnfdr.model import (
    WINDOWS_HELD_SECONDS_MAX,
    Backup,
    Keep,
    Strategy,
    Volume,
)
from vnfdr.plan import Plan, Requirement, Together, Window
from vnfdr.recipes.inventory import Inventory, Protected
from vnfdr.recipes.policy import is_backed_up, is_copied, keeps
from vnfdr.recipes.publish import export_right, publication, told_before
from vnfdr.steps import (
    BackupService,
    BackUpVolume,
    CreateVolume,
    DeleteSnapshot,
    DeleteVolume,
    FreezeGuest,
    Quota,
    SnapshotStates,
    SnapshotVolume,
    StampSnapshot,
    TokenLife,
)

SNAPSHOTS_AT_ONCE = 32
STAMPS_AT_ONCE = 16
VOLUMES_AT_ONCE = 4
DELETIONS_AT_ONCE = 4
TOKEN_SECONDS = 600.0


def protect_plan(found: Inventory, *, point: str) -> Plan:
    """Return the plan that takes the recovery point ``point`` of what was found."""
    group = found.group
    return Plan(
        id=point,
        name=f"protect {group.name!r} at {found.site!r}",
        site=found.site,
        requirements=tuple(_requirements(found, point)),
        phases=tuple(
            phase
            for phase in (
                _window(found, point),
                _stamps(found, point),
                _copies(found, point),
                _backups(found, point),
                publication(found, point),
                *_tidy(found, point),
            )
            if phase.steps
        ),
        remarks=tuple(_remarks(found)),
    )


def _window(found: Inventory, point: str) -> Window:
    group = found.group
    at_once = min(SNAPSHOTS_AT_ONCE, max(1, len(found.volumes)))
    users = _users(found)
    return Window(
        key=f"{point}:window",
        group=group.name,
        tiers=tuple(
            tuple(_freeze(found, member, point) for member in tier)
            for tier in found.tiers
        ),
        cuts=tuple(
            SnapshotVolume(
                point,
                group.name,
                volume,
                tuple(_freeze(found, user, point).key for user in users[volume.id]),
            )
            for volume in found.volumes
        ),
        watch=SnapshotStates(
            point,
            connections=at_once,
            servers={m.guest.server_id: m.attached for m in found.members},
            shared={v.id: v.server_ids for v in found.volumes if v.multiattach},
        ),
        hold_limit_seconds=found.limits.hold_seconds,
        lease_seconds=group.lease_seconds,
        cuts_at_once=at_once,
        early_thaw=group.early_thaw,
        keep_inconsistent=group.keep_inconsistent,
    )


def _freeze(found: Inventory, protected: Protected, point: str) -> FreezeGuest:
    member = protected.member
    return FreezeGuest(
        point=point,
        guest=protected.guest,
        backend=member.backend,
        level=member.level,
        reaches=protected.reaches,
        policy=member.policy,
        timeout_seconds=found.limits.freeze_seconds(member.server),
        volume_ids=protected.attached,
        shared_ids=tuple(v.id for v in protected.volumes if v.multiattach),
        holds=protected.holds,
        held_seconds_max=WINDOWS_HELD_SECONDS_MAX if protected.windows else None,
        lease_seconds=found.limits.lease,
    )


def _users(found: Inventory) -> dict[str, list[Protected]]:
    """Return who has each volume attached, by volume id."""
    users: dict[str, list[Protected]] = {}
    for member in found.members:
        for volume_id in member.attached:
            users.setdefault(volume_id, []).append(member)
    return users


def _stamps(found: Inventory, point: str) -> Together:
    window = f"{point}:window"
    steps = tuple(
        StampSnapshot(point, volume, f"{point}:snapshot:{volume.id}", window)
        for volume in found.volumes
    )
    return Together("stamp the verdict", steps, at_once=STAMPS_AT_ONCE)


def _copies(found: Inventory, point: str) -> Together:
    steps = tuple(
        CreateVolume(
            point=point,
            group=found.group.name,
            volume=volume,
            snapshot_key=f"{point}:snapshot:{volume.id}",
            window_key=f"{point}:window",
        )
        for volume in found.volumes
        if is_copied(found.group, volume)
    )
    return Together("create volumes", steps, at_once=VOLUMES_AT_ONCE)


def _backups(found: Inventory, point: str) -> Together:
    policy = found.group.backup
    steps = tuple(
        BackUpVolume(
            point=point,
            group=found.group.name,
            volume=volume,
            source_key=f"{point}:{_source(policy.strategy_for(volume.type))}:{volume.id}",
            window_key=f"{point}:window",
            incremental=_is_incremental(found, volume),
            timeout_seconds=policy.timeout_seconds,
        )
        for volume in found.volumes
        if is_backed_up(found.group, volume)
    )
    return Together("back up", steps, at_once=policy.at_once)


def _tidy(found: Inventory, point: str) -> tuple[Together, Together]:
    """Delete what the policy does not keep: volumes first, they came last."""
    group = found.group
    volumes = tuple(
        DeleteVolume(point, volume, f"{point}:volume:{volume.id}")
        for volume in found.volumes
        if is_copied(group, volume) and not keeps(group, Keep.VOLUMES)
    )
    snapshots = tuple(
        DeleteSnapshot(point, volume, f"{point}:snapshot:{volume.id}")
        for volume in found.volumes
        if not keeps(group, Keep.SNAPSHOTS)
    )
    return (
        Together("delete volumes", volumes, at_once=DELETIONS_AT_ONCE, final=True),
        Together("delete snapshots", snapshots, at_once=DELETIONS_AT_ONCE, final=True),
    )


def _requirements(found: Inventory, point: str) -> Iterator[Requirement[Any]]:
    yield TokenLife(point, found.project_id, TOKEN_SECONDS)
    yield Quota(point, dict(_needs(found)))
    if _backups(found, point).steps:
        yield BackupService(point)
    yield from export_right(found, point)


def _needs(found: Inventory) -> Counter[str]:
    """Count what the plan makes, as Cinder charges for it."""
    needs: Counter[str] = Counter()
    for volume in found.volumes:
        copied = is_copied(found.group, volume)
        gigabytes = volume.size_gib * (2 if copied else 1)
        needs.update(snapshots=1, gigabytes=gigabytes, volumes=int(copied))
        if volume.type:
            needs[f"snapshots_{volume.type}"] += 1
            needs[f"gigabytes_{volume.type}"] += gigabytes
            needs[f"volumes_{volume.type}"] += int(copied)
        if is_backed_up(found.group, volume):
            needs.update(backups=1, backup_gigabytes=volume.size_gib)
    return +needs


def _source(strategy: Strategy) -> str:
    return "snapshot" if strategy is Strategy.SNAPSHOT else "volume"


def _is_incremental(found: Inventory, volume: Volume) -> bool:
    """Tell whether the chain goes on: every so-many-th backup begins a new one."""
    policy = found.group.backup
    if policy.strategy_for(volume.type) is not Strategy.SNAPSHOT:
        return False
    chain = _chain(found.history.get(volume.id, ()))
    # Cinder makes no increment across a volume's growth.
    grown = bool(chain) and chain[-1].size_gib != volume.size_gib
    return 0 < len(chain) < policy.full_every and not grown


def _chain(history: tuple[Backup, ...]) -> list[Backup]:
    """Return the usable backups since, and with, the newest full one."""
    chain: list[Backup] = []
    for backup in history:
        if backup.status == "available":
            chain = [*chain, backup] if backup.incremental and chain else [backup]
    return chain


def _remarks(found: Inventory) -> Iterator[str]:
    if found.group.keep_inconsistent:
        yield "a point that turns out not to be consistent is kept, and called so"
    for member in found.members:
        name = member.guest.name
        if member.local_disks:
            disks = ", ".join(member.local_disks)
            yield f"{name} has {disks}: not volumes, and not protected"
        left_out = set(member.attached) - {volume.id for volume in member.volumes}
        if left_out:
            yield f"left out of {name}: volumes {', '.join(sorted(left_out))}"
        if member.windows:
            yield (
                f"{name} is Windows, which lets every freeze go by itself after 10 s:"
                f" the window may last {found.limits.hold_seconds:g} s"
            )
        if not member.holds:
            yield f"{name} is left running, so this point is not consistent with it"
    yield from told_before(found)
