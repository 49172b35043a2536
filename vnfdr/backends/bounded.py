"""Calls that may hang, and how not to hang with them."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


def begin(call: Callable[[], T]) -> "Future[T]":
    """Call in a thread that neither its caller nor the end of the process awaits.

    The threads of an executor would keep the process until the last of them is back.
    """
    future: Future[T] = Future()

    def work() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001 - handed on to who asked
            future.set_exception(error)

    Thread(target=work, name="vnfdr-bounded", daemon=True).start()
    return future
