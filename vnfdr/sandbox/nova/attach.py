"""Volumes that come to a server, and go from it."""

from typing import Final

from vnfdr.sandbox.faults import Effect
from vnfdr.sandbox.nova.actions import begin, check_state, end
from vnfdr.sandbox.nova.devices import is_true, not_available
from vnfdr.sandbox.nova.servers import attached_in, check_unlocked, server_of
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal
from vnfdr.sandbox.site import take
from vnfdr.sandbox.things import Attachment, Event, Server, Volume

STATES: Final = {"active", "paused", "stopped"}
NO_BODY, TAG, ON_TERMINATION = (2, 101), (2, 70), (2, 79)
NOT_DONE: Final = "The sandbox was told to fail."


def attach(call: Call) -> Answer:
    """Accept that a volume is to come, and name its device."""
    asked, server = call.inner("volumeAttachment"), server_of(call)
    check_unlocked(call, server)
    check_state(server, "attach_volume", STATES)
    volume = _volume(call, str(asked.get("volumeId")))
    _check_free(call, volume)
    attached = call.site.reserve(volume, server)
    attached.tag = asked.get("tag")
    attached.delete_on_termination = is_true(asked.get("delete_on_termination"))
    event = begin(call, server, "attach_volume", "compute_attach_volume")
    call.site.later(_plug(call, server, attached, event))
    if call.version >= NO_BODY:
        return Answer(202)
    told: Json = {
        "id": volume.id,
        "volumeId": volume.id,
        "serverId": server.id,
        "device": attached.device,
    }
    if call.version >= TAG:
        told["tag"] = attached.tag
    if call.version >= ON_TERMINATION:
        told["delete_on_termination"] = attached.delete_on_termination
    return Answer(200, {"volumeAttachment": told})


def change(call: Call) -> Answer:
    """Say whether a volume is to be deleted with its server."""
    asked, attached = call.inner("volumeAttachment"), attached_in(call)
    if "delete_on_termination" in asked:
        attached.delete_on_termination = is_true(asked["delete_on_termination"])
    return Answer(202)


def detach(call: Call) -> Answer:
    """Accept that a volume is to go."""
    server = server_of(call)
    volume = _volume(call, call.path["volume_id"])
    attached = attached_in(call)
    if attached is server.attachments[0]:
        raise Refusal(400, "Cannot detach a root device volume")
    check_unlocked(call, server)
    check_state(server, "detach_volume", STATES)
    if volume.status != "in-use":
        raise Refusal(
            400,
            "Invalid input received: Invalid volume: Unable to detach volume. Volume"
            " status must be 'in-use' and attach_status must be 'attached' to detach."
            f" (HTTP 400) (Request-ID: {call.request_id})",
        )
    volume.status = "detaching"
    event = begin(call, server, "detach_volume", "compute_detach_volume")
    call.site.later(_unplug(call, server, attached, event))
    return Answer(202)


def _volume(call: Call, volume_id: str) -> Volume:
    volume = call.site.volumes.get(volume_id)
    if volume is None:
        raise Refusal(404, f"Volume {volume_id} could not be found.")
    return volume


def _check_free(call: Call, volume: Volume) -> None:
    holders = [
        server.id
        for server in list(call.site.servers.values())
        if any(a.volume_id == volume.id for a in server.attachments)
    ]
    if holders:
        raise Refusal(
            400,
            f"Invalid volume: volume {volume.id} is already attached to instances:"
            f" {' '.join(holders)}",
        )
    if volume.status != "available":
        raise Refusal(400, not_available(call, volume, volume.status))


async def _plug(call: Call, server: Server, attached: Attachment, event: Event) -> None:
    volume = call.site.volumes[attached.volume_id]
    volume.status = "attaching"
    await take(call.site.latency.action, call.fate)
    if server.is_going:
        return
    if call.fate is Effect.ERROR or volume.disk is None:
        server.attachments.remove(attached)
        volume.status = "available"
        end(call, server, event, NOT_DONE)
        return
    volume.attachments.append(attached)
    volume.status = "in-use"
    server.guest.plug(volume.disk)
    end(call, server, event)


async def _unplug(
    call: Call, server: Server, attached: Attachment, event: Event
) -> None:
    volume = call.site.volumes[attached.volume_id]
    await take(call.site.latency.action, call.fate)
    if server.is_going:
        return
    if call.fate is Effect.ERROR or volume.disk is None:
        volume.status = "in-use"
        end(call, server, event, NOT_DONE)
        return
    server.guest.unplug(volume.disk)
    server.attachments.remove(attached)
    volume.attachments.remove(attached)
    volume.status = "available"
    end(call, server, event)


ATTACHMENTS: Final = "/servers/{id}/os-volume_attachments"
OPERATIONS = (
    Operation("POST", ATTACHMENTS, "attach volume", attach),
    Operation("PUT", f"{ATTACHMENTS}/{{volume_id}}", "change attachment", change),
    Operation("DELETE", f"{ATTACHMENTS}/{{volume_id}}", "detach volume", detach),
)
