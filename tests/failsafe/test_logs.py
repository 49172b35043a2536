"""What is logged by the processes of a window is found in the controller's log."""

import logging
import socket

import pytest

import vnfdr
from vnfdr.failsafe.logs import send_logs, take_logs

LOG = logging.getLogger("vnfdr.somewhere")


def test_what_a_window_asks_for_is_logged_by_who_asked(site, group, journal, caplog):
    """With the request, as everything else that is asked of the cloud."""
    caplog.set_level(logging.DEBUG, "vnfdr")

    vnfdr.run(vnfdr.protect(site, group), site, journal=journal)

    told = [r.message for r in caplog.records if r.processName == "the window's worker"]
    snapshots = [said for said in told if said.startswith("POST /snapshots: 202 [req-")]
    assert len(snapshots) == 2 * len(group.members)


def test_what_is_not_worth_logging_is_not_sent(site, group, journal, caplog):
    """By default nobody hears of requests."""
    caplog.set_level(logging.INFO, "vnfdr")

    vnfdr.run(vnfdr.protect(site, group), site, journal=journal)

    assert caplog.records == []


@pytest.fixture
def lines():
    """Both ends of a line; what is logged here goes into it while the test lasts."""
    logger = logging.getLogger("vnfdr")
    handlers, level = logger.handlers[:], logger.level
    heard, said = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    send_logs(said.detach(), logging.INFO)
    yield heard
    for handler in set(logger.handlers) - set(handlers):
        logger.removeHandler(handler)
        handler.close()
    logger.setLevel(level)
    heard.close()


def test_nothing_waits_for_who_does_not_listen(lines):
    """A controller that was stopped holds nobody up; what it can take, it finds."""
    for number in range(5_000):
        LOG.warning("number %d, %s", number, "and so on" * 10)

    lines.setblocking(False)
    assert b"number 0, " in lines.recv(1 << 17)


def test_where_it_failed_is_told(lines, caplog):
    """In words: what was raised need not be known where it is read."""
    odd = type("Odd", (Exception,), {})("so it is")
    LOG.error("it failed", exc_info=odd)
    logging.getLogger("vnfdr").handlers[-1].close()
    caplog.clear()
    lines.shutdown(socket.SHUT_WR)

    take_logs(lines.dup(), "somebody").join()

    (record,) = caplog.records
    assert record.levelname == "ERROR"
    assert record.processName == "somebody"
    assert "it failed" in record.message
    assert "Odd: so it is" in record.message
