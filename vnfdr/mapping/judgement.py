"""What is to be said of a mapping, for a manifest and a site."""

from attrs import frozen

from vnfdr.text import printable


@frozen
class Judgement:
    """What a mapping is worth for a manifest and a site.

    Args:
        problems: a sentence for each thing to mend; with any, nothing is recovered.
        losses: a sentence for each thing that the servers had, and will not have, or
            will only have where something holds that cannot be looked up.
    """

    problems: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()

    @property
    def passes(self) -> bool:
        """Whether a group can be recovered with this mapping."""
        return not self.problems

    def __str__(self) -> str:
        lines = [
            *(f"to mend: {problem}" for problem in self.problems),
            *(f"is lost: {loss}" for loss in self.losses),
        ]
        return "\n".join(map(printable, lines or ["nothing to mend, and nothing lost"]))
