import pytest
from openstack.exceptions import (
    BadRequestException,
    ConflictException,
    ForbiddenException,
    NotFoundException,
)

KEY = "ssh-rsa AAAAB3NzaC1yc2E= me@home"


@pytest.fixture
def keypair(connection):
    return connection.compute.create_keypair(name="k", public_key=KEY)


def test_a_key_is_kept(connection, keypair):
    """A public key is shown as it was given, with its fingerprint."""
    seen = connection.compute.get_keypair("k")

    assert (seen.name, seen.public_key) == ("k", KEY)
    assert seen.fingerprint == keypair.fingerprint
    assert len(seen.fingerprint.split(":")) == 16
    assert [k.name for k in connection.compute.keypairs()] == ["k"]


def test_keys_are_of_users(connection, member, keypair):
    """Another user has none, though it is the same project."""
    assert list(member.compute.keypairs()) == []


def test_administrators_see_the_keys_of_others(a, connection, member):
    """They say whose; users may not."""
    member.compute.create_keypair(name="k", public_key=KEY)
    others = a.users["member"].id

    assert [k.name for k in connection.compute.keypairs(user_id=others)] == ["k"]
    with pytest.raises(ForbiddenException):
        list(member.compute.keypairs(user_id=a.users["admin"].id))


def test_a_name_is_taken_once(connection, keypair):
    """A second key of the same name is a conflict."""
    with pytest.raises(ConflictException, match="Key pair 'k' already exists"):
        connection.compute.create_keypair(name="k", public_key=KEY)


def test_what_is_no_key_is_refused(connection):
    """A key has to be one, and has to be given."""
    with pytest.raises(BadRequestException, match="failed to generate fingerprint"):
        connection.compute.create_keypair(name="k", public_key="ssh-rsa")
    with pytest.raises(BadRequestException, match="'public_key' is a required"):
        connection.compute.create_keypair(name="k")


def test_a_quota_of_keys(a, connection):
    """Too many are refused with 403."""
    a.compute_quotas["key_pairs"] = 0

    with pytest.raises(ForbiddenException, match="too many key pairs"):
        connection.compute.create_keypair(name="k", public_key=KEY)


def test_a_key_that_was_deleted_is_not_found(connection, keypair):
    """It is gone, and to delete it again is an error."""
    connection.compute.delete_keypair("k")

    with pytest.raises(NotFoundException, match="Keypair k not found for user"):
        connection.compute.get_keypair("k")
