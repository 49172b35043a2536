"""Manifests in a container of an object store, and all that may befall them."""

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from attrs import evolve

import vnfdr
from tests.openstack.conftest import Clock
from tests.points.conftest import CONTAINER, PLACES
from vnfdr.errors import ManifestDamaged, ManifestError, UnknownPlace
from vnfdr.manifests import open_manifests
from vnfdr.sandbox import Effect, Fault

USES = {
    "put object": lambda store: store.put("group/p2", "two"),
    "show container": lambda store: store.put("group/p2", "two"),
    "list objects": lambda store: store.names(),
    "read object": lambda store: store.get("group/p1"),
    "delete object": lambda store: store.delete("group/p1"),
}
"""What is done with a place, by the request that something befalls."""

LEFT = {"put object": 2, "show container": 2, "delete object": 0}
"""How many names there are then, where there was one; elsewhere it is one still."""


@pytest.fixture
def hasty(monkeypatch):
    """Patience that costs a test no time: whoever sleeps has slept already."""
    clock, now = Clock(), time.monotonic
    monkeypatch.setattr(time, "sleep", clock.sleep)
    monkeypatch.setattr(time, "monotonic", lambda: now() + clock.slept)
    return clock


def test_an_answer_that_is_lost_costs_nothing(container, b, kept):
    """What was put and not answered is put again, and is there once."""
    b.faults.add(Fault("put object", Effect.DROP_AFTER))

    container.put("group/p1", "one")

    assert kept() == {"group/p1.json": "one"}
    assert list(b.faults.calls).count("put object") == 2


@pytest.mark.parametrize("call", USES)
@pytest.mark.parametrize(
    "effect",
    [
        Effect.ANSWER,
        Effect.ANSWER_AFTER,
        Effect.DROP,
        Effect.DROP_AFTER,
        Effect.EXPIRE,
    ],
)
def test_a_hiccup_of_the_object_store_is_lived_through(container, b, call, effect):
    """Whatever becomes of one request, or of the token, the next one is made."""
    container.put("group/p1", "one")
    b.faults.add(Fault(call, effect))

    USES[call](container)

    assert b.faults.pending == []
    assert len(container.names()) == LEFT.get(call, 1)


@pytest.mark.parametrize("call", USES)
def test_an_answer_that_never_comes_is_not_waited_for(container, b, impatient, call):
    """After the time limit of clouds.yaml the request is made again."""
    container.put("group/p1", "one")
    b.faults.add(Fault(call, Effect.HANG))

    USES[call](container)

    assert b.faults.pending == []
    assert len(container.names()) == LEFT.get(call, 1)


@pytest.mark.parametrize("call", USES)
@pytest.mark.parametrize("status", [403, 500, 503])
def test_a_failure_that_stays_names_the_place(container, b, hasty, call, status):
    """A place that refuses, or is unwell for long, is an error of manifests."""
    container.put("group/p1", "one")
    b.faults.add(Fault(call, Effect.ANSWER, status=status, times=None))

    with pytest.raises(ManifestError) as failure:
        USES[call](container)

    assert str(failure.value).startswith(f"swift://site-b/{CONTAINER}: cannot ")
    assert f"(HTTP {status})" in str(failure.value)
    assert (hasty.slept > 0) == (status >= 500)


def test_an_object_store_that_hangs_is_given_up(container, b, impatient, hasty):
    """Each request has the time limit of clouds.yaml, and patience has a bound."""
    container.put("group/p1", "one")
    b.faults.add(Fault("read object", Effect.HANG, times=None))

    with pytest.raises(ManifestError, match=r"cannot read 'group/p1': no answer from"):
        container.get("group/p1")

    assert hasty.slept < 60


def test_a_container_that_was_deleted_is_made_again(container, b, kept):
    """What was in it is lost, and what is put next is there."""
    container.put("group/p1", "one")
    b.objects.containers.clear()

    container.put("group/p2", "two")

    assert kept() == {"group/p2.json": "two"}


