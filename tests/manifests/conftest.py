"""Each kind of place where manifests are kept."""

import openstack
import pytest
import yaml

from vnfdr.manifests import open_manifests
from vnfdr.sandbox import two_sites

CONTAINER = "manifests"
PLACES = {
    "directory": "{directory}/site-b/manifests",
    "container": f"swift://site-b/{CONTAINER}",
    "prefix": f"swift://site-b/{CONTAINER}/points/of%20ours",
    "member": f"swift://site-b-member/{CONTAINER}",
}


@pytest.fixture
def sites(tmp_path, monkeypatch):
    """Two sites; a request to them is given up after half a second."""
    with two_sites() as sites:
        clouds = yaml.safe_load(sites.clouds_yaml.read_text())
        for cloud in clouds["clouds"].values():
            cloud["api_timeout"] = 0.5
        patient = tmp_path / "clouds.yaml"
        patient.write_text(yaml.safe_dump(clouds))
        monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(patient))
        yield sites


@pytest.fixture
def b(sites):
    """The recovery site, for its operator."""
    return sites.b


@pytest.fixture(params=PLACES)
def store(request, tmp_path, sites):
    """Each kind of place, with nothing in it yet."""
    return open_manifests(PLACES[request.param].format(directory=tmp_path))


@pytest.fixture
def container(sites):
    """A container of the recovery site that is not there yet."""
    return open_manifests(PLACES["container"])


@pytest.fixture
def kept(b):
    """What the container has, by the names of its objects."""

    def look():
        objects = b.objects.containers[CONTAINER].objects
        return {name: found.data.decode() for name, found in objects.items()}

    return look


@pytest.fixture
def connection_b(sites):
    """openstacksdk, at the recovery site."""
    with openstack.connect("site-b") as connection:
        yield connection
