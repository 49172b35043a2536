"""What was done to a server, and what became of it: its instance actions."""

from vnfdr.sandbox.nova.servers import server_of
from vnfdr.sandbox.nova.shown import host_id, host_name
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal
from vnfdr.sandbox.things import Action, Event, stamp

EVENTS_FOR_ALL, UPDATED_AT = (2, 51), (2, 58)
EVENT_HOSTS, EVENT_DETAILS = (2, 62), (2, 84)


def done(call: Call) -> Answer:
    """List what was done to a server, newest first."""
    found = [_told(call, a) for a in reversed(server_of(call).actions)]
    return Answer(200, {"instanceActions": found})


def one_done(call: Call) -> Answer:
    """Tell what became of one request."""
    wanted = call.path["request_id"]
    for action in server_of(call).actions:
        if action.request_id == wanted:
            told = _told(call, action)
            if call.user.admin or call.version >= EVENTS_FOR_ALL:
                told["events"] = [_event(call, event) for event in action.events]
            return Answer(200, {"instanceAction": told})
    raise Refusal(404, f"Action {wanted} not found")


def _told(call: Call, action: Action) -> Json:
    told: Json = {
        "action": action.name,
        "instance_uuid": call.id,
        "request_id": action.request_id,
        "user_id": action.user_id,
        "project_id": call.site.project_id,
        "start_time": stamp(action.start),
        "message": action.message,
    }
    if call.version >= UPDATED_AT:
        finished = [e.finish for e in action.events if e.finish is not None]
        told["updated_at"] = stamp(max(finished, default=action.start))
    return told


def _event(call: Call, event: Event) -> Json:
    told: Json = {
        "event": event.name,
        "start_time": stamp(event.start),
        "finish_time": stamp(event.finish) if event.finish is not None else None,
        "result": event.result,
    }
    server = server_of(call)
    if call.version >= EVENT_HOSTS:
        told["hostId"] = host_id(call, server)
    if call.user.admin:
        told["traceback"] = None
        if call.version >= EVENT_HOSTS:
            told["host"] = host_name(server.host)
        if call.version >= EVENT_DETAILS:
            told["details"] = event.details
    return told


OPERATIONS = (
    Operation("GET", "/servers/{id}/os-instance-actions", "list actions", done),
    Operation(
        "GET",
        "/servers/{id}/os-instance-actions/{request_id}",
        "show action",
        one_done,
    ),
)
