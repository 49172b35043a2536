"""Put a window into a run: prepare, declare, work, then write down what came of it.

Everything slow happens before the declaration. Nothing is written between the first
freeze and the last thaw.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from attrs import evolve

from vnfdr.model import Policy
from vnfdr.plan.codec import dump_value
from vnfdr.plan.course import Conditions
from vnfdr.plan.declaration import declare, declare_left
from vnfdr.plan.events import Happening
from vnfdr.plan.failure import NotAsAsked, NotReleased, PartFailed
from vnfdr.plan.journal import Entry, Fact
from vnfdr.plan.phase import Window
from vnfdr.plan.run import Run
from vnfdr.plan.step import Hold, Receipt
from vnfdr.plan.window import Worked, work
from vnfdr.point import Certificate

CONSISTENT = "consistent"
INCONSISTENT = "inconsistent"

GUESTS_AT_ONCE = 8


def do_window(run: Run, window: Window, receipts: dict[str, Receipt]) -> None:
    """Work the window unless it is done; put what it leaves into ``receipts``.

    Raises:
        PartFailed: a guest, a cut or the verdict failed; everything is thawed, or
            the journal says what is not.
    """
    if window.key in receipts:
        return
    try:
        unprepared = _prepare(run, window)
        before = _witnesses(run, window)
        run.go_on()
        run.journal.append(*declare(window, unprepared, before))
        run.tell(Happening.STARTED, window.key, f"holding {window.group}")
        worked = work(window, Conditions(run.world, run.clock, run.stop, unprepared))
        certificate = _certify(run, window, worked, before)
        _close(run, window, worked, certificate)
    finally:
        _each(window, lambda hold: hold.settle(run.world))
    receipts.update(worked.receipts)
    receipts[window.key] = _verdict(certificate)
    if failure := _failure(window, worked, certificate):
        raise failure


def _prepare(run: Run, window: Window) -> dict[str, str]:
    """Prepare every guest; return why some could not be, where policy allows that."""
    failures = _each(window, lambda hold: hold.prepare(run.world))
    for hold in window.holds:
        if hold.key in failures and hold.policy is Policy.REQUIRE:
            raise PartFailed(hold.key, failures[hold.key])
    window.watch.prepare(run.world)
    return {key: str(error) for key, error in failures.items()}


def _each(
    window: Window, verb: Callable[[Hold[object]], None]
) -> dict[str, BaseException]:
    """Do something with every guest, side by side; return the failures by key."""
    with ThreadPoolExecutor(GUESTS_AT_ONCE, "vnfdr-guest") as pool:
        tasks = {h.key: pool.submit(verb, h) for h in window.holds if h.holds}
    failures = {key: task.exception() for key, task in tasks.items()}
    return {key: error for key, error in failures.items() if error is not None}


def _witnesses(run: Run, window: Window) -> dict[str, str]:
    """Ask who each guest is; a guest that cannot be asked has no witness."""
    seen: dict[str, str] = {}

    def ask(hold: Hold[object]) -> None:
        seen[hold.key] = hold.witness(run.world)

    _each(window, ask)
    return seen


def _certify(
    run: Run, window: Window, worked: Worked, before: Mapping[str, str]
) -> Certificate:
    """Put the evidence together; the verdict follows from it alone."""
    after = _witnesses(run, window)
    return Certificate(
        point=run.plan.id,
        group=window.group,
        taken_at=worked.began.isoformat(timespec="milliseconds"),
        guests=tuple(
            evolve(
                guest, before=before.get(guest.key, ""), after=after.get(guest.key, "")
            )
            for guest in worked.guests
        ),
        cuts=worked.cuts,
        hold_limit_seconds=window.hold_limit_seconds,
    )


def _failure(
    window: Window, worked: Worked, certificate: Certificate
) -> PartFailed | None:
    """Return why the run goes no further, if it does not.

    A guest that may be frozen ends it, whatever its policy allows: taking the run
    back begins with thawing.
    """
    if worked.failure is None and worked.frozen:
        names = ", ".join(worked.frozen)
        why = "; ".join((f"not proven thawed: {names}", *certificate.problems))
        return PartFailed(window.key, NotReleased(why))
    if worked.failure is not None or certificate.as_asked:
        return worked.failure
    return PartFailed(window.key, NotAsAsked("; ".join(certificate.problems)))


def _verdict(certificate: Certificate) -> Receipt:
    return Receipt("window", CONSISTENT if certificate.consistent else INCONSISTENT)


def _close(run: Run, window: Window, worked: Worked, certificate: Certificate) -> None:
    """Write down what came of the window, in one commit, and tell it."""
    entries = [
        Entry(key, Fact.DONE, receipt) for key, receipt in worked.receipts.items()
    ]
    if failure := _failure(window, worked, certificate):
        entries.append(Entry(failure.part, Fact.FAILED, note=str(failure.cause)))
    if worked.frozen:
        entries.append(declare_left(window, worked.frozen))
    else:
        note = dump_value(certificate)
        verdict = _verdict(certificate)
        entries.append(Entry(window.key, Fact.CLOSED, verdict, note))
    run.journal.append(*entries)
    for guest in certificate.guests:
        if guest.thawed_at is not None:
            held = f"{guest.name} was held for {guest.held_seconds:.2f} s"
            run.tell(Happening.THAWED, guest.key, held)
    run.tell(Happening.DONE, window.key, str(certificate))
