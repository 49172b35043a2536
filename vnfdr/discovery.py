"""Discover: find a group's servers, volumes and backups on a site. Touches nothing.

Volumes are read from Nova and compared with Cinder. Everything that forbids
protecting the group as asked is told at once.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from attrs import evolve, frozen

from vnfdr.backends import QuiesceBackend
from vnfdr.capture import capture
from vnfdr.cloud import Site
from vnfdr.errors import Gone, NotQuiescable, UnknownServer, Unprotectable
from vnfdr.model import (
    Group,
    Guest,
    Level,
    Member,
    Policy,
    Server,
    Strategy,
    System,
    Volume,
)
from vnfdr.recipes import Inventory, Protected
from vnfdr.world import World

CALLS_AT_ONCE = 8


@frozen
class _Found:
    """One member, its server and all volumes of it that Cinder knows."""

    member: Member
    server: Server
    backend: QuiesceBackend
    volumes: tuple[Volume, ...]
    missing: tuple[str, ...]


def discover(world: World, group: Group) -> Inventory:
    """Find what ``group`` is made of.

    Raises:
        UnknownServer: a server is unknown, or its name is not unique.
        UnknownBackend: a member's quiesce backend is not installed.
        UnknownPlace: nothing installed knows a place for its manifests.
        Unprotectable: something cannot be protected as asked; all reasons at once.
        CloudError: the site does not answer.
    """
    project_id = world.site.token().project_id
    with ThreadPoolExecutor(CALLS_AT_ONCE, "vnfdr-discover") as pool:
        found = list(pool.map(lambda member: _find(world, member), group.members))
        problems = [p for f in found for p in _problems(f, project_id)]
        problems += [*_group_problems(found), *_limits(group, found)]
        if problems:
            raise Unprotectable(f"group {group.name!r} cannot be protected", problems)
        members = list(pool.map(_protected, found))
        volumes = {v.id: v for member in members for v in member.volumes}
        chained = [v for v in volumes.values() if _is_chained(group, v)]
        backups = pool.map(lambda v: world.site.backups.of_volume(v.id), chained)
        history = {v.id: known for v, known in zip(chained, backups, strict=True)}
        captured = capture(world, group, members, pool)
    if not volumes:
        problem = "none of its servers has a volume to protect"
        raise Unprotectable(f"group {group.name!r} cannot be protected", (problem,))
    in_order = iter(members)
    tiers = tuple(tuple(next(in_order) for _ in tier) for tier in group.tiers)
    return Inventory(group, world.site.name, project_id, tiers, history, captured)


def find_server(site: Site, name: str) -> Server:
    """Return the server with this id, or the only one with this name.

    Raises:
        UnknownServer: there is none, or there are several; lists the candidates.
    """
    named = site.servers.named(name)
    if len(named) == 1:
        return named[0]
    if len(named) > 1:
        candidates = sorted(f"{server.name} ({server.id})" for server in named)
        raise UnknownServer(name, candidates, several=True)
    try:
        return site.servers.get(name)
    except Gone:
        raise UnknownServer(name, site.servers.names(), several=False) from None


def _find(world: World, member: Member) -> _Found:
    backend = world.backend(member.backend)
    server = find_server(world.site, member.server)
    volumes, missing = [], []
    for attachment in server.attachments:
        try:
            volumes.append(world.site.volumes.get(attachment.volume_id))
        except Gone:
            missing.append(attachment.volume_id)
    return _Found(member, server, backend, tuple(volumes), tuple(missing))


def _problems(found: _Found, project_id: str) -> Iterator[str]:
    server, member = found.server, found.member
    name = f"server {server.name!r}"
    if server.project_id != project_id:
        yield f"{name} is in another project ({server.project_id})"
    if server.local_disks and not member.allow_local_disks:
        yield (
            f"{name} has {' and '.join(server.local_disks)}, which no volume snapshot"
            " holds; move it to volumes, or say allow_local_disks"
        )
    if member.level.rank > found.backend.level.rank:
        yield (
            f"{name} is to be held at level {member.level.value!r}, and backend"
            f" {member.backend!r} reaches {found.backend.level.value!r} at most"
        )
    yield from _backend_problems(found)
    for volume_id in found.missing:
        yield f"volume {volume_id} of {name} is not known to Cinder in this project"
    for volume in _included(found):
        yield from _volume_problems(volume, server, project_id)
    known = {v.id for v in found.volumes} | {v.name for v in found.volumes}
    for left_out in member.leave_out:
        if left_out not in known:
            volumes = ", ".join(str(v) for v in found.volumes) or "none"
            yield f"{name} has no volume {left_out!r} to leave out; it has {volumes}"


def _backend_problems(found: _Found) -> Iterator[str]:
    if found.member.policy is Policy.REQUIRE:
        try:
            found.backend.locate(found.server)
        except NotQuiescable as error:
            yield f"server {found.server.name!r}: {error}"


def _volume_problems(volume: Volume, server: Server, project_id: str) -> Iterator[str]:
    if volume.project_id != project_id:
        yield (
            f"volume {volume} of {server.name!r} is in another project"
            f" ({volume.project_id}); its increments would find no parent"
        )
    if server.id not in volume.server_ids:
        yield (
            f"Nova says that volume {volume} is attached to {server.name!r}, and"
            " Cinder says that it is not; mend the attachment first"
        )


def _group_problems(found: list[_Found]) -> Iterator[str]:
    for server_id, times in Counter(f.server.id for f in found).items():
        if times > 1:
            names = sorted({f.member.server for f in found if f.server.id == server_id})
            named = " and ".join(map(repr, names))
            yield f"server {server_id} is in the group {times} times, as {named}"
    members = {f.server.id for f in found}
    volumes = {v.id: v for f in found for v in _included(f)}
    for volume in volumes.values():
        for stranger in sorted(set(volume.server_ids) - members):
            yield (
                f"volume {volume} is attached to {stranger} too, which is not in the"
                " group: its writes would not be held"
            )


def _limits(group: Group, found: list[_Found]) -> Iterable[str]:
    """Return which limits do not fit what runs in the guests."""
    windows = [f.member.server for f in found if _is_windows(f)]
    return group.limits(windows).problems()


def _is_windows(found: _Found) -> bool:
    """Tell whether it is frozen, and lets itself go as Windows does."""
    if not found.backend.holds or found.backend.level is Level.CRASH:
        return False
    if found.member.os is not None:
        return found.member.os is System.WINDOWS
    roots = (volume.os for volume in found.volumes if volume.bootable)
    return System.WINDOWS.value in {found.server.os, *roots}


def _included(found: _Found) -> Iterable[Volume]:
    out = set(found.member.leave_out)
    return [v for v in found.volumes if v.id not in out and v.name not in out]


def _protected(found: _Found) -> Protected:
    try:
        guest = found.backend.locate(found.server)
    except NotQuiescable:
        # Its policy lets it be degraded or skipped: the window will say so.
        guest = Guest(found.server.id, found.server.name)
    return Protected(
        member=found.member,
        guest=evolve(guest, name=found.server.name),
        reaches=found.backend.level,
        holds=found.backend.holds,
        volumes=tuple(_included(found)),
        attached=tuple(a.volume_id for a in found.server.attachments),
        local_disks=found.server.local_disks,
        windows=_is_windows(found),
    )


def _is_chained(group: Group, volume: Volume) -> bool:
    return group.backup.strategy_for(volume.type) is Strategy.SNAPSHOT
