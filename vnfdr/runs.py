"""Plan and run: the engine wired to its defaults."""

import contextlib
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import attrs

from vnfdr.cloud import Site
from vnfdr.errors import InputError
from vnfdr.failsafe.clouds import CloudWorld
from vnfdr.failsafe.record import Record
from vnfdr.journals import Place, open_journals
from vnfdr.model import Group
from vnfdr.plan import (
    Fact,
    Journal,
    Listener,
    Manner,
    Outcome,
    Past,
    Plan,
    Stop,
    StopEvent,
    SystemClock,
)
from vnfdr.plan import run as carry_out
from vnfdr.plan.ending import ended
from vnfdr.plan.undo import given_up
from vnfdr.plan.worker import Guard
from vnfdr.thawing import heed
from vnfdr.world import Gatekeeper, World


def connect(cloud: str) -> Site:
    """Connect to a cloud of clouds.yaml, and make sure that it lets us in.

    Raises:
        UnknownCloud: there is no such cloud, or it does not accept the credentials.
    """
    # The SDKs take half a second to import, and a plan needs none of them.
    from vnfdr.openstack import connect as connect_to_openstack  # noqa: PLC0415

    return connect_to_openstack(cloud)


def load_group(path: Path | str) -> Group:
    """Read a group from a YAML or JSON file.

    Raises:
        GroupFileError: the file is not a group's; every mistake, with its place.
    """
    # Nor does a plan need a parser for YAML.
    from vnfdr.groupfile import load_group as read  # noqa: PLC0415

    return read(path)


def new_point_id(date: datetime) -> str:
    """Return a name for a recovery point: sortable by time, unique for all time."""
    return f"{date.astimezone(UTC):%Y%m%dT%H%M%SZ}-{os.urandom(3).hex()}"


def protect(site: Site, group: Group) -> Plan:
    """Plan one consistent recovery point of a whole group; touch nothing.

    The servers and volumes are looked up now; the plan names them by id.

    Args:
        site: where the group runs.
        group: what is protected.

    Returns:
        A plan to print, `preflight`, write down and `run`.

    Raises:
        InputError: the group cannot be protected as asked; says everything that is
            wrong with it.
        CloudError: the site does not answer.
    """
    # Who thaws needs neither, and is in a hurry.
    from vnfdr.discovery import discover  # noqa: PLC0415
    from vnfdr.recipes import protect_plan  # noqa: PLC0415

    found = discover(World(site), group)
    return protect_plan(found, point=new_point_id(SystemClock().date()))


def preflight(
    plan: Plan, site: Site, *, gatekeeper: Gatekeeper | None = None
) -> tuple[str, ...]:
    """Ask every part of a plan whether it would work now; touch nothing.

    Args:
        plan: what is to be done.
        site: where.
        gatekeeper: who will be asked at the plan's gates, as for `run`.

    Returns:
        A sentence for each thing to mend; empty when all is well.

    Raises:
        InputError: the plan was made for another site.
    """
    refuse_elsewhere(plan, site)
    return plan.preflight(World(site, gatekeeper=gatekeeper))


