"""A gate: what comes after it waits for a person's word."""

from collections.abc import Iterator
from typing import ClassVar

from attrs import frozen

from vnfdr.plan import Receipt, Receipts, Step
from vnfdr.world import World


@frozen
class Gate(Step[World]):
    """Ask a person whether to go on; a no fails the run, and so takes it back.

    It belongs in a phase of its own that is not final: a step beside it that fails
    waits for the answer, and a final phase is seen through however long that takes.

    Args:
        key: its name, unique for all time.
        question: what is asked, as a sentence that yes or no answers.
        sources: the keys of the steps that come before it.
    """

    kind: ClassVar[str] = "gate"
    only_waits = True

    key: str
    question: str
    sources: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return f"wait until somebody says yes: {self.question}"

    def check(self, world: World) -> Iterator[str]:
        if world.gatekeeper is None:
            yield (
                f"nobody is here to open the gate {self.question!r}: run it at a"
                " terminal, with --open-gates, or with a gatekeeper"
            )

    def do(self, world: World, done: Receipts) -> Receipt:
        """Ask.

        Raises:
            GateShut: the answer is no, or the run has ended meanwhile.
        """
        world.ask(self.question)
        return Receipt("gate", "opened")

    def find(self, world: World) -> Receipt | None:
        """A word that was not recorded is asked for again."""
        return None

    def undo(self, world: World, receipt: Receipt) -> None:
        """A word leaves nothing behind."""
