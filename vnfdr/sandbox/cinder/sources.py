"""What a volume may be made from: a snapshot, another volume, or a backup."""

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

from vnfdr.sandbox.cinder.nouns import BACKUP, SNAPSHOT, VOLUME, Noun
from vnfdr.sandbox.cinder.volume_types import kind_named
from vnfdr.sandbox.rest import Call, Json, Refusal
from vnfdr.sandbox.things import Backup, Snapshot, Volume

Source = Snapshot | Volume | Backup


@frozen
class _Kind:
    """One kind of source.

    Args:
        key: how the body names it.
        noun: what it is.
        title: what messages call it.
        statuses: in which it may be used.
        too_small: what is said of a volume that is smaller.
    """

    key: str
    noun: Noun[Any]
    title: str
    statuses: tuple[str, ...]
    too_small: str


_KINDS: Final[Mapping[type[Source], _Kind]] = {
    Snapshot: _Kind(
        "snapshot_id",
        SNAPSHOT,
        "snapshot",
        ("available",),
        "Volume size '{size}'GB cannot be smaller than the snapshot size {least}GB."
        " They must be >= original snapshot size.",
    ),
    Volume: _Kind(
        "source_volid",
        VOLUME,
        "source volume",
        ("available", "in-use"),
        "Volume size '{size}'GB cannot be smaller than original volume size "
        " {least}GB. They must be >= original volume size.",
    ),
    Backup: _Kind(
        "backup_id",
        BACKUP,
        "backup",
        ("available",),
        "Volume size {size}GB cannot be smaller than the backup size {least}GB. It"
        " must be >= backup size.",
    ),
}


def source_of(call: Call, asked: Json) -> Source | None:
    """Return what a volume is to be made from, if from anything.

    Raises:
        Refusal: it is not there or not ready, or there are several.
    """
    if asked.get("imageRef") or asked.get("image_id"):
        raise Refusal(
            400, "Invalid image identifier or unable to access requested image."
        )
    found: list[Source] = [
        kind.noun.one(call, asked[kind.key])
        for kind in _KINDS.values()
        if asked.get(kind.key)
    ]
    if len(found) > 1:
        raise Refusal(
            400,
            "Invalid input received: May specify only one of backup, imageRef,"
            " snapshot, source volume",
        )
    for source in found:
        check_ready(source)
        return source
    return None


def check_ready(source: Source) -> None:
    """See that something can be made from this.

    Raises:
        Refusal: nothing can, for now.
    """
    kind = _KINDS[type(source)]
    if source.status not in kind.statuses:
        raise Refusal(
            400,
            f"Invalid {kind.noun.name}: Originating {kind.title} status must be"
            f" one of '{', '.join(kind.statuses)}' values",
        )


def size_of(asked: Json, source: Source | None) -> int:
    """Return how big a volume is to be, in GiB.

    Raises:
        Refusal: it has no size, or less than its source.
    """
    wanted = asked.get("size") or (source.size_gib if source else 0)
    size = int(wanted) if str(wanted).isdigit() else 0
    if size < 1:
        raise Refusal(
            400,
            f"Invalid input received: Volume size '{wanted}' must be an integer and"
            " greater than 0",
        )
    if source is not None and size < source.size_gib:
        words = _KINDS[type(source)].too_small.format(size=size, least=source.size_gib)
        raise Refusal(400, f"Invalid input received: {words}")
    return size


def inherited(call: Call, source: Source | None) -> Json:
    """Return what a volume takes over from its source as soon as it is asked for."""
    if source is None or isinstance(source, Backup):
        return {}
    if isinstance(source, Volume):
        return {"bootable": source.bootable, "source_volid": source.id}
    origin = call.site.volumes.get(source.volume_id)
    return {
        "bootable": origin.bootable if origin else False,
        "snapshot_id": source.id,
    }


def type_of(call: Call, asked: Json, source: Source | None) -> str:
    """Return the name of a new volume's type.

    Raises:
        Refusal: there is no such type.
    """
    wanted = asked.get("volume_type")
    if wanted:
        return kind_named(call, wanted).name
    if isinstance(source, Snapshot):
        source = call.site.volumes.get(source.volume_id)
    return source.type if isinstance(source, Volume) else call.site.types.default.name
