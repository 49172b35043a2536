"""How much a project may have in Cinder, and how much of that it has."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from vnfdr.sandbox.quotas import QUOTAS, UNLIMITED
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal
from vnfdr.sandbox.site import Site
from vnfdr.sandbox.things import Snapshot, Volume

PER_TYPE: Final = ("volumes", "snapshots", "gigabytes")
NO_TYPE: Final = "__DEFAULT__"
"""The type that Cinder comes with, for volumes that have none."""

_WORDS: Final = {
    "volumes": (
        "VolumeLimitExceeded: Maximum number of volumes allowed ({limit}) exceeded for"
        " quota '{name}'."
    ),
    "snapshots": (
        "SnapshotLimitExceeded: Maximum number of snapshots allowed ({limit}) exceeded"
    ),
    "backups": (
        "BackupLimitExceeded: Maximum number of backups allowed ({limit}) exceeded"
    ),
    "groups": (
        "GroupLimitExceeded: Maximum number of groups allowed ({limit}) exceeded"
    ),
    "gigabytes": (
        "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed"
        " {name} quota. Requested {asked}G, quota is {limit}G and {used}G has been"
        " consumed."
    ),
    "backup_gigabytes": (
        "VolumeBackupSizeExceedsAvailableQuota: Requested backup exceeds allowed Backup"
        " gigabytes quota. Requested {asked}G, quota is {limit}G and {used}G has been"
        " consumed."
    ),
}


def show(call: Call) -> Answer:
    """Tell the limits, and what of them is used."""
    site, used = call.site, usage(call.site)
    if call.id != site.project_id:
        call.only_admin("volume_extension:quotas:show")
    if call.query.get("usage", "False").lower() != "true":
        limits: Json = {name: _limit(site, name) for name in _names(site)}
        return Answer(200, {"quota_set": {"id": call.id, **limits}})
    quotas = {
        name: {
            "limit": _limit(site, name),
            "in_use": used.get(name, 0),
            "reserved": 0,
        }
        for name in _names(site)
    }
    return Answer(200, {"quota_set": {"id": call.id, **quotas}})


def defaults(call: Call) -> Answer:
    """Tell what the limits are as long as nobody changes them."""
    told = {name: QUOTAS.get(name, UNLIMITED) for name in _names(call.site)}
    return Answer(200, {"quota_set": {"id": call.id, **told}})


def reset(call: Call) -> Answer:
    """Set all limits back."""
    call.only_admin("volume_extension:quotas:delete")
    call.site.quotas = dict(QUOTAS)
    return Answer(200)


def change(call: Call) -> Answer:
    """Set limits."""
    call.only_admin("volume_extension:quotas:update")
    asked = {k: v for k, v in call.inner("quota_set").items() if k != "tenant_id"}
    unknown = sorted(asked.keys() - set(_names(call.site)))
    if unknown:
        raise Refusal(
            400,
            f"Invalid input received: Bad key(s) in quota set: {', '.join(unknown)}",
        )
    call.site.quotas |= {name: _new_limit(name, v) for name, v in asked.items()}
    told = {name: _limit(call.site, name) for name in _names(call.site)}
    return Answer(200, {"quota_set": told})


def _new_limit(name: str, asked: object) -> int:
    try:
        limit = int(str(asked))
    except ValueError:
        raise Refusal(400, f"{name} must be an integer") from None
    if limit < UNLIMITED:
        raise Refusal(400, f"{name} must be >= {UNLIMITED}")
    return limit


def limits(call: Call) -> Answer:
    """Tell what users' tools show."""
    site, used = call.site, usage(call.site)
    absolute = {
        "maxTotalVolumes": _limit(site, "volumes"),
        "maxTotalSnapshots": _limit(site, "snapshots"),
        "maxTotalBackups": _limit(site, "backups"),
        "maxTotalVolumeGigabytes": _limit(site, "gigabytes"),
        "maxTotalBackupGigabytes": _limit(site, "backup_gigabytes"),
        "totalVolumesUsed": used["volumes"],
        "totalSnapshotsUsed": used["snapshots"],
        "totalBackupsUsed": used["backups"],
        "totalGigabytesUsed": used["gigabytes"],
        "totalBackupGigabytesUsed": used["backup_gigabytes"],
    }
    return Answer(200, {"limits": {"rate": [], "absolute": absolute}})


