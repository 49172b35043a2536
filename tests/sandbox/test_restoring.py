"""Backups that are taken in and restored at another site, through vnfdr's adapter."""

import pytest
from attrs import evolve

import vnfdr
from vnfdr.cloud import KEY, POINT, VolumeRequest
from vnfdr.errors import (
    AnswerLost,
    CloudError,
    Conflict,
    Forbidden,
    Gone,
    WaitedTooLong,
)
from vnfdr.model import VolumeBlueprint
from vnfdr.sandbox import Effect, Fault, Latency

TAG = "r1:volume:5f1c6a4e-1111-4c1f-8a55-000000000001"
HALF, SIZE = 32_768, 65_536
OLD, ZEROS = b"\x01" * SIZE, bytes(HALF)


@pytest.fixture
def there(b, sites):
    """Site b, where the group comes back, through vnfdr's own adapter."""
    there = vnfdr.connect("site-b")
    yield there
    there.connection.close()


@pytest.fixture
def records(a, site, cinder, until):
    """A full backup of a volume, and an increment: half of it has become zeros."""
    volume = a.add_volume("db root", None)
    volume.metadata = {"role": "db"}
    records = []
    for written in (OLD, ZEROS):
        volume.disk.write(0, written)
        made = cinder.backups.create(volume.id, incremental=bool(records))
        until(lambda i=made.id: a.backups[i].status == "available")
        records.append(site.backups.export(made.id))
    return records


@pytest.fixture
def taken_in(there, records):
    """The increment's id; it and its parent are known at the other site."""
    for record in records:
        there.backups.take_in(record)
    return records[-1].id


@pytest.fixture
def blank(there):
    """The id of a blank volume at the other site."""
    metadata = {POINT: "r1"}
    return there.volumes.create_blank(VolumeRequest(TAG, 1, "", "", metadata))


@pytest.fixture
def restore(there, taken_in, blank):
    """Restore the increment into the blank volume."""
    return lambda: there.backups.restore(taken_in, blank, timeout_seconds=10.0)


@pytest.fixture
def lost(b, restore):
    """Restore, and lose the answer once it was begun."""
    b.faults.add(Fault("restore backup", Effect.DROP_AFTER))
    with pytest.raises(AnswerLost):
        restore()


def bytes_of(site, volume_id):
    return site.volumes[volume_id].disk.read(0, SIZE)


def test_what_became_zeros_comes_back_as_zeros(b, restore, blank):
    """What was there before, and is in the full backup, does not come back."""
    restore()

    assert bytes_of(b, blank) == ZEROS + OLD[HALF:]


def test_a_volume_that_cinder_makes_for_it_has_what_was_overwritten(
    b, there, taken_in, until
):
    """That is Cinder's own fault, and why there is a blank volume beforehand."""
    asked = {"size": 1, "backup_id": taken_in}
    answer = there.cinder.post_once("/volumes", "make one", {"volume": asked})
    made = answer.content["volume"]["id"]
    until(lambda: b.volumes[made].status == "available")

    assert bytes_of(b, made) == OLD


def test_a_record_is_imported_once(b, there, records):
    """It keeps its id, and who asks again finds it there."""
    for _ in range(2):
        there.backups.take_in(records[0])

    assert there.backups.get(records[0].id).volume_id == records[0].volume_id
    assert b.faults.calls.count("import backup") == 1


def test_a_record_is_found_when_the_answer_was_lost(b, there, records):
    """It was imported, and is not asked for again."""
    b.faults.add(Fault("import backup", Effect.DROP_AFTER))
    with pytest.raises(AnswerLost):
        there.backups.take_in(records[0])

    there.backups.take_in(records[0])

    assert b.faults.calls.count("import backup") == 1
    assert there.backups.get(records[0].id).status == "available"


def test_another_backup_of_that_id_is_a_conflict(b, there, records):
    """It stays as it is."""
    there.backups.take_in(records[0])

    with pytest.raises(Conflict, match="is another one, of volume"):
        there.backups.take_in(evolve(records[0], volume_id="another"))

    assert list(b.backups) == [records[0].id]


def test_a_record_that_the_site_cannot_read_says_so_and_stays(b, there, records):
    """To delete it could delete the other site's data; nor is it imported again."""
    foreign = evolve(records[0], service="cinder.backup.drivers.swift.Swift")

    for _ in range(2):
        with pytest.raises(CloudError, match="cannot find backup service"):
            there.backups.take_in(foreign)

    assert b.backups[foreign.id].status == "error"
    assert b.faults.calls.count("import backup") == 1


def test_members_import_nothing(sites, records):
    """That takes an administrator."""
    member = vnfdr.connect("site-b-member")

    with pytest.raises(Forbidden):
        member.backups.take_in(records[0])

    member.connection.close()


def test_an_increment_without_its_parent_is_said_to_be_broken(
    b, there, records, blank, restore
):
    """With its parent, another volume is as it should be."""
    parent = b.backups.pop(records[0].id)
    with pytest.raises(CloudError, match=r"error_restoring.*builds on"):
        restore()
    b.backups[parent.id] = parent
    again = there.volumes.create_blank(VolumeRequest(TAG[:-1] + "2", 1, "", "", {}))

    there.backups.restore(records[1].id, again, timeout_seconds=10.0)

    assert bytes_of(b, again) == ZEROS + OLD[HALF:]
    there.volumes.delete(blank)
    assert blank not in b.volumes


