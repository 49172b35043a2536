"""Once connections are warm, a window's requests go by a shorter way: the same ones."""

import json

import pytest

from vnfdr.errors import AnswerLost, Forbidden

ITS_OWN = {"x-openstack-request-id", "accept-encoding"}
"""What is another for each request; and nothing is compressed on the shorter way."""

ODD = ["it's", "two\nlines", "../..", "100 % & c=d+e #1", "日本 🧊", "back\\slash"]


def request_snapshot(site):
    return site.snapshots.request("v1", tag="t", metadata={"of": "日本"})


def seen_of(asked):
    """Return all of a request but its own id."""
    headers = {n: v for n, v in asked.headers.items() if n not in ITS_OWN}
    content = json.loads(asked.content) if asked.content else None
    return asked.path, headers, content


@pytest.fixture
def cold(local):
    """A site as it is at first."""
    return local()


@pytest.fixture
def warm(local):
    """A site whose connections are open for a window."""
    site = local()
    site.warm(2)
    return site


def test_a_request_looks_the_same_by_either_way(cold, warm, listening):
    """Address, body and headers; but for its own id."""
    request_snapshot(cold)

    assert request_snapshot(warm) == "s1"

    usual, quick = listening.posts
    assert seen_of(usual) == seen_of(quick)
    ids = {asked.headers["x-openstack-request-id"] for asked in listening.posts}
    assert len(ids) == 2


@pytest.mark.parametrize("point", ODD)
def test_a_look_asks_the_same_by_either_way(cold, warm, listening, point):
    """Whatever a recovery point is called."""
    cold.snapshots.look(point)

    assert warm.snapshots.look(point) == ()

    usual, quick = listening.looks
    assert seen_of(usual) == seen_of(quick)


@pytest.mark.parametrize(("status", "error"), [(403, Forbidden), (503, AnswerLost)])
def test_a_refusal_means_the_same_by_either_way(warm, listening, status, error):
    """And it is not asked a second time."""
    listening.refusals.append(status)

    with pytest.raises(error, match="snapshot volume 'v1'"):
        request_snapshot(warm)

    assert len(listening.posts) == 1


@pytest.mark.parametrize("status", [401, 307])
def test_a_token_that_has_ended_leads_back_to_the_usual_way(warm, listening, status):
    """So does a service that has moved: nothing was done, and it is asked again."""
    listening.refusals.append(status)

    assert request_snapshot(warm) == "s1"

    assert len(listening.posts) == 2
    opened = listening.connections
    request_snapshot(warm)
    assert listening.connections == opened


def test_a_connection_that_was_closed_meanwhile_is_not_used(warm, listening):
    """A service hangs up on who is silent for long: then the usual way is gone."""
    listening.drop()

    assert request_snapshot(warm) == "s1"

    assert len(listening.posts) == 1
