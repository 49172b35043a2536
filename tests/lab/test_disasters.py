"""Whatever dies, hangs or is cut off in a window: guests thaw, and all of it is told.

On a real cloud. What the guests went through is printed at the end.
"""

import contextlib
import os
import random
import select
import signal
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest
import yaml

import vnfdr
from tests.lab import guests
from tests.lab.aftermath import all_thawed, is_rolled_back
from tests.lab.place import CLOUDS, SCRIPT, STATE, hypervisor, lab, until
from tests.lab.proxy import AFTER, BEFORE, Cut, relay
from tests.lab.upkeep import leftovers
from tests.processes import Helpers
from vnfdr.openstack import snapshots
from vnfdr.plan import Happening

KILLS = int(os.environ.get("KILLS", "5"))
WINDOW_SECONDS = 2.2
"""About how long a window lasts here, with what surrounds it."""

GRACE_SECONDS = 2.0
"""How much longer than its lease a guest may stand still, whatever happens."""

CINDER = "127.0.0.1:18776"

LAST = 13
"""The guest that is frozen last."""


@pytest.fixture
def short(local):
    """The group, with a lease that a test can wait for."""
    tiers = tuple(
        tuple(attrs.evolve(m, freeze_timeout_seconds=3.0) for m in tier)
        for tier in local.tiers
    )
    limits = {"hold_limit_seconds": 8.0, "lease_seconds": 10.0}
    return attrs.evolve(local, tiers=tiers, **limits)


@pytest.fixture
def meanwhile(site, tmp_path):
    """Carry a plan out, and do something once its window has been declared."""

    def run(plan, act):
        opened = threading.Event()

        def notice(event):
            if event.happening is Happening.STARTED and event.key.endswith(":window"):
                opened.set()

        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(
                vnfdr.run,
                plan,
                site,
                journal=tmp_path / "runs",
                listeners=(notice,),
                preflight=False,
            )
            until(lambda: opened.is_set() or running.done(), every_seconds=0.01)
            assert opened.is_set(), running.result()
            act()
            return running.result()

    return run


@pytest.fixture
def all_frozen(domains):
    """Wait until the last guest is frozen."""
    return lambda: until(
        lambda: guests.frozen_status(domains[LAST]) == "frozen", every_seconds=0.01
    )


def is_honest(outcome, site_a, before, domains):
    """Check that nobody is frozen, and that what is left was wanted, or is named."""
    assert all_thawed(domains)
    left = leftovers(site_a, before)
    if outcome.verdict is vnfdr.Verdict.COMMITTED:
        assert outcome.certificate.consistent
        assert len(left) == len(outcome.recovery_point.volumes)
        return True
    return is_rolled_back(outcome, site_a, before, domains)


def read_until(child, wanted):
    """Read what a child prints until it prints what is wanted."""
    for line in child.stdout:
        if wanted in line:
            return line
    pytest.fail(f"the run ended without {wanted!r}")


@pytest.mark.parametrize("seed", range(KILLS))
def test_killed_at_any_instant(
    seed, local, site, doomed, tmp_path, site_a, before, domains, pauses, ledger
):
    """``kill -9`` of the controller: guests thaw at once; the rest is taken back."""
    instant = random.Random(seed).uniform(0, WINDOW_SECONDS)  # noqa: S311 - as good
    plan = vnfdr.protect(site, local)
    child = doomed(plan)
    read_until(child, f"{plan.id}:window")
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(instant)
    helpers = [os.pidfd_open(pid) for pid in Helpers(child.pid).pids().values()]

    child.kill()

    until(lambda: all_thawed(domains), every_seconds=0.02)
    for helper in helpers:
        assert select.select([helper], [], [], 60.0)[0]
        os.close(helper)
    outcome = vnfdr.resume(plan.id, site, journal=tmp_path / "runs")
    worst = pauses.worst()
    ledger.note(f"controller killed {instant:.2f} s into the window", worst, outcome)
    assert worst < plan.window.lease_seconds + GRACE_SECONDS
    assert is_honest(outcome, site_a, before, domains)


