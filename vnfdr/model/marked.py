"""What carries vnfdr's mark, of whatever kind: for who looks for what was left."""

from datetime import datetime

from attrs import frozen


@frozen
class Marked:
    """Something that carries a mark of vnfdr, whole or in part.

    Of its metadata nothing is kept but the mark: the rest is its owner's.

    Args:
        noun: what it is: ``snapshot``, ``volume``, ``backup``, ``server``, ``port``,
            ``network``.
        id: its id.
        name: what it is called.
        key: the key of the step that made it, as its mark says.
        point: the recovery point it belongs to, as its mark says.
        group: the group it belongs to, as its mark says.
        verdict: the verdict that is stamped on it; empty where there is none.
        status: what state it is in.
        created_at: when it was made.
        size_gib: how much it may take up.
        of: the volume that a snapshot or a backup was taken of; the snapshot that
            a volume was made from.
        used_by: the servers that use it.
        dependents: how many others were made of it and need it, as far as told.
        restored: whether a backup was restored into it.
        takes_along: the volumes that would be deleted together with a server.
    """

    noun: str
    id: str
    name: str
    key: str
    point: str
    group: str
    status: str
    created_at: datetime
    verdict: str = ""
    size_gib: int = 0
    of: str = ""
    used_by: tuple[str, ...] = ()
    dependents: int = 0
    restored: bool = False
    takes_along: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.noun} {self.id}"
