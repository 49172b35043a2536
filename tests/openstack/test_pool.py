"""Connections, on real sockets: no fake has a pool."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.openstack.listening import AT_ONCE
from vnfdr.errors import AnswerLost, Retryable


@pytest.fixture
def cinder(listening):
    """A Cinder on a real socket."""
    return listening


@pytest.fixture(params=["cold", "warm"])
def local(request, local):
    """Sign in to a site there; its connections may be open already."""

    def sign_in(**told):
        site = local(**told)
        if request.param == "warm":
            site.warm(1)
        return site

    return sign_in


def test_a_window_opens_no_connection_once_it_is_warm(local, cinder):
    """All snapshots of a large group are asked for at once, over what is open."""
    site = local()
    site.warm(AT_ONCE)
    opened = cinder.connections
    assert opened >= AT_ONCE

    cinder.meeting = Barrier(AT_ONCE)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(site.snapshots.look, ["p1"] * AT_ONCE))

    assert cinder.connections == opened


def test_a_request_that_is_heard_and_not_answered_is_made_once(local, cinder):
    """A read timeout is not a failed connection, whatever clouds.yaml retries."""
    site = local()
    site.snapshots.look("p1")
    site.connection.session.timeout = 0.2
    cinder.may_answer.clear()

    with pytest.raises(AnswerLost, match=r"no answer from 127.0.0.1"):
        site.snapshots.request("v1", tag="t", metadata={})

    assert cinder.heard.wait(30)
    assert len(cinder.posts) == 1


def test_a_connection_that_breaks_is_a_lost_answer(local, cinder):
    """The service may have done it before it fell over."""
    site = local()
    cinder.breaks_off = True

    with pytest.raises(AnswerLost):
        site.snapshots.request("v1", tag="t", metadata={})

    assert len(cinder.posts) == 1


def test_a_port_that_nobody_listens_on_did_nothing(local, cinder):
    """A refused connection is the one failure that proves nothing was done."""
    site = local()
    cinder.hang_up()

    with pytest.raises(Retryable, match="Connection refused"):
        site.snapshots.request("v1", tag="t", metadata={})


def test_a_proxy_of_the_environment_is_gone_through(local, cinder, monkeypatch):
    """Who reaches the cloud through a proxy says so as for every other program."""
    monkeypatch.setenv("http_proxy", cinder.url)

    site = local(url="http://cinder.test")

    assert site.snapshots.look("p1") == ()
    assert cinder.connections > 0
