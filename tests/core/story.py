"""A run from its first process to its end, on a world in which things go wrong."""

import contextlib
import threading
from collections.abc import Callable

from attrs import define, evolve, field, frozen

from tests.core.faults import Fault, Faults
from tests.core.process import Crash, Process
from tests.core.world import BACKEND, Core
from vnfdr.discovery import discover
from vnfdr.model import BackupPolicy, Group, Keep, Member, Policy, Strategy
from vnfdr.plan import (
    Entry,
    Event,
    Lasting,
    Manner,
    Outcome,
    Plan,
    Together,
    Verdict,
    dump_plan,
    load_plan,
    run,
)
from vnfdr.plan.provisional import revoke
from vnfdr.recipes import protect_plan

POINT = "p1"
SETTLED_SECONDS = 300.0
"""After so long nothing comes late any more."""

ATTEMPTS_MAX = 30


@frozen
class Machine:
    """One server of a group.

    ``joins`` says that it is frozen at once with the one before it.
    """

    policy: Policy = Policy.REQUIRE
    volumes: int = 1
    joins: bool = False


@frozen
class Script:
    """All that is decided before: the group, how it is protected, what goes wrong.

    Args:
        seed: of the world.
        machines: the servers in freeze order.
        strategy: what backups are taken from.
        keep: which local copies stay.
        has_history: whether there are backups already to build on.
        hold_limit_seconds: how long the window may last.
        early_thaw: whether each guest goes on once its own snapshots are there.
        at_once: whether calls of one kind are made side by side.
        preflight: whether the run looks first.
        faults: what goes wrong, and when.
        absences: how long nobody is there after each death of a process, in turn.
        clumsy_at: the event at which a listener raises; ``None`` is never.
        lasting: what becomes of what was made; if that is provisional, it is taken
            back when it is done.
    """

    seed: int = 0
    machines: tuple[Machine, ...] = (Machine(), Machine(), Machine())
    strategy: Strategy = Strategy.SNAPSHOT
    keep: Keep = Keep.VOLUMES
    has_history: bool = False
    hold_limit_seconds: float = 8.0
    early_thaw: bool = False
    at_once: bool = False
    preflight: bool = True
    faults: tuple[Fault, ...] = ()
    absences: tuple[float, ...] = (0.0,)
    clumsy_at: int | None = None
    lasting: Lasting = Lasting.KEPT


@define(eq=False)
class Story:
    """What came of a script, so far."""

    script: Script
    core: Core
    plan: Plan
    outcome: Outcome | None = None
    refused: Exception | None = None
    died_at: list[int] = field(factory=list)
    """How many entries the journal had at each death of a process."""
    interrupted: int = 0
    is_revoked: bool = False

    @property
    def entries(self) -> list[Entry]:
        """The journal."""
        return self.core.entries

    @property
    def deaths(self) -> int:
        """How many processes have died."""
        return len(self.died_at)

    def carry_out(self) -> None:
        """Run, and come back after every death, until the run has an outcome."""
        self.outcome = self.refused = None
        for _ in range(ATTEMPTS_MAX):
            process = self.core.process()
            try:
                self.outcome = self._run(process)
            except Exception as error:  # noqa: BLE001 - the judge decides
                self.refused = error
            except Crash:
                absences = self.script.absences
                self.core.time.pass_by(absences[self.deaths % len(absences)])
                self.died_at.append(len(self.entries))
                continue
            except KeyboardInterrupt:
                if self.core.stops.asked <= self.interrupted:
                    raise
                self.interrupted += 1
                continue
            return
        raise AssertionError("the run does not come to an end")

    def settle(self) -> None:
        """Let everything happen that may come late."""
        for _ in range(3):
            self.core.time.pass_by(SETTLED_SECONDS / 3)

    def _run(self, process: Process) -> Outcome:
        listeners = () if self.script.clumsy_at is None else (Clumsy(self.script),)
        manner = Manner(self.script.preflight, listeners, self.core.clock(process))
        plan = load_plan(dump_plan(self.plan))
        journal = self.core.journal(process)
        if self.is_revoked:
            revoke(plan, journal, manner.clock)
        try:
            return run(plan, self.core.world(process), journal, manner)
        finally:
            for thread in threading.enumerate():
                if thread.name.startswith("vnfdr-step"):
                    thread.join()  # A run that is stopped does not wait for it.


@define(eq=False)
class Clumsy:
    """A listener that raises once."""

    script: Script
    heard: int = 0

    def __call__(self, event: Event) -> None:
        self.heard += 1
        if self.heard - 1 == self.script.clumsy_at:
            raise ZeroDivisionError("a listener made a mistake")


@contextlib.contextmanager
def told(script: Script, **parts: Callable):
    """Yield the story of a script that has come to its first outcome.

    ``parts`` are those of the world that are not the usual ones.
    """
    with Core(script.seed, **parts) as core, core.stops:
        story = Story(script, core, plan_of(script, core))
        core.faults = Faults(script.seed, script.faults)
        story.carry_out()
        if script.lasting is Lasting.PROVISIONAL and is_committed(story):
            story.is_revoked = True
            story.carry_out()
            if story.refused is not None:
                # The word was not recorded, as far as whoever gave it can tell.
                story.is_revoked = False
                story.carry_out()
        yield story


def is_committed(story: Story) -> bool:
    """Tell whether a run has an outcome, and a good one."""
    return story.outcome is not None and story.outcome.verdict is Verdict.COMMITTED


def plan_of(script: Script, core: Core) -> Plan:
    """Put the servers there, and plan a recovery point of them."""
    tiers: list[list[Member]] = []
    for number, machine in enumerate(script.machines):
        server = core.site.add_server(f"vm{number}", volumes=machine.volumes)
        member = Member(
            server.name,
            BACKEND,
            policy=machine.policy,
            freeze_timeout_seconds=min(2.0, script.hold_limit_seconds / 2),
        )
        if not (machine.joins and tiers):
            tiers.append([])
        tiers[-1].append(member)
    core.time.pass_by(1.0)
    if script.has_history:
        core.back_up_before(list(core.site.servers.values()))
        core.time.pass_by(1.0)
    group = evolve(
        Group.of("vnf", tiers),
        backup=BackupPolicy(script.strategy, keep=script.keep),
        hold_limit_seconds=script.hold_limit_seconds,
        lease_seconds=2 * script.hold_limit_seconds,
        early_thaw=script.early_thaw,
    )
    plan = protect_plan(discover(core.world(core.process()), group), point=POINT)
    plan = evolve(plan, lasting=script.lasting)
    if script.at_once:
        return plan
    return evolve(plan, phases=tuple(map(_one_at_a_time, plan.phases)))


def _one_at_a_time(phase):
    """Make the order of calls the same in every run."""
    if isinstance(phase, Together):
        return evolve(phase, at_once=1)
    return evolve(phase, cuts_at_once=1)
