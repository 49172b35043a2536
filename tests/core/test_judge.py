"""The judge finds what is wrong: each of these worlds breaks one promise."""

import contextlib

import pytest
from attrs import define, evolve

from tests.core.cinder import CoreBackups, CoreSnapshots, CoreVolumes
from tests.core.cloud import CoreSite
from tests.core.faults import Effect, Fault
from tests.core.judge import end
from tests.core.quiesce import CoreQuiesce
from tests.core.story import Machine, Script, told
from vnfdr.cloud import VERDICT
from vnfdr.errors import AlreadyFrozen
from vnfdr.model import Policy

FILE_SYSTEMS = 1


@define(eq=False)
class HoldsNothing(CoreQuiesce):
    """Says that it freezes and thaws, and does neither."""

    def freeze(self, guest):
        self.process.call("freeze", lambda _: None)
        return FILE_SYSTEMS

    def thaw(self, guest):
        self.process.call("thaw", lambda _: None)
        return FILE_SYSTEMS


@define(eq=False)
class LetsGoEarly(CoreQuiesce):
    """Thaws as soon as everybody is frozen, while the snapshots are not there."""

    def freeze(self, guest):
        count = super().freeze(guest)
        self.process.time.later(0.05, self._of(guest).thaw)
        return count

    def thaw(self, guest):
        super().thaw(guest)
        return FILE_SYSTEMS


@define(eq=False)
class NeverLetsGo(CoreQuiesce):
    """Says that it thaws, and does not."""

    def thaw(self, guest):
        self.process.call("thaw", lambda _: None)
        return FILE_SYSTEMS


@define(eq=False)
class TakesOver(CoreQuiesce):
    """Thaws what somebody else has frozen, and freezes it for itself."""

    def freeze(self, guest):
        with contextlib.suppress(AlreadyFrozen):
            return super().freeze(guest)
        super().thaw(guest)
        return super().freeze(guest)


class DeletesNothing(CoreSite):
    """Says that it deletes snapshots, and does not."""

    @property
    def snapshots(self):
        return SnapshotsForEver(self.shelf)


class SnapshotsForEver(CoreSnapshots):
    def delete(self, snapshot_id):
        self.shelf.process.call("delete snapshot", lambda _: None)


class StampsAll(CoreSite):
    """Calls whatever is made consistent."""

    @property
    def volumes(self):
        return StampedVolumes(self.shelf)


class StampedVolumes(CoreVolumes):
    def create(self, *, metadata, **volume):
        stamped = {**metadata, VERDICT: "consistent"}
        return super().create(metadata=stamped, **volume)


class SpoilsBackups(CoreSite):
    """Backs up the volumes as they are by now."""

    @property
    def backups(self):
        return BackupsOfNow(self.shelf)


class BackupsOfNow(CoreBackups):
    def create(self, request, *, timeout_seconds):
        late = evolve(request, snapshot_id="")
        return super().create(late, timeout_seconds=timeout_seconds)


DEGRADED = Script(
    machines=(Machine(), Machine(Policy.DEGRADE)),
    faults=(Fault("freeze", 1, Effect.FAIL),),
)
FROZEN_BEFORE = Script(faults=(Fault("journal", 0, Effect.FREEZE),))


BROKEN = {
    "holds nothing": ({"backend": HoldsNothing}, Script(), "certified falsely"),
    "lets go early": ({"backend": LetsGoEarly}, Script(), "certified falsely"),
    "never lets go": ({"backend": NeverLetsGo}, Script(), "is frozen, and not named"),
    "takes over": ({"backend": TakesOver}, FROZEN_BEFORE, "and the run thawed it"),
    "deletes nothing": ({"cloud": DeletesNothing}, Script(), "there after committed"),
    "stamps all": ({"cloud": StampsAll}, DEGRADED, "no certificate says so"),
    "spoils backups": ({"cloud": SpoilsBackups}, Script(), "is not its snapshot"),
}


@pytest.mark.parametrize(
    ("parts", "script", "complaint"), BROKEN.values(), ids=BROKEN.keys()
)
def test_a_broken_promise_is_found_out(parts, script, complaint):
    """The bytes, the guests and what is there tell, whatever the run says."""
    with told(script, **parts) as story:
        assert any(complaint in sentence for sentence in end(story))