def test_a_container_that_is_deleted_under_us_is_made_again(container, b, kept, until):
    """Even between a look at it and what is put there."""
    container.put("group/p1", "one")
    b.faults.calls.clear()
    b.faults.add(Fault("put object", Effect.DELAY, seconds=2.0))
    putting = threading.Thread(target=container.put, args=("group/p2", "two"))
    putting.start()
    until(lambda: "put object" in b.faults.calls)
    b.objects.containers.clear()
    putting.join()

    assert kept() == {"group/p2.json": "two"}


def test_what_is_not_kept_as_it_was_sent_is_noticed(container, b, kept):
    """An object store that damages what it is given is not believed."""
    b.faults.add(Fault("put object", Effect.ERROR))

    with pytest.raises(ManifestError, match="is not kept as it was sent"):
        container.put("group/p1", "one two three")

    container.put("group/p1", "one two three")
    assert kept() == {"group/p1.json": "one two three"}


def test_what_is_no_text_is_a_damaged_manifest(container, connection_b):
    """It is told with the others, and does not keep them from being listed."""
    container.put("ims/p1", "{}")
    connection_b.object_store.put(f"/{CONTAINER}/ims/p1.json", data=b"\xff")

    with pytest.raises(ManifestDamaged, match="cannot read 'ims/p1': it is no text"):
        container.get("ims/p1")


def test_a_container_that_the_world_may_read_is_not_written_to(
    container, connection_b, kept
):
    """A manifest tells what a group is made of: it is for its owner alone."""
    swift = connection_b.object_store
    swift.create_container(CONTAINER)
    swift.post(f"/{CONTAINER}", headers={"X-Container-Read": ".r:*,.rlistings"})

    with pytest.raises(ManifestError, match="everybody may read the container"):
        container.put("group/p1", "one")

    assert kept() == {}


def test_a_long_list_comes_in_pages(container, b):
    """Each name is listed once, however few the object store lists at a time."""
    b.objects.listing_max = 2
    names = [f"group/p{number}" for number in range(5)]
    for name in names:
        container.put(name, "{}")

    assert container.names() == tuple(names)


def test_other_things_in_a_container_are_let_be(container, connection_b, kept):
    """Neither what is no manifest is listed, nor what is below another prefix."""
    container.put("group/p1", "one")
    for name in ("notes.txt", "p1//.json", ".json"):
        connection_b.object_store.put(f"/{CONTAINER}/{name}", data=b"mine")
    below = open_manifests(PLACES["prefix"])
    below.put("group/p2", "two")

    assert below.names() == ("group/p2",)
    assert container.names() == ("group/p1", "points/of ours/group/p2")
    below.delete("group/p1")
    assert "notes.txt" in kept()
    assert "group/p1.json" in kept()


def test_nothing_is_connected_to_before_it_is_used(container, b):
    """And then once, however often it is used."""
    assert not b.faults.calls

    container.put("group/p1", "one")
    container.get("group/p1")

    assert list(b.faults.calls).count("issue token") == 1


def test_threads_that_come_at_once_sign_in_once(container, b):
    """The first of them does it for all."""
    b.faults.add(Fault("issue token", Effect.DELAY, seconds=0.2, times=None))
    names = ["group/p1", "group/p2", "group/p3", "group/p4"]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(container.put, names, names))

    assert container.names() == tuple(names)
    assert list(b.faults.calls).count("issue token") == 1


@pytest.mark.parametrize("effect", [Effect.ANSWER, Effect.DROP, Effect.HANG])
def test_a_hiccup_of_keystone_is_lived_through(container, b, impatient, effect):
    """A point is not lost for want of a token in the one moment it is published."""
    b.faults.add(Fault("issue token", effect))

    container.put("group/p1", "one")

    assert container.names() == ("group/p1",)