def test_a_controller_that_is_stopped_for_longer_than_its_lease(
    short, site, doomed, all_frozen, site_a, before, domains, pauses, ledger, tmp_path
):
    """Nobody waits for it: the window is worked, and it finds the result."""
    plan = vnfdr.protect(site, short)
    child = doomed(plan)
    all_frozen()

    child.send_signal(signal.SIGSTOP)
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(plan.window.lease_seconds + 1)

    assert all_thawed(domains)
    worst = pauses.worst()
    child.send_signal(signal.SIGCONT)
    assert read_until(child, "verdict ") == "verdict committed\n"
    outcome = vnfdr.resume(plan.id, site, journal=tmp_path / "runs")
    ledger.note("controller stopped for longer than its lease", worst, outcome)
    assert worst < WINDOW_SECONDS + GRACE_SECONDS
    assert is_honest(outcome, site_a, before, domains)


def test_a_worker_that_is_stopped_is_killed_and_thawed_behind(
    short, site, meanwhile, all_frozen, site_a, before, domains, pauses, ledger
):
    """It cannot wake up and freeze anybody again, nor call the point consistent."""
    plan = vnfdr.protect(site, short)

    def stop():
        all_frozen()
        os.kill(until(lambda: Helpers(os.getpid()).pid("working")), signal.SIGSTOP)

    outcome = meanwhile(plan, stop)

    worst = pauses.worst()
    ledger.note("worker stopped for longer than its lease", worst, outcome)
    assert plan.window.lease_seconds - GRACE_SECONDS < worst
    assert worst < plan.window.lease_seconds + GRACE_SECONDS
    assert not outcome.certificate.consistent
    assert is_rolled_back(outcome, site_a, before, domains)


def test_a_hypervisor_daemon_that_restarts_in_the_window(
    local, site, meanwhile, all_frozen, site_a, before, domains, pauses, ledger
):
    """Its guests stay frozen without it; they are thawed as soon as it is back."""
    plan = vnfdr.protect(site, local)

    def restart():
        all_frozen()
        lab("stop", "libvirtd-a")
        lab("start", "libvirtd-a")

    outcome = meanwhile(plan, restart)

    with hypervisor("site-a") as again:
        uuids = {guest: domain.UUID() for guest, domain in domains.items()}
        domains.update({g: again.lookupByUUID(uuid) for g, uuid in uuids.items()})
        worst = pauses.worst()
        ledger.note("libvirtd stopped and started in the window", worst, outcome)
        assert worst < plan.window.lease_seconds + GRACE_SECONDS
        assert is_honest(outcome, site_a, before, domains)


HANG = """
seen=$(wc -l </run/freeze.log)
while [ "$(wc -l </run/freeze.log)" = "$seen" ]; do sleep 0.02; done
sleep {pause}; kill -STOP $(pidof qemu-ga); sleep 8; kill -CONT $(pidof qemu-ga)
"""


@pytest.mark.parametrize(
    ("moment", "pause"), [("during the freeze", 0), ("after the freeze", 0.6)]
)
def test_an_agent_that_hangs_in_the_window(
    moment, pause, short, site, meanwhile, site_a, before, domains, pauses, ledger
):
    """It is thawed as soon as it can be, and whatever it froze late as well."""
    plan = vnfdr.protect(site, short)
    guests.run(domains[LAST], "touch /run/freeze.log")
    guests.spawn(domains[LAST], HANG.format(pause=pause))

    outcome = meanwhile(plan, lambda: None)

    worst = pauses.worst()
    ledger.note(f"agent hung for 8 s {moment}", worst, outcome)
    assert worst < plan.window.lease_seconds + GRACE_SECONDS
    assert is_honest(outcome, site_a, before, domains)


def test_a_freeze_that_comes_late_is_thawed_all_the_same(
    short, site, meanwhile, site_a, before, domains, pauses, ledger
):
    """The storage hangs until the freeze has timed out, and then lets it happen."""
    plan = vnfdr.protect(site, short)
    hang = f"{SCRIPT} pause ceph-osd; sleep 5; {SCRIPT} resume ceph-osd"
    hanging = []

    outcome = meanwhile(
        plan, lambda: hanging.append(subprocess.Popen(["/bin/sh", "-c", hang]))
    )

    hanging[0].wait()
    until(lambda: all_thawed(domains))
    worst = pauses.worst()
    ledger.note("storage hung for 5 s from the first freeze on", worst, outcome)
    assert worst < plan.window.lease_seconds + GRACE_SECONDS
    assert is_honest(outcome, site_a, before, domains)


