"""Put a window into a run: declare it, have it worked, write down what came of it.

Everything slow happens before the declaration. Nothing is written between the first
freeze and the last thaw.
"""

from collections.abc import Mapping

from attrs import evolve

from vnfdr.errors import ListenerFailed
from vnfdr.plan.codec import dump_value
from vnfdr.plan.declaration import declare, declare_left
from vnfdr.plan.events import Happening
from vnfdr.plan.failure import Interrupted, NotAsAsked, NotReleased, PartFailed
from vnfdr.plan.journal import Entry, Fact
from vnfdr.plan.phase import Window
from vnfdr.plan.run import Run
from vnfdr.plan.step import Receipt, Receipts
from vnfdr.plan.window import Worked
from vnfdr.point import Certificate

CONSISTENT = "consistent"
INCONSISTENT = "inconsistent"


def do_window(run: Run, window: Window, receipts: Receipts) -> None:
    """Work the window unless it is done; put what it leaves into ``receipts``.

    Raises:
        PartFailed: a guest, a cut or the verdict failed; everything is thawed, or
            the journal says what is not.
    """
    if window.key in receipts:
        return
    with run.guard.open(window) as worker:
        prepared = worker.prepare()
        run.go_on()
        run.journal.append(*declare(window, prepared))
        run.tell(Happening.STARTED, window.key, f"holding {window.group}")
        worked = _explained(run, window, worker.work(prepared, run.stop))
        certificate = _certify(run, window, worked, prepared.witnesses)
        _close(run, window, worked, certificate, prepared.failsafe)
    receipts.update(worked.receipts)
    receipts[window.key] = _verdict(certificate)
    receipts.certificate = certificate
    if failure := _failure(window, worked, certificate):
        raise failure


def _explained(run: Run, window: Window, worked: Worked) -> Worked:
    """Say why a window was asked to stop, where a listener is the reason."""
    if worked.failure is not None and isinstance(worked.failure.cause, Interrupted):
        try:
            run.bulletin.raise_if_failed()
        except ListenerFailed as why:
            return evolve(worked, failure=PartFailed(window.key, why))
    return worked


def _certify(
    run: Run, window: Window, worked: Worked, before: Mapping[str, str]
) -> Certificate:
    """Put the evidence together; the verdict follows from it alone."""
    return Certificate(
        point=run.plan.id,
        group=window.group,
        taken_at=worked.began.isoformat(timespec="milliseconds"),
        guests=tuple(
            evolve(
                guest,
                before=before.get(guest.key, ""),
                after=worked.witnesses.get(guest.key, ""),
            )
            for guest in worked.guests
        ),
        cuts=worked.cuts,
        hold_limit_seconds=window.hold_limit_seconds,
        voided=worked.voided,
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
    if worked.failure is not None:
        return worked.failure
    if certificate.as_asked or (window.keep_inconsistent and worked.receipts):
        return None
    return PartFailed(window.key, NotAsAsked("; ".join(certificate.problems)))


def _verdict(certificate: Certificate) -> Receipt:
    return Receipt("window", CONSISTENT if certificate.consistent else INCONSISTENT)


def _close(
    run: Run, window: Window, worked: Worked, certificate: Certificate, failsafe: str
) -> None:
    """Write down what came of the window, in one commit, and tell it."""
    entries = [
        Entry(key, Fact.DONE, receipt) for key, receipt in worked.receipts.items()
    ]
    if failure := _failure(window, worked, certificate):
        entries.append(Entry(failure.part, Fact.FAILED, note=str(failure.cause)))
    if worked.frozen:
        entries.append(declare_left(window, worked.frozen, failsafe))
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
