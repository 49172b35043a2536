"""Disks and images against plain bytes, and what they cost."""

import threading

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from vnfdr.retry import wait_until
from vnfdr.sandbox.disks import BLOCK_BYTES, DiskGoneError, DiskStore

SIZE = 4 * BLOCK_BYTES
GIB = 2**30


def test_a_new_disk_is_all_zeros(store):
    """What was never written reads as zeros, to the last byte."""
    disk = store.create(1)

    assert disk.size_bytes == GIB
    assert disk.read(GIB - 10, 10) == bytes(10)
    assert list(disk.blocks()) == []


def test_an_image_stays_as_it_was(store):
    """What is written after an image was taken is not in it."""
    disk = store.create(1)
    disk.write(100, b"before")
    image = store.image(disk)

    disk.write(100, b"behind")

    assert image.read(100, 6) == b"before"
    assert disk.read(100, 6) == b"behind"


def test_a_clone_and_its_source_go_separate_ways(store):
    """A disk made from an image begins with its bytes and shares no future with it."""
    disk = store.create(1)
    disk.write(0, b"same")
    image = store.image(disk)
    clone = store.create(2, image)

    clone.write(0, b"mine")
    store.delete(disk)
    store.delete(image)

    assert clone.read(0, 4) == b"mine"
    assert clone.size_bytes == 2 * GIB


def test_a_clone_has_to_hold_its_source(store):
    """An image does not fit into a smaller disk."""
    image = store.image(store.create(2))

    with pytest.raises(ValueError, match="image-2 does not fit into 1 GiB"):
        store.create(1, image)


def test_a_clone_is_of_the_same_site(tmp_path, store):
    """An image of one site is no source for a disk of another."""
    with DiskStore(tmp_path / "other") as other:
        image = other.image(other.create(1))

        with pytest.raises(ValueError, match="image-2 is of another store"):
            store.create(1, image)


def test_an_image_copies_no_bytes(store):
    """A hundred images of a disk take no more room than the disk."""
    disk = store.create(1)
    disk.write(0, b"x" * SIZE)
    file = store.directory / "blocks"
    before = file.stat().st_size

    for _ in range(100):
        store.image(disk)

    assert file.stat().st_size == before == SIZE


def test_room_is_used_again(store):
    """Deleting a disk makes room for the next; what it held is not seen there."""
    disk = store.create(1)
    disk.write(0, b"x" * SIZE)
    store.delete(disk)
    new = store.create(1)

    new.write(10, b"y")

    assert new.read(0, 20) == bytes(10) + b"y" + bytes(9)
    assert (store.directory / "blocks").stat().st_size == SIZE


def test_images_that_are_deleted_make_room(store):
    """A disk that is imaged again and again does not fill the machine."""
    disk = store.create(1)
    for number in range(20):
        disk.write(0, bytes([number + 1]))
        store.delete(store.image(disk))
        image = store.image(disk)
        disk.write(1, b"x")
        store.delete(image)

    assert (store.directory / "blocks").stat().st_size == 2 * BLOCK_BYTES


def test_blocks_that_become_zero_are_forgotten(store):
    """Only blocks that are not all zeros count as content."""
    disk = store.create(1)
    disk.write(0, b"x" * SIZE)

    disk.write(BLOCK_BYTES, bytes(BLOCK_BYTES))
    disk.write(3 * BLOCK_BYTES - 5, bytes(BLOCK_BYTES))

    assert [index for index, _ in disk.blocks()] == [0, 2, 3]


def test_what_is_deleted_says_so(store):
    """Reading a deleted disk is an error, and never somebody else's bytes."""
    disk = store.create(1)
    store.delete(disk)

    with pytest.raises(DiskGoneError, match="disk-1 was deleted"):
        disk.read(0, 1)
    with pytest.raises(DiskGoneError):
        store.image(disk)


@pytest.mark.parametrize(("offset", "length"), [(-1, 1), (GIB, 1), (GIB - 1, 2)])
def test_a_disk_has_an_end(store, offset, length):
    """Nobody reads or writes beyond a disk's end."""
    disk = store.create(1)

    with pytest.raises(ValueError, match="are not within disk-1"):
        disk.write(offset, b"x" * length)


def test_the_files_go_with_the_store(tmp_path):
    """A store leaves nothing behind, and does not share its directory."""
    with DiskStore(tmp_path / "disks") as store:
        store.create(1).write(0, b"x")
        with pytest.raises(FileExistsError):
            DiskStore(tmp_path / "disks")

    assert not (tmp_path / "disks").exists()


