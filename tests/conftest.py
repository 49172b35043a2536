import pytest

from tests.fakes import FakeClock, FakeQuiesce, FakeSite, world_of
from vnfdr.model import Group, Member
from vnfdr.retry import wait_until


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


@pytest.fixture
def until():
    """Wait for something that has to come."""

    def wait(look, seconds=60.0):
        return wait_until(
            lambda: look() or None,
            what="what a test waits for",
            seconds_max=seconds,
            first_wait_seconds=0.005,
            wait_seconds_max=0.01,
        )

    return wait
