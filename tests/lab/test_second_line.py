"""The controller is lost with guests frozen: they thaw all the same. For real."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import attrs
import pytest
import yaml

import vnfdr
from tests.lab import guests, upkeep
from tests.lab.aftermath import wait_for_records
from tests.lab.conftest import CHILD
from tests.lab.place import CLOUDS, lab, until
from tests.lab.records import gaps, last_number
from tests.lab.sshd import sshd
from tests.lab.test_crashes import resume
from vnfdr.backends import sessions
from vnfdr.backends.libvirt import LibvirtQuiesce
from vnfdr.backends.sessions import second_line_seconds
from vnfdr.backends.ssh import SshQuiesce
from vnfdr.errors import AlreadyFrozen
from vnfdr.model import BackupPolicy, Guest, Keep, Strategy
from vnfdr.testing import check_quiesce_backend

LEASE_SECONDS = 8.0
LONG_LEASE_SECONDS = 60.0
TIMERS = Path(f"/tmp/vnfdr-{os.getuid()}")  # noqa: S108 - a compute host's own
RECORDER = "while :; do read -r now _ </proc/uptime; echo $now >>{}; sleep 0.02; done"


@pytest.fixture
def server(tmp_path):
    """A real sshd; whoever has its key is root here."""
    with sshd(tmp_path) as server:
        yield server


@attrs.frozen
class Cloud:
    """As much of a site as a backend needs."""

    settings: dict[str, object]
    name: str = "site-a"


@attrs.frozen
class Disk:
    """A file system of its own, where something writes the time again and again."""

    mount: Path

    @property
    def times(self):
        """When it was written to, by its own records."""
        return [float(line) for line in (self.mount / "times").read_text().split()]

    def is_still(self):
        """Tell whether nothing was written for a while."""
        return self.now() - self.times[-1] > 0.5

    def is_at_work(self):
        """Tell whether something was written just now."""
        return self.now() - self.times[-1] < 0.3

    @property
    def longest_pause_seconds(self):
        return max(after - before for before, after in pairwise(self.times))

    @staticmethod
    def now():
        return float(Path("/proc/uptime").read_text().split()[0])


def do(program, *words, **options):
    """Run a program of this machine."""
    return subprocess.run([shutil.which(program), *words], check=True, **options)


@contextlib.contextmanager
def disk(image, size, mount):
    """Make a file system in a file, and let something write to it."""
    mount.mkdir()
    do("truncate", "-s", size, image)
    do("mke2fs", "-q", "-t", "ext4", image)
    do("mount", "-o", "loop", image, mount)
    writer = subprocess.Popen(["/bin/sh", "-c", RECORDER.format(mount / "times")])
    disk = Disk(mount)
    try:
        until(lambda: (mount / "times").exists() and disk.times)
        yield disk
    finally:
        writer.kill()
        writer.wait()
        do("umount", mount)


@pytest.fixture
def disks(tmp_path):
    """Two file systems: the second one is a file of the first."""
    with (
        disk(tmp_path / "outer.img", "96M", tmp_path / "outer") as outer,
        disk(outer.mount / "inner.img", "32M", tmp_path / "inner") as inner,
    ):
        yield outer, inner
        # Whatever a test did, nothing of this machine stays frozen.
        for each in (outer, inner):
            with contextlib.suppress(subprocess.CalledProcessError):
                do("fsfreeze", "-u", each.mount, capture_output=True)


@pytest.fixture
def machine(server, disks):
    """This machine as a guest, of which these two disks are all that is frozen."""
    mounts = " ".join(str(disk.mount) for disk in disks)
    guest = Guest("s-here", "here", f"root@127.0.0.1 {mounts}")
    backend = SshQuiesce(Cloud({"ssh": {"command": server.command}}))
    yield backend, guest
    backend.settle(guest)


@pytest.fixture
def lease_seconds():
    """By default no timer runs out before a test has ended, however slow it is."""
    return LONG_LEASE_SECONDS


@pytest.fixture
def held(machine, disks, lease_seconds, monkeypatch):
    """The same with both disks frozen, and a timer."""
    monkeypatch.setattr(sessions, "SECOND_LINE_MARGIN_SECONDS", 0.0)
    backend, guest = machine
    backend.prepare(guest, timeout_seconds=5, lease_seconds=lease_seconds)
    assert backend.freeze(guest) == 2
    until(lambda: all(disk.is_still() for disk in disks), 0.05, 5)
    return machine


def test_a_machine_keeps_the_promises_over_ssh(machine):
    """The public check passes, with file systems that really freeze."""
    backend, guest = machine
    nobody = Guest("s-no", "nobody", "root@127.0.0.2 /nowhere")

    check_quiesce_backend(backend, guest, nobody, guest_can_tell=False)


def test_a_machine_stands_still_while_it_is_held(held, disks):
    """What lies on another disk is frozen before that, and thawed after it."""
    backend, guest = held

    assert backend.thaw(guest) == 2

    until(lambda: all(disk.is_at_work() for disk in disks), 0.05, 5)
    assert min(disk.longest_pause_seconds for disk in disks) > 0.5


def test_a_machine_that_is_held_already_is_refused(held, disks):
    """By another session, whose freeze goes on."""
    ours, guest = held
    other = SshQuiesce(ours.site)
    other.prepare(guest, timeout_seconds=5, lease_seconds=30)

    with pytest.raises(AlreadyFrozen):
        other.freeze(guest)
    other.settle(guest)

    assert all(disk.is_still() for disk in disks)
    assert ours.thaw(guest) == 2


def test_a_thaw_by_somebody_else_shows_in_the_count(held, disks):
    """One of two was thawed by hand meanwhile."""
    backend, guest = held
    do("fsfreeze", "-u", disks[0].mount)

    assert backend.thaw(guest) == 1


def test_a_machine_thaws_when_the_connection_is_lost(held, server, disks):
    """At once: long before its timer, and without anybody logging in."""
    began = Disk.now()

    server.signal_sessions(signal.SIGKILL)

    until(lambda: all(disk.is_at_work() for disk in disks), 0.05, 20)
    assert Disk.now() - began < LEASE_SECONDS / 2


@pytest.mark.parametrize("lease_seconds", [LEASE_SECONDS])
def test_a_machine_that_is_cut_off_thaws_by_its_timer(held, server, disks):
    """Its session looks alive, and nothing can be told to it."""
    backend, guest = held
    server.signal_sessions(signal.SIGSTOP)

    until(lambda: all(disk.is_at_work() for disk in disks), 0.05, 30)

    for disk in disks:
        assert LEASE_SECONDS - 1 < disk.longest_pause_seconds < LEASE_SECONDS + 2
    server.signal_sessions(signal.SIGCONT)
    assert backend.thaw(guest) == 0


@pytest.fixture
def timed(server, tmp_path, monkeypatch):
    """Site a, where every guest has to have a timer on its compute host."""
    clouds = yaml.safe_load(CLOUDS.read_text())
    libvirt = clouds["clouds"]["site-a"]["vnfdr"]["libvirt"]
    address, uri = "root@127.0.0.1", libvirt["uri"]
    ssh = {"command": server.command, "address": address, "uri": uri}
    libvirt |= {"host_timer": "required", "ssh": ssh}
    path = tmp_path / "clouds.yaml"
    path.write_text(yaml.safe_dump(clouds))
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(path))
    yield vnfdr.connect("site-a")
    with contextlib.suppress(OSError):
        TIMERS.rmdir()


@pytest.fixture
def hurried(vnf):
    """The group, with a lease as short as the lab allows."""
    members = [
        tuple(attrs.evolve(m, freeze_timeout_seconds=5.0) for m in tier)
        for tier in vnf.tiers
    ]
    return attrs.evolve(
        vnf,
        tiers=tuple(members),
        backup=BackupPolicy(strategy=Strategy.NONE, keep=Keep.SNAPSHOTS),
        hold_limit_seconds=LEASE_SECONDS - 1,
        lease_seconds=LEASE_SECONDS,
    )


def processes_of(controller):
    """Return the processes of a window: its controller's, and those it started."""
    found = [controller]
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((path / "stat").read_text().rsplit(")", 1)[1].split()[1])
            is_ours = b"vnfdr.failsafe." in (path / "cmdline").read_bytes()
            if is_ours and parent == controller:
                found.append(int(path.name))
    return found


