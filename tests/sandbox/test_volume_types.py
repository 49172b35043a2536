import pytest
from openstack.exceptions import ForbiddenException, NotFoundException

SPECS = {"multiattach": "<is> True", "volume_backend_name": "sandbox"}


@pytest.fixture
def shared(a):
    """A type whose volumes several servers may have."""
    return a.types.add_volume_type("shared", SPECS)


def test_types_are_listed_and_found(connection, shared):
    """A type is found by its name, with what it specifies."""
    names = [kind.name for kind in connection.block_storage.types()]

    assert names == ["shared", "sandbox"]
    found = connection.block_storage.find_type("shared")
    assert (found.id, found.extra_specs) == (shared.id, SPECS)


def test_members_see_some_specs(member, shared):
    """What a type says of its backend is for administrators."""
    found = member.block_storage.get_type(shared.id)

    assert found.extra_specs == {"multiattach": "<is> True"}


def test_the_specs_of_a_type_are_listed(cinder, raw, shared, message):
    """Specs can be asked for on their own, all or one."""
    kind = cinder.volume_types.get(shared.id)
    missing = raw("GET", f"/types/{shared.id}/extra_specs/colour")

    assert kind.get_keys() == SPECS
    assert missing.status_code == 404
    assert message(missing) == (
        f"Volume Type {shared.id} has no extra specs with key colour."
    )


def test_the_default_type_is_told(cinder, shared):
    """Who gives no type gets the default one."""
    assert cinder.volume_types.default().name == "sandbox"


def test_a_type_that_is_gone_is_not_found(connection):
    """What does not exist is refused as Cinder does it."""
    with pytest.raises(NotFoundException, match="Volume type nope could not be found"):
        connection.block_storage.get_type("nope")


def test_a_volume_says_of_which_type_it_is(cinder, shared):
    """The id of the type and whether several servers may have it are shown."""
    made = cinder.volumes.create(1, volume_type="shared")

    assert (made.volume_type, made.multiattach) == ("shared", True)
    assert made.volume_type_id == shared.id


def test_the_zone_is_listed(connection):
    """There is one availability zone."""
    (zone,) = connection.block_storage.availability_zones()

    assert (zone.name, zone.state) == ("nova", {"available": True})


@pytest.mark.parametrize("at_once", [True, False])
def test_the_pool_says_what_it_can(a, connection, at_once):
    """Whether a group is taken at one instant is seen before."""
    a.takes_groups_at_once = at_once

    (pool,) = connection.block_storage.backend_pools()

    assert pool.capabilities["consistent_group_snapshot_enabled"] is at_once
    host = pool.name.partition("#")[0]
    assert connection.block_storage.get_capabilities(host).vendor_name == "vnfdr"


def test_members_see_no_pools(member):
    """Where volumes are stored is for administrators."""
    with pytest.raises(ForbiddenException, match="scheduler_stats:get_pools"):
        list(member.block_storage.backend_pools())


def test_extensions_are_listed(connection):
    """Tools that look for an extension find it."""
    aliases = {extension.alias for extension in connection.block_storage.extensions()}

    assert {"os-admin-actions", "backups", "os-vol-image-meta"} <= aliases


def test_quotas_go_back_to_their_defaults(a, cinder):
    """Limits that were set are forgotten when they are reset."""
    cinder.quotas.update(a.project_id, snapshots=7)
    cinder.quotas.delete(a.project_id)

    told = cinder.quotas.get(a.project_id).snapshots
    assert told == cinder.quotas.defaults(a.project_id).snapshots == 1000
