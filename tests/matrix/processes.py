"""The processes of a run, killed or stopped in every phase, with a failsafe."""

import contextlib
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import attrs
from attrs import frozen

import vnfdr
from tests.matrix.cells import Cell, Phase
from tests.matrix.wire import GROUP, PLACES, Place, a_site, seen
from tests.processes import Helpers, end_helpers, start_controller
from tests.sandbox.promises import broken
from vnfdr.plan import Outcome, Past, Plan
from vnfdr.plan.ending import ended
from vnfdr.recipes import recovery_point
from vnfdr.retry import wait_until
from vnfdr.sandbox import Effect, Fault, Site

CONTROLLER, WORKER, FAILSAFE = "controller", "working", "standing"
HOLD_LIMIT_SECONDS, LEASE_SECONDS = 5.0, 6.0
STOPPED_SECONDS = 7.5
DELAY_SECONDS = 1.5
ATTEMPTS_MAX = 8
"""How often a fault may come later than it should, on a busy machine."""

COMES_SECONDS_MAX, ENDS_SECONDS_MAX = 300.0, 300.0
"""Much is tried at once, on machines that have other things to do."""


@frozen
class Row:
    """What is done to which processes.

    Args:
        words: the same for people.
        roles: the processes.
        stops: whether they are stopped for longer than the lease, and not killed.
    """

    words: str
    roles: tuple[str, ...]
    stops: bool = False


ROWS: Mapping[str, Row] = {
    "controller-killed": Row("the controller is killed", (CONTROLLER,)),
    "controller-stopped": Row("the controller is stopped", (CONTROLLER,), stops=True),
    "worker-killed": Row("the worker is killed", (WORKER,)),
    "worker-stopped": Row("the worker is stopped", (WORKER,), stops=True),
    "failsafe-killed": Row("the failsafe is killed", (FAILSAFE,)),
    "failsafe-stopped": Row("the failsafe is stopped", (FAILSAFE,), stops=True),
    "worker-failsafe": Row("worker and failsafe are killed", (WORKER, FAILSAFE)),
}
WITH_HELPERS = frozenset(
    {Phase.PREPARE, Phase.FREEZE, Phase.SNAPSHOT, Phase.WAIT, Phase.THAW}
)
NO_PROCESS = "worker and failsafe live from prepare to thaw"
NOBODY_WAITS = "nothing is frozen: the run goes on when its process does"

_PLACES: Mapping[Phase, Place] = {
    **PLACES,
    # What comes before is preflight, and the failsafe that reaches for its guests.
    Phase.PREPARE: Place("show guest", 4),
    Phase.RESUME: Place("delete snapshot"),
}


def why_not(row: Row, phase: Phase) -> str:
    """Return why a row is not tried in a phase; empty if it is."""
    if phase in WITH_HELPERS:
        return ""
    if row.roles != (CONTROLLER,):
        return NO_PROCESS
    return NOBODY_WAITS if row.stops else ""


class TooLate(Exception):
    """What was to come in the midst of a call came when it was over."""


def try_out(row: Row, phase: Phase) -> tuple[Cell, list[str]]:
    """Return what came of it in a phase, and all that was broken."""
    for _ in range(ATTEMPTS_MAX):
        with contextlib.suppress(TooLate):
            return _try_out(row, phase)
    raise AssertionError("this machine is too busy to tell")


def _try_out(row: Row, phase: Phase) -> tuple[Cell, list[str]]:
    with ExitStack() as stack:
        a, site, clouds = stack.enter_context(a_site())
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        plan = _hasty(vnfdr.protect(site, GROUP))
        run = _Run(a, plan, Path(directory), clouds)
        stack.callback(end_helpers, clouds)
        if phase is Phase.RESUME:
            run.go_until(PLACES[Phase.WAIT], Row("", (CONTROLLER,)))
        finished = run.go_until(_PLACES[phase], row)
        if not finished:
            run.go_on()
        outcome = run.outcome()
        complaints = [*broken(a, outcome), *run.falsely_certified(outcome)]
        complaints += [f"{name} is frozen" for name in a.frozen]
        return seen(a, outcome), complaints


