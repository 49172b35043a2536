"""What a line makes of an answer, however it is sent."""

import socket

import pytest

from vnfdr.line import Line

OK = b"HTTP/1.1 200 OK\r\n"
CLOSING = OK + b"Connection: close\r\nContent-Length: 5\r\n\r\nhello"
SIZED = OK + b"Content-Length: 5\r\n\r\nhello"
HEAD = "GET / HTTP/1.1\r\n"
SECONDS = 5.0


@pytest.fixture
def ends():
    """Both ends of a connection: ours, and the service's."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.fixture
def line(ends):
    """Our end."""
    line = Line(ends[0])
    yield line
    line.close()


@pytest.fixture
def service(ends):
    """The service's end."""
    return ends[1]


@pytest.mark.parametrize(
    "answer",
    [
        SIZED,
        b"HTTP/1.1 100 Continue\r\n\r\n" + SIZED,
        OK + b"transfer-encoding: Chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nLast: 1\r\n\r\n",
    ],
)
def test_an_answer_whose_end_is_told_leaves_the_line_at_rest(line, service, answer):
    """In whichever way it is told; the next request may go."""
    service.sendall(answer)

    reply = line.ask(HEAD, b"", SECONDS)

    assert (reply.status, reply.content) == (200, b"hello")
    assert line.is_at_rest


@pytest.mark.parametrize("answer", [OK + b"\r\nhello", CLOSING])
def test_an_answer_that_is_the_last_one_ends_the_line(line, service, answer):
    """No second request may go there."""
    service.sendall(answer)
    service.shutdown(socket.SHUT_WR)

    reply = line.ask(HEAD, b"", SECONDS)

    assert reply.content == b"hello"
    assert not line.is_at_rest


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        OK,
        SIZED[:-1],
        OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
        b"220 mail.test ESMTP\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        OK + b"Name: told\r\n" * 1000,
        b"x" * 100_000,
    ],
)
def test_an_answer_that_breaks_off_is_none(line, service, answer):
    """Nor is one that is no HTTP; the line is of no use any more."""
    service.sendall(answer)
    service.shutdown(socket.SHUT_WR)

    with pytest.raises(OSError, match=r"broke off|no HTTP|no end"):
        line.ask(HEAD, b"", SECONDS)

    assert not line.is_at_rest


def test_silence_is_borne_for_as_long_as_is_said(line):
    """And no request goes over a line on which an answer may come yet."""
    with pytest.raises(TimeoutError):
        line.ask(HEAD, b"", 0.05)

    assert not line.is_at_rest


def test_a_line_is_not_at_rest_once_the_service_hung_up(line, service):
    """It is found out before a request is sent, which would be lost."""
    assert line.is_at_rest

    service.close()

    assert not line.is_at_rest


def test_what_is_sent_says_how_long_it_is(line, service):
    """A request and its content are one piece."""
    service.sendall(SIZED)

    line.ask("POST / HTTP/1.1\r\nHost: h\r\n", b"{}", SECONDS)

    sent = service.recv(1000)
    assert sent == b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}"
