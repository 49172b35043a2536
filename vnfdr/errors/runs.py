"""Runs that could not begin, or did not commit."""

from collections.abc import Sequence

from vnfdr.errors.root import VnfdrError


class PreflightFailed(VnfdrError):
    """The plan would not work as things are now; nothing was touched.

    Attributes:
        problems: one sentence for each thing to mend.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"nothing was touched: {'; '.join(self.problems)}")


class GroupBusy(VnfdrError):
    """Another run of the group, or of a server in it, is not over or not confirmed.

    Nothing was touched.

    Attributes:
        run: the name of that other run.
    """

    def __init__(self, message: str, *, run: str) -> None:
        self.run = run
        super().__init__(message)


class FailsafeFailed(VnfdrError):
    """Nobody would see to it that every guest is thawed."""


class FailsafeFired(VnfdrError):
    """The failsafe thawed the guests, in place of a process that died or hung."""


class GateShut(VnfdrError):
    """Nobody opened a gate: a person said no, or nobody is there to say yes."""


class ListenerFailed(VnfdrError):
    """A listener of the caller's own raised."""


class RunFailed(VnfdrError):
    """A run did not commit.

    Attributes:
        leftovers: what it left behind, each as a phrase.
    """

    def __init__(self, message: str, leftovers: Sequence[str] = ()) -> None:
        self.leftovers = tuple(leftovers)
        super().__init__(message)
