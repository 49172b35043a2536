"""What the three processes of a window say to each other."""

import pickle
from collections.abc import Callable, Mapping
from typing import TypeAlias

from attrs import field, frozen

from vnfdr.errors import VnfdrError
from vnfdr.failsafe.record import Record
from vnfdr.plan import Window
from vnfdr.plan.failure import PartFailed
from vnfdr.plan.worker import Prepared

MakeWorld: TypeAlias = Callable[[], object]
"""Makes what a window's parts work on, in another process. It can be pickled."""

WORKER_GONE = "the process that worked the window is gone"


@frozen
class Task:
    """What a window is, for both: who works it, and who stands by.

    Args:
        window: the window.
        make_world: makes what its parts work on.
        marks: the handle of the memory which says what may be frozen.
    """

    window: Window
    make_world: MakeWorld
    marks: int


@frozen
class Job:
    """To the worker: be ready for a window.

    Args:
        task: the window.
        life: a pipe that ends when the failsafe does.
    """

    task: Task
    life: int


@frozen
class StandBy:
    """To the failsafe: connect to every guest.

    Args:
        task: the window.
        worker: the process which works it.
        controller: the process which began it.
        record: where to write down what happens.
    """

    task: Task
    worker: int
    controller: int
    record: Record


@frozen
class Ready:
    """To the controller: all that is slow is done.

    Args:
        unreached: why some guests cannot be reached, by key, where policy allows
            that. They are not to be frozen.
    """

    unreached: Mapping[str, str] = field(factory=dict)


@frozen
class Refused:
    """To the controller: this cannot be done, and nothing was touched.

    Args:
        problem: what failed.
    """

    problem: PartFailed


@frozen
class Watch:
    """To the failsafe: the lease begins now."""


@frozen
class Work:
    """To the worker: work the window. It answers with what came of it.

    Args:
        prepared: what is known of the guests.
    """

    prepared: Prepared


@frozen
class Prepare:
    """To the worker: do all that is slow. It answers with what it knows then."""


@frozen
class Stop:
    """To the worker: thaw everything, now."""


@frozen
class Leave:
    """To both: nobody needs them any more. The failsafe answers with a report first.

    It is said, and the line is not only closed: a process that was forked from the
    controller meanwhile keeps its end of it open.
    """


@frozen
class Report:
    """To the controller: what the failsafe did.

    Args:
        fired: why it thawed in the worker's place; empty when it did not.
        frozen: the names of the guests that it has not proven thawed.
    """

    fired: str = ""
    frozen: tuple[str, ...] = ()


def portable(window: Window, error: Exception) -> PartFailed:
    """Return a failure that can be sent to another process."""
    failure = error if isinstance(error, PartFailed) else PartFailed(window.key, error)
    try:
        pickle.loads(pickle.dumps(failure))  # noqa: S301 - our own bytes
    except Exception:  # noqa: BLE001 - anything may go wrong in somebody's error
        return PartFailed(failure.part, VnfdrError(str(failure.cause)))
    return failure