def test_an_api_that_is_killed_during_the_snapshots(
    local,
    site,
    meanwhile,
    all_frozen,
    site_a,
    before,
    domains,
    pauses,
    ledger,
    tmp_path,
    monkeypatch,
):
    """Guests do not wait for it; what it had made is found and taken back.

    A snapshot that it had written down, and had asked nobody to make, is named.
    """
    monkeypatch.setattr(snapshots, "BUSY_SECONDS_MAX", 60.0)
    plan = vnfdr.protect(site, local)

    def kill():
        all_frozen()
        lab("kill", "cinder-api-a")
        try:
            until(lambda: all_thawed(domains))
        finally:
            lab("start", "cinder-api-a")

    outcome = meanwhile(plan, kill)

    worst = pauses.worst()
    ledger.note("cinder-api killed during the snapshots", worst, outcome)
    assert worst < plan.window.lease_seconds + GRACE_SECONDS
    if outcome.verdict is vnfdr.Verdict.STRANDED:
        reset_what_is_never_made(site_a, outcome)
        outcome = vnfdr.resume(plan.id, site, journal=tmp_path / "runs")
    assert is_honest(outcome, site_a, before, domains)


def reset_what_is_never_made(site_a, outcome):
    """Do what the reasons say, as an administrator."""
    for left in outcome.leftovers:
        assert left.receipt.kind == "snapshot"
        assert "have an administrator set its status to error" in left.reason
        assert site_a.block_storage.get_snapshot(left.receipt.id).status == "creating"
        site_a.block_storage.reset_snapshot_status(left.receipt.id, "error")


@pytest.fixture
def cut_off(tmp_path, monkeypatch):
    """Reach Cinder by a network of which one request is cut off, once."""
    clouds = yaml.safe_load(CLOUDS.read_text())

    @contextlib.contextmanager
    def way(cut):
        with relay(CINDER, cut) as address:
            site = clouds["clouds"]["site-a"]
            site["block_storage_endpoint_override"] = f"http://{address}/v3"
            path = tmp_path / "clouds.yaml"
            path.write_text(yaml.safe_dump(clouds))
            monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(path))
            yield vnfdr.connect("site-a")

    return way


@pytest.mark.parametrize("when", [BEFORE, AFTER])
def test_a_network_that_is_cut_during_the_snapshots(
    when, local, cut_off, tmp_path, site_a, before, domains, pauses, ledger
):
    """A request that was not heard ends the window; a lost answer does not."""
    cut = Cut("POST", "/snapshots", 3, when)
    with cut_off(cut) as site:
        plan = vnfdr.protect(site, local)
        outcome = vnfdr.run(plan, site, journal=tmp_path / "runs")

    worst = pauses.worst()
    ledger.note(f"network cut off {when}", worst, outcome)
    assert cut.made
    assert (outcome.verdict is vnfdr.Verdict.COMMITTED) == (when == AFTER)
    assert worst < plan.window.lease_seconds + GRACE_SECONDS
    assert is_honest(outcome, site_a, before, domains)


def test_a_guest_that_changes_its_host_is_found_out(
    local, site, meanwhile, all_frozen, site_a, before, domains, pauses, ledger, group
):
    """As a live migration would: here is one host, so Nova is told of another."""
    plan = vnfdr.protect(site, local)

    def move(host):
        one = group[0].server_id
        _sql(f"update instances set host='{host}' where uuid='{one}'")  # noqa: S608 - ours

    try:
        outcome = meanwhile(plan, lambda: (all_frozen(), move("elsewhere")))
    finally:
        move("compute-a")

    worst = pauses.worst()
    ledger.note("host of a server changed in the window", worst, outcome)
    assert not outcome.certificate.consistent
    assert worst < WINDOW_SECONDS + GRACE_SECONDS
    assert is_rolled_back(outcome, site_a, before, domains)


def _sql(statement):
    socket = STATE / "mysql" / "mysql.sock"
    command = ["mariadb", f"--socket={socket}", "-u", "root", "nova_a", "-e", statement]
    subprocess.run(command, check=True, capture_output=True)
