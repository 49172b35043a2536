"""What administrators do to a thing that is stuck: say that it is in another state."""

from collections.abc import Collection
from typing import Final

from vnfdr.sandbox.cinder.actions import Deed
from vnfdr.sandbox.cinder.nouns import Thing
from vnfdr.sandbox.rest import Answer, Call, Json, Refusal, Version
from vnfdr.sandbox.things import Volume

COMMON: Final = (
    "error",
    "available",
    "creating",
    "deleting",
    "deleted",
    "updating",
    "error_deleting",
)
BACKUP: Final = ("available", "error")
SNAPSHOT: Final = (*COMMON, "unmanaging", "backing-up", "restoring")
VOLUME: Final = (
    "creating",
    "available",
    "deleting",
    "error",
    "error_deleting",
    "error_managing",
    "managing",
    "attaching",
    "in-use",
    "detaching",
    "maintenance",
    "restoring-backup",
    "error_restoring",
    "reserved",
    "awaiting-transfer",
    "backing-up",
    "error_backing-up",
    "error_extending",
    "downloading",
    "uploading",
    "retyping",
    "extending",
)
ATTACH: Final = ("attached", "detached")


def resetting(
    title: str, allowed: Collection[str], rule: str, since: Version = (3, 0)
) -> Deed[Thing]:
    """Return the action that gives a thing one of the states that are allowed."""

    def reset(_: Call, thing: Thing, asked: Json) -> Answer:
        thing.status = _one_of(allowed, asked.get("status"), f"{title} status")
        return Answer(202)

    return Deed(reset, rule, since)


def reset_volume(_: Call, volume: Volume, asked: Json) -> Answer:
    """Say that a volume is in another state, or attached to nothing."""
    status, attached = asked.get("status"), asked.get("attach_status")
    if not (status or attached or asked.get("migration_status")):
        raise Refusal(
            400,
            "Must specify 'status', 'attach_status' or 'migration_status' for update.",
        )
    if status:
        status = _one_of(VOLUME, status, "Volume status")
    if attached:
        attached = _one_of(ATTACH, attached, "Volume attach status")
    if status == "deleting":
        raise Refusal(400, f"Cannot reset-state to {status}")
    if status == "in-use" and not volume.attachments:
        raise Refusal(
            400,
            "Cannot reset-state to in-use because volume does not have any"
            " attachments.",
        )
    volume.status = status or volume.status
    if attached == "detached":
        # Nova is not asked: its server still has the volume.
        volume.attachments.clear()
    return Answer(202)


def _one_of(allowed: Collection[str], asked: object, what: str) -> str:
    if str(asked).lower() not in allowed:
        raise Refusal(
            400,
            f"{what}: {asked} is invalid, valid statuses are: {tuple(allowed)}.",
        )
    return str(asked).lower()
