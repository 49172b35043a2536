"""What a run that brought a group back came to: how long it took, and what remains.

For those who rehearse: the time that a real failover would take (RTO), and where it
goes. Whoever keeps the journal can have the report again.
"""

import json
import time
from collections.abc import Callable, Iterator

from attrs import asdict, define, field, frozen

from vnfdr.plan import Event, Happening, Outcome, Plan, Verdict
from vnfdr.plan.elapsed import TAKING_BACK, PhaseTime
from vnfdr.text import printable


@frozen
class ServerTime:
    """How long one server took.

    Args:
        name: what it is called.
        boot_seconds: until it was ACTIVE; ``None`` where nobody watched.
        probe_seconds: until its last probe was content, from when it was first asked.
    """

    name: str
    boot_seconds: float | None = None
    probe_seconds: float | None = None


@frozen
class Report:
    """What a run came to that brought a group back, or tried to.

    Args:
        run: the run's name.
        plan: what it was to do, and from which recovery point.
        group: the group's name.
        site: where.
        verdict: how it ended.
        rto_seconds: how long it took until all servers were at work; ``None`` when
            that did not come to be.
        phases: how long each phase took; taking back is not part of the RTO.
        servers: how long each server took, where somebody watched.
        failed: what failed, empty when nothing did.
        reason: why.
        leftovers: what remains of it, and should not.
        remarks: what was said beforehand.
    """

    run: str
    plan: str
    group: str
    site: str
    verdict: Verdict
    rto_seconds: float | None
    phases: tuple[PhaseTime, ...] = ()
    servers: tuple[ServerTime, ...] = ()
    failed: str = ""
    reason: str = ""
    leftovers: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def __str__(self) -> str:
        text = [f"{self.plan}: {self.verdict.value}", f"  run {self.run}"]
        if self.rto_seconds is not None:
            text.append(f"  all servers at work after {self.rto_seconds:.1f} s (RTO)")
        if self.failed:
            text.append(f"  failed: {self.failed}: {self.reason}")
        text.extend(f"  {phase.seconds:>8.1f} s  {phase.name}" for phase in self.phases)
        text.extend(f"  {_of(server)}" for server in self.servers)
        text.extend(f"  left behind: {leftover}" for leftover in self.leftovers)
        text.extend(f"  note: {remark}" for remark in self.remarks)
        return "\n".join(map(printable, text))

    def to_json(self) -> str:
        """Return it as JSON, its names those of the attributes."""
        body = asdict(self) | {"verdict": self.verdict.value}
        return json.dumps(body, indent=1, ensure_ascii=False)


@define
class Stopwatch:
    """A listener that takes the time of each step of a run, for its report.

    A step that was done before this process began is not in it.
    """

    now: Callable[[], float] = time.monotonic
    began: dict[str, float] = field(factory=dict, init=False)
    ended: dict[str, float] = field(factory=dict, init=False)

    def __call__(self, event: Event) -> None:
        """Take the time of one event."""
        if event.happening is Happening.STARTED:
            self.began.setdefault(event.key, self.now())
        elif event.happening is Happening.DONE:
            self.ended[event.key] = self.now()

    def seconds(self, *keys: str) -> float | None:
        """Return the seconds from the first begin of some steps to their last end."""
        if not keys or not all(k in self.began and k in self.ended for k in keys):
            return None
        return max(self.ended[k] for k in keys) - min(self.began[k] for k in keys)


def report_of(
    outcome: Outcome, plan: Plan, stopwatch: Stopwatch | None = None
) -> Report:
    """Return what is to be said of a run that was to bring a group back.

    Args:
        outcome: what it came to.
        plan: what it was to do.
        stopwatch: who listened to it, if somebody did.
    """
    # Who thaws needs no steps, and is in a hurry.
    from vnfdr.steps import BootServer  # noqa: PLC0415

    boots = [step for step in plan.steps if isinstance(step, BootServer)]
    forward = [p.seconds for p in outcome.phases if p.name != TAKING_BACK]
    committed = outcome.verdict is Verdict.COMMITTED
    return Report(
        run=plan.id,
        plan=plan.name,
        group=plan.group or next((boot.group for boot in boots), ""),
        site=plan.site,
        verdict=outcome.verdict,
        rto_seconds=sum(forward) if committed else None,
        phases=outcome.phases,
        servers=tuple(_times(plan, stopwatch)) if stopwatch else (),
        failed=outcome.failed,
        reason=outcome.reason,
        leftovers=tuple(str(leftover) for leftover in outcome.leftovers),
        remarks=plan.remarks,
    )


def _times(plan: Plan, stopwatch: Stopwatch) -> Iterator[ServerTime]:
    from vnfdr.steps import BootServer, ProbeServer  # noqa: PLC0415 - as above

    for boot in plan.steps:
        if not isinstance(boot, BootServer):
            continue
        probes = [
            step.key
            for step in plan.steps
            if isinstance(step, ProbeServer) and step.server_id == boot.server_id
        ]
        yield ServerTime(
            boot.name, stopwatch.seconds(boot.key), stopwatch.seconds(*probes)
        )


def _of(server: ServerTime) -> str:
    times = (("booted", server.boot_seconds), ("answered", server.probe_seconds))
    told = [f"{what} in {took:.1f} s" for what, took in times if took is not None]
    return f"{server.name}: {', '.join(told) or 'not timed'}"
