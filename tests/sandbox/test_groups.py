import pytest
from cinderclient.exceptions import BadRequest, ClientException, NotFound, OverLimit
from openstack.exceptions import ForbiddenException

from vnfdr.sandbox import Effect, Fault, Latency


@pytest.fixture
def kind(a):
    """A plain type of groups."""
    return a.types.add_group_type("plain")


@pytest.fixture
def group(a, cinder, kind, until):
    """An available group without volumes."""
    made = cinder.groups.create(kind.id, "sandbox", name="g")
    until(lambda: a.groups[made.id].status == "available")
    return a.groups[made.id]


@pytest.fixture
def joined(cinder, group, spare, until):
    """A volume in the group."""
    cinder.groups.update(group.id, add_volumes=spare.id)
    until(lambda: spare.group_id == group.id and group.status == "available")
    return spare


def test_administrators_make_types_of_groups(a, connection, member):
    """A type of groups has specs, which administrators write and see."""
    with pytest.raises(ForbiddenException, match="group:group_types:create"):
        member.block_storage.create_group_type(name="gold")

    made = connection.block_storage.create_group_type(name="gold")
    connection.block_storage.create_group_type_group_specs(made, {"a": "1", "b": "2"})
    connection.block_storage.update_group_type_group_specs_property(made, "a", "3")
    connection.block_storage.delete_group_type_group_specs_property(made, "b")

    assert a.types.groups[made.id].specs == {"a": "3"}
    (seen,) = connection.block_storage.group_types()
    assert (seen.name, seen.group_specs) == ("gold", {"a": "3"})
    (less,) = member.block_storage.group_types()
    assert (less.name, less.group_specs) == ("gold", {})


def test_a_name_of_a_type_is_taken_once(cinder, kind):
    """Two types of groups do not have one name."""
    with pytest.raises(ClientException, match="Group Type plain already exists"):
        cinder.group_types.create("plain")


def test_a_type_in_use_stays(a, cinder, group, kind):
    """A type is not deleted as long as a group is of it."""
    with pytest.raises(BadRequest, match="Target group type is still in use"):
        cinder.group_types.delete(kind.id)

    a.groups.clear()
    cinder.group_types.delete(kind.id)

    assert a.types.groups == {}


@pytest.mark.parametrize(
    ("path", "since"),
    [
        ("/group_types", "3.11"),
        ("/groups", "3.13"),
        ("/groups/detail", "3.13"),
        ("/group_snapshots", "3.14"),
    ],
)
def test_groups_came_with_microversions(raw, path, since):
    """Who asks with an older microversion finds nothing there."""
    major, _, minor = since.partition(".")

    answers = [
        raw("GET", path, version).status_code
        for version in (f"{major}.{int(minor) - 1}", since)
    ]

    assert answers == [404, 200]


def test_a_group_becomes_available(connection, kind, until):
    """A group is accepted first, and there later, empty."""
    made = connection.block_storage.create_group(
        name="g", group_type=kind.name, volume_types=["sandbox"]
    )

    seen = until(
        lambda: next(
            (
                group
                for group in connection.block_storage.groups()
                if group.status == "available"
            ),
            None,
        )
    )

    assert (seen.id, seen.name, seen.group_type) == (made.id, "g", kind.id)
    assert seen.replication_status == "disabled"


@pytest.mark.parametrize(
    ("kind_name", "volume_type", "words"),
    [
        ("lost", "sandbox", "Group type with name lost could not be found"),
        ("plain", "lost", "Volume type with name lost could not be found"),
    ],
)
def test_a_group_is_of_types_that_exist(cinder, kind, kind_name, volume_type, words):
    """A group has a type, and types of volumes."""
    with pytest.raises(NotFound, match=words):
        cinder.groups.create(kind_name, volume_type)


def test_the_number_of_groups_is_limited(a, cinder, kind, group):
    """Groups have a quota, which tells how many there are."""
    a.quotas["groups"] = 1

    with pytest.raises(OverLimit, match="Maximum number of groups allowed \\(1\\)"):
        cinder.groups.create(kind.id, "sandbox")

    assert cinder.quotas.get(a.project_id, usage=True).groups["in_use"] == 1


