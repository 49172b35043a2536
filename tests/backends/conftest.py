"""Nova and libvirt as small machines, in memory; the backends before them are real."""

import json
import time
from collections.abc import Callable

import pytest
from attrs import define, evolve, field

from vnfdr.cloud import ActionResult
from vnfdr.errors import Conflict, Gone, Unsupported
from vnfdr.model import Guest, Server

ACTIONS = {
    "pause": ("active", "pausing", "paused"),
    "unpause": ("paused", "unpausing", "active"),
}


@define
class Clock:
    """Time that passes while somebody sleeps, and at no cost."""

    slept: float = 0.0

    def sleep(self, seconds):
        self.slept += seconds


@define
class Nova:
    """Servers, and actions that take a few looks to come to something.

    ``troubles`` are raised by the next calls of a name, before their effect; those
    of ``"<name> after"`` behind it.
    """

    actions: dict[str, tuple[str, str, str]] = field(factory=lambda: dict(ACTIONS))
    all: dict[str, Server] = field(factory=dict)
    looks: int = 2
    ends_in: str = ""
    message: str = ""
    troubles: dict[str, list[Exception]] = field(factory=dict)
    asked: list[str] = field(factory=list)
    pending: dict[str, list] = field(factory=dict)

    def add(self, name="db", state="active", **rest):
        """Put a server there and return the guest in it."""
        server = Server(f"s-{name}", name, vm_state=state, **rest)
        self.all[server.id] = server
        return Guest(server.id, name)

    def change(self, guest, **fields):
        self.all[guest.server_id] = evolve(self.all[guest.server_id], **fields)

    def get(self, server_id):
        self.trouble("get")
        if server_id not in self.all:
            raise Gone(f"no server {server_id!r}", status=404)
        self.go_on(server_id)
        return self.all[server_id]

    def act(self, server_id, action):
        self.trouble(action)
        if action not in self.actions:
            raise Unsupported(f"There is no such action: {action}", status=400)
        if server_id not in self.all:
            raise Gone(f"no server {server_id!r}", status=404)
        needs, task, state = self.actions[action]
        server = self.all[server_id]
        if server.task_state or server.vm_state != needs:
            raise Conflict(f"cannot {action} while {server.vm_state}", status=409)
        self.asked.append(action)
        self.all[server_id] = evolve(server, task_state=task)
        self.pending[server_id] = [self.looks, self.ends_in or state]
        self.trouble(f"{action} after")
        return "req-1"

    def action_result(self, server_id, request_id):
        finished = server_id not in self.pending
        return ActionResult(finished, self.message if finished else None)

    def go_on(self, server_id):
        """Let what was asked for come one look nearer to its end."""
        if server_id in self.pending:
            left, state = self.pending[server_id]
            self.pending[server_id] = [left - 1, state]
            if left == 1:
                del self.pending[server_id]
                self.all[server_id] = evolve(
                    self.all[server_id], vm_state=state, task_state=""
                )

    def trouble(self, name):
        if self.troubles.get(name):
            raise self.troubles[name].pop(0)


@define
class Cloud:
    """As much of a site as a backend needs."""

    servers: Nova = field(factory=Nova)
    settings: dict[str, object] = field(factory=dict)
    name: str = "site-a"


