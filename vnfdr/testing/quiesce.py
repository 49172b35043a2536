"""The check of a quiesce backend."""

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor

from attrs import frozen

from vnfdr.backends import QuiesceBackend, Stillness
from vnfdr.errors import AlreadyFrozen, FreezeFailed, QuiesceError
from vnfdr.model import Guest

LEASE_SECONDS = 60.0


def check_quiesce_backend(
    backend: QuiesceBackend,
    guest: Guest,
    unreachable: Guest | None = None,
    *,
    timeout_seconds: float = 5.0,
    guest_can_tell: bool = True,
) -> None:
    """Check that ``backend`` keeps the promises of `QuiesceBackend`.

    The guest is frozen and thawed several times, and thawed in the end.

    Args:
        backend: what is checked.
        guest: one that can be frozen, and runs, thawed.
        unreachable: one that cannot, for instance because its agent is not there.
        timeout_seconds: how long a freeze may take.
        guest_can_tell: false for a guest that cannot say whether it is frozen:
            then only the counts are looked at.

    Raises:
        AssertionError: a promise is broken; the message says which.
    """
    if not backend.holds:
        _check_that_it_holds_nothing(backend, guest)
        return
    told = _Told(backend, guest, guest_can_tell)
    # Whoever froze it, it is not for a check to thaw.
    told.expect(Stillness.THAWED, "to begin with")
    try:
        _check_a_guest(told, timeout_seconds)
    except QuiesceError as error:
        problem = f"a guest that can be frozen and thawed was not: {error}"
        raise AssertionError(problem) from error
    finally:
        with contextlib.suppress(QuiesceError):
            backend.thaw(guest)
            backend.settle(guest)
    if unreachable is not None:
        _check_the_unreachable(backend, unreachable, timeout_seconds)


@frozen
class _Told:
    """What a guest is expected to say of itself."""

    backend: QuiesceBackend
    guest: Guest
    can_tell: bool

    def expect(self, stillness: Stillness, when: str) -> None:
        """Ask the guest; one that cannot tell has to say so."""
        expected = stillness if self.can_tell else Stillness.UNKNOWN
        found = self.backend.stillness(self.guest)
        assert found is expected, (
            f"the guest is {found.value} {when}; it should be {expected.value}"
        )


def _check_a_guest(told: _Told, seconds: float) -> None:
    _check_that_looking_touches_nothing(told)
    _check_a_window(told, seconds)
    _check_a_second_freeze(told, seconds)
    _check_other_threads(told, seconds)


def _check_that_it_holds_nothing(backend: QuiesceBackend, guest: Guest) -> None:
    backend.prepare(guest, timeout_seconds=1.0, lease_seconds=LEASE_SECONDS)
    froze, thawed = backend.freeze(guest), backend.thaw(guest)
    backend.settle(guest)
    assert froze == 0, f"what holds nothing counts nothing: froze {froze}"
    assert thawed == 0, f"what holds nothing counts nothing: thawed {thawed}"
    assert backend.stillness(guest) is not Stillness.FROZEN, "it is not frozen"


def _check_that_looking_touches_nothing(told: _Told) -> None:
    backend, guest = told.backend, told.guest
    problems = tuple(backend.check(guest))
    assert not problems, f"a guest that can be frozen has no obstacles: {problems}"
    told.expect(Stillness.THAWED, "after a check")
    backend.reach(guest)
    told.expect(Stillness.THAWED, "after it was reached")
    thawed = backend.thaw(guest)
    assert thawed == 0, f"thawing a thawed guest thaws nothing: thawed {thawed}"
    told.expect(Stillness.THAWED, "after a thaw of a thawed guest")


def _check_a_window(told: _Told, seconds: float) -> None:
    backend, guest = told.backend, told.guest
    before = backend.witness(guest)
    backend.prepare(guest, timeout_seconds=seconds, lease_seconds=LEASE_SECONDS)
    told.expect(Stillness.THAWED, "after it was prepared")
    froze = _freeze_in_time(backend, guest, seconds)
    assert froze > 0, f"a freeze counts what it froze: {froze}"
    told.expect(Stillness.FROZEN, "after a freeze")
    thawed = backend.thaw(guest)
    assert thawed == froze, f"a thaw undoes a freeze: froze {froze}, thawed {thawed}"
    told.expect(Stillness.THAWED, "after a thaw")
    again = backend.thaw(guest)
    assert again == 0, f"a second thaw thaws nothing: thawed {again}"
    after = backend.witness(guest)
    assert before == after, f"the same guest bears the same witness: {before}, {after}"
    backend.settle(guest)
    told.expect(Stillness.THAWED, "after it was settled")


def _check_a_second_freeze(told: _Told, seconds: float) -> None:
    backend, guest = told.backend, told.guest
    backend.prepare(guest, timeout_seconds=seconds, lease_seconds=LEASE_SECONDS)
    froze = _freeze_in_time(backend, guest, seconds)
    allowed = AlreadyFrozen if told.can_tell else (AlreadyFrozen, FreezeFailed)
    refused: QuiesceError | None = None
    try:
        backend.freeze(guest)
    except QuiesceError as error:
        refused = error
    assert isinstance(refused, allowed), (
        f"a second freeze is refused, for the guest is frozen already: {refused!r}"
    )
    told.expect(Stillness.FROZEN, "after a second freeze was refused")
    thawed = backend.thaw(guest)
    assert thawed == froze, (
        f"a refused freeze leaves the first: froze {froze}, thawed {thawed}"
    )


def _check_other_threads(told: _Told, seconds: float) -> None:
    backend, guest = told.backend, told.guest
    for work in (
        lambda: backend.prepare(
            guest, timeout_seconds=seconds, lease_seconds=LEASE_SECONDS
        ),
        lambda: backend.freeze(guest),
    ):
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(work).result()
    told.expect(Stillness.FROZEN, "after a freeze in another thread")
    assert backend.thaw(guest) > 0, "a freeze in another thread can be thawed"
    told.expect(Stillness.THAWED, "after a thaw in another thread than its freeze")


def _check_the_unreachable(
    backend: QuiesceBackend, guest: Guest, seconds: float
) -> None:
    assert tuple(backend.check(guest)), "a guest that cannot be frozen has an obstacle"
    found = backend.stillness(guest)
    assert found is Stillness.UNKNOWN, (
        f"nobody knows how it is, yet it is {found.value}"
    )
    refused: QuiesceError | None = None
    try:
        backend.prepare(guest, timeout_seconds=seconds, lease_seconds=LEASE_SECONDS)
        _freeze_in_time(backend, guest, seconds)
    except QuiesceError as error:
        refused = error
    backend.settle(guest)
    assert refused is not None, "a guest that cannot be frozen is not frozen"
    assert guest.name in str(refused), f"a failure names the guest: {refused}"


def _freeze_in_time(backend: QuiesceBackend, guest: Guest, seconds: float) -> int:
    began = time.monotonic()
    try:
        return backend.freeze(guest)
    finally:
        took = time.monotonic() - began
        assert took <= seconds + 1, (
            f"a freeze takes at most {seconds:g} seconds and one more: took {took:.1f}"
        )
