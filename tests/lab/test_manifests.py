"""Manifests in a container of the recovery site, kept by Ceph's object gateway."""

import threading
from urllib.parse import quote

import pytest
from openstack.connection import Connection

from tests.lab.place import connect
from tests.lab.upkeep import stopped
from vnfdr.errors import ManifestError, UnknownPoint
from vnfdr.manifests import open_manifests

CONTAINER = "lab-manifests"
TEXT = '{"é": "' + "x" * 300_000 + '"}'


@pytest.fixture
def container():
    """No such container at any site, before and after."""
    clouds = [connect(name) for name in ("site-a-demo", "site-b")]
    for cloud in clouds:
        remove(cloud)
    yield CONTAINER
    for cloud in clouds:
        remove(cloud)


def remove(cloud: Connection) -> None:
    """Remove the container, with all that is in it."""
    swift = cloud.object_store
    for entry in swift.get(f"/{CONTAINER}?format=json").json() or ():
        if isinstance(entry, dict):
            swift.delete(f"/{CONTAINER}/{quote(entry['name'])}")
    swift.delete(f"/{CONTAINER}")


@pytest.mark.parametrize("place", ["site-b/{}", "site-b/{}/a/b", "site-a-demo/{}"])
def test_manifests_are_kept_at_another_site(container, place):
    """Each is listed and read as it was put, by an ordinary user too, and can go."""
    store = open_manifests(f"swift://{place.format(container)}")
    store.put("ims%20core/p1", TEXT)
    store.put("ims%20core/p2", TEXT)
    store.put("ims%20core/p2", "{}")

    assert store.names() == ("ims%20core/p1", "ims%20core/p2")
    assert (store.get("ims%20core/p1"), store.get("ims%20core/p2")) == (TEXT, "{}")
    store.delete("ims%20core/p1")
    store.delete("ims%20core/p1")
    assert store.names() == ("ims%20core/p2",)
    with pytest.raises(UnknownPoint, match="has no manifest 'ims%20core/p1'"):
        store.get("ims%20core/p1")


def test_what_is_put_is_the_projects_alone(container, site_b):
    """Whoever has no token of the project is sent away."""
    open_manifests(f"swift://site-b/{container}").put("group/p1", "{}")
    swift = site_b.object_store
    url = f"{swift.get_endpoint()}/{container}/group/p1.json"

    answer = swift.session.get(url, authenticated=False, raise_exc=False)

    assert swift.get(url).status_code == 200
    assert answer.status_code in {401, 403}


def test_a_container_that_somebody_deleted_is_made_again(container, site_b):
    """What is put next is there."""
    store = open_manifests(f"swift://site-b/{container}")
    store.put("group/p1", "{}")
    remove(site_b)

    store.put("group/p2", "{}")

    assert store.names() == ("group/p2",)


def test_an_object_store_that_is_briefly_away_is_waited_for(container):
    """What is put meanwhile is there when it is back."""
    store = open_manifests(f"swift://site-b/{container}")
    store.put("group/p1", "{}")
    with stopped("radosgw-b"):
        putting = threading.Thread(target=store.put, args=("group/p2", TEXT))
        putting.start()
    putting.join()

    assert store.get("group/p2") == TEXT


def test_an_object_store_that_stays_away_is_an_error(container):
    """It names the place, and says that nobody answers; it works again afterwards."""
    store = open_manifests(f"swift://site-b/{container}")
    with stopped("radosgw-b"), pytest.raises(ManifestError) as away:
        store.put("group/p1", "{}")

    assert f"swift://site-b/{container}: cannot " in str(away.value)
    assert "no connection to 127.0.0.1:28080" in str(away.value)
    store.put("group/p1", "{}")
    assert store.names() == ("group/p1",)
