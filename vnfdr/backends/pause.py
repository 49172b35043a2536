"""Pause guests: one instant for all, but nothing of theirs is flushed."""

from attrs import frozen

from vnfdr.backends.actions import ActionQuiesce, Pair
from vnfdr.model import Level

PAUSE = Pair("pause", "unpause", frozenset({"paused"}))


@frozen
class PauseQuiesce(ActionQuiesce):
    """Holds guests with Nova's ``pause``: what a power cut would leave."""

    level = Level.CRASH

    @property
    def pair(self) -> Pair:
        return PAUSE
