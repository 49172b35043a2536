"""Guests and their agents, turn by turn, on a clock that the test holds."""

import threading

import pytest

from vnfdr.sandbox.guests import (
    Agent,
    AgentDeadError,
    AgentFaults,
    AgentTimeoutError,
    AlreadyFrozenError,
    GuestNetwork,
    HeldTooLongError,
    NotRunningError,
    Power,
)
from vnfdr.sandbox.records import read_log

PATIENCE_SECONDS = 60


class Time:
    """A clock that stands still until it is told otherwise."""

    def __init__(self):
        self.ns = 10**18

    def __call__(self):
        return self.ns

    def pass_by(self, seconds):
        """Let time pass."""
        self.ns += int(seconds * 10**9)


@pytest.fixture
def clock():
    """Time in the hands of the test."""
    return Time()


@pytest.fixture
def network(clock):
    """A site's guests, whose turns are given by hand."""
    network = GuestNetwork(clock=clock)
    yield network
    network.stop()


@pytest.fixture
def guests(network, store):
    """Three guests at work, with a data disk and a root disk each."""
    guests = [
        network.add(f"id-{name}", name, (store.create(1), store.create(1)))
        for name in ("db", "app", "lb")
    ]
    for guest in guests:
        guest.boot()
    return guests


@pytest.fixture
def guest(guests):
    """The first of them."""
    return guests[0]


def ends(guest):
    """The numbers with which its disks end, data first."""
    return [read_log(disk).end for disk in guest.disks]


def needs_recovery(disks_or_images):
    """Which of them were taken while they were in use."""
    return [read_log(one).needs_recovery for one in disks_or_images]


def test_every_disk_gets_every_record(network, guests):
    """A turn is one record on each disk, that quotes what others had written."""
    network.turn()
    network.turn()

    assert [ends(guest) for guest in guests] == [[2, 2]] * 3
    root = guests[1].disks[-1]
    assert read_log(root).last.heard == {"db": 2, "lb": 1}


def test_a_guest_keeps_when_it_stood_still(clock, guest):
    """Each freeze that was real has its two ends, whoever thawed the guest."""
    began = clock.ns
    for let_go in (guest.thaw, guest.thaw_from_console, guest.pull_the_plug):
        guest.boot()
        if guest.status == "frozen":
            guest.thaw()
        guest.freeze()
        clock.pass_by(2)
        let_go()
        clock.pass_by(1)

    seconds = [
        ((s.began_ns - began) / 10**9, (s.ended_ns - began) / 10**9)
        for s in guest.stills
    ]
    assert seconds == [(0, 2), (3, 5), (6, 8)]


def test_a_record_can_be_read_by_people(network, guest):
    """A record is a line of text on the disk."""
    network.turn()

    line = guest.disks[0].read(32768, 256).decode()

    assert line.rstrip(" \n") == "0000000001 1000000000000000000 db"
    assert line.endswith("\n")


def test_a_long_name_is_signed_short(network, store):
    """Guests of any name can be told from each other by their records."""
    names = ["a name: with blanks", "x" * 200, "x" * 199 + "y"]

    signatures = {
        network.add(name, name, (store.create(1),)).signature for name in names
    }

    assert len(signatures) == 3
    assert all(len(one) <= 32 and " " not in one for one in signatures)


def test_the_ring_keeps_the_newest_records(network, guest):
    """A disk never fills up: the newest two thousand records are there."""
    for _ in range(2100):
        guest.write_record()

    log = read_log(guest.disks[0])
    assert (log.numbers[0], log.end, len(log.numbers)) == (53, 2100, 2048)
    assert log.broken_at == ()


def test_a_frozen_guest_writes_nothing(network, guest):
    """A freeze counts the file systems, and holds until the thaw."""
    network.turn()

    assert (guest.status, guest.freeze(), guest.status) == ("thawed", 2, "frozen")
    network.turn()
    assert ends(guest) == [1, 1]
    assert (guest.thaw(), guest.status) == (2, "thawed")
    network.turn()
    assert ends(guest) == [2, 2]


