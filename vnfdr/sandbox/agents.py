"""What a guest's agent answers when it does not do what it was asked for.

* AgentError
  x AlreadyFrozenError   a freeze is held already, whoever asked for it
  x AgentTimeoutError    no answer; what it was told may yet happen
  x AgentDeadError       there is no agent
  x HeldTooLongError     it thawed by itself before, as Windows does
  x NotRunningError      the guest is paused or off

The messages are those that libvirt passes on.
"""

import enum

from attrs import frozen


class AgentError(Exception):
    """The agent did not do what it was asked for."""


class AlreadyFrozenError(AgentError):
    """The agent holds a freeze already, whoever asked for it."""

    def __init__(self) -> None:
        super().__init__(
            "Command guest-fsfreeze-freeze has been disabled: "
            "the agent is in frozen state"
        )


class AgentTimeoutError(AgentError):
    """The agent is connected and does not answer; what it was told may yet happen."""

    def __init__(self) -> None:
        super().__init__(
            "Guest agent is not responding: Guest agent not available for now"
        )


class AgentDeadError(AgentError):
    """There is no agent to talk to."""

    def __init__(self) -> None:
        super().__init__(
            "Guest agent is not responding: QEMU guest agent is not connected"
        )


class HeldTooLongError(AgentError):
    """It is thawed; it has been since it could not hold any longer."""

    def __init__(self) -> None:
        super().__init__("couldn't hold writes: fsfreeze is limited up to 10 seconds")


class NotRunningError(AgentError):
    """The guest is paused or off."""

    def __init__(self) -> None:
        super().__init__("Requested operation is not valid: domain is not running")


class Agent(enum.Enum):
    """How an agent feels."""

    WELL = "well"
    HUNG = "hung"
    DEAD = "dead"


@frozen
class AgentFaults:
    """What is wrong with an agent."""

    agent: Agent = Agent.WELL
    late_freeze_seconds: float = 0.0
    """A freeze times out, and all else does until it happens this much later."""
    holds_seconds: float | None = None
    """A freeze lets itself go after so long, as that of Windows does."""
    thaw_count_off_by: int = 0
    """The agent miscounts what it thaws."""
