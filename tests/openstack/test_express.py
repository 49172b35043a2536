"""Once connections are warm, a window's requests go by a shorter way: the same ones."""

import json

import pytest

from vnfdr.errors import AnswerLost, Forbidden


def request_snapshot(site):
    return site.snapshots.request("v1", tag="t", metadata={})


@pytest.fixture
def made(cinder):
    """A snapshot that Cinder makes."""
    snapshot = {"id": "s1", "volume_id": "v1", "status": "creating", "metadata": {}}
    return lambda: cinder.post("/snapshots", json={"snapshot": snapshot})


@pytest.fixture
def warm(cinder):
    """Open a site's connections."""

    def warm(site):
        cinder.get("/snapshots", json={"snapshots": []})
        site.warm(1)

    return warm


def test_a_request_looks_the_same_by_either_way(site, cinder, made, warm):
    """Address, body and headers; but for its own id."""
    made()
    request_snapshot(site)
    warm(site)
    made()
    request_snapshot(site)

    cold, quick = cinder.requests("POST")
    its_own = "x-openstack-request-id"
    seen = [{k.lower(): v for k, v in r.headers.items()} for r in (cold, quick)]
    assert seen[0].pop(its_own) != seen[1].pop(its_own)
    assert seen[0] == seen[1]
    assert quick.url == cold.url
    assert json.loads(quick.body) == json.loads(cold.body)


@pytest.mark.parametrize(("status", "error"), [(403, Forbidden), (503, AnswerLost)])
def test_a_refusal_means_the_same_by_either_way(site, cinder, warm, status, error):
    """And it is not asked a second time."""
    warm(site)
    cinder.refuse("POST", "/snapshots", status, "no")

    with pytest.raises(error, match="snapshot volume 'v1'"):
        request_snapshot(site)

    assert len(cinder.requests("POST")) == 1