def test_a_second_freeze_is_refused(guest):
    """A freeze of a frozen guest is an error, in the agent's words."""
    guest.freeze()

    with pytest.raises(AlreadyFrozenError, match="the agent is in frozen state"):
        guest.freeze()
    assert guest.is_still


def test_thawing_a_thawed_guest_counts_nothing(guest):
    """A thaw that finds nothing frozen is no error."""
    assert guest.thaw() == 0


def test_an_image_of_a_running_guest_needs_recovery(network, guest, store):
    """Images tell whether their guest was frozen when they were taken."""
    network.turn()
    running = [store.image(disk) for disk in guest.disks]
    guest.freeze()
    frozen = [store.image(disk) for disk in guest.disks]
    guest.thaw()
    network.turn()

    assert needs_recovery(running) == [True, True]
    assert needs_recovery(frozen) == [False, False]
    assert needs_recovery(guest.disks) == [True, True]


def test_numbers_go_on_after_a_boot(network, guest):
    """An orderly shutdown needs no recovery, and loses nothing."""
    network.turn()
    guest.power_off()
    network.turn()
    assert needs_recovery(guest.disks) == [False, False]

    guest.boot()
    network.turn()

    assert (guest.boots, guest.recovered) == (2, ())
    assert ends(guest) == [2, 2]


def test_a_plug_that_is_pulled_is_noticed(network, guest):
    """A guest that was not shut down recovers its disks at the next boot."""
    network.turn()
    guest.pull_the_plug()

    guest.boot()

    assert guest.recovered == tuple(disk.id for disk in guest.disks)
    assert needs_recovery(guest.disks) == [False, False]


def test_no_freeze_outlives_a_boot(network, guest):
    """A guest that was frozen when it was switched off boots thawed."""
    guest.freeze()
    guest.power_off()
    guest.boot()

    network.turn()

    assert guest.status == "thawed"
    assert ends(guest) == [1, 1]


def test_a_recovered_pair_is_completed(network, guest, store):
    """A guest whose data disk is one record ahead leaves no hole when it boots."""
    network.turn()
    root = store.image(guest.disks[1])
    network.turn()
    data = store.image(guest.disks[0])
    recovered = network.add(
        "id-2", "db", (store.create(1, data), store.create(1, root))
    )

    recovered.boot()
    recovered.write_record()

    assert [read_log(disk).numbers for disk in recovered.disks] == [(1, 2, 3)] * 2


def test_a_disk_may_be_added(network, guest, store):
    """A disk that is new to a guest agrees with the others as soon as it is there."""
    network.turn()
    network.turn()
    guest.power_off()
    guest.disks = (store.create(1), *guest.disks)

    guest.boot()
    guest.freeze()

    assert ends(guest) == [2, 2, 2]
    assert needs_recovery(guest.disks) == [False, False, False]


def test_a_boot_remembers_what_was_heard(network, guests):
    """What the last record quotes is quoted by the next one, too."""
    network.turn()
    network.turn()
    guests[2].power_off()
    guests[2].boot()

    guests[2].write_record()

    assert read_log(guests[2].disks[0]).last.heard == {"db": 2, "app": 2}


def test_a_paused_guest_neither_writes_nor_answers(network, guest):
    """A pause flushes nothing; a freeze from before it survives it."""
    guest.freeze()
    guest.pause()

    with pytest.raises(NotRunningError, match="domain is not running"):
        guest.thaw()
    guest.resume()
    assert guest.status == "frozen"
    guest.thaw()
    guest.pause()
    network.turn()
    assert ends(guest) == [0, 0]


@pytest.mark.parametrize(
    ("agent", "error"),
    [(Agent.DEAD, AgentDeadError), (Agent.HUNG, AgentTimeoutError)],
)
def test_an_agent_may_not_answer(network, guest, agent, error):
    """A guest whose agent does not answer goes on writing, or stays frozen."""
    guest.faults = AgentFaults(agent)
    for ask in (guest.freeze, guest.thaw, lambda: guest.status):
        with pytest.raises(error):
            ask()
    network.turn()
    assert ends(guest) == [1, 1]

    guest.faults = AgentFaults()

    assert guest.status == "thawed"


