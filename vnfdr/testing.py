"""Checks for what others write against vnfdr.

Nothing here imports pytest; a check raises `AssertionError`, in a sentence.
"""

import time
from concurrent.futures import ThreadPoolExecutor

from vnfdr.backends import QuiesceBackend, Stillness
from vnfdr.errors import AlreadyFrozen, FreezeFailed, QuiesceError
from vnfdr.model import Guest

__all__ = ["check_quiesce_backend"]


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
    told = _Told(backend, guest, can_tell=guest_can_tell)
    try:
        _check_that_looking_touches_nothing(backend, guest, told)
        _check_a_window(backend, guest, told, timeout_seconds)
        _check_a_second_freeze(backend, guest, told, timeout_seconds)
        _check_other_threads(backend, guest, told, timeout_seconds)
    finally:
        backend.thaw(guest)
        backend.settle(guest)
    if unreachable is not None:
        _check_what_cannot_be_reached(backend, unreachable, timeout_seconds)


class _Told:
    """What a guest is expected to say of itself."""

    def __init__(
        self, backend: QuiesceBackend, guest: Guest, *, can_tell: bool
    ) -> None:
        self.backend, self.guest, self.can_tell = backend, guest, can_tell

    def expect(self, stillness: Stillness, when: str) -> None:
        """Ask the guest; one that cannot tell has to say so."""
        expected = stillness if self.can_tell else Stillness.UNKNOWN
        found = self.backend.stillness(self.guest)
        assert found is expected, (
            f"the guest is {found.value} {when}; it should be {expected.value}"
        )


def _check_that_it_holds_nothing(backend: QuiesceBackend, guest: Guest) -> None:
    backend.prepare(guest, timeout_seconds=1.0)
    froze, thawed = backend.freeze(guest), backend.thaw(guest)
    backend.settle(guest)
    assert froze == 0, f"what holds nothing counts nothing: froze {froze}"
    assert thawed == 0, f"what holds nothing counts nothing: thawed {thawed}"
    assert backend.stillness(guest) is not Stillness.FROZEN, "it is not frozen"


def _check_that_looking_touches_nothing(
    backend: QuiesceBackend, guest: Guest, told: _Told
) -> None:
    told.expect(Stillness.THAWED, "to begin with")
    problems = tuple(backend.check(guest))
    assert not problems, f"a guest that can be frozen has no obstacles: {problems}"
    told.expect(Stillness.THAWED, "after a check")
    thawed = backend.thaw(guest)
    assert thawed == 0, f"thawing a thawed guest thaws nothing: thawed {thawed}"
    told.expect(Stillness.THAWED, "after a thaw of a thawed guest")


def _check_a_window(
    backend: QuiesceBackend, guest: Guest, told: _Told, seconds: float
) -> None:
    before = backend.witness(guest)
    backend.prepare(guest, timeout_seconds=seconds)
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


def _check_a_second_freeze(
    backend: QuiesceBackend, guest: Guest, told: _Told, seconds: float
) -> None:
    backend.prepare(guest, timeout_seconds=seconds)
    froze = _freeze_in_time(backend, guest, seconds)
    try:
        second = backend.freeze(guest)
    except AlreadyFrozen:
        pass
    except FreezeFailed as error:
        assert not told.can_tell, f"a frozen guest is frozen already, not this: {error}"
    else:
        raise AssertionError(f"a second freeze is refused: froze {second}")
    told.expect(Stillness.FROZEN, "after a second freeze was refused")
    thawed = backend.thaw(guest)
    assert thawed == froze, (
        f"a refused freeze leaves the first: froze {froze}, thawed {thawed}"
    )


def _check_other_threads(
    backend: QuiesceBackend, guest: Guest, told: _Told, seconds: float
) -> None:
    for work in (
        lambda: backend.prepare(guest, timeout_seconds=seconds),
        lambda: backend.freeze(guest),
    ):
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(work).result()
    told.expect(Stillness.FROZEN, "after a freeze in another thread")
    assert backend.thaw(guest) > 0, "a freeze in another thread can be thawed"
    told.expect(Stillness.THAWED, "after a thaw in another thread than its freeze")


def _check_what_cannot_be_reached(
    backend: QuiesceBackend, guest: Guest, seconds: float
) -> None:
    assert tuple(backend.check(guest)), "a guest that cannot be frozen has an obstacle"
    found = backend.stillness(guest)
    assert found is Stillness.UNKNOWN, (
        f"nobody knows how it is, yet it is {found.value}"
    )
    try:
        backend.prepare(guest, timeout_seconds=seconds)
        froze = _freeze_in_time(backend, guest, seconds)
    except QuiesceError as error:
        assert guest.name in str(error), f"a failure names the guest: {error}"
    else:
        raise AssertionError(f"a guest that cannot be frozen counts {froze}")
    finally:
        backend.settle(guest)


def _freeze_in_time(backend: QuiesceBackend, guest: Guest, seconds: float) -> int:
    began = time.monotonic()
    try:
        return backend.freeze(guest)
    finally:
        took = time.monotonic() - began
        assert took <= seconds + 1, (
            f"a freeze takes at most {seconds:g} seconds and one more: took {took:.1f}"
        )