def _hasty(plan: Plan) -> Plan:
    """Return a plan whose lease a test can wait for."""

    def hasten(phase: object) -> object:
        if phase is not plan.window:
            return phase
        limits = {"hold_limit_seconds": HOLD_LIMIT_SECONDS}
        return attrs.evolve(phase, **limits, lease_seconds=LEASE_SECONDS)

    return attrs.evolve(plan, phases=tuple(map(hasten, plan.phases)))


@frozen
class _Run:
    """A run in a process of its own."""

    a: Site
    plan: Plan
    directory: Path
    clouds: Path

    @property
    def journal(self) -> Path:
        return self.directory / "runs"

    def go_until(self, place: Place, row: Row) -> bool:
        """Go until a call of a phase, and do to the processes what a row says.

        Returns whether the run came to its end all the same.
        """
        delay = Fault(place.call, Effect.DELAY, skip=place.skip, seconds=DELAY_SECONDS)
        self.a.faults.add(delay, *place.before)
        with self._controller() as controller:
            waiting = [time.monotonic()]

            def has_come() -> bool:
                if delay not in self.a.faults.pending:
                    return True
                waiting[0] = time.monotonic()
                return False

            _until(has_come, COMES_SECONDS_MAX)
            with _processes(controller.pid) as there:
                victims = [there[role] for role in row.roles if role in there]
                _send(victims, signal.SIGSTOP)
                late = time.monotonic() > waiting[0] + DELAY_SECONDS
                if late or len(victims) < len(row.roles):
                    raise TooLate
                if row.stops:
                    threading.Event().wait(STOPPED_SECONDS)
                    _send(victims, signal.SIGCONT)
                else:
                    _send(victims, signal.SIGKILL)
                if CONTROLLER not in row.roles or row.stops:
                    told, _ = controller.communicate(timeout=ENDS_SECONDS_MAX)
                    return bool(told)
                if set(row.roles) < set(there):
                    _until(lambda: not self.a.frozen, COMES_SECONDS_MAX)
        return False

    def go_on(self) -> None:
        """Run it again, as resuming does, to its end."""
        with self._controller() as controller:
            controller.communicate(timeout=ENDS_SECONDS_MAX)

    def outcome(self) -> Outcome:
        """Return how it ended, by its journal."""
        kept, plan = vnfdr.open_journals(self.journal).read(self.plan.id)
        with kept:
            outcome = ended(Past.of(kept), plan.id)
        assert outcome is not None, "its journal does not know that it ended"
        return attrs.evolve(outcome, recovery_point=recovery_point(plan, outcome))

    def falsely_certified(self, outcome: Outcome) -> Iterator[str]:
        """A point whose failsafe fired is worth nothing."""
        record = self.journal / f"{self.plan.id}.failsafe"
        fired = record.exists() and '"thawed"' in record.read_text()
        if fired and outcome.certificate and outcome.certificate.consistent:
            yield "its failsafe fired, and it is called consistent"

    @contextlib.contextmanager
    def _controller(self) -> Iterator:
        controller = start_controller(
            self.plan, self.directory, self.journal, self.clouds
        )
        try:
            yield controller
        finally:
            controller.kill()
            controller.wait()
            controller.stdout.close()


@contextlib.contextmanager
def _processes(controller: int) -> Iterator[dict[str, int]]:
    """Yield handles of a run's processes, by role."""
    helpers = Helpers(controller)
    pids = {CONTROLLER: controller}
    pids |= {role: helpers.pid(role) for role in (WORKER, FAILSAFE)}
    there = {}
    for role, pid in pids.items():
        with contextlib.suppress(ProcessLookupError):
            if pid:
                there[role] = os.pidfd_open(pid)
    try:
        yield there
    finally:
        for handle in there.values():
            os.close(handle)


def _send(handles: list[int], what: signal.Signals) -> None:
    for handle in handles:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(handle, what)


def _until(look: Callable[[], object], seconds: float) -> None:
    wait_until(
        lambda: look() or None,
        what="what a test waits for",
        seconds_max=seconds,
        first_wait_seconds=0.01,
        wait_seconds_max=0.02,
    )
