"""Cinder's snapshots, each an instant somewhere between its 202 and ``available``."""

from vnfdr.sandbox.bodies import check_characters
from vnfdr.sandbox.cinder.lists import SNAPSHOT, VOLUME, listed, one
from vnfdr.sandbox.cinder.metadata import metadata_in
from vnfdr.sandbox.cinder.quotas import claim
from vnfdr.sandbox.faults import Effect
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal
from vnfdr.sandbox.site import take
from vnfdr.sandbox.things import Snapshot, Volume, stamp

NO_FORCE = (3, 66)
TRUE = {"1", "t", "true", "on", "y", "yes"}


def create(call: Call) -> Answer:
    """Accept a snapshot; its instant comes later."""
    asked, site = call.inner("snapshot"), call.site
    volume = one(site.volumes, VOLUME, asked["volume_id"])
    _check_status(volume, force=_is_forced(call, asked))
    claim(site, volume.type, {"snapshots": 1, "gigabytes": volume.size_gib})
    snapshot = Snapshot(
        id=site.new_id(),
        name=str(asked.get("name") or "").strip(),
        volume_id=volume.id,
        size_gib=volume.size_gib,
        created_at=int(site.now()),
        description=asked.get("description"),
        user_id=call.user.id,
        metadata=metadata_in(asked),
    )
    check_characters(asked)
    site.snapshots[snapshot.id] = snapshot
    site.later(_make(call, volume, snapshot))
    return Answer(202, {"snapshot": _new(call, snapshot)})


def show(call: Call) -> Answer:
    """Tell of one snapshot."""
    snapshot = one(call.site.snapshots, SNAPSHOT, call.id)
    return Answer(200, {"snapshot": view(call, snapshot)})


def details(call: Call) -> Answer:
    """List snapshots."""
    return listed(call, SNAPSHOT, call.site.snapshots.values(), view)


def names(call: Call) -> Answer:
    """List snapshots, in short."""
    return listed(call, SNAPSHOT, call.site.snapshots.values(), _short)


def rename(call: Call) -> Answer:
    """Change a snapshot's name or description."""
    snapshot = one(call.site.snapshots, SNAPSHOT, call.id)
    asked = call.inner("snapshot")
    snapshot.name = str(asked.get("name", snapshot.name)).strip()
    snapshot.description = asked.get("description", snapshot.description)
    return Answer(200, {"snapshot": _short(call, snapshot)})


def delete(call: Call) -> Answer:
    """Accept that a snapshot is to go."""
    snapshot = one(call.site.snapshots, SNAPSHOT, call.id)
    if snapshot.status not in {"available", "error"}:
        raise Refusal(
            400,
            "Invalid snapshot: Snapshot status must be available or error and must not"
            " be part of a group.",
        )
    snapshot.status = "deleting"
    call.site.later(_remove(call, snapshot))
    return Answer(202)


def _is_forced(call: Call, asked: Json) -> bool:
    forced = str(asked.get("force", False)).lower() in TRUE
    if call.version < NO_FORCE:
        return forced
    if "force" in asked and not forced:
        raise Refusal(
            400,
            "Since microversion 3.66 the 'force' flag is invalid for this request.  For"
            " backward compatability, however, when the 'force' flag is passed with a"
            " value evaluating to True, it is silently ignored.",
        )
    return True


def _check_status(volume: Volume, *, force: bool) -> None:
    valid = ["available", "in-use"] if force else ["available"]
    if volume.status not in valid:
        raise Refusal(
            400,
            f"Invalid volume: Volume {volume.id} status must be {', '.join(valid)},"
            f" but current status is: {volume.status}.",
        )


async def _make(call: Call, volume: Volume, snapshot: Snapshot) -> None:
    site = call.site
    await take(0.0, call.fate)
    async with site.snapshot_slots:
        first = site.random.random() * site.latency.snapshot
        await take(first)
        if call.fate is Effect.ERROR or volume.disk is None:
            snapshot.status = "error"
            text = "create snapshot:Snapshot is unable to be created by the driver."
            site.tell("VOLUME_SNAPSHOT", snapshot.id, call.request_id, text)
            return
        snapshot.image = site.disks.image(volume.disk)
        await take(site.latency.snapshot - first)
    snapshot.status = "available"


async def _remove(call: Call, snapshot: Snapshot) -> None:
    await take(call.site.latency.delete, call.fate)
    if call.fate is Effect.ERROR:
        snapshot.status = "error_deleting"
        return
    if snapshot.image is not None:
        call.site.disks.delete(snapshot.image)
    call.site.snapshots.pop(snapshot.id, None)


def view(call: Call, snapshot: Snapshot) -> Json:
    """Return all that Cinder shows of a snapshot."""
    done = snapshot.status != "creating"
    return {
        **_new(call, snapshot),
        "os-extended-snapshot-attributes:project_id": call.site.project_id,
        "os-extended-snapshot-attributes:progress": "100%" if done else "0%",
    }


def _new(call: Call, snapshot: Snapshot) -> Json:
    """Return what Cinder shows of a snapshot that was just made."""
    later = {
        (3, 14): ("group_snapshot_id", None),
        (3, 41): ("user_id", snapshot.user_id),
        (3, 65): ("consumes_quota", True),
    }
    told = _short(call, snapshot)
    return told | dict(pair for since, pair in later.items() if call.version >= since)


def _short(_: Call, snapshot: Snapshot) -> Json:
    is_new = snapshot.status == "creating"
    return {
        "id": snapshot.id,
        "name": snapshot.name,
        "description": snapshot.description,
        "volume_id": snapshot.volume_id,
        "status": snapshot.status,
        "size": snapshot.size_gib,
        "created_at": stamp(snapshot.created_at),
        "updated_at": None if is_new else stamp(snapshot.created_at),
        "metadata": snapshot.metadata,
    }


OPERATIONS = (
    Operation("POST", "/snapshots", "create snapshot", create),
    Operation("GET", "/snapshots", "list snapshots", names),
    Operation("GET", "/snapshots/detail", "list snapshots", details),
    Operation("GET", "/snapshots/{id}", "show snapshot", show),
    Operation("PUT", "/snapshots/{id}", "rename snapshot", rename),
    Operation("DELETE", "/snapshots/{id}", "delete snapshot", delete),
)
