"""How a run ended."""

import enum

from attrs import field, frozen

from vnfdr.errors import RunFailed
from vnfdr.plan.elapsed import PhaseTime
from vnfdr.plan.step import Receipt, Receipts
from vnfdr.point import Certificate, RecoveryPoint
from vnfdr.text import printable


class Verdict(enum.Enum):
    """The three ways a run can end. There is no fourth."""

    COMMITTED = "committed"
    """Everything that was asked for is done; a trial has left nothing behind."""

    COMPENSATED = "compensated"
    """Something failed, or it was taken back, and nothing of the run remains."""

    STRANDED = "stranded"
    """It was to be undone, and undoing failed. See the leftovers."""


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
        reason: why, in a sentence; or why it was taken back, though nothing failed.
        cause: the error behind it; only in the process that saw it.
        leftovers: what it left behind and could not remove.
        receipts: what it made, by step key; empty unless it committed, and of a trial.
        certificate: what is known of its window, if that was reached.
        recovery_point: what was saved, if it committed.
        phases: how long each phase took in which something was recorded, in order.
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
    phases: tuple[PhaseTime, ...] = ()

    def __str__(self) -> str:
        text = [f"run {self.run}: {self.verdict.value}"]
        if self.failed:
            text.append(f"  failed: {self.failed}: {self.reason}")
        elif self.reason:
            text.append(f"  {self.reason}")
        if self.certificate is None:
            text.extend(f"  {phase}" for phase in self.phases)
        text.extend(f"  left behind: {leftover}" for leftover in self.leftovers)
        return "\n".join(map(printable, text))

    def raise_for_failure(self) -> None:
        """Raise `RunFailed` unless the run committed."""
        if self.verdict is not Verdict.COMMITTED:
            named = tuple(str(leftover) for leftover in self.leftovers)
            raise RunFailed(str(self), named) from self.cause
