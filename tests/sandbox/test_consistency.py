"""The judge of cuts: what it must find, in images of guests, and what it must not."""

import pytest

from vnfdr.sandbox.consistency import consistency_of
from vnfdr.sandbox.guests import GuestNetwork
from vnfdr.sandbox.records import Record, place_of

NAMES = ("db", "app", "lb")


@pytest.fixture
def network():
    """Guests whose clock is at 12:00 for ever, and whose turns are given by hand."""
    return GuestNetwork(clock=lambda: 12 * 3600 * 10**9)


@pytest.fixture
def guests(network, store):
    """Three guests that have written ten records."""
    guests = {
        name: network.add(name, name, (store.create(1), store.create(1)))
        for name in NAMES
    }
    for guest in guests.values():
        guest.boot()
    for _ in range(10):
        network.turn()
    return guests


@pytest.fixture
def image_of(store):
    """Take images of a guest's two disks, right now."""
    return lambda guest: tuple(store.image(disk) for disk in guest.disks)


@pytest.fixture
def cut(guests, image_of):
    """Images of all guests between two turns: a consistent cut."""
    return {name: image_of(guest) for name, guest in guests.items()}


def test_one_moment_is_consistent(cut):
    """Images of one moment prove nothing, though each needs recovery."""
    verdict = consistency_of(cut)

    assert verdict.consistent
    assert verdict.violations == ()
    assert verdict.needs_recovery[:2] == ("db's data disk", "db's root disk")


def test_running_guests_one_by_one_are_no_moment(network, guests, image_of):
    """Images taken one after another of guests at work violate causality."""
    cut = {}
    for name, guest in guests.items():
        cut[name] = image_of(guest)
        network.turn()

    verdict = consistency_of(cut)

    assert not verdict.consistent
    assert verdict.violations[0] == (
        "app's record 11 of 12:00:00.000 quotes record 11 of db, whose root disk ends "
        "with record 10 of 12:00:00.000"
    )


def test_frozen_guests_one_by_one_are_one_moment(network, guests, image_of):
    """Images taken one after another of frozen guests are a consistent cut."""
    for guest in guests.values():
        guest.freeze()
        network.turn()
    cut = {}
    for name, guest in guests.items():
        cut[name] = image_of(guest)
        network.turn()

    verdict = consistency_of(cut)

    assert verdict.consistent
    assert verdict.needs_recovery == ()


@pytest.mark.parametrize("early", NAMES)
def test_an_early_image_is_seen(network, guests, image_of, early):
    """One guest imaged before the others were frozen is behind what they quote."""
    cut = {early: image_of(guests[early])}
    for _ in range(2):
        network.turn()
    for guest in guests.values():
        guest.freeze()

    cut |= {name: image_of(guests[name]) for name in NAMES if name != early}

    sentences = consistency_of(cut).violations
    assert sentences
    assert all(f"of {early}, whose root disk ends" in one for one in sentences)


@pytest.mark.parametrize("late", NAMES)
def test_a_late_image_is_seen(network, guests, image_of, late):
    """One guest imaged after the thaw quotes what nobody else's image has."""
    for guest in guests.values():
        guest.freeze()
    cut = {name: image_of(guests[name]) for name in NAMES if name != late}
    for guest in guests.values():
        guest.thaw()
    for _ in range(2):
        network.turn()
    cut[late] = image_of(guests[late])

    sentences = consistency_of(cut).violations

    assert sentences
    assert all(one.startswith(f"{late}'s record 12 ") for one in sentences)


def test_disks_of_one_guest_have_to_agree(network, guests, store):
    """A guest's own disks are one moment, or they are not."""
    db = guests["db"]
    root = store.image(db.disks[1])
    network.turn()
    between = consistency_of({"db": (store.image(db.disks[0]), root)})
    network.turn()
    apart = consistency_of({"db": (store.image(db.disks[0]), root)})

    assert between.consistent
    assert apart.violations == (
        (
            "db's data disk ends with record 12 of 12:00:00.000, but "
            "db's root disk with record 10 of 12:00:00.000"
        ),
    )


def test_a_root_disk_is_never_ahead(network, guests, store):
    """The data disk is written first: behind the root disk it is too old."""
    db = guests["db"]
    data = store.image(db.disks[0])
    network.turn()

    verdict = consistency_of({"db": (data, store.image(db.disks[1]))})

    assert not verdict.consistent


def test_a_guest_that_lost_everything_is_seen(cut, store):
    """An empty disk in the place of one that others quote is a violation."""
    cut["db"] = (store.create(1), store.create(1))

    lost = "quotes record 10 of db, whose root disk ends with no record"
    assert consistency_of(cut).violations == (
        f"app's record 10 of 12:00:00.000 {lost}",
        f"lb's record 10 of 12:00:00.000 {lost}",
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (bytes(256), "db's data disk has record 6 right after 4"),
        (
            bytes(Record(4, 0, "db")),
            "db's data disk has something at byte 33792 that is no record",
        ),
        (b"scribble", "db's data disk has something at byte 33792 that is no record"),
    ],
)
def test_damage_is_seen(guests, content, sentence):
    """A record that is lost or overwritten is a violation."""
    db = guests["db"]

    db.disks[0].write(place_of(5), content)

    assert sentence in consistency_of({"db": db.disks}).violations


def test_disks_that_were_mixed_up_are_seen(cut):
    """Disks of two guests in one, or of one guest in two, are a violation."""
    mixed = {"db": (cut["db"][0], cut["app"][1]), "spare": cut["db"]}

    assert consistency_of(mixed).violations == (
        "db's disks were written by app and db",
        "db and spare have disks that db wrote",
    )


def test_others_than_the_group_do_not_matter(cut):
    """What a guest heard from somebody outside the cut is not looked for."""
    del cut["db"]

    assert consistency_of(cut).consistent


def test_a_guest_may_have_one_disk_or_many(network, store):
    """Every disk of a guest counts, however many it has."""
    disks = tuple(store.create(1) for _ in range(3))
    guest = network.add("x", "x", disks)
    guest.boot()
    guest.write_record()
    old = store.image(disks[1])
    guest.write_record()
    guest.write_record()

    assert consistency_of({"x": disks}).consistent
    assert consistency_of({"x": disks[2:]}).consistent
    assert len(consistency_of({"x": (disks[0], old, disks[2])}).violations) == 2
