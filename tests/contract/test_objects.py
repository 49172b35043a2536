"""Containers and their objects, which is where manifests may be kept."""

import hashlib
from urllib.parse import quote

import pytest
import requests

CONTAINER = "/contract%20of%20objects"
ODD = "a%20%25%2F%C3%A4.json"
"""A name with a space, a percent sign, a slash and a letter that is no ASCII."""


def empty(swift):
    """Remove the container, and what it has."""
    for entry in listed(swift) if swift.head(CONTAINER).ok else ():
        assert swift.delete(f"{CONTAINER}/{quote(entry['name'])}").status_code == 204
    assert swift.delete(CONTAINER).status_code in {204, 404}


def listed(swift, **query):
    answer = swift.get(CONTAINER, params={"format": "json", **query})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("application/json")
    return answer.json()


def names(swift, **query):
    return [entry["name"] for entry in listed(swift, **query)]


def kept(swift, name, data=b"{}"):
    answer = swift.put(f"{CONTAINER}/{name}", data=data)
    assert answer.status_code == 201, answer.text
    return answer


@pytest.fixture
def nowhere(cloud):
    """Swift, without the container."""
    empty(cloud.admin.swift)
    yield cloud.admin.swift
    empty(cloud.admin.swift)


@pytest.fixture
def swift(nowhere):
    """Swift, with the container, and nothing in it."""
    assert nowhere.put(CONTAINER).status_code == 201
    return nowhere


def test_a_container_is_made_and_may_be_made_again(nowhere):
    """Making it twice leaves what making it once does, and nobody else reads it."""
    answers = [nowhere.put(CONTAINER), nowhere.put(CONTAINER)]

    shown = nowhere.head(CONTAINER)
    assert [answer.status_code for answer in answers] == [201, 202]
    assert shown.status_code == 204
    assert "X-Container-Read" not in shown.headers
    assert listed(nowhere) == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("HEAD", CONTAINER),
        ("GET", CONTAINER),
        ("POST", CONTAINER),
        ("DELETE", CONTAINER),
        ("PUT", f"{CONTAINER}/x"),
        ("GET", f"{CONTAINER}/x"),
        ("HEAD", f"{CONTAINER}/x"),
        ("DELETE", f"{CONTAINER}/x"),
    ],
)
def test_without_its_container_nothing_is_found(nowhere, method, path):
    """It is Swift that says so, which a request id shows."""
    answer = nowhere.request(path, method)

    assert answer.status_code == 404
    assert answer.headers["x-openstack-request-id"]


@pytest.mark.parametrize("user", ["admin", "member"])
def test_an_object_is_kept_as_it_was_put(cloud, swift, user):
    """An ordinary user puts, lists, reads and deletes it as an administrator does."""
    theirs, data = getattr(cloud, user).swift, "é€".encode()
    md5 = hashlib.md5(data).hexdigest()  # noqa: S324 - what Swift compares
    headers = {"Content-Type": "application/json", "ETag": md5}

    put = theirs.put(f"{CONTAINER}/group/x.json", data=data, headers=headers)

    read = theirs.get(f"{CONTAINER}/group/x.json", headers={"X-Newest": "true"})
    (entry,) = listed(theirs)
    assert (put.status_code, put.headers["ETag"].strip('"')) == (201, md5)
    assert (read.status_code, read.content) == (200, data)
    assert read.headers["ETag"].strip('"') == md5
    assert (entry["name"], entry["bytes"]) == ("group/x.json", len(data))
    assert theirs.delete(f"{CONTAINER}/group/x.json").status_code == 204


def test_an_object_takes_the_place_of_another(swift):
    """There is one of a name, and it is the last one."""
    kept(swift, "x", b"one")
    kept(swift, "x", b"two")

    assert swift.get(f"{CONTAINER}/x").content == b"two"
    assert names(swift) == ["x"]


def test_a_name_may_have_any_characters(swift):
    """It is listed as it was put."""
    kept(swift, ODD)

    assert names(swift) == ["a %/ä.json"]
    assert swift.get(f"{CONTAINER}/{ODD}").content == b"{}"


def test_other_bytes_than_were_announced_are_refused(swift):
    """What was there before is there still."""
    kept(swift, "x", b"before")

    answer = swift.put(f"{CONTAINER}/x", data=b"after", headers={"ETag": "0" * 32})

    assert answer.status_code == 422
    assert swift.get(f"{CONTAINER}/x").content == b"before"


def test_objects_are_listed_in_order_and_in_pages(swift):
    """Whoever goes on after the last name sees each of them once."""
    for name in ("b/2", "a/1", "b/1", "c"):
        kept(swift, name)

    assert names(swift) == ["a/1", "b/1", "b/2", "c"]
    assert names(swift, limit="2") == ["a/1", "b/1"]
    assert names(swift, limit="2", marker="b/1") == ["b/2", "c"]
    assert names(swift, marker="c") == []


def test_objects_are_listed_by_how_they_begin(swift):
    """A prefix narrows a list, and a delimiter folds what begins alike."""
    for name in ("b/2", "a/1", "b/1", "bb"):
        kept(swift, name)

    folded = listed(swift, delimiter="/")

    assert names(swift, prefix="b/") == ["b/1", "b/2"]
    assert names(swift, prefix="b/", marker="b/1") == ["b/2"]
    assert names(swift, prefix="nothing/") == []
    assert [e.get("subdir", e.get("name")) for e in folded] == ["a/", "b/", "bb"]


def test_an_object_is_deleted_once(swift):
    """The second time there is nothing to delete."""
    kept(swift, "x")

    answers = [swift.delete(f"{CONTAINER}/x") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 404]
    assert swift.get(f"{CONTAINER}/x").status_code == 404
    assert listed(swift) == []


def test_a_container_with_something_in_it_stays(swift):
    """It has to be emptied first."""
    kept(swift, "x")

    assert swift.delete(CONTAINER).status_code == 409
    assert names(swift) == ["x"]


def test_who_may_read_a_container_is_shown(swift):
    """All the world, until that is taken back."""
    opened = swift.post(CONTAINER, headers={"X-Container-Read": ".r:*"})
    shown = swift.head(CONTAINER).headers.get("X-Container-Read")
    closed = swift.post(CONTAINER, headers={"X-Container-Read": ""})

    assert (opened.status_code, closed.status_code) == (204, 204)
    assert shown == ".r:*"
    assert not swift.head(CONTAINER).headers.get("X-Container-Read")


def test_a_token_that_is_none_opens_nothing(swift):
    """Whoever has a wrong one is told to get another."""
    url = f"{swift.get_endpoint()}{CONTAINER}/x"
    wrong = {"X-Auth-Token": "gAAAAABnothing"}

    for method in ("GET", "PUT", "DELETE"):
        answer = requests.request(method, url, headers=wrong, timeout=30)

        assert answer.status_code == 401


def test_somebody_elses_account_is_closed(swift):
    """A token opens the account of its project, and no other."""
    url = swift.get_endpoint().rpartition("/")[0]

    answer = swift.get(f"{url}/AUTH_{'0' * 32}/c")

    assert answer.status_code == 403
