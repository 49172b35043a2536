import logging
import signal

import pytest

import vnfdr
from tests.fakes import FakeClock, FakeQuiesce, FakeSite, world_of
from vnfdr.model import Group, Member
from vnfdr.retry import wait_until


def pytest_configure() -> None:
    """Let Ctrl-C reach what tests start, though a background job ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def usual_log_level():
    """Take back what a command line said about logging: it is for a whole process."""
    ours = logging.getLogger("vnfdr")
    before = ours.level
    yield
    ours.setLevel(before)


@pytest.fixture
def usual_signals():
    """Have signals heard, here and in children, also where we run in the background."""
    usual = {signal.SIGINT: signal.default_int_handler}
    usual |= dict.fromkeys((signal.SIGTERM, signal.SIGHUP), signal.SIG_DFL)
    before = {number: signal.signal(number, how) for number, how in usual.items()}
    yield
    for number, how in before.items():
        signal.signal(number, how)


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

    def wait(look, seconds=300.0):
        return wait_until(
            lambda: look() or None,
            what="what a test waits for",
            seconds_max=seconds,
            first_wait_seconds=0.005,
            wait_seconds_max=0.01,
        )

    return wait


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL for all tests of one process."""
    # Only who needs it pays for it.
    from tests.postgres import Server  # noqa: PLC0415

    with Server() as server:
        yield server


@pytest.fixture(params=["directory", "postgresql"])
def journals(request, tmp_path, monkeypatch):
    """Each kind of place where journals are kept."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    if request.param == "directory":
        return vnfdr.open_journals(tmp_path / "runs")
    return vnfdr.open_journals(request.getfixturevalue("postgres").new())


@pytest.fixture
def directory(tmp_path):
    """Journals in a directory."""
    return vnfdr.open_journals(tmp_path / "runs")
