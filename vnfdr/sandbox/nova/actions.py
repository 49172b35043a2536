"""What Nova may be asked to do to a server.

``quiesce`` and ``unquiesce`` are those of the nova-spec *Expose quiesce/unquiesce API*:
answered with 202 and done later, for administrators. A hypervisor that cannot leaves
the server active and says so in the instance action; an exception puts the server in
error, whose guest may be frozen all the same.
"""

from collections.abc import Callable, Collection
from typing import Final

from attrs import frozen

from vnfdr.sandbox.faults import Effect
from vnfdr.sandbox.guests import AgentError, Guest
from vnfdr.sandbox.nova.servers import check_unlocked, server_of
from vnfdr.sandbox.rest import Answer, Call, Refusal, invalid
from vnfdr.sandbox.site import take
from vnfdr.sandbox.things import Action, Event, Server

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


def _reboot_gently(guest: Guest) -> None:
    guest.power_off()
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
GENTLY: Final = Deed(
    _ACTIVE, "rebooting", "active", RUNNING, _reboot_gently, "compute_reboot_instance"
)
"""A reboot of the type ``SOFT``."""
RESET: Final = "os-resetState"
NEW_LIFE: Final = {"os-start", "reboot"}
RECORDED_AS: Final = {"os-stop": "stop", "os-start": "start"}


def act(call: Call) -> Answer:
    """Accept an action, and begin with it. It is looked up before its server is."""
    (name,) = call.body
    deed = _deed(call, name)
    if deed is None or (deed.spec and not call.site.offers_quiesce):
        raise Refusal(400, f"There is no such action: {name}")
    if deed.admin:
        call.only_admin(f"os_compute_api:os-admin-actions:{name}")
    server = server_of(call)
    check_unlocked(call, server)
    check_state(server, RECORDED_AS.get(name, name), deed.before)
    server.task_state = deed.meanwhile
    event = begin(call, server, RECORDED_AS.get(name, name), deed.event)
    call.site.later(_carry_out(call, server, deed, event))
    return Answer(202)


def check_state(server: Server, name: str, before: Collection[str]) -> None:
    """See that something may be done to a server now.

    Raises:
        Refusal: it is in the wrong state for that, or busy.
    """
    what = f"Cannot '{name}' instance {server.id} while it is in"
    if server.vm_state not in before:
        raise Refusal(409, f"{what} vm_state {server.vm_state}")
    if server.task_state is not None:
        raise Refusal(409, f"{what} task_state {server.task_state}")


def begin(call: Call, server: Server, name: str, step: str) -> Event:
    """Write down that an action begins, with its one step."""
    event = Event(step, int(call.site.now()))
    record(call, server, name).events.append(event)
    return event


def end(call: Call, server: Server, event: Event, problem: str | None = None) -> None:
    """Write down how an action ended."""
    event.result, event.finish = "Success", int(call.site.now())
    if problem is not None:
        _fail(server, call.request_id, event, problem)


def record(call: Call, server: Server, name: str) -> Action:
    """Write down that a server is acted on."""
    now = int(call.site.now())
    action = Action(name, call.request_id, now, call.user.id)
    server.actions.append(action)
    return action


def reset_state(call: Call) -> Answer:
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
    record(call, server, "resetState")
    server.vm_state, server.task_state = asked["state"], None
    return Answer(202)


def _deed(call: Call, name: str) -> Deed | None:
    """Find out what is asked for; a reboot has to say of which type it is."""
    if name != "reboot":
        return DEEDS.get(name)
    kind = call.inner(name).get("type")
    if kind not in {"SOFT", "HARD"}:
        raise invalid(kind, "type", f"{kind!r} is not one of ['SOFT', 'HARD']")
    return GENTLY if kind == "SOFT" else DEEDS[name]


async def _carry_out(call: Call, server: Server, deed: Deed, event: Event) -> None:
    name, latency = next(iter(call.body)), call.site.latency
    usual = {"quiesce": latency.freeze, "unquiesce": latency.thaw}.get(name, 0.0)
    await take(latency.action + usual, call.fate)
    if server.is_going:
        return
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
