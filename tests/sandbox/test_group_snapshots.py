import pytest
from cinderclient.exceptions import BadRequest, OverLimit

from vnfdr.sandbox import Effect, Fault, Latency

ONE_INSTANT = {"consistent_group_snapshot_enabled": "<is> True"}


@pytest.fixture
def grouped(a, cinder, until):
    """Put volumes into a group of a type with these specs."""

    def group(volumes, specs=None):
        kind = a.types.add_group_type("kind", specs)
        made = cinder.groups.create(kind.id, "sandbox", name="g")
        until(lambda: a.groups[made.id].status == "available")
        cinder.groups.update(made.id, add_volumes=",".join(v.id for v in volumes))
        until(lambda: all(v.group_id == made.id for v in volumes))
        until(lambda: a.groups[made.id].status == "available")
        return made.id

    return group


@pytest.fixture
def shoot(a, cinder, until):
    """Take a snapshot of a group, wait for it, and return its snapshots by volume."""

    def take(group_id):
        made = cinder.group_snapshots.create(group_id, name="gs")
        until(lambda: a.group_snapshots[made.id].status in {"available", "error"})
        mine = [s for s in a.snapshots.values() if s.group_snapshot_id == made.id]
        return made.id, {s.volume_id: s for s in mine}

    return take


@pytest.fixture
def pair(a):
    """Two volumes that no server has."""
    return [a.add_volume(name, None) for name in ("one", "two")]


@pytest.fixture
def cluster(a):
    """The volumes of three servers that talk to each other."""
    servers = [a.add_server(name) for name in ("db", "web", "app")]
    return [a.volumes[at.volume_id] for s in servers for at in s.attachments]


@pytest.fixture
def moment(a, cluster, grouped, shoot):
    """Take the servers' volumes as a group, and say whether that is one moment."""

    def judge(specs):
        a.latency = Latency(snapshot=0.3)
        _, taken = shoot(grouped(cluster, specs))
        return a.judge({volume_id: s.image for volume_id, s in taken.items()})

    return judge


def test_a_consistent_group_is_one_instant(moment):
    """The bytes of all volumes are of one moment, though nothing was frozen."""
    assert moment(ONE_INSTANT).consistent


def test_a_plain_group_is_as_many_instants_as_volumes(moment):
    """Cinder takes one volume after another, and the bytes show it."""
    assert not moment({}).consistent


def test_storage_that_cannot_takes_one_after_another(a, moment):
    """The spec of the type is accepted by RBD and LVM, and changes nothing."""
    a.takes_groups_at_once = False

    assert not moment(ONE_INSTANT).consistent


def test_a_group_snapshot_is_read_back(a, cinder, pair, grouped, shoot, until):
    """A group made from a group snapshot has the bytes of then, volume by volume."""
    for volume in pair:
        volume.disk.write(0, volume.name.encode())
    taken_id, _ = shoot(grouped(pair))
    for volume in pair:
        volume.disk.write(0, b"later")

    made = cinder.groups.create_from_src(taken_id, None, name="copy")

    until(lambda: a.groups[made["id"]].status == "available")
    copies = [v for v in a.volumes.values() if v.group_id == made["id"]]
    assert [copy.disk.read(0, 3) for copy in copies] == [b"one", b"two"]
    assert cinder.groups.get(made["id"]).group_snapshot_id == taken_id


def test_a_group_is_made_from_another_group(a, cinder, pair, grouped, until):
    """A group can be cloned as it is now."""
    pair[0].disk.write(0, b"one")
    source = grouped(pair)

    made = cinder.groups.create_from_src(None, source)

    until(lambda: a.groups[made["id"]].status == "available")
    copies = [v for v in a.volumes.values() if v.group_id == made["id"]]
    assert copies[0].disk.read(0, 3) == b"one"
    assert [copy.source_volid for copy in copies] == [volume.id for volume in pair]


def test_a_group_has_one_source(raw, pair, grouped, shoot):
    """Both sources are refused, even if one is null: openstacksdk sends it so."""
    taken_id, _ = shoot(grouped(pair))
    source = {"group_snapshot_id": taken_id, "source_group_id": None}

    answer = raw("POST", "/groups/action", "3.14", json={"create-from-src": source})

    assert answer.status_code == 400