def test_volumes_come_and_go(a, cinder, group, joined, until):
    """A volume in a group says so, and can leave it."""
    a.latency = Latency(volume=1.0)
    assert cinder.volumes.get(joined.id).group_id == group.id
    shown = cinder.groups.get(group.id, list_volume=True)
    assert shown.volumes == [joined.id]

    cinder.groups.update(group.id, remove_volumes=joined.id)

    assert group.status == "updating"
    until(lambda: joined.group_id is None and group.status == "available")


def test_a_group_is_renamed(connection, group):
    """A group's name changes at once."""
    connection.block_storage.update_group(group.id, name="h")

    assert (group.name, group.status) == ("h", "available")


def test_a_volume_can_be_made_in_a_group(cinder, a, group):
    """A volume that is to be in a group has to be of a type that the group takes."""
    with pytest.raises(BadRequest, match="volume_type must be provided when creating"):
        cinder.volumes.create(1, group_id=group.id)
    a.types.add_volume_type("other")
    with pytest.raises(BadRequest, match="must be supported by this group"):
        cinder.volumes.create(1, group_id=group.id, volume_type="other")

    made = cinder.volumes.create(1, group_id=group.id, volume_type="sandbox")

    assert made.group_id == group.id


@pytest.mark.parametrize(
    ("update", "words"),
    [
        ({"add_volumes": "nope"}, "because volume cannot be found"),
        ({"remove_volumes": "nope"}, "because it is not in the group"),
        ({"add_volumes": "x", "remove_volumes": "x"}, "in both add and remove volume"),
        ({"name": "g"}, "because no valid name, description, add_volumes, or remove"),
    ],
)
def test_a_wrong_update_is_refused(cinder, group, update, words):
    """What cannot be added or removed is not."""
    with pytest.raises(BadRequest, match=words):
        cinder.groups.update(group.id, **update)


def test_a_volume_is_in_one_group_only(a, cinder, kind, joined, group, until):
    """A second group does not get it."""
    other = cinder.groups.create(kind.id, "sandbox")
    until(lambda: a.groups[other.id].status == "available")

    with pytest.raises(BadRequest, match=f"it is already in group {group.id}"):
        cinder.groups.update(other.id, add_volumes=joined.id)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": "error"}, "because volume is in an invalid state: error."),
        ({"type": "other"}, "is not supported by the group"),
    ],
)
def test_a_volume_has_to_fit(a, cinder, group, spare, change, words):
    """A group takes steady volumes of its types."""
    a.types.add_volume_type("other")
    for key, value in change.items():
        setattr(spare, key, value)

    with pytest.raises(BadRequest, match=words):
        cinder.groups.update(group.id, add_volumes=spare.id)


def test_a_volume_in_a_group_is_not_deleted(cinder, joined):
    """Groups hold their volumes."""
    with pytest.raises(BadRequest, match="belong to a group"):
        cinder.volumes.delete(joined.id)


def test_a_group_is_deleted_with_its_volumes(a, connection, group, joined, until):
    """A group that has volumes goes with them, or not at all."""
    with pytest.raises(Exception, match="The delete-volumes flag is required"):
        connection.block_storage.delete_group(group.id)

    connection.block_storage.delete_group(group.id, delete_volumes=True)

    assert (group.status, joined.status) == ("deleting", "deleting")
    until(lambda: not a.groups and joined.id not in a.volumes)


def test_a_group_at_work_is_not_deleted(cinder, group, volume, until):
    """Volumes at a server keep their group."""
    cinder.groups.update(group.id, add_volumes=volume.id)
    until(lambda: volume.group_id == group.id and group.status == "available")

    with pytest.raises(BadRequest, match=r"is attached\. Need to detach"):
        cinder.groups.delete(group.id, delete_volumes=True)


def test_a_group_that_fails_is_reset(a, cinder, kind, until):
    """A group in error can be said to be available by an administrator."""
    a.faults.add(Fault("create group", Effect.ERROR))
    made = cinder.groups.create(kind.id, "sandbox", name="g")
    until(lambda: a.groups[made.id].status == "error")

    cinder.groups.reset_state(made.id, "available")

    assert a.groups[made.id].status == "available"