def usage(site: Site) -> Mapping[str, int]:
    """Count what there is."""
    volumes, snapshots = list(site.volumes.values()), list(site.snapshots.values())
    backups = list(site.backups.values())
    used = {
        "volumes": len(volumes),
        "snapshots": len(snapshots),
        "gigabytes": _gigabytes(volumes, snapshots),
        "backups": len(backups),
        "backup_gigabytes": sum(backup.size_gib for backup in backups),
        "groups": len(site.groups),
    }
    of_volume = {volume.id: volume.type for volume in volumes}
    for kind in _types(site):
        mine = [v for v in volumes if v.type == kind]
        theirs = [s for s in snapshots if of_volume.get(s.volume_id) == kind]
        used[f"volumes_{kind}"] = len(mine)
        used[f"snapshots_{kind}"] = len(theirs)
        used[f"gigabytes_{kind}"] = _gigabytes(mine, theirs)
    return used


def claim(site: Site, kind: str, asked: Mapping[str, int]) -> None:
    """See that the project may have so much more; ``kind`` is the volumes' type.

    Raises:
        Refusal: it may not, and need not try again later.
    """
    _check(site, Counter(_wanted(kind, asked)))


def claim_snapshots(site: Site, volumes: Iterable[Volume]) -> None:
    """See that the project may have one more snapshot of each of these.

    Raises:
        Refusal: it may not.
    """
    total: Counter[tuple[str, str]] = Counter()
    for volume in volumes:
        one = {"snapshots": 1, "gigabytes": volume.size_gib}
        total.update(_wanted(volume.type, one))
    _check(site, total)


def check_size(site: Site, size_gib: int) -> None:
    """See that a volume may be so big.

    Raises:
        Refusal: it may not.
    """
    limit = _limit(site, "per_volume_gigabytes")
    if limit != UNLIMITED and size_gib > limit:
        raise Refusal(
            413,
            f"VolumeSizeExceedsLimit: Requested volume size {size_gib}G is larger than"
            f" maximum allowed limit {limit}G.",
            retry_after="0",
        )


def _wanted(kind: str, asked: Mapping[str, int]) -> dict[tuple[str, str], int]:
    """Return what is asked of each quota, by what it is about and its name."""
    return {
        (name, quota): more
        for name, more in asked.items()
        for quota in ((name, f"{name}_{kind}") if name in PER_TYPE else (name,))
    }


def _check(site: Site, wanted: Mapping[tuple[str, str], int]) -> None:
    used = usage(site)
    for (name, quota), more in wanted.items():
        limit, has = _limit(site, quota), used.get(quota, 0)
        if limit != UNLIMITED and has + more > limit:
            words = _WORDS[name].format(name=quota, limit=limit, used=has, asked=more)
            raise Refusal(413, words, retry_after="0")


def _types(site: Site) -> list[str]:
    return [kind.name for kind in site.types.volumes.values()]


def _names(site: Site) -> Iterator[str]:
    yield from ("volumes", "snapshots", "gigabytes", "backups", "backup_gigabytes")
    yield from ("per_volume_gigabytes", "groups")
    for kind in (*_types(site), NO_TYPE):
        yield from (f"{name}_{kind}" for name in PER_TYPE)


def _gigabytes(volumes: list[Volume], snapshots: list[Snapshot]) -> int:
    return sum(v.size_gib for v in volumes) + sum(s.size_gib for s in snapshots)


def _limit(site: Site, name: str) -> int:
    return site.quotas.get(name, UNLIMITED)


OPERATIONS = (
    Operation("GET", "/os-quota-sets/{id}", "show quotas", show),
    Operation("PUT", "/os-quota-sets/{id}", "change quotas", change),
    Operation("GET", "/os-quota-sets/{id}/defaults", "show quotas", defaults),
    Operation("DELETE", "/os-quota-sets/{id}", "reset quotas", reset),
    Operation("GET", "/limits", "show volume limits", limits),
)