def run(  # noqa: PLR0913 - each is something an operator may want to say
    plan: Plan,
    site: Site,
    *,
    journal: Place | Journal = None,
    listeners: Sequence[Listener] = (),
    preflight: bool = True,
    failsafe: bool = True,
    stop: Stop | None = None,
    gatekeeper: Gatekeeper | None = None,
) -> Outcome:
    """Carry a plan out; when something fails, thaw and take everything back.

    Running the same plan again goes on where its journal ends.

    Args:
        plan: what to do.
        site: where.
        journal: where runs are recorded: a directory, the URL of a PostgreSQL, or a
            journal of your own, of which no other run knows; by default the user's
            state directory, or ``VNFDR_JOURNAL``.
        listeners: who is told what happens, as it happens.
        preflight: whether to look first whether it would work.
        failsafe: whether the window is worked by a process of its own, with another
            one beside it which thaws everything when one of them, or this one, dies
            or hangs. Both connect to the cloud that ``site`` is named after. Without
            it, guests stay frozen when this process is killed inside the window.
        stop: asks the run to stop, as Ctrl-C does: it thaws at once and takes
            everything back. A `threading.Event` that another thread sets, or what
            `stop_on_signals` yields.
        gatekeeper: asks a person, at each gate of the plan, whether to go on: it is
            called with the question, on a thread of its own, and returns whether the
            answer is yes. A no takes everything back. Without it, a plan that has
            gates is refused by preflight.

    Raises:
        InputError: the plan was made for another site, or there is nobody to open a
            gate that is to come; nothing was touched.
        GroupBusy: another run of the group, or of a server in it, is not over, or is to
            be confirmed; nothing was touched.
        JournalError: what happens could not be recorded; nothing was touched.
    """
    refuse_elsewhere(plan, site)
    world = World(site, gatekeeper=gatekeeper)
    if isinstance(journal, Journal):
        guard = _guard(plan, site) if failsafe else None
        manner = Manner(preflight, listeners, guard=guard, stop=_or_never(stop))
        return _carry_out(plan, world, journal, manner)
    journals = open_journals(journal)
    record = Record(journals.failsafe(plan.id))
    with journals.begin(plan) as kept:
        heed(plan, kept, record)
        guard = _guard(plan, site, record) if failsafe else None
        manner = Manner(preflight, listeners, guard=guard, stop=_or_never(stop))
        return _carry_out(plan, world, kept, manner)


def go_on(
    plan: Plan, world: World, journal: Journal, record: Record, manner: Manner
) -> Outcome:
    """Go on with a run whose process is gone, where its journal ends.

    Raises:
        InputError: a gate is to come, and nobody is there to open it; nothing was
            touched.
    """
    guarded = attrs.evolve(manner, guard=_guard(plan, world.site, record))
    return _carry_out(plan, world, journal, guarded)


def refuse_elsewhere(plan: Plan, site: Site) -> None:
    """Raise `InputError` if a plan was made for another site."""
    if plan.site != site.name:
        raise InputError(
            f"run {plan.id} was planned for site {plan.site!r}, and this is"
            f" {site.name!r}; nothing was touched: plan it anew for this site, or"
            " connect to the other"
        )


def manner_of(listeners: Sequence[Listener], stop: Stop | None) -> Manner:
    """Return how a run is gone on with."""
    return Manner(listeners=listeners, stop=_or_never(stop))


def _carry_out(
    plan: Plan,
    world: World,
    journal: Journal,
    manner: Manner,
) -> Outcome:
    """Run a plan, or go on with it; say what was saved."""
    from vnfdr.recipes import recovery_point  # noqa: PLC0415 - as above

    _refuse_shut(plan, world, Past.of(journal), manner)
    with contextlib.closing(world):
        outcome = carry_out(plan, world, journal, manner)
    return attrs.evolve(outcome, recovery_point=recovery_point(plan, outcome))


def _refuse_shut(plan: Plan, world: World, past: Past, manner: Manner) -> None:
    """Raise `InputError` if a run that goes on would find a gate that nobody opens.

    To come to it would take everything back; one that is only begun now has preflight.
    """
    from vnfdr.steps import Gate  # noqa: PLC0415 - as above

    begins = manner.preflight and not past.parts(Fact.STARTED)
    if begins or ended(past, plan.id) or given_up(past, plan):
        return
    gates = [step for step in plan.steps if isinstance(step, Gate)]
    to_come = [gate for gate in gates if gate.key not in past.receipts]
    problems = [problem for gate in to_come for problem in gate.check(world)]
    if problems:
        raise InputError(f"run {plan.id}: {'; '.join(problems)}; nothing was touched")


def _or_never(stop: Stop | None) -> Stop:
    return StopEvent() if stop is None else stop


def _guard(plan: Plan, site: Site, record: Record | None = None) -> Guard | None:
    """Return a failsafe; a window that holds nobody needs none."""
    if plan.window is None or not any(hold.holds for hold in plan.window.holds):
        return None
    # Processes and pipes, of which a plan needs none.
    from vnfdr.failsafe.guarded import Guarded  # noqa: PLC0415

    return Guarded(CloudWorld(site.name), record or Record())