@pytest.mark.parametrize("what", ["Source Group", "Group snapshot"])
def test_from_nothing_no_group_is_made(cinder, grouped, shoot, a, until, what):
    """A source without volumes is refused."""
    kind = a.types.add_group_type("kind")
    empty = cinder.groups.create(kind.id, "sandbox").id
    until(lambda: a.groups[empty].status == "available")
    source = (None, empty)
    if what == "Group snapshot":
        taken_id, _ = shoot(empty)
        source = (taken_id, None)

    with pytest.raises(BadRequest, match=f"{what} is empty. No group will be created"):
        cinder.groups.create_from_src(*source)


def test_group_snapshots_are_listed_and_shown(connection, cinder, pair, grouped, shoot):
    """A group snapshot says whose it is, and its snapshots say that they are of it."""
    group_id = grouped(pair)
    taken_id, taken = shoot(group_id)

    (seen,) = connection.block_storage.group_snapshots()
    shown = connection.block_storage.get_group_snapshot(taken_id)
    member = cinder.volume_snapshots.get(taken[pair[0].id].id)

    assert (seen.id, shown.group_id, shown.name) == (taken_id, group_id, "gs")
    assert (member.name, member.group_snapshot_id) == ("gs", taken_id)


def test_a_snapshot_of_a_group_goes_with_the_group_snapshot(
    a, cinder, pair, grouped, shoot, until
):
    """One snapshot cannot be deleted alone, not even by force."""
    group_id = grouped(pair)
    taken_id, taken = shoot(group_id)
    one = taken[pair[0].id].id
    for delete in (cinder.volume_snapshots.delete, _by_force(cinder)):
        with pytest.raises(BadRequest, match="must not be part of a group"):
            delete(one)
    with pytest.raises(BadRequest, match="Group has existing snapshots"):
        cinder.groups.delete(group_id, delete_volumes=True)

    cinder.group_snapshots.delete(taken_id)

    until(lambda: not a.group_snapshots)
    assert a.snapshots == {}
    assert all(snapshot.image.content.gone for snapshot in taken.values())


def _by_force(cinder):
    return lambda snapshot_id: cinder.volume_snapshots.delete(snapshot_id, force=True)


def test_a_volume_in_error_stops_the_group_snapshot(cinder, pair, grouped):
    """Only a volume in error, or in maintenance, is asked for its status."""
    group_id = grouped(pair)
    pair[1].status = "error"

    with pytest.raises(BadRequest, match="when the volume is in error status"):
        cinder.group_snapshots.create(group_id)


def test_quotas_count_all_snapshots_of_a_group(a, cinder, pair, grouped):
    """Two volumes need room for two snapshots, or none is taken."""
    group_id = grouped(pair)
    a.quotas["snapshots"] = 1

    with pytest.raises(OverLimit, match="Maximum number of snapshots allowed"):
        cinder.group_snapshots.create(group_id)

    assert a.snapshots == {}


@pytest.mark.parametrize(
    ("specs", "statuses"),
    [({}, ["error", "available"]), (ONE_INSTANT, ["error", "error"])],
)
def test_a_group_snapshot_can_fail_in_part(a, pair, grouped, shoot, specs, statuses):
    """One after another, some are taken; of one instant, all or none."""
    group_id = grouped(pair, specs)
    a.faults.add(Fault("create group snapshot", Effect.ERROR))

    taken_id, taken = shoot(group_id)

    assert a.group_snapshots[taken_id].status == "error"
    assert [taken[volume.id].status for volume in pair] == statuses


def test_a_fault_may_be_of_one_group(a, cinder, pair, grouped):
    """A fault that is set on a group's name finds its snapshots."""
    group_id = grouped(pair)
    a.faults.add(Fault("create group snapshot", Effect.ANSWER, resource="other"))
    a.faults.add(Fault("create group snapshot", Effect.ANSWER, "g", status=400))

    with pytest.raises(BadRequest):
        cinder.group_snapshots.create(group_id)

    assert a.group_snapshots == {}


def test_a_group_snapshot_is_reset_by_an_administrator(a, cinder, pair, grouped, shoot):
    """A status is set to what one says, if it is one."""
    taken_id, _ = shoot(grouped(pair))

    cinder.group_snapshots.reset_state(taken_id, "error")

    assert a.group_snapshots[taken_id].status == "error"
    with pytest.raises(BadRequest, match="lost is invalid, valid statuses are"):
        cinder.group_snapshots.reset_state(taken_id, "lost")
