"""Connections, on real sockets: no fake has a pool."""

import json
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Barrier, Event, Thread
from urllib.parse import urlsplit

import pytest

from vnfdr.errors import AnswerLost, Retryable
from vnfdr.openstack import connect

AT_ONCE = 32

CLOUDS = """
clouds:
  local:
    auth_type: none
    connect_retries: 3
    api_timeout: {timeout}
    block_storage_api_version: "3"
    block_storage_endpoint_override: {url}/v3
    compute_api_version: "2"
    compute_endpoint_override: {url}/v2
"""


class Cinder(ThreadingHTTPServer):
    """Counts who connects and what is asked; answers late when told to."""

    daemon_threads = True
    request_queue_size = 2 * AT_ONCE

    def __init__(self):
        self.connections = 0
        self.posts = 0
        self.meeting = Barrier(1)
        self.mute = Event()
        super().__init__(("127.0.0.1", 0), Handler)
        host, port = self.server_address
        self.url = f"http://{host}:{port}"


class Handler(BaseHTTPRequestHandler):
    """One connection, which is kept open."""

    protocol_version = "HTTP/1.1"
    server: Cinder

    def setup(self):
        self.server.connections += 1
        super().setup()

    def do_GET(self):
        link = {"rel": "self", "href": f"http://{self.headers['Host']}{self.path}"}
        version = urlsplit(self.path).path[1:3]
        about = {"id": f"{version}.0", "status": "CURRENT", "links": [link]}
        listing = "/snapshots" in self.path
        self.answer({"snapshots": []} if listing else {"version": about})

    def do_POST(self):
        self.server.posts += 1
        self.server.mute.wait()
        self.close_connection = True

    def answer(self, content):
        if "detail" in self.path:
            self.server.meeting.wait()
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Be quiet."""


@pytest.fixture
def cinder():
    """A Cinder on a real socket."""
    server = Cinder()
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.mute.set()
    server.shutdown()
    server.server_close()


@pytest.fixture(params=["cold", "warm"])
def local(request, cinder, clouds_yaml):
    """A site on that socket; its connections may be open already."""

    def sign_in(timeout=10, url=cinder.url):
        clouds_yaml.write_text(CLOUDS.format(url=url, timeout=timeout))
        sites.append(connect("local"))
        if request.param == "warm":
            sites[-1].warm(1)
        return sites[-1]

    sites = []
    yield sign_in
    for site in sites:
        site.connection.close()


def test_a_window_opens_no_connection_once_it_is_warm(local, cinder):
    """All snapshots of a large group are asked for at once, over what is open."""
    site = local()
    site.warm(AT_ONCE)
    assert cinder.connections == AT_ONCE

    cinder.meeting = Barrier(AT_ONCE)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(site.snapshots.look, ["p1"] * AT_ONCE))

    assert cinder.connections == AT_ONCE


def test_a_request_that_is_heard_and_not_answered_is_made_once(local, cinder):
    """A read timeout is not a failed connection, whatever clouds.yaml retries."""
    site = local(timeout=0.2)

    with pytest.raises(AnswerLost, match=r"no answer from 127.0.0.1"):
        site.snapshots.request("v1", tag="t", metadata={})

    assert cinder.posts == 1


def test_a_connection_that_breaks_is_a_lost_answer(local, cinder):
    """The service may have done it before it fell over."""
    site = local()
    cinder.mute.set()

    with pytest.raises(AnswerLost):
        site.snapshots.request("v1", tag="t", metadata={})

    assert cinder.posts == 1


def test_a_port_that_nobody_listens_on_did_nothing(local, cinder):
    """A refused connection is the one failure that proves nothing was done."""
    site = local()
    site.connection.session.session.close()
    cinder.shutdown()
    cinder.server_close()

    with pytest.raises(Retryable, match="Connection refused"):
        site.snapshots.request("v1", tag="t", metadata={})


def test_a_proxy_of_the_environment_is_gone_through(local, cinder, monkeypatch):
    """Who reaches the cloud through a proxy says so as for every other program."""
    monkeypatch.setenv("http_proxy", cinder.url)

    site = local(url="http://cinder.test")

    assert site.snapshots.look("p1") == ()
    assert cinder.connections > 0
