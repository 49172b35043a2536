"""What libvirt's errors mean, by their numbers. libvirt is not imported here.

By number, because the names of the newer ones exist only where libvirt-python was
built with a new libvirt. By text only where an agent or an older libvirt gives no
other difference; what is not recognised means the worse.
"""

import enum
from typing import Protocol

from vnfdr.errors import (
    AlreadyFrozen,
    FreezeFailed,
    FreezeUnclear,
    NotQuiescable,
    QuiesceError,
)


class Meaning(enum.Enum):
    """What an error says of the call that ended in it."""

    NEVER = "it cannot work as things are set up"
    AWAY = "no such guest runs there"
    NOT_SENT = "the agent is not there, and was sent nothing"
    REFUSED = "the agent answered, with an error"
    FROZEN = "the agent answered that it is frozen"
    DISABLED = "the agent answered that this is not allowed at present"
    CUT_OFF = "the connection to the host is gone, the call with it"
    UNCLEAR = "nobody knows whether the agent did it, or will"


AFTER_FREEZE: dict[Meaning, type[QuiesceError]] = {
    Meaning.NEVER: NotQuiescable,
    Meaning.AWAY: FreezeFailed,
    Meaning.NOT_SENT: FreezeFailed,
    Meaning.FROZEN: AlreadyFrozen,
    Meaning.CUT_OFF: FreezeUnclear,
    Meaning.UNCLEAR: FreezeUnclear,
}
"""What a freeze that ended so comes to; of the others the agent has to be asked."""


class LibvirtError(Protocol):
    """What is needed of a ``libvirt.libvirtError``."""

    def get_error_code(self) -> int | None: ...
    def get_error_domain(self) -> int | None: ...
    def get_error_message(self) -> str | None: ...


RPC = 7  # the domain of what went wrong between libvirt's client and its daemon
NO_SUPPORT = 3
NO_DOMAIN = 42
NOT_RUNNING = 55
AGENT_UNRESPONSIVE = 86

_BY_NUMBER = {
    NO_SUPPORT: Meaning.NEVER,
    29: Meaning.NEVER,  # operation denied: a read-only connection
    38: Meaning.CUT_OFF,  # system error
    39: Meaning.CUT_OFF,  # RPC error
    NO_DOMAIN: Meaning.AWAY,
    NOT_RUNNING: Meaning.AWAY,
    67: Meaning.NEVER,  # not in this configuration
    74: Meaning.NEVER,  # no agent configured
    84: Meaning.NEVER,  # operation unsupported
    88: Meaning.NEVER,  # access denied
}
_AGENT_REFUSED = frozenset({1, 113})

_HINTS = {
    NO_DOMAIN: "it runs on another host, or not at all",
    74: "its image needs hw_qemu_guest_agent=yes before it is booted",
    AGENT_UNRESPONSIVE: "see that qemu-guest-agent runs in it",
}


def meaning(error: LibvirtError) -> Meaning:
    """Sort an error by what the world looks like after it."""
    number, text = error.get_error_code(), error.get_error_message() or ""
    if error.get_error_domain() == RPC:
        return Meaning.CUT_OFF
    if number in _AGENT_REFUSED:
        return _refusal(text)
    if number == AGENT_UNRESPONSIVE and "not connected" in text:
        return Meaning.NOT_SENT
    return _BY_NUMBER.get(number or 0, Meaning.UNCLEAR)


def _refusal(text: str) -> Meaning:
    """Tell the refusals apart.

    Before QEMU 6.0 an agent says "disabled" both of what its owner forbids and of
    what it does not do while it is frozen.
    """
    if "frozen state" in text:
        return Meaning.FROZEN
    return Meaning.DISABLED if "has been disabled" in text else Meaning.REFUSED


def told(error: LibvirtError) -> str:
    """Return the error as a phrase, with what to do about it where that is known."""
    number = error.get_error_code()
    hint = _HINTS.get(number or 0)
    text = (error.get_error_message() or "unknown error").rstrip(".")
    return f"{text} [libvirt {number}]" + (f"; {hint}" if hint else "")
