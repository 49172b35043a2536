import pytest

import vnfdr
from tests.fakes import FakeClock, FakeQuiesce, FakeSite, world_of
from vnfdr.model import Group, Member


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