def test_a_site_without_an_object_store_says_so(container, b):
    """Its catalog has none: another place has to be named."""
    b.objects.offered = False

    with pytest.raises(ManifestError) as none:
        container.put("group/p1", "one")

    assert str(none.value) == (
        f"swift://site-b/{CONTAINER}: cloud 'site-b' has no object store in its catalog"
    )


def test_an_unknown_cloud_is_told_with_those_there_are(sites):
    """A mistyped name is noticed when the place is first used."""
    store = open_manifests("swift://site-c/manifests")

    with pytest.raises(ManifestError, match=r"no cloud is named 'site-c'; there are"):
        store.names()


def test_a_site_that_was_away_is_signed_in_to_later(container, b, hasty):
    """While its Keystone is away the error names the place; then it works."""
    b.faults.add(Fault("issue token", Effect.ANSWER, status=503, times=None))
    with pytest.raises(ManifestError) as away:
        container.names()
    b.faults.clear()

    assert f"swift://site-b/{CONTAINER}: cannot sign in to cloud" in str(away.value)
    container.put("group/p1", "one")
    assert container.names() == ("group/p1",)


def test_the_loss_of_another_site_matters_to_nobody(container, sites):
    """Manifests at site b are there while no request to site a is answered."""
    sites.a.faults.add(Fault("*", Effect.DROP, times=None))

    container.put("group/p1", "one")

    assert container.get("group/p1") == "one"
    assert not sites.a.faults.calls


def test_a_point_is_known_where_its_site_is_lost(sites, container, tmp_path):
    """A run publishes it at the other site, and there it is listed and loaded."""
    sites.a.add_server("db")
    group = vnfdr.Group.of("ims", [vnfdr.Member("db", "sandbox")])
    group = evolve(group, manifests=container.place)
    site = vnfdr.connect("site-a")
    outcome = vnfdr.run(vnfdr.protect(site, group), site, journal=tmp_path / "runs")
    site.connection.close()
    sites.a.faults.add(Fault("*", Effect.DROP, times=None))

    (found,) = vnfdr.points(container.place)

    manifest = vnfdr.load_point(container.place, "latest")
    assert (found.point, found.whole) == (outcome.run, True)
    assert manifest.certificate == outcome.recovery_point.certificate


@pytest.mark.parametrize(
    "url",
    [
        "swift://",
        "swift://site-b",
        "swift://site-b/",
        "swift:///manifests",
        "swift://site-b/a//b",
        "swift://site-b/a/../b",
        "swift://site-b/a%2Fb",
        "swift://site-b/manifests?temp_url_sig=0123",
        "swift://site-b/manifests#top",
    ],
)
def test_a_place_that_cannot_be_is_refused_at_once(url):
    """Whoever mistypes a place is told what one looks like."""
    with pytest.raises(UnknownPlace, match="is swift://CLOUD/CONTAINER") as refused:
        open_manifests(url)

    assert "0123" not in str(refused.value)


@pytest.mark.parametrize("userinfo", ["me:secret", "secret", "me:sec%72et", ":secret"])
def test_credentials_in_a_place_are_refused_and_not_repeated(userinfo):
    """They belong in clouds.yaml: a place is printed, logged and journalled."""
    with pytest.raises(UnknownPlace, match=r"belong in clouds\.yaml") as no:
        open_manifests(f"swift://{userinfo}@site-b/manifests")

    assert "sec" not in str(no.value)


def test_a_place_is_called_by_its_url():
    """Whatever slash or capital was typed, messages have one name for it."""
    store = open_manifests("swift://site-b/manifests/of%20ours/")

    assert store.place == "swift://site-b/manifests/of%20ours"


def test_neither_token_nor_text_is_logged(container, b, caplog):
    """A log may be kept by anybody."""
    with caplog.at_level(logging.DEBUG):
        container.put("group/p1", "what a group is made of")
        container.get("group/p1")

    assert "PUT /manifests/group/p1.json: 201" in caplog.text
    assert "what a group is made of" not in caplog.text
    assert not [token for token in b.tokens if token in caplog.text]
