"""What is logged in the other processes of a window is logged in the controller's.

Nothing waits for that: what the controller does not take at once is lost, since one
that was stopped must not hold up whoever thaws.
"""

import contextlib
import logging
import pickle
import socket
import threading

LOGGER = "vnfdr"
RECORD_BYTES_MAX = 1 << 17


class _Sender(logging.Handler):
    """Sends what is logged, as text; what does not fit is lost."""

    def __init__(self, line: socket.socket) -> None:
        super().__init__()
        self._line = line

    def close(self) -> None:
        self._line.close()
        super().close()

    def emit(self, record: logging.LogRecord) -> None:
        plain = logging.makeLogRecord(
            {
                "name": record.name,
                "levelno": record.levelno,
                "levelname": record.levelname,
                "pathname": record.pathname,
                "filename": record.filename,
                "lineno": record.lineno,
                "created": record.created,
                "msg": self.format(record),
            }
        )
        with contextlib.suppress(OSError):
            self._line.send(pickle.dumps(plain), socket.MSG_DONTWAIT)


def send_logs(handle: int, level: int) -> None:
    """Send what vnfdr logs in this process to who started it."""
    logger = logging.getLogger(LOGGER)
    logger.addHandler(_Sender(socket.socket(fileno=handle)))
    logger.setLevel(level)


def level_of_logs() -> int:
    """Return what is worth sending here."""
    return logging.getLogger(LOGGER).getEffectiveLevel()


def take_logs(line: socket.socket, what: str) -> threading.Thread:
    """Log what is sent here, as that of ``what``, until the sender is gone."""

    def listen() -> None:
        with line, contextlib.suppress(OSError):
            while packet := line.recv(RECORD_BYTES_MAX):
                record: logging.LogRecord = pickle.loads(packet)  # noqa: S301 - ours
                record.processName = what
                logging.getLogger(record.name).handle(record)

    thread = threading.Thread(target=listen, name=f"logs of {what}", daemon=True)
    thread.start()
    return thread