def test_images_of_several_disks_are_one_moment(store):
    """No disk is let go before all of them are held: then all images are taken."""
    disks = [store.create(1) for _ in range(2)]
    first, last = (disk.content.lock for disk in disks)
    taken = []

    with last:
        taker = threading.Thread(target=lambda: taken.extend(store.images(disks)))
        taker.start()
        wait_until(
            lambda: first.locked() or None,
            what="the first disk, held until the last one is free",
            seconds_max=60.0,
            first_wait_seconds=0.05,
        )
        assert taken == []
    taker.join()

    assert len(taken) == 2
    assert not first.locked()


def test_a_disk_grows_for_whoever_uses_it(store):
    """A disk that grew has zeros at its end, and images of it are as big."""
    disk = store.create(1)
    disk.write(0, b"kept")

    store.extend(disk, 2)

    disk.write(2 * GIB - 3, b"end")
    assert store.image(disk).read(2 * GIB - 6, 6) == bytes(3) + b"end"
    assert disk.read(0, 4) == b"kept"


def test_an_image_has_all_of_a_write_or_nothing(store):
    """A write over several blocks is one instant for every image."""
    disk = store.create(1)
    done = threading.Event()

    def write():
        for number in range(200):
            disk.write(BLOCK_BYTES - 64, bytes([number]) * 128)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        image = store.image(disk)
        assert len(set(image.read(BLOCK_BYTES - 64, 128))) == 1
        store.delete(image)
    writer.join()


class DisksAgainstBytes(RuleBasedStateMachine):
    """Whatever is done, each disk and image has the bytes it ought to have."""

    def __init__(self):
        super().__init__()
        self.directory = self.new_directory()
        self.store = DiskStore(self.directory)
        self.disks = [(self.store.create(1), bytearray(SIZE))]
        self.images = []

    @rule(which=st.integers(0), at=st.integers(0, SIZE - 1), data=st.binary())
    def write_a_little(self, which, at, data):
        """Write bytes anywhere."""
        self.write(which, at, data[: SIZE - at])

    @rule(
        which=st.integers(0),
        block=st.integers(0, 2),
        byte=st.sampled_from([b"\0", b"x"]),
        blocks=st.sampled_from([0.5, 1, 1.5]),
    )
    def write_a_lot(self, which, block, byte, blocks):
        """Write whole blocks, of zeros or not."""
        self.write(which, block * BLOCK_BYTES, byte * int(blocks * BLOCK_BYTES))

    def write(self, which, at, data):
        """Write to the disk and to its model."""
        disk, model = self.disks[which % len(self.disks)]
        disk.write(at, data)
        model[at : at + len(data)] = data

    @rule(which=st.integers(0))
    def take_an_image(self, which):
        """Take an image of some disk."""
        disk, model = self.disks[which % len(self.disks)]
        self.images.append((self.store.image(disk), bytes(model)))

    @rule(which=st.integers(0))
    def clone(self, which):
        """Make a disk of some image."""
        if self.images:
            image, model = self.images[which % len(self.images)]
            self.disks.append((self.store.create(1, image), bytearray(model)))

    @rule(which=st.integers(0))
    def delete_an_image(self, which):
        """Delete some image."""
        if self.images:
            image, _ = self.images.pop(which % len(self.images))
            self.store.delete(image)

    @invariant()
    def everything_is_as_it_was_written(self):
        """Every byte is compared, and every block that is not all zeros."""
        for thing, model in [*self.disks, *self.images]:
            assert thing.read(0, SIZE) == model
            copy = bytearray(SIZE)
            for index, content in thing.blocks():
                assert any(content)
                copy[index * BLOCK_BYTES : (index + 1) * BLOCK_BYTES] = content
            assert copy == model

    def teardown(self):
        """Remove the files."""
        self.store.close()


def test_disks_and_images_are_as_bytes(tmp_path_factory):
    """Any sequence of writes, images, clones and deletions keeps every byte."""
    DisksAgainstBytes.new_directory = staticmethod(
        lambda: tmp_path_factory.mktemp("disks")
    )
    DisksAgainstBytes.TestCase.settings = settings(max_examples=40, deadline=None)

    result = DisksAgainstBytes.TestCase().run()

    assert result.wasSuccessful(), result.failures + result.errors
