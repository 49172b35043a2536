"""Measure every way of protecting, on every cloud, with every size of a group.

All ways are tried in turn in every round, so that whatever else the machine does
meets each of them. The witness is the sandbox, and the same for all.
"""

from collections.abc import Callable, Iterator, Sequence

from attrs import frozen

from tests.bench.bare import by_bare_calls
from tests.bench.bounds import shortest_window
from tests.bench.figures import BARE, OURS, SCRIPT, TASKFLOW, Figures, Round
from tests.bench.flow import by_taskflow
from tests.bench.latencies import CLOUDS, Cloud
from tests.bench.meter import Meter
from tests.bench.ours import by_vnfdr
from tests.bench.sandbox import Keeper, Member, connected, sandbox
from tests.bench.script import by_plain_script
from tests.bench.ways import Job, Tiers, Way
from vnfdr.openstack.site import OpenStackSite
from vnfdr.sandbox import Latency

STRICT, TIERS, EARLY = "strict", "3 tiers", "early thaw"
SHAPES = (STRICT, TIERS, EARLY)


@frozen
class Wanted:
    """What is to be measured.

    Args:
        clouds: the names of the clouds.
        sizes: how many servers the groups have.
        rounds: how often.
        script_max: the largest group that the plain script is tried on: it takes
            two seconds for each volume, and more.
    """

    clouds: Sequence[str]
    sizes: Sequence[int]
    rounds: int
    script_max: int


def measure(wanted: Wanted, say: Callable[[str], None]) -> Iterator[Figures]:
    """Measure all that is wanted, and say how far it is."""
    for name in wanted.clouds:
        for servers in wanted.sizes:
            with sandbox(CLOUDS[name].latency, servers) as keeper:
                yield from _Place.open(keeper, name).all_figures(wanted, say)


@frozen
class _Place:
    """One sandbox, with one group."""

    keeper: Keeper
    cloud_name: str
    members: Sequence[Member]
    site: OpenStackSite

    @classmethod
    def open(cls, keeper: Keeper, cloud_name: str) -> "_Place":
        """Connect to it."""
        return cls(keeper, cloud_name, keeper.members(), connected(keeper))

    @property
    def cloud(self) -> Cloud:
        """How slow it is."""
        return CLOUDS[self.cloud_name]

    def all_figures(
        self, wanted: Wanted, say: Callable[[str], None]
    ) -> Iterator[Figures]:
        """Try everything in every round; yield the figures of each."""
        tried = list(self.ways(wanted))
        rounds: dict[tuple[str, str], list[Round]] = {key[:2]: [] for key in tried}
        for number in range(1, wanted.rounds + 1):
            for shape, name, way in tried:
                one = self.try_one(shape, way)
                rounds[shape, name].append(one)
                window = one.witnessed.window_seconds
                size = f"{self.cloud_name} {len(self.members)}"
                say(f"round {number}: {size}, {shape}, {name}: {window:.3f} s")
        for shape, name, _ in tried:
            sizes = [len(tier) for tier in self.tiers(shape)]
            bound = shortest_window(self.cloud, sizes, early_thaw=shape == EARLY)
            yield Figures(
                name,
                self.cloud_name,
                len(self.members),
                shape,
                bound,
                rounds[shape, name],
            )

    def ways(self, wanted: Wanted) -> Iterator[tuple[str, str, Way]]:
        """Yield what there is to try: each shape with each way that has it."""
        for shape in SHAPES:
            yield shape, BARE, by_bare_calls
            yield shape, OURS, by_vnfdr(self.cloud)
            if shape != EARLY:
                yield shape, TASKFLOW, by_taskflow
            if shape == STRICT and len(self.members) <= wanted.script_max:
                yield shape, SCRIPT, by_plain_script

    def tiers(self, shape: str) -> Tiers:
        """Return the group in the shape in which it is frozen."""
        count = 3 if shape == TIERS else len(self.members)
        size = -(-len(self.members) // count)
        starts = range(0, len(self.members), size)
        return [self.members[start : start + size] for start in starts]

    def try_one(self, shape: str, way: Way) -> Round:
        """Work one window; the cloud is slow only for that."""
        meter = Meter()
        self.keeper.clear()
        self.keeper.set_latency(Latency())
        go = way(Job(self.site, self.tiers(shape), shape == EARLY, meter))
        self.keeper.set_latency(self.cloud.latency)
        done = go()
        return Round(self.keeper.witnessed(), meter, done, self.keeper.is_consistent())
