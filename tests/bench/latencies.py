"""The clouds that are measured on: how slow each of them is, always the same."""

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from vnfdr.plan import Timings
from vnfdr.sandbox import Latency

VOLUMES_EACH: Final = 2


@frozen
class Cloud:
    """What a cloud's calls take, in seconds.

    Args:
        freeze: one freeze of a guest.
        thaw: one thaw.
        post: until the request for a snapshot is accepted.
        get: until a list is there.
        snapshot: what the storage needs for one snapshot.
        snapshots_at_once: how many it works on together.
    """

    freeze: float
    thaw: float
    post: float
    get: float
    snapshot: float
    snapshots_at_once: int

    @property
    def latency(self) -> Latency:
        """The same for the sandbox."""
        return Latency(
            get=self.get,
            post=self.post,
            # The door to the guests takes no longer than the guests do.
            calls={"freeze guest": 0.0, "thaw guest": 0.0, "show guest": 0.0},
            snapshot=self.snapshot,
            snapshots_at_once=self.snapshots_at_once,
            freeze=self.freeze,
            thaw=self.thaw,
        )

    @property
    def timings(self) -> Timings:
        """The same for a preview."""
        return Timings(
            freeze_seconds=self.freeze,
            thaw_seconds=self.thaw,
            request_seconds=self.post,
            cut_seconds=self.snapshot,
            cuts_at_once=self.snapshots_at_once,
            look_seconds=self.get,
        )


CLOUDS: Final[Mapping[str, Cloud]] = {
    "fast": Cloud(0.06, 0.01, 0.1, 0.035, 0.5, 20),
    "slow": Cloud(0.3, 0.05, 0.25, 0.08, 1.5, 8),
    "tiny": Cloud(0.01, 0.005, 0.01, 0.005, 0.05, 20),
}
"""``fast`` is a small cloud on Ceph, ``tiny`` is for looking whether all this works."""
