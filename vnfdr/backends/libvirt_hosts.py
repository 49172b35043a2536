"""Compute hosts, as libvirt shows them. The only module that imports libvirt.

It does so when a host is reached: plans can be made where libvirt is not installed.
Any of these calls may hang, for as long as a host that lost its power does.
"""

import functools
import importlib
import json
import math
from collections.abc import Iterator
from threading import Lock
from types import ModuleType
from typing import Any

from attrs import field, frozen

from vnfdr.backends.base import Stillness
from vnfdr.backends.libvirt_errors import NO_DOMAIN, NO_SUPPORT
from vnfdr.errors import NotQuiescable
from vnfdr.retry import wait_until

AGENT_SECONDS = 5

Handle = Any
"""One of libvirt's objects: it has no types."""


@functools.cache
def libvirt() -> ModuleType:
    """Import libvirt.

    Raises:
        NotQuiescable: it is not installed.
    """
    try:
        module = importlib.import_module("libvirt")
    except ImportError as error:
        problem = f"libvirt cannot be used here: {error}; install vnfdr[libvirt]"
        raise NotQuiescable(problem) from error
    # It prints every error otherwise.
    module.registerErrorHandler(lambda *_: None, None)
    return module


@frozen
class Hosts:
    """One connection to each host, opened again once it is dead."""

    _connections: dict[str, Handle] = field(factory=dict, init=False)
    _doors: dict[str, Lock] = field(factory=dict, init=False)

    def domain(self, uri: str, uuid: str) -> Handle:
        """Look a domain up."""
        with self._doors.setdefault(uri, Lock()):
            connection = self._connections.get(uri)
            if connection is None or not connection.isAlive():
                connection = self._connections[uri] = libvirt().open(uri)
        return connection.lookupByUUIDString(uuid)

    def identity(self, uri: str, uuid: str) -> str:
        """Return where a domain is, and its number: new with each power cycle."""
        try:
            return f"{uri} {self.domain(uri, uuid).ID()}"
        except libvirt().libvirtError as error:
            if error.get_error_code() != NO_DOMAIN:
                raise
            return f"{uri} gone"

    def forget(self, uri: str) -> None:
        """Open another connection the next time: this one hangs, or was cut."""
        self._connections.pop(uri, None)
        self._doors.pop(uri, None)


@frozen
class Line:
    """How a guest is reached at present, looked up beforehand."""

    uri: str
    domain: Handle
    seconds: float


def limit(domain: Handle, seconds: float) -> None:
    """Set how long the agent may take, for whoever uses the domain; -2 is for ever."""
    try:
        domain.agentSetResponseTimeout(math.ceil(seconds))
    except libvirt().libvirtError as error:
        if error.get_error_code() != NO_SUPPORT:
            raise


def stillness(domain: Handle) -> Stillness:
    """Ask the agent; it is not known where libvirt's driver has no agents."""
    try:
        return Stillness(_command(domain, "guest-fsfreeze-status"))
    except libvirt().libvirtError as error:
        if error.get_error_code() != NO_SUPPORT:
            raise
        return Stillness.UNKNOWN


def obstacles(domain: Handle) -> Iterator[str]:
    """Yield why its agent would not freeze the domain now."""
    found = stillness(domain)
    if found is Stillness.FROZEN:
        yield "it is frozen already, by somebody else"
    if found is Stillness.THAWED:
        commands = _command(domain, "guest-info")["supported_commands"]
        enabled = {each["name"] for each in commands if each["enabled"]}
        for name in ("guest-fsfreeze-freeze", "guest-fsfreeze-thaw"):
            if name not in enabled:
                yield f"its agent does not allow {name}"


def flush(domain: Handle, seconds: float) -> None:
    """Let the guest write its dirty pages while it runs; this halves a freeze."""
    pid = _command(domain, "guest-exec", path="sync")["pid"]
    wait_until(
        lambda: _command(domain, "guest-exec-status", pid=pid)["exited"] or None,
        what="the flush",
        seconds_max=seconds,
        first_wait_seconds=0.05,
        wait_seconds_max=0.2,
    )


def _command(domain: Handle, name: str, **arguments: object) -> Any:  # noqa: ANN401 - JSON
    """Send the agent a command that libvirt has no call for."""
    request = json.dumps({"execute": name, "arguments": arguments})
    libvirt_qemu = importlib.import_module("libvirt_qemu")
    answer = libvirt_qemu.qemuAgentCommand(domain, request, AGENT_SECONDS, 0)
    return json.loads(answer)["return"]
