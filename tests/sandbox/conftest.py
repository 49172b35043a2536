"""A sandbox for each test, and the ordinary clients that speak to it."""

import openstack
import pytest
from cinderclient.client import Client

import vnfdr
from tests.sandbox.away import Away
from vnfdr.sandbox import two_sites
from vnfdr.sandbox.disks import DiskStore


@pytest.fixture
def sites(monkeypatch):
    with two_sites() as sites:
        monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(sites.clouds_yaml))
        yield sites


@pytest.fixture
def a(sites):
    """Site a, for its operator."""
    return sites.a


@pytest.fixture
def store(tmp_path):
    """A site's disks."""
    with DiskStore(tmp_path / "disks") as store:
        yield store


@pytest.fixture
def b(sites):
    """Site b, for its operator."""
    return sites.b


@pytest.fixture
def server(a):
    return a.add_server("db")


@pytest.fixture
def volume(server, a):
    return a.volumes[server.attachments[0].volume_id]


@pytest.fixture
def spare(a):
    """An available volume that no server has, with something on it."""
    spare = a.add_volume("spare", None)
    spare.disk.write(0, b"spare")
    return spare


@pytest.fixture
def connection(sites):
    with openstack.connect("site-a") as connection:
        yield connection


@pytest.fixture
def member(sites):
    """A connection of somebody who is no administrator."""
    with openstack.connect("site-a-member") as connection:
        yield connection


@pytest.fixture
def cinder(connection):
    """python-cinderclient."""
    return Client("3.64", session=connection.session)


@pytest.fixture
def site(sites):
    """Site a, through vnfdr's own adapter."""
    site = vnfdr.connect("site-a")
    yield site
    site.connection.close()


@pytest.fixture
def other(sites):
    """Site b, through vnfdr's own adapter."""
    site = vnfdr.connect("site-b")
    yield site
    site.connection.close()


@pytest.fixture
def away(tmp_path):
    """A group that goes from one site to the other."""
    return Away(tmp_path)


@pytest.fixture
def raw(connection):
    """Ask any service for anything, and get what it says."""

    def ask(method, path, version="", service="block_storage", **request):
        proxy = getattr(connection, service)
        if version:
            request["microversion"] = version
        return proxy.request(path, method, raise_exc=False, **request)

    return ask


@pytest.fixture
def snapshot(a, volume, site, until):
    """An available snapshot of a volume in use."""
    snapshot_id = site.snapshots.request(volume.id, tag="s1", metadata={})
    until(lambda: a.snapshots[snapshot_id].status == "available")
    return a.snapshots[snapshot_id]


@pytest.fixture
def message():
    """How a service says why it refused."""

    def read(response):
        (inner,) = response.json().values()
        return inner["message"]

    return read


@pytest.fixture
def volumes(a):
    """A bootable volume, and two for data."""
    volumes = [a.add_volume(name, None) for name in ("root", "data-1", "data-2")]
    volumes[0].bootable = True
    return volumes


@pytest.fixture
def boot(a, connection):
    """Ask for a new server that has some volumes, the first of which it boots from."""

    def ask(called, volumes, by=connection, **asked):
        request = {
            "name": called,
            "flavor_id": next(iter(a.flavors)),
            "networks": "none",
            "block_device_mapping": devices(*volumes),
        }
        return by.compute.create_server(**(request | asked))

    return ask


def devices(*volumes, **settings):
    """How a request says what a new server boots from, and what else it has."""
    return [
        {
            "source_type": "volume",
            "destination_type": "volume",
            "uuid": volume.id,
            "boot_index": -1 if place else 0,
            **settings,
        }
        for place, volume in enumerate(volumes)
    ]


@pytest.fixture
def booted(a, boot, volumes, until):
    """A server that was booted from three volumes."""
    server_id = boot("app", volumes).id
    until(lambda: a.servers[server_id].vm_state == "active")
    return a.servers[server_id]
