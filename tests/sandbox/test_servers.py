import pytest
from openstack.exceptions import NotFoundException


def test_a_server_shows_its_flavor_and_its_host(connection, server):
    """An administrator sees where a server is, and what it may use."""
    seen = connection.compute.get_server(server.id)

    assert (seen.status, seen.hypervisor_hostname) == ("ACTIVE", server.host)
    assert seen.flavor.name == "sandbox.small"


def test_a_member_sees_no_host(member, server):
    """Where a server is, is for administrators."""
    assert member.compute.get_server(server.id).hypervisor_hostname is None


def test_the_flavor_is_embedded_since_2_47(raw, server):
    """Before that, a server tells the flavor's id."""
    path = f"/servers/{server.id}"

    old = raw("GET", path, "2.46", service="compute").json()["server"]["flavor"]
    new = raw("GET", path, "2.47", service="compute").json()["server"]["flavor"]

    assert (old["id"], new["original_name"]) == (server.flavor.id, server.flavor.name)


def test_a_name_is_a_regular_expression(a, connection):
    """Nova looks for names as its database does."""
    for name in ("db-1", "db-2", "app"):
        a.add_server(name, volumes=1)

    found = connection.compute.servers(name="^db-.*")

    assert [server.name for server in found] == ["db-2", "db-1"]


def test_servers_come_in_pages(a, connection):
    """Whoever follows the links sees every server once."""
    a.page_max = 2
    names = {a.add_server(f"s{n}", volumes=0).name for n in range(5)}

    seen = [server.name for server in connection.compute.servers()]

    assert (set(seen), len(seen)) == (names, 5)


def test_attachments_change_with_2_89(raw, server):
    """Newer microversions tell a volume's attachment in place of its id."""
    path = f"/servers/{server.id}/os-volume_attachments"

    old = raw("GET", path, "2.88", service="compute").json()["volumeAttachments"]
    new = raw("GET", path, "2.89", service="compute").json()["volumeAttachments"]

    assert [one["device"] for one in old] == ["/dev/vda", "/dev/vdb"]
    assert old[0].keys() - new[0].keys() == {"id"}
    assert new[0].keys() - old[0].keys() == {"attachment_id", "bdm_uuid"}


def test_a_server_that_is_gone_is_not_found(connection):
    """What does not exist is refused as Nova does it."""
    with pytest.raises(NotFoundException, match="Instance x could not be found"):
        connection.compute.get_server("x")


@pytest.mark.parametrize("service", ["compute", "block_storage"])
def test_a_microversion_that_is_too_new_is_refused(raw, service, message):
    """A service says which microversions it knows."""
    answer = raw("GET", "/limits", "3.9999", service=service)

    assert answer.status_code == 406
    assert "is not supported by the API. Minimum is" in message(answer)


def test_flavors_and_limits_are_told(a, connection, server):
    """What there is, is counted and named."""
    assert [f.name for f in connection.compute.flavors()] == ["sandbox.small"]
    assert connection.compute.get_limits().absolute.instances_used == 1


def test_an_unknown_path_is_not_found(raw):
    """What a service does not offer is answered as the real one does."""
    answer = raw("GET", "/nothing/of/this")

    assert answer.status_code == 404
    assert "The resource could not be found." in answer.text