@define(eq=False)
class Domain:
    """A domain with a well-behaved agent in it.

    ``troubles`` befall the next calls of a name, one each: an exception is raised,
    and anything else called in place of the agent.
    """

    error: Callable[..., Exception]
    id: int = 1
    active: bool = True
    gone: bool = False
    file_systems: int = 2
    frozen: bool = False
    forbidden: frozenset[str] = frozenset()
    limits: list[int] = field(factory=list)
    calls: list[str] = field(factory=list)
    troubles: dict[str, list] = field(factory=dict)

    def fsFreeze(self):  # noqa: N802 - libvirt's name
        return self.call("fsFreeze", self.freeze)

    def fsThaw(self):  # noqa: N802 - libvirt's name
        return self.call("fsThaw", self.thaw)

    def agentSetResponseTimeout(self, seconds):  # noqa: N802 - libvirt's name
        self.call("limit", lambda: self.limits.append(seconds))

    def ID(self):  # noqa: N802 - libvirt's name
        return self.id

    def isActive(self):  # noqa: N802 - libvirt's name
        return int(self.active)

    def freeze(self):
        if self.frozen:
            raise self.error(1, "it is disabled: the agent is in frozen state")
        self.frozen = bool(self.file_systems)
        return self.file_systems

    def thaw(self):
        count = self.file_systems if self.frozen else 0
        self.frozen = False
        return count

    def command(self, request):
        """Answer what is sent past libvirt, straight to the agent."""
        execute = json.loads(request)["execute"]
        names = {"guest-fsfreeze-freeze", "guest-fsfreeze-thaw"} - self.forbidden
        answers = {
            "guest-fsfreeze-status": "frozen" if self.frozen else "thawed",
            "guest-info": {
                "supported_commands": [{"name": n, "enabled": True} for n in names]
            },
            "guest-exec": {"pid": 7},
            "guest-exec-status": {"exited": self.calls.count(execute) > 0},
        }
        return json.dumps({"return": self.call(execute, lambda: answers[execute])})

    def call(self, name, effect):
        if self.gone:
            raise self.error(42, "no domain with matching uuid")
        befalls = self.troubles.get(name)
        trouble = befalls.pop(0) if befalls else None
        if isinstance(trouble, Exception):
            self.calls.append(name)
            raise trouble
        result = trouble() if trouble else effect()
        self.calls.append(name)
        return result


@define
class Hypervisors:
    """Compute hosts by URI, each with its domains by UUID."""

    error: Callable[..., Exception]
    domains: dict[str, dict[str, Domain]] = field(factory=dict)
    opened: list[str] = field(factory=list)
    alive: bool = True

    def add(self, name="db", uri="qemu://a/system", **rest):
        """Put a running guest on a host."""
        guest = Guest(f"s-{name}", name, uri)
        domain = Domain(self.error, **rest)
        self.domains.setdefault(uri, {})[guest.server_id] = domain
        return guest, domain

    def remove(self, guest):
        """Let a guest be gone from its host; return its domain."""
        domain = self.domains[guest.address].pop(guest.server_id)
        domain.gone = True
        return domain

    def move(self, guest, uri):
        """Let a guest be on another host; return its domain there."""
        there = evolve(self.remove(guest), gone=False)
        self.domains.setdefault(uri, {})[guest.server_id] = there
        return there

    def open(self, uri):
        self.opened.append(uri)
        if uri not in self.domains:
            raise self.error(38, "unable to connect", domain=7)
        return Connection(self, uri)


@define
class Connection:
    """A connection to a host."""

    hypervisors: Hypervisors
    uri: str

    def isAlive(self):  # noqa: N802 - libvirt's name
        return int(self.hypervisors.alive)

    def lookupByUUIDString(self, uuid):  # noqa: N802 - libvirt's name
        found = self.hypervisors.domains[self.uri].get(uuid)
        if found is None:
            raise self.hypervisors.error(42, "no domain with matching uuid")
        return found


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """A clock that nobody waits for."""
    clock, now = Clock(), time.monotonic
    monkeypatch.setattr(time, "sleep", clock.sleep)
    monkeypatch.setattr(time, "monotonic", lambda: now() + clock.slept)
    return clock


@pytest.fixture
def cloud():
    """A cloud with stock Nova."""
    return Cloud()


@pytest.fixture
def nova(cloud):
    """Its Nova."""
    return cloud.servers


@pytest.fixture
def hosts(monkeypatch):
    """Compute hosts, for the real libvirt-python to find instead of real ones."""
    binding = pytest.importorskip("libvirt")
    qemu = pytest.importorskip("libvirt_qemu")
    ask, really_open = qemu.qemuAgentCommand, binding.open

    def error(number, text="it went wrong", domain=10):
        made = binding.libvirtError("a call failed")
        made.err = (number, domain, text, 2, None, None, None, -1, -1)
        return made

    hosts = Hypervisors(error)

    def agent_command(domain, request, timeout, flags):
        if isinstance(domain, Domain):
            return domain.command(request)
        return ask(domain, request, timeout, flags)

    def open_(uri):
        return (really_open if uri.startswith("test:") else hosts.open)(uri)

    monkeypatch.setattr(qemu, "qemuAgentCommand", agent_command)
    monkeypatch.setattr(binding, "open", open_)
    return hosts
