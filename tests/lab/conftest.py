"""The lab's sites and its group of three servers, for tests of the real thing.

A test here needs `tests/lab/lab up`. Without it the tests fail: a suite that skips
itself proves nothing.
"""

import os
from collections.abc import Iterator

import libvirt
import pytest
from openstack.connection import Connection
from openstack.exceptions import SDKException

import vnfdr
from tests.lab import cloud, guests
from tests.lab.cloud import Member
from tests.lab.place import CLOUDS, connect, hypervisor
from tests.lab.upkeep import Inventory, inventory, remove_leftovers
from vnfdr.cloud import Site

os.environ["OS_CLIENT_CONFIG_FILE"] = str(CLOUDS)


def _connected(name: str) -> Connection:
    try:
        connection = connect(name)
        connection.authorize()
    except SDKException as error:
        reason = str(error)
    else:
        return connection
    pytest.fail(f"{name} is not up: run tests/lab/lab up ({reason})", pytrace=False)


@pytest.fixture(scope="session")
def site_a() -> Connection:
    """The site where the group lives, as its administrator."""
    return _connected("site-a")


@pytest.fixture(scope="session")
def site_b() -> Connection:
    """The site where the group comes back, as its administrator."""
    return _connected("site-b")


@pytest.fixture(scope="session")
def group(site_a: Connection) -> tuple[Member, ...]:
    """Three servers of two volumes each, in the order in which they are frozen."""
    return cloud.group(site_a)


@pytest.fixture(scope="session")
def site(site_a: Connection) -> Site:
    """The same site, as vnfdr sees it."""
    assert site_a
    return vnfdr.connect("site-a")


@pytest.fixture(scope="session")
def vnf(group: tuple[Member, ...]) -> vnfdr.Group:
    """The same three servers, as a script names them."""
    return vnfdr.Group.of("ims-core", [member.name for member in group])


@pytest.fixture(scope="session")
def all_domains(group: tuple[Member, ...]) -> Iterator[dict[int, libvirt.virDomain]]:
    """The group's guests by id."""
    with hypervisor("site-a") as connection:
        yield {m.guest: guests.domain_of(connection, m.server_id) for m in group}


@pytest.fixture
def domains(
    all_domains: dict[int, libvirt.virDomain],
) -> Iterator[dict[int, libvirt.virDomain]]:
    """The group's guests by id; whatever a test does, they end thawed."""
    yield all_domains
    guests.thaw_everything(all_domains.values())


@pytest.fixture
def before(site_a: Connection, group: tuple[Member, ...]) -> Iterator[Inventory]:
    """What was at site a before the test; all that comes later is removed."""
    assert group, "booting the group leaves things behind that shall stay"
    found = inventory(site_a)
    yield found
    remove_leftovers(site_a, found)
