"""Ask a person at the terminal, and hear meanwhile that the run is to stop."""

import contextlib
import os
import select
import sys
import termios
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

import click

from vnfdr.plan import Stop
from vnfdr.text import printable
from vnfdr.world import Gatekeeper

LOOK_UP_SECONDS = 0.2
ANSWER_BYTES_MAX = 4096
ANSWERS = {"y": True, "yes": True, "n": False, "no": False}


def gatekeeper_at_terminal(
    stop: Stop,
    *,
    open_gates: bool,
    pause: Callable[[], AbstractContextManager[object]] = contextlib.nullcontext,
) -> Gatekeeper | None:
    """Return who is asked at gates; ``None`` where there is no terminal.

    Args:
        stop: ends the waiting for an answer.
        open_gates: whether every gate is opened unasked.
        pause: keeps everything else off the terminal as long as its block lasts.
    """
    if open_gates:
        return lambda _: True
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    one_at_a_time = threading.Lock()

    def ask(question: str) -> bool:
        with one_at_a_time, pause():
            return _answer(question, sys.stdin.fileno(), stop)

    return ask


def _answer(question: str, terminal: int, stop: Stop) -> bool:
    """Ask until the answer is yes or no; who hangs up, or stops the run, says no."""
    # What was typed before the question is no answer to it.
    termios.tcflush(terminal, termios.TCIFLUSH)
    while True:
        text = f"{question} [yes/no, and no takes everything back]: "
        click.echo(printable(text), nl=False, err=True)
        line = _line(terminal, stop)
        answer = ANSWERS.get(line.strip().lower()) if line else False
        if answer is not None:
            return answer


def _line(terminal: int, stop: Stop) -> str:
    """Return what is typed; nothing at the end of all, or when the run is to stop.

    A read that waits could not be called off, and the process would not end before it.
    """
    while not stop.is_set():
        ready, _, _ = select.select([terminal], [], [], LOOK_UP_SECONDS)
        if ready:
            return os.read(terminal, ANSWER_BYTES_MAX).decode(errors="replace")
    return ""
