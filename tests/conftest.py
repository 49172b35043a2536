import signal

import pytest

from tests.fakes import FakeClock, FakeQuiesce, FakeSite, world_of
from vnfdr.model import Group, Member


def pytest_configure() -> None:
    """Let Ctrl-C reach what tests start, though a background job ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def site():
    """A site with three servers of two volumes each, all at work."""
    site = FakeSite()
    for name in ("db", "app", "lb"):
        site.add_server(name)
    return site


@pytest.fixture
def backend(site):
    """The quiesce backend that reaches the site's guests."""
    return FakeQuiesce(site)


@pytest.fixture
def world(site, backend):
    """The world that steps work on."""
    return world_of(site, backend)


@pytest.fixture
def group():
    """The three servers, frozen one after another."""
    return Group.of("vnf", [Member(name, "fake") for name in ("db", "app", "lb")])


@pytest.fixture
def clock():
    """Time that passes only when somebody looks or waits."""
    return FakeClock()