@contextlib.contextmanager
def controller(plan, directory):
    """Carry a plan out in another process, which is killed in the end."""
    path = directory / "plan.json"
    path.write_text(vnfdr.dump_plan(plan))
    command = [sys.executable, "-c", CHILD, path, directory / "runs"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as child:
        try:
            yield child
        finally:
            child.kill()


def states(domains):
    """Return how the guests are, as their agents see it."""
    return {guests.frozen_status(domain) for domain in domains.values()}


def timers():
    """Return the files that say which timers are set on this compute host."""
    return list(TIMERS.glob("*"))


def test_a_window_calls_its_timers_off(timed, hurried, tmp_path, before, domains):
    """A point is consistent with timers, and nothing of them is left."""
    assert before
    outcome = vnfdr.run(vnfdr.protect(timed, hurried), timed, journal=tmp_path / "runs")

    outcome.raise_for_failure()
    assert outcome.certificate.consistent, outcome.certificate
    assert not timers()


def test_the_whole_controller_is_lost(
    timed, hurried, tmp_path, site_a, before, domains, ledger
):
    """The timers on the compute host thaw every guest; the run is taken back."""
    began = {g: last_number(guests.recent(d, count=1)) for g, d in domains.items()}
    plan = vnfdr.protect(timed, hurried)
    lab("pause", "cinder-volume-a")  # No snapshot comes: the window stays open.
    try:
        with controller(plan, tmp_path) as child:
            until(lambda: states(domains) == {"frozen"}, 0.05)
            lost = processes_of(child.pid)
            for number in (signal.SIGSTOP, signal.SIGKILL):
                for pid in lost:
                    os.kill(pid, number)
        assert len(lost) == 3
        assert states(domains) == {"frozen"}

        until(lambda: states(domains) == {"thawed"})
        for domain in domains.values():
            wait_for_records(domain)
    finally:
        lab("resume", "cinder-volume-a")

    deadline, worst = second_line_seconds(LEASE_SECONDS), 0.0
    for guest, domain in domains.items():
        records = guests.recent(domain, count=2000)
        since = [r for r in records if r.number >= began[guest]]
        stood_still = max(gap.seconds for gap in gaps(since, 0.0))
        assert deadline - 2 < stood_still < deadline + 2, (guest, stood_still)
        worst = max(worst, stood_still)
    until(lambda: not timers())
    status, told = resume(plan, tmp_path)
    assert (status, told["verdict"]) == (1, "compensated")
    assert upkeep.leftovers(site_a, before) == []
    what = f"controller, worker and failsafe killed, timer after {deadline} s"
    ledger.note(what, worst, vnfdr.resume(plan.id, timed, journal=tmp_path / "runs"))


def test_no_guest_is_frozen_when_its_host_lets_nobody_in(
    timed, hurried, tmp_path, server, before, domains
):
    """The preflight says so, and a run that does not look first fails as well."""
    assert before
    plan = vnfdr.protect(timed, hurried)
    (server.directory / "key.pub").write_text("")

    outcome = vnfdr.run(plan, timed, journal=tmp_path / "runs", preflight=False)

    assert "no timer on its host" in outcome.reason
    assert "Permission denied" in outcome.reason
    (problem,) = LibvirtQuiesce(timed).check(plan.window.holds[0].guest)
    assert "Permission denied" in problem
    assert states(domains) == {"thawed"}
