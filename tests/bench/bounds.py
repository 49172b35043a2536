"""The shortest window that a cloud allows, whoever works it.

Counted as a guest sees it: from the instant at which the first one stops to the
instant at which the last one goes on. What is on the wire, and what a client computes,
counts as nothing.
"""

import math
from collections.abc import Sequence

from tests.bench.latencies import VOLUMES_EACH, Cloud


def shortest_window(cloud: Cloud, tiers: Sequence[int], *, early_thaw: bool) -> float:
    """Return the bound for guests in ``tiers`` of these sizes, in seconds.

    All are frozen, a tier at once and before the next; then all snapshots are
    requested at once, and become available in waves as wide as the storage; a last
    look sees it; all are thawed, a tier at once, in the reverse order. With early
    thaw only those whose snapshots came last are left by then, and go on at once.
    """
    # The first freeze is over when the first guest stops.
    freezes = (len(tiers) - 1) * cloud.freeze
    waves = math.ceil(sum(tiers) * VOLUMES_EACH / cloud.snapshots_at_once)
    snapshots = cloud.post + waves * cloud.snapshot + cloud.get
    thaws = (1 if early_thaw else len(tiers)) * cloud.thaw
    return freezes + snapshots + thaws
