"""A cloud that is nothing but answers; the libraries that ask are the real ones."""

import ast
import time
from datetime import UTC, datetime
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from attrs import define
from urllib3 import HTTPConnectionPool
from urllib3.exceptions import HTTPError

from tests.openstack.listening import CLOUDS as LOCAL
from tests.openstack.listening import Cinder
from vnfdr.openstack import connect

CLOUDS = """
clouds:
  site-a:
    auth_type: none
    connect_retries: 3
    block_storage_connect_retries: 3
    compute_status_code_retries: 3
    block_storage_status_code_retries: 3
    block_storage_api_version: "3"
    block_storage_endpoint_override: http://cinder.test/v3
    compute_api_version: "2"
    compute_endpoint_override: http://nova.test/v2.1
    vnfdr:
      libvirt: {uri: "qemu+tls://{host}/system", hosts: [{host: a-1, uri: "test:///"}]}
      some-number: 3
"""


KEYSTONE = """
clouds:
  with-keystone:
    region_name: here
    api_timeout: 7
    auth:
      auth_url: http://keystone.test/v3
      username: operator
      password: secret
      project_name: ims
      user_domain_name: Default
      project_domain_name: Default
"""

LINKS = [{"rel": "self", "href": "http://keystone.test/v3/"}]


@define
class Clock:
    """Time that passes while somebody sleeps, and at no cost."""

    slept: float = 0.0

    def sleep(self, seconds):
        self.slept += seconds


@define
class Service:
    """What one service is going to answer, in that order."""

    wire: responses.RequestsMock
    url: str

    def get(self, path, **answer):
        self._answer("GET", path, **answer)

    def post(self, path, **answer):
        self._answer("POST", path, **answer)

    def delete(self, path, **answer):
        self._answer("DELETE", path, **{"status": 202, **answer})

    def refuse(self, method, path, status, message, **headers):
        body = {"fault": {"code": status, "message": message}}
        self._answer(method, path, status=status, json=body, headers=headers)

    def requests(self, method):
        """Return the requests of one method that were made, discovery aside."""
        made = [call.request for call in self.wire.calls]
        return [
            request
            for request in made
            if request.method == method and request.url.startswith(f"{self.url}/")
        ]

    def filters(self):
        """Return what the last request wanted of metadata, as Cinder reads it."""
        query = parse_qs(urlsplit(self.wire.calls[-1].request.url).query)
        return ast.literal_eval(query["metadata"][0])

    def _answer(self, method, path, **answer):
        headers = {"x-openstack-request-id": "req-42", **answer.pop("headers", {})}
        self.wire.add(method, f"{self.url}{path}", headers=headers, **answer)

    def discovered(self, kind, version):
        about = {
            "id": "v" + version.partition(".")[0] + ".0",
            "status": "CURRENT",
            "version": version,
            "min_version": "2.1",
            "links": [{"rel": "self", "href": self.url}],
        }
        self.wire.get(self.url, json={kind: about})


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """A clock that nobody waits for."""
    clock, began = Clock(), time.monotonic()
    monkeypatch.setattr(time, "sleep", clock.sleep)
    monkeypatch.setattr(time, "monotonic", lambda: began + clock.slept)
    return clock


def open_no_socket(*_, **__):
    """Let nobody past the answers that are made up."""
    raise HTTPError


@pytest.fixture
def wire(monkeypatch):
    """A network with nothing on it but what a test puts there."""
    monkeypatch.setattr(HTTPConnectionPool, "urlopen", open_no_socket)
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def cinder(wire):
    """Cinder's answers."""
    return Service(wire, "http://cinder.test/v3")


@pytest.fixture
def nova(wire):
    """Nova's answers."""
    return Service(wire, "http://nova.test/v2.1")


@pytest.fixture(autouse=True)
def clouds_yaml(tmp_path, monkeypatch):
    """A clouds.yaml of our own, and no other to be found."""
    path = tmp_path / "clouds.yaml"
    path.write_text(CLOUDS)
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(path))
    return path


@pytest.fixture
def site(cinder, nova):
    """A site that needs no Keystone."""
    cinder.discovered("version", "3.71")
    nova.discovered("version", "2.100")
    return connect("site-a")


@define
class Keystone:
    """A Keystone that can be found; what it says to a password is up to a test."""

    wire: responses.RequestsMock
    url: str = "http://keystone.test/v3/auth/tokens"

    def lets_in(
        self, *, for_seconds=3600.0, region="here", cinder="http://cinder.test/v3"
    ):
        until = datetime.fromtimestamp(time.time() + for_seconds, UTC)
        services = {
            "volumev3": cinder,
            "compute": "http://nova.test/v2.1",
        }
        catalog = [
            {
                "type": kind,
                "name": kind,
                "endpoints": [{"interface": "public", "region_id": region, "url": url}],
            }
            for kind, url in services.items()
        ]
        token = {
            "expires_at": until.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "issued_at": "2026-01-01T00:00:00.000000Z",
            "methods": ["password"],
            "user": {"id": "u1", "name": "operator"},
            "project": {"id": "p1", "name": "ims", "domain": {"id": "default"}},
            "catalog": catalog,
        }
        headers = {"X-Subject-Token": "secret-token"}
        self.wire.post(self.url, status=201, json={"token": token}, headers=headers)

    def says(self, **answer):
        self.wire.post(self.url, **answer)


@pytest.fixture
def keystone(wire, clouds_yaml):
    """A Keystone, and a clouds.yaml that has a password for it."""
    clouds_yaml.write_text(KEYSTONE)
    version = {"id": "v3.14", "status": "stable", "links": LINKS}
    wire.get("http://keystone.test/v3", json={"version": version})
    return Keystone(wire)


@pytest.fixture
def listening():
    """A Cinder on a real socket."""
    server = Cinder()
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.may_answer.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def local(listening, clouds_yaml):
    """Sign in to a site on that socket."""

    def sign_in(timeout=10, url=listening.url):
        clouds_yaml.write_text(LOCAL.format(url=url, timeout=timeout))
        sites.append(connect("local"))
        return sites[-1]

    sites = []
    yield sign_in
    for site in sites:
        site.connection.close()