def test_a_restore_whose_answer_was_lost_goes_on(b, there, lost, blank, taken_in):
    """Whoever finds it waits for its end, and asks for no other."""
    there.backups.wait_restored(taken_in, blank, timeout_seconds=10.0)

    assert there.volumes.restored_from(blank) == taken_in
    assert b.faults.calls.count("restore backup") == 1
    assert bytes_of(b, blank) == ZEROS + OLD[HALF:]


def test_a_restore_that_was_never_heard_of_is_not_taken_for_done(
    b, there, restore, blank, taken_in
):
    """The volume is available, as one that was restored into; it is blank."""
    b.faults.add(Fault("restore backup", Effect.DROP))
    with pytest.raises(AnswerLost):
        restore()

    with pytest.raises(CloudError, match="not to be trusted"):
        there.backups.wait_restored(taken_in, blank, timeout_seconds=10.0)

    assert there.volumes.restored_from(blank) == ""


@pytest.mark.parametrize(
    "fault",
    [
        Fault("show volume", Effect.ANSWER, status=503, times=3),
        Fault("show volume", Effect.DROP, times=3),
        Fault("show backup", Effect.ANSWER, status=500, times=3),
        Fault("restore backup", Effect.EXPIRE),
        Fault("show volume", Effect.EXPIRE),
    ],
    ids=lambda fault: f"{fault.call} {fault.effect.name}",
)
def test_a_restore_is_waited_for_through_everything(b, there, restore, blank, fault):
    """Hiccups of the API, and tokens that end, are no end of a restore."""
    b.faults.add(evolve(fault))

    restore()

    assert bytes_of(b, blank) == ZEROS + OLD[HALF:]


@pytest.fixture
def slow(b):
    """Restores take their time at the other site."""
    b.latency = Latency(backup=1.0)


def test_a_backup_is_restored_once_at_a_time(b, there, taken_in, slow, restore, blank):
    """Whoever comes second is told; and it is free again once the first is done."""
    second = there.volumes.create_blank(VolumeRequest(TAG[:-1] + "2", 1, "", "", {}))
    b.faults.add(Fault("restore backup", Effect.DROP_AFTER))
    with pytest.raises(AnswerLost):
        restore()
    with pytest.raises(Conflict, match="Backup status must be available"):
        there.backups.restore(taken_in, second, timeout_seconds=10.0)
    there.backups.wait_restored(taken_in, blank, timeout_seconds=10.0)

    there.backups.restore(taken_in, second, timeout_seconds=10.0)

    assert bytes_of(b, second) == bytes_of(b, blank)


def test_a_restore_that_takes_too_long_is_given_up(there, taken_in, slow, blank):
    """The volume is busy until it has ended, and deleted then."""
    with pytest.raises(WaitedTooLong, match="restored: not within"):
        there.backups.restore(taken_in, blank, timeout_seconds=0.1)

    there.volumes.delete(blank)

    assert there.volumes.find(TAG) is None


def test_a_volume_is_found_by_its_name_once_it_was_restored(there, restore, blank):
    """Its metadata is the source's then, and has no key."""
    restore()

    assert there.volumes.find(TAG).id == blank
    assert [each.id for each in there.volumes.marked()] == [blank]


def test_what_a_restore_brought_along_is_taken_for_no_other(b, there, restore, blank):
    """A volume that was made by a step, and then saved, brings that step's key."""
    older = "r0:volume:5f1c6a4e-1111-4c1f-8a55-000000000009"
    restore()
    b.volumes[blank].metadata = {KEY: older, "src_backup_id": "x"}

    assert there.volumes.find(older) is None
    assert there.volumes.find(TAG).id == blank


def test_a_restored_volume_is_made_what_it_was(b, there, restore, blank):
    """It says of itself what the old one said, and nothing else."""
    restore()
    b.volumes[blank].image_metadata = {"hw_disk_bus": "ide", "old": "x"}
    wanted = VolumeBlueprint(
        "v",
        "db root",
        bootable=True,
        description="its root",
        metadata={"role": "db"},
        image_metadata={"hw_disk_bus": "virtio", "os_type": "linux"},
    )

    for _ in range(2):
        there.volumes.repair(blank, wanted, {KEY: TAG})

    volume = b.volumes[blank]
    assert (volume.name, volume.description) == ("db root", "its root")
    assert (volume.bootable, volume.metadata) == (True, {"role": "db", KEY: TAG})
    assert volume.image_metadata == {"hw_disk_bus": "virtio", "os_type": "linux"}
    assert there.volumes.find(TAG).id == blank


@pytest.mark.parametrize("effect", [Effect.ANSWER, Effect.ANSWER_AFTER, Effect.EXPIRE])
@pytest.mark.parametrize("call", ["rename volume", "replace volume metadata"])
def test_a_repair_is_repeated_through_hiccups(b, there, blank, call, effect):
    """Each of its requests says how something is to be, and may be made again."""
    b.faults.add(Fault(call, effect))

    there.volumes.repair(blank, VolumeBlueprint("v", "db root"), {KEY: TAG})

    assert b.volumes[blank].name == "db root"
    assert b.volumes[blank].metadata == {KEY: TAG}


def test_a_backup_that_is_not_there_is_gone(there):
    """It was never imported."""
    with pytest.raises(Gone):
        there.backups.get("5f1c6a4e-1111-4c1f-8a55-000000000001")
