"""After a crash guests are thawed through libvirt, with the cloud or without it."""

import pytest
from attrs import evolve

import vnfdr
from tests.dead import plan_of
from tests.fakes import FakeSite
from vnfdr.errors import Retryable, UnknownCloud
from vnfdr.model import Guest
from vnfdr.plan.declaration import declare
from vnfdr.plan.worker import Prepared

HERE, THERE = "qemu://a/system", "qemu://b/system"


@pytest.fixture
def frozen(hosts, cloud, nova):
    """A guest that a run has left frozen on one of two hosts."""
    guest, domain = hosts.add(uri=HERE, frozen=True)
    hosts.domains[THERE] = {}
    cloud.settings["libvirt"] = {"uri": "qemu://{host}/system"}
    nova.add(host="a")
    return guest, domain


@pytest.fixture
def journals(tmp_path, frozen):
    """The journal of that run."""
    site = FakeSite()
    site.add_server("db")
    plan = plan_of(site, "p1", "db")
    journals = vnfdr.open_journals(tmp_path)
    window = plan.window
    hold = evolve(window.holds[0], backend="libvirt", guest=Guest("s-db", "db", HERE))
    there = evolve(window, tiers=((hold,),))
    plan = evolve(plan, phases=(there, *plan.phases[1:]))
    with journals.begin(plan) as journal:
        journal.append(*declare(there, Prepared({}, {})))
    return journals


def out_of_reach(name):
    raise UnknownCloud(f"{name} does not answer")


def test_a_guest_is_thawed_by_its_address_while_keystone_is_down(frozen, journals):
    """The plan says where it is; nobody else is asked."""
    _, domain = frozen

    (found,) = vnfdr.recover_runs(journals, site=out_of_reach)

    assert (domain.frozen, found.frozen) == (False, ())
    assert found.state == "not resumed"


def test_a_guest_is_thawed_by_its_address_while_nova_is_down(
    frozen, journals, cloud, nova
):
    """What Nova would say is not needed for it."""
    _, domain = frozen
    nova.troubles["get"] = [Retryable("unwell")] * 999

    vnfdr.recover_runs(journals, site=lambda name: cloud)

    assert not domain.frozen


def test_a_guest_that_moved_is_thawed_where_it_is(frozen, journals, cloud, nova, hosts):
    """Its freeze moved with it, and Nova knows where to."""
    guest, _ = frozen
    domain = hosts.move(guest, THERE)
    nova.change(guest, host="b")

    (found,) = vnfdr.recover_runs(journals, site=lambda name: cloud)

    assert not domain.frozen
    assert found.frozen == ()


def test_a_guest_that_moved_while_the_cloud_is_down_is_named(frozen, journals, hosts):
    """Nobody knows where it is: that is told, and is tried again the next time."""
    guest, _ = frozen
    domain = hosts.move(guest, THERE)

    (found,) = vnfdr.recover_runs(journals, site=out_of_reach)

    assert domain.frozen
    assert found.frozen == ("db",)
    assert [run.unfinished for run in journals.summaries()] == [True]