def test_a_freeze_may_come_late(network, guest, clock):
    """A freeze that timed out happens later; nothing is answered until then."""
    guest.faults = AgentFaults(late_freeze_seconds=4)
    for ask in (guest.freeze, guest.thaw):
        with pytest.raises(AgentTimeoutError):
            ask()
    clock.pass_by(3.9)
    network.turn()
    assert ends(guest) == [1, 1]

    clock.pass_by(0.1)
    network.turn()

    assert ends(guest) == [1, 1]
    assert guest.is_still
    assert (guest.status, guest.thaw()) == ("frozen", 2)


def test_a_late_freeze_needs_no_turn(guest, clock):
    """An agent that answers again says that it is frozen by now."""
    guest.faults = AgentFaults(late_freeze_seconds=4)
    with pytest.raises(AgentTimeoutError):
        guest.freeze()

    clock.pass_by(4)

    assert guest.status == "frozen"


def test_windows_lets_a_freeze_go(network, guest, clock):
    """It goes on by itself, and says so when it is thawed, once."""
    guest.faults = AgentFaults(holds_seconds=10)
    guest.freeze()
    clock.pass_by(9.9)
    network.turn()
    assert ends(guest) == [0, 0]

    clock.pass_by(0.1)
    network.turn()

    assert ends(guest) == [1, 1]
    assert guest.status == "thawed"
    with pytest.raises(HeldTooLongError, match="limited up to 10 seconds"):
        guest.thaw()
    assert guest.thaw() == 0


def test_windows_that_is_thawed_in_time_says_nothing(guest, clock):
    """What it would have let go is not held any more."""
    guest.faults = AgentFaults(holds_seconds=10)
    guest.freeze()

    assert guest.thaw() == 2

    clock.pass_by(11)
    assert guest.thaw() == 0


def test_a_guest_may_be_thawed_behind_the_agent(network, guest):
    """The agent goes on saying frozen, the guest writes, and the thaw counts 0."""
    guest.freeze()
    guest.thaw_from_console()
    network.turn()

    assert (guest.status, guest.is_still) == ("frozen", False)
    assert ends(guest) == [1, 1]
    assert guest.thaw() == 0


def test_a_guest_may_be_frozen_behind_the_agent(guest):
    """A freeze then finds nothing left to freeze, and a thaw undoes it all."""
    guest.freeze_from_console()

    assert (guest.status, guest.freeze(), guest.status) == ("thawed", 0, "thawed")
    assert guest.thaw() == 2
    assert not guest.is_still


def test_an_agent_may_miscount(guest):
    """A thaw may say another number than the freeze, though all is thawed."""
    guest.faults = AgentFaults(thaw_count_off_by=-1)

    assert (guest.freeze(), guest.thaw(), guest.is_still) == (2, 1, False)


def test_a_guest_does_not_survive_its_disks(network, guest, store):
    """A guest whose disk is gone is off; the others go on."""
    store.delete(guest.disks[1])

    network.turn()
    network.turn()

    assert guest.power is Power.OFF


def test_a_thread_drives_the_guests(guests):
    """Started, guests write by themselves; stopped, they do not; and again."""
    network = GuestNetwork(pace_seconds=0.001)
    written = threading.Event()
    guest = network.add("id", "db", guests[0].disks)
    guest.clock = lambda: written.set() or 1
    guest.boot()

    for _ in range(2):
        with network:
            assert written.wait(PATIENCE_SECONDS)
        written.clear()
        last = ends(guest)

        assert ends(guest) == last
        assert not written.is_set()


def test_an_idle_network_wakes_up_for_a_guest(guests):
    """The thread sleeps while nobody writes, and wakes when somebody thaws."""
    written = threading.Event()
    with GuestNetwork(pace_seconds=0.001) as network:
        guest = network.add("id", "db", guests[0].disks)
        guest.clock = lambda: written.set() or 1
        guest.boot()
        assert written.wait(PATIENCE_SECONDS)
        guest.freeze()
        written.clear()

        guest.thaw()
        # That it goes on is written down by whoever thaws it; the rest is not.
        written.clear()

        assert written.wait(PATIENCE_SECONDS)
        network.remove(guest)
        assert guest.power is Power.OFF
