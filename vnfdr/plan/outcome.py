"""How a run ended."""

import enum

from attrs import field, frozen

from vnfdr.errors import RunFailed
from vnfdr.plan.step import Receipt, Receipts
from vnfdr.point import Certificate, RecoveryPoint
from vnfdr.text import printable


class Verdict(enum.Enum):
    """The three ways a run can end. There is no fourth."""

    COMMITTED = "committed"
    """Everything that was asked for is done."""

    COMPENSATED = "compensated"
    """Something failed, and nothing of the run remains."""

    STRANDED = "stranded"
    """Something failed, and undoing failed too. See the leftovers."""


@frozen
class Leftover:
    """Something that could not be undone or tidied, and why."""

    receipt: Receipt
    reason: str

    def __str__(self) -> str:
        return f"{self.receipt}: {self.reason}"


@frozen
class Outcome:
    """What a run came to, and what it left for a person to clean up.

    Args:
        run: the run's name.
        verdict: how it ended.
        failed: what failed, empty when nothing did.
        reason: why, in a sentence.
        cause: the error behind it; only in the process that saw it.
        leftovers: what it left behind and could not remove.
        receipts: what it made, by step key; empty unless it committed.
        certificate: what is known of its window, if that was reached.
        recovery_point: what was saved, if it committed.
    """

    run: str
    verdict: Verdict
    failed: str = ""
    reason: str = ""
    cause: BaseException | None = None
    leftovers: tuple[Leftover, ...] = ()
    receipts: Receipts = field(factory=Receipts)
    certificate: Certificate | None = None
    recovery_point: RecoveryPoint | None = None

    def __str__(self) -> str:
        text = [f"run {self.run}: {self.verdict.value}"]
        if self.failed:
            text.append(f"  failed: {self.failed}: {self.reason}")
        text.extend(f"  left behind: {leftover}" for leftover in self.leftovers)
        return "\n".join(map(printable, text))

    def raise_for_failure(self) -> None:
        """Raise `RunFailed` unless the run committed."""
        if self.verdict is not Verdict.COMMITTED:
            named = tuple(str(leftover) for leftover in self.leftovers)
            raise RunFailed(str(self), named) from self.cause
