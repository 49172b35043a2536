"""A recovered server is asked until it answers, and no longer than is allowed."""

import http.server
import threading
from contextlib import closing
from socket import create_server, socket

import pytest
from attrs import evolve

from vnfdr.errors import ProbeFailed
from vnfdr.mapping import AgentProbe, CallProbe, HttpProbe, TcpProbe
from vnfdr.plan import Receipt, Receipts
from vnfdr.steps import ProbeServer

LOOPBACK = "127.0.0.1"


@pytest.fixture
def probe(site, world):
    """Ask server ``db``, which has the address of this machine, for a short while."""
    site.all_servers["s-db"] = evolve(site.all_servers["s-db"], addresses=(LOOPBACK,))
    done = Receipts({"r1:server:old": Receipt("server", "s-db")})

    def probe(what, within_seconds=0.3):
        step = ProbeServer("r1", "old", 0, "db", what, within_seconds)
        problems = list(step.check(world))
        return problems or step.do(world, done).id

    return probe


@pytest.fixture
def web():
    """A web server that is at work on ``/health`` from the third question on."""

    class Handler(http.server.BaseHTTPRequestHandler):
        asked: list[str] = []  # noqa: RUF012 - of this class alone

        def do_GET(self):
            self.asked.append(self.path)
            fits = self.path == "/health?deep=1"
            self.send_response(200 if fits and len(self.asked) > 2 else 503)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer((LOOPBACK, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://{{address}}:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def shut():
    """A port that nobody listens at."""
    with closing(socket()) as taken:
        taken.bind((LOOPBACK, 0))
        yield taken.getsockname()[1]


def said(server, addresses):
    """A probe of a user's own: content with ``db`` alone."""
    return server.name == "db" and addresses == (LOOPBACK,)


def refused(server, addresses):
    """A probe of a user's own, which is never content."""
    raise RuntimeError("replication is behind")


def test_an_agent_that_answers_is_at_work(probe):
    """A guest whose agent says that it is thawed has come up."""
    assert probe(AgentProbe("fake")) == "s-db"


def test_an_agent_that_is_frozen_is_told(site, probe):
    """A guest that was frozen in the backup's picture is not at work."""
    site.guests["s-db"].frozen = True

    with pytest.raises(ProbeFailed, match="says that it is frozen"):
        probe(AgentProbe("fake"))


def test_a_port_that_accepts_is_at_work(probe):
    """A connection is all that is asked for."""
    with closing(create_server((LOOPBACK, 0))) as listening:
        assert probe(TcpProbe(listening.getsockname()[1])) == "s-db"


def test_a_port_that_refuses_is_told_with_server_and_reason(probe, shut):
    """Who reads it knows which server, which probe, and what the last answer was."""
    with pytest.raises(ProbeFailed) as failure:
        probe(TcpProbe(shut))

    told = str(failure.value)
    assert "server 'db' did not answer within 0.3 s" in told
    assert f"port {shut} accepts connections" in told
    assert "Connection refused" in told


def test_a_url_is_asked_until_its_status_is_right(probe, web):
    """A service that needs a moment gets it."""
    assert probe(HttpProbe(f"{web}/health?deep=1"), within_seconds=20) == "s-db"


def test_a_url_with_another_status_is_told(probe, web):
    """The last status is in the reason."""
    with pytest.raises(ProbeFailed, match="answered with 503, and not with 204"):
        probe(HttpProbe(f"{web}/", status=204))


def test_a_server_without_an_address_is_told(site, probe, shut):
    """It cannot be asked at an address that it has not got."""
    site.all_servers["s-db"] = evolve(site.all_servers["s-db"], addresses=())

    with pytest.raises(ProbeFailed, match="it has no address"):
        probe(TcpProbe(shut))


def test_a_function_of_the_users_own_is_asked(probe):
    """It gets the server, and its addresses."""
    assert probe(CallProbe(f"{__name__}:said")) == "s-db"


def test_what_a_function_raises_is_the_reason(probe):
    """The user's own words reach the user."""
    with pytest.raises(ProbeFailed, match="replication is behind"):
        probe(CallProbe(f"{__name__}:refused"))


def test_a_function_that_is_not_there_is_told_before(probe):
    """Preflight says so, not a server that was booted for nothing."""
    (problem,) = probe(CallProbe("json:no_such_function"))

    assert "server 'db' cannot be probed" in problem
    assert "no_such_function" in problem
