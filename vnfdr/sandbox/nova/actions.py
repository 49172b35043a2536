"""What Nova may be asked to do to a server, and what became of it.

``quiesce`` and ``unquiesce`` are those of the nova-spec *Expose quiesce/unquiesce API*:
answered with 202 and done later, for administrators. A hypervisor that cannot leaves
the server active and says so in the instance action; an exception puts the server in
error, whose guest may be frozen all the same.
"""

from collections.abc import Callable
from typing import Final

from attrs import frozen

from vnfdr.sandbox.faults import Effect
from vnfdr.sandbox.guests import AgentError, Guest
from vnfdr.sandbox.nova.servers import host_id, host_name, server_of
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal
from vnfdr.sandbox.site import take
from vnfdr.sandbox.things import Action, Event, Server, stamp

EVENTS_FOR_ALL, UPDATED_AT = (2, 51), (2, 58)
EVENT_HOSTS, EVENT_DETAILS = (2, 62), (2, 84)
RUNNING, PAUSED, SHUT_DOWN = 1, 3, 4


@frozen
class Deed:
    """One action: where it starts from, where it leads, and what it does.

    Args:
        before: the states in which it is allowed.
        meanwhile: what the server's task is called.
        after: the state that it leads to.
        power: how the guest runs then.
        does: what is done to the guest.
        event: what Nova calls its part that runs at the compute host.
        admin: whether only administrators may ask for it.
        spec: whether it is one of the nova-spec's.
    """

    before: frozenset[str]
    meanwhile: str
    after: str
    power: int
    does: Callable[[Guest], object]
    event: str
    admin: bool = False
    spec: bool = False


def _reboot(guest: Guest) -> None:
    guest.pull_the_plug()
    guest.boot()


_ACTIVE: Final = frozenset({"active"})
DEEDS: Final = {
    "pause": Deed(
        _ACTIVE, "pausing", "paused", PAUSED, Guest.pause, "compute_pause_instance"
    ),
    "unpause": Deed(
        frozenset({"paused"}),
        "unpausing",
        "active",
        RUNNING,
        Guest.resume,
        "compute_unpause_instance",
    ),
    "os-stop": Deed(
        frozenset({"active", "error"}),
        "powering-off",
        "stopped",
        SHUT_DOWN,
        Guest.power_off,
        "compute_stop_instance",
    ),
    "os-start": Deed(
        frozenset({"stopped"}),
        "powering-on",
        "active",
        RUNNING,
        Guest.boot,
        "compute_start_instance",
    ),
    "reboot": Deed(
        frozenset({"active", "stopped", "paused", "error"}),
        "reboot_started_hard",
        "active",
        RUNNING,
        _reboot,
        "compute_reboot_instance",
    ),
    "quiesce": Deed(
        _ACTIVE,
        "quiescing",
        "quiesced",
        RUNNING,
        Guest.freeze,
        "compute_quiesce_instance",
        admin=True,
        spec=True,
    ),
    "unquiesce": Deed(
        frozenset({"quiesced"}),
        "unquiescing",
        "active",
        RUNNING,
        Guest.thaw,
        "compute_unquiesce_instance",
        admin=True,
        spec=True,
    ),
}
RESET: Final = "os-resetState"
NAMES: Final = (*DEEDS, RESET)
NEW_LIFE: Final = {"os-start", "reboot"}
RECORDED_AS: Final = {"os-stop": "stop", "os-start": "start"}


def act(call: Call) -> Answer:
    """Accept an action, and begin with it. It is looked up before its server is."""
    if len(call.body) != 1:
        raise Refusal(400, "Malformed request body")
    (name,) = call.body
    if name == RESET:
        return _reset_state(call)
    deed = DEEDS.get(name)
    if deed is None or (deed.spec and not call.site.offers_quiesce):
        raise Refusal(400, f"There is no such action: {name}")
    if deed.admin:
        call.only_admin(f"os_compute_api:os-admin-actions:{name}")
    server = server_of(call)
    _check_state(server, name, deed)
    server.task_state = deed.meanwhile
    event = Event(deed.event, int(call.site.now()))
    _record(call, server, RECORDED_AS.get(name, name)).events.append(event)
    call.site.later(_carry_out(call, server, name, event))
    return Answer(202)


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


def _check_state(server: Server, name: str, deed: Deed) -> None:
    what = f"Cannot '{RECORDED_AS.get(name, name)}' instance {server.id} while it is in"
    if server.vm_state not in deed.before:
        raise Refusal(409, f"{what} vm_state {server.vm_state}")
    if server.task_state is not None:
        raise Refusal(409, f"{what} task_state {server.task_state}")


def _record(call: Call, server: Server, name: str) -> Action:
    now = int(call.site.now())
    action = Action(name, call.request_id, now, call.user.id)
    server.actions.append(action)
    return action


def _reset_state(call: Call) -> Answer:
    """Say that a server is active, or in error; its guest is not asked."""
    call.only_admin("os_compute_api:os-admin-actions:reset_state")
    server, asked = server_of(call), call.inner(RESET)
    if asked.get("state") not in {"active", "error"}:
        raise Refusal(
            400,
            "Invalid input for field/attribute state."
            f" Value: {asked.get('state')}. {asked.get('state')!r} is not one of"
            " ['active', 'error']",
        )
    _record(call, server, "resetState")
    server.vm_state, server.task_state = asked["state"], None
    return Answer(202)


async def _carry_out(call: Call, server: Server, name: str, event: Event) -> None:
    deed, latency = DEEDS[name], call.site.latency
    usual = {"quiesce": latency.freeze, "unquiesce": latency.thaw}.get(name, 0.0)
    await take(latency.action + usual, call.fate)
    event.result, event.finish = "Success", int(call.site.now())
    if name == "quiesce" and not server.can_quiesce:
        text = f"Quiesce is not supported in instance {server.id}"
        _fail(server, call.request_id, event, text)
    elif (problem := _failure(server, deed, call.fate)) is not None:
        server.vm_state, server.fault = "error", problem
        _fail(server, call.request_id, event, problem)
    else:
        server.vm_state, server.power_state = deed.after, deed.power
        if name in NEW_LIFE:
            server.launched_at = int(call.site.now())
    server.task_state = None


def _failure(server: Server, deed: Deed, fate: Effect | None) -> str | None:
    """Do it; return what went wrong."""
    if fate is Effect.ERROR:
        return "The sandbox was told to fail."
    try:
        deed.does(server.guest)
    except AgentError as error:
        return f"Error from libvirt while quiescing {server.instance_name}: {error}"
    return None


def _fail(server: Server, request_id: str, event: Event, text: str) -> None:
    event.result, event.details = "Error", text
    for action in server.actions:
        if action.request_id == request_id:
            action.message = "Error"


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
            told["host"] = host_name(server)
        if call.version >= EVENT_DETAILS:
            told["details"] = event.details
    return told


OPERATIONS = (
    Operation("POST", "/servers/{id}/action", "{action} server", act),
    Operation("GET", "/servers/{id}/os-instance-actions", "list actions", done),
    Operation(
        "GET",
        "/servers/{id}/os-instance-actions/{request_id}",
        "show action",
        one_done,
    ),
)
