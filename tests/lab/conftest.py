"""The lab's sites and its group of three servers, for tests of the real thing.

A test here needs `tests/lab/lab up`. Without it the tests fail: a suite that skips
itself proves nothing.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import libvirt
import pytest
from openstack.connection import Connection
from openstack.exceptions import SDKException

import vnfdr
from tests.lab import cloud, guests
from tests.lab.aftermath import LEDGER, Ledger, Pauses, pytest_terminal_summary
from tests.lab.cloud import Member
from tests.lab.place import CLOUDS, connect, hypervisor
from tests.lab.upkeep import Inventory, inventory, remove_leftovers
from tests.processes import end
from vnfdr.cloud import Site
from vnfdr.model import BackupPolicy, Keep, Strategy

__all__ = ["pytest_terminal_summary"]

LOCAL = BackupPolicy(strategy=Strategy.NONE, keep=Keep.SNAPSHOTS)

CHILD = """
import sys, vnfdr
plan = vnfdr.load_plan(open(sys.argv[1]).read())
tell = lambda event: print(event.happening.value, event.key, flush=True)
site = vnfdr.connect("site-a")
outcome = vnfdr.run(plan, site, journal=sys.argv[2], listeners=[tell])
print("verdict", outcome.verdict.value, flush=True)
"""

os.environ["OS_CLIENT_CONFIG_FILE"] = str(CLOUDS)


def connected(name: str) -> Connection:
    """Return a connection to a site of the lab; fail where it is not up."""
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
    return connected("site-a")


@pytest.fixture(scope="session")
def site_b() -> Connection:
    """The site where the group comes back, as its administrator."""
    return connected("site-b")


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


@pytest.fixture(scope="module")
def all_domains(group: tuple[Member, ...]) -> Iterator[dict[int, libvirt.virDomain]]:
    """The group's guests by id."""
    with hypervisor("site-a") as connection:
        yield {m.guest: guests.domain_of(connection, m.server_id) for m in group}


@pytest.fixture
def domains(
    group: tuple[Member, ...],
) -> Iterator[dict[int, libvirt.virDomain]]:
    """The group's guests by id; whatever a test does, they end thawed."""
    with hypervisor("site-a") as connection:
        found = {m.guest: guests.domain_of(connection, m.server_id) for m in group}
        yield found
        guests.thaw_everything(found.values())


@pytest.fixture
def before(site_a: Connection, group: tuple[Member, ...]) -> Iterator[Inventory]:
    """What was at site a before the test; all that comes later is removed."""
    assert group, "booting the group leaves things behind that shall stay"
    found = inventory(site_a)
    yield found
    remove_leftovers(site_a, found)


@pytest.fixture
def local(vnf: vnfdr.Group) -> vnfdr.Group:
    """The group, for a recovery point that stays on the site: it is quick."""
    return attrs.evolve(vnf, backup=LOCAL)


@pytest.fixture
def pauses(domains: dict[int, libvirt.virDomain]) -> Pauses:
    """How long guests stand still in a test, by their own records."""
    return Pauses.since_now(domains)


@pytest.fixture(scope="session")
def ledger(request: pytest.FixtureRequest) -> Ledger:
    """Where it is written down what guests went through."""
    return request.config.stash.setdefault(LEDGER, Ledger())


Doomed = Callable[[vnfdr.Plan], "subprocess.Popen[str]"]


@pytest.fixture
def doomed(tmp_path: Path) -> Iterator[Doomed]:
    """Start a process that carries a plan out; it is killed at the end of the test."""
    started: list[subprocess.Popen[str]] = []

    def start(plan: vnfdr.Plan) -> "subprocess.Popen[str]":
        path = tmp_path / "plan.json"
        path.write_text(vnfdr.dump_plan(plan))
        command = [sys.executable, "-c", CHILD, str(path), str(tmp_path / "runs")]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        started.append(child)
        return child

    yield start
    for child in started:
        end(child)
