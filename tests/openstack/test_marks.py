"""What is read of a mark, and how what carries it goes away."""

import pytest

from vnfdr.errors import CloudError

MARK = {"vnfdr-key": "p1:server:s0", "vnfdr-point": "p1", "vnfdr-group": "vnf"}


def server(status="ACTIVE", **metadata):
    """What Nova says of a server."""
    return {
        "id": "s1",
        "name": "db-1",
        "status": status,
        "created": "2026-01-01T00:00:00Z",
        "metadata": metadata,
        "os-extended-volumes:volumes_attached": [
            {"id": "v1", "delete_on_termination": True},
            {"id": "v2", "delete_on_termination": False},
        ],
        "OS-EXT-STS:task_state": None,
        "fault": {"message": "host is down"},
    }


def test_a_cloud_without_neutron_has_no_ports(site):
    """Nothing is asked of what is not in the catalog."""
    assert site.ports.marked() == ()


def test_of_a_server_only_the_mark_is_kept(site, nova):
    """The rest of its metadata is its owner's, and may be secret."""
    seen = [server(**MARK, login="hush"), server(login="hush")]
    nova.get("/servers/detail", json={"servers": seen})

    (found,) = site.servers.marked()

    assert (found.key, found.takes_along) == ("p1:server:s0", ("v1",))
    assert "hush" not in repr(found)


def test_a_server_is_gone_when_nova_knows_it_no_longer(site, nova):
    """One that is only marked as deleted will not come back by itself."""
    nova.delete("/servers/s1", status=204)
    nova.get("/servers/s1", json={"server": server()})
    nova.get("/servers/s1", json={"server": server("SOFT_DELETED")})

    site.servers.delete("s1")

    assert len(nova.requests("GET")) == 2


def test_a_deletion_that_failed_says_why(site, nova):
    """Nova leaves the server in error, with a fault."""
    nova.delete("/servers/s1", status=204)
    nova.get("/servers/s1", json={"server": server("ERROR")})

    with pytest.raises(CloudError, match="host is down"):
        site.servers.delete("s1")
