"""How failures travel inside the engine: with the part that failed."""

from vnfdr.errors import VnfdrError


class PartFailed(VnfdrError):
    """A part of a plan failed.

    Attributes:
        part: its key.
        cause: the error.
    """

    def __init__(self, part: str, cause: BaseException) -> None:
        self.part = part
        self.cause = cause
        super().__init__(f"{part}: {cause}")

    def __reduce__(self) -> tuple[type["PartFailed"], tuple[str, BaseException]]:
        """Let it go from one process to another whole."""
        return PartFailed, (self.part, self.cause)


class Interrupted(VnfdrError):
    """Somebody asked the run to stop."""

    def __init__(self, message: str = "the run was asked to stop") -> None:
        super().__init__(message)


class CutFailed(VnfdrError):
    """A cut did not come about."""


class NotAsAsked(VnfdrError):
    """The window was worked, and its point is not what the policies demand."""
