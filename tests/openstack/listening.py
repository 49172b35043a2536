"""A Cinder on a real socket: no fake has connections."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR
from threading import Barrier, Event
from urllib.parse import urlsplit

from attrs import field, frozen

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

SNAPSHOT = {"id": "s1", "volume_id": "v1", "status": "creating", "metadata": {}}


@frozen
class Asked:
    """A request, as it arrived."""

    method: str
    path: str
    headers: dict[str, str] = field(repr=False)
    content: bytes = b""


class Cinder(ThreadingHTTPServer):
    """Notes who connects and what is asked; refuses or answers late when told to."""

    daemon_threads = True
    request_queue_size = 2 * AT_ONCE

    def __init__(self):
        self.connections = 0
        self.open = []
        self.asked = []
        self.refusals = []
        self.meeting = Barrier(1)
        self.heard = Event()
        self.may_answer = Event()
        self.may_answer.set()
        self.breaks_off = False
        super().__init__(("127.0.0.1", 0), Handler)
        host, port = self.server_address
        self.url = f"http://{host}:{port}"

    @property
    def posts(self):
        """What was posted."""
        return [asked for asked in self.asked if asked.method == "POST"]

    @property
    def looks(self):
        """What was looked for."""
        return [asked for asked in self.asked if "/snapshots?metadata=" in asked.path]

    def drop(self):
        """Break every connection off."""
        while self.open:
            self.open.pop().shutdown(SHUT_RDWR)

    def hang_up(self):
        """Listen no more, and break every connection off."""
        self.shutdown()
        self.server_close()
        self.drop()


class Handler(BaseHTTPRequestHandler):
    """One connection, which is kept open."""

    protocol_version = "HTTP/1.1"
    server: Cinder

    def setup(self):
        self.server.connections += 1
        self.server.open.append(self.request)
        super().setup()

    def do_GET(self):
        self.note()
        link = {"rel": "self", "href": f"http://{self.headers['Host']}{self.path}"}
        version = urlsplit(self.path).path[1:3]
        about = {"id": f"{version}.0", "status": "CURRENT", "links": [link]}
        listing = "/snapshots" in self.path
        if "/snapshots?metadata=" in self.path:
            self.server.meeting.wait(30)
        self.answer(200, {"snapshots": []} if listing else {"version": about})

    def do_POST(self):
        self.note()
        self.server.heard.set()
        self.server.may_answer.wait()
        self.close_connection = self.server.breaks_off
        if not self.server.breaks_off:
            status = self.server.refusals.pop(0) if self.server.refusals else 202
            self.answer(status, {"snapshot": SNAPSHOT})

    def note(self):
        size = int(self.headers.get("Content-Length", 0))
        headers = {name.lower(): told for name, told in self.headers.items()}
        content = self.rfile.read(size)
        self.server.asked.append(Asked(self.command, self.path, headers, content))

    def answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Be quiet."""
