"""Guests from the inside, through their agents, and so through libvirt.

Nothing here goes through Nova: a guest that is frozen can be looked at, and thawed.
"""

import base64
import json
import re
import subprocess
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import libvirt
import libvirt_qemu
from attrs import frozen

from tests.lab.place import until
from tests.lab.records import NANOSECONDS, RECORD_BYTES, Record, parse

AGENT_SECONDS_MAX = 10
"""How long one command to an agent may take."""

THAW_SECONDS_MAX = 30
"""How long a teardown waits for a guest to be thawed."""

RECORD_FILES = {"data": "/data/records", "root": "/var/records"}
"""Where a guest records, by volume."""


class GuestCommandFailed(Exception):
    """A command in a guest ended with another status than 0."""


def domain_of(connection: libvirt.virConnect, server_id: str) -> libvirt.virDomain:
    """Find the domain of a server: their UUIDs are the same."""
    return connection.lookupByUUIDString(server_id)


def plug_in(domain: libvirt.virDomain) -> None:
    """See that the host's end of the guest's network is up.

    Open vSwitch, in user space, reads a device's flags and sets them a moment later:
    what libvirt has set in between, that it is up, is lost.
    """
    for tap in re.findall(r"<target dev='(tap[^']+)'", domain.XMLDesc()):
        command = ["ip", "link", "set", tap, "up"]
        subprocess.run(command, check=True)


def ask(domain: libvirt.virDomain, command: str, **arguments: object) -> Any:
    """Send one command to the agent and return its answer."""
    request = json.dumps({"execute": command, "arguments": arguments})
    answer = libvirt_qemu.qemuAgentCommand(domain, request, AGENT_SECONDS_MAX, 0)
    return json.loads(answer)["return"]


def run(domain: libvirt.virDomain, script: str) -> str:
    """Run a shell script in the guest, and return what it printed."""
    pid = _execute(domain, script, capture=True)
    ended = until(lambda: _result(domain, pid), every_seconds=0.05)
    output = base64.b64decode(ended.get("out-data", "")).decode()
    if status := ended.get("exitcode"):
        errors = base64.b64decode(ended.get("err-data", "")).decode()
        raise GuestCommandFailed(f"{script!r} exited with {status}: {errors}{output}")
    return output


def spawn(domain: libvirt.virDomain, script: str) -> None:
    """Start a shell script in the guest, which outlives this call and the agent."""
    _execute(domain, f"({script}) </dev/null >/dev/null 2>&1 &", capture=False)


def _execute(domain: libvirt.virDomain, script: str, *, capture: bool) -> int:
    arguments = {"path": "/bin/sh", "arg": ["-c", script], "capture-output": capture}
    return ask(domain, "guest-exec", **arguments)["pid"]


def _result(domain: libvirt.virDomain, pid: int) -> dict[str, Any] | None:
    answer = ask(domain, "guest-exec-status", pid=pid)
    return answer if answer["exited"] else None


def tail(domain: libvirt.virDomain, path: str, count_bytes: int) -> bytes:
    """Read the last ``count_bytes`` of a file in the guest, all of it if shorter."""
    handle = ask(domain, "guest-file-open", path=path, mode="r")
    try:
        where = {"handle": handle, "whence": "end"}
        size = ask(domain, "guest-file-seek", offset=0, **where)["position"]
        ask(domain, "guest-file-seek", offset=-min(size, count_bytes), **where)
        answer = ask(domain, "guest-file-read", handle=handle, count=count_bytes)
        return base64.b64decode(answer["buf-b64"])
    finally:
        ask(domain, "guest-file-close", handle=handle)


def recent(
    domain: libvirt.virDomain, volume: str = "data", count: int = 400
) -> list[Record]:
    """Read the guest's last ``count`` records from its "data" or "root" volume."""
    return parse(tail(domain, RECORD_FILES[volume], count * RECORD_BYTES))


@frozen
class Clock:
    """How far a guest's clock is ahead of the host's, and how sure that is."""

    ahead_ns: int
    uncertain_ns: int

    def to_host_ns(self, guest_ns: int) -> int:
        """Put a moment of the guest's clock on the host's."""
        return guest_ns - self.ahead_ns


def clock(domain: libvirt.virDomain, asked: int = 8) -> Clock:
    """Compare the guest's clock with the host's: the quickest answer counts."""
    best = Clock(0, NANOSECONDS * AGENT_SECONDS_MAX)
    for _ in range(asked):
        before_ns = time.time_ns()
        guest_ns = ask(domain, "guest-get-time")
        after_ns = time.time_ns()
        half_ns = (after_ns - before_ns) // 2
        if half_ns < best.uncertain_ns:
            best = Clock(guest_ns - before_ns - half_ns, half_ns)
    return best


def frozen_status(domain: libvirt.virDomain) -> str:
    """Return "frozen" or "thawed", as the agent sees it."""
    return ask(domain, "guest-fsfreeze-status")


def thaw_everything(domains: Iterable[libvirt.virDomain]) -> None:
    """Thaw every guest that can be thawed; for teardowns, so it raises nothing.

    A freeze that was given up may still be under way to an agent that hung, so
    each is thawed until it says so itself.
    """
    for domain in domains:
        with suppress(libvirt.libvirtError, TimeoutError):
            until(lambda d=domain: _thawed(d), at_most_seconds=THAW_SECONDS_MAX)


def _thawed(domain: libvirt.virDomain) -> bool:
    # Not domain.fsThaw(), which waits for an agent that hangs for ever.
    ask(domain, "guest-fsfreeze-thaw")
    return frozen_status(domain) == "thawed"


def hook_log(domain: libvirt.virDomain) -> list[tuple[str, int]]:
    """Return each "freeze" and "thaw" that the guest's own hook saw, and when.

    In nanoseconds of the guest's clock. The hook runs before a freeze and after a
    thaw.
    """
    lines = run(domain, "cat /run/freeze.log 2>/dev/null || true").splitlines()
    pairs = (line.split() for line in lines)
    return [(what, int(at_ns)) for what, at_ns in pairs]


def agent_goes_away(domain: libvirt.virDomain, for_seconds: float | None) -> None:
    """Kill the agent; it comes back after ``for_seconds``, or else with a reboot.

    Nobody outside could start it again, so the guest is told beforehand.
    """
    back = "" if for_seconds is None else f"sleep {for_seconds}; rm /run/no-agent"
    spawn(domain, f"touch /run/no-agent; sleep 0.2; kill $(pidof qemu-ga); {back}")


def agent_hangs(domain: libvirt.virDomain, for_seconds: float) -> None:
    """Stop the agent as if it hung; it goes on after ``for_seconds``.

    Nobody outside could wake it, so the guest is told beforehand.
    """
    agent = "$(pidof qemu-ga)"
    hang = f"kill -STOP {agent}; sleep {for_seconds}; kill -CONT {agent}"
    spawn(domain, f"sleep 0.2; {hang}")
