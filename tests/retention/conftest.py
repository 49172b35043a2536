import pytest

from tests.fakes import FakeJournal, Wire
from tests.retention.shelf import Shelf


@pytest.fixture
def shelf(tmp_path):
    """A group of one server with two volumes, whose points are kept in a directory."""
    shelf = Shelf(tmp_path / "place")
    shelf.site.add_server("db")
    return shelf


@pytest.fixture
def prune(shelf, clock):
    """Remove what a policy does not keep."""
    return lambda **counts: shelf.prune(FakeJournal(Wire()), clock, **counts)
