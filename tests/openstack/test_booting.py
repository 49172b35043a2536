"""New servers on the wire."""

import json
import logging

import pytest

from vnfdr.cloud import KEY, BootVolume, ServerRequest
from vnfdr.errors import CloudError, Gone, Unsupported, WaitedTooLong
from vnfdr.openstack import connect

SECRET = b"#cloud-config password: hunter2"
ENCODED = "I2Nsb3VkLWNvbmZpZyBwYXNzd29yZDogaHVudGVyMg=="


@pytest.fixture
def wanted():
    """A server that is wanted."""

    def wanted(**other):
        about = {
            "tag": "r1:server:1",
            "name": "db",
            "flavor_id": "f1",
            "volumes": (BootVolume("v1", "root"), BootVolume("v2")),
        }
        return ServerRequest(**about | other)

    return wanted


@pytest.fixture
def accepts(nova):
    """Nova, which takes a new server and makes it."""
    nova.post("/servers", status=202, json={"server": {"id": "s1"}})
    nova.get("/servers/s1", json={"server": {"id": "s1", "status": "ACTIVE"}})
    return nova


@pytest.fixture
def asked(accepts):
    """What Nova was asked for, and at which microversion."""

    def asked():
        (request,) = accepts.requests("POST")
        version = request.headers["OpenStack-API-Version"].partition(" ")[2]
        return json.loads(request.body), version

    return asked


def at_version(cinder, nova, highest):
    """A site whose Nova knows no newer microversion."""
    cinder.discovered("version", "3.71")
    nova.discovered("version", highest)
    return connect("site-a")


def shown(status, **more):
    return {"json": {"server": {"id": "s1", "status": status, **more}}}


def test_a_server_is_asked_for_with_nothing_that_was_not_wanted(site, asked, wanted):
    """No network means none; the first volume is the one to boot from."""
    site.servers.create(wanted(server_group_id="g1"))

    body, version = asked()
    same = {
        "source_type": "volume",
        "destination_type": "volume",
        "delete_on_termination": False,
    }
    assert body == {
        "server": {
            "name": "db",
            "flavorRef": "f1",
            "metadata": {KEY: "r1:server:1"},
            "networks": "none",
            "block_device_mapping_v2": [
                {**same, "uuid": "v1", "boot_index": 0, "tag": "root"},
                {**same, "uuid": "v2", "boot_index": -1},
            ],
        },
        "os:scheduler_hints": {"group": "g1"},
    }
    assert version == "2.79"


@pytest.mark.parametrize(
    ("highest", "hostname", "version"),
    [
        ("2.100", "db-1", "2.90"),
        ("2.100", "db-1.example.org", "2.94"),
        ("2.90", "db-1", "2.90"),
        ("2.90", "db-1.example.org", "2.79"),
        ("2.87", "db-1", "2.79"),
        ("2.100", "d", "2.79"),
        ("2.100", "db_1", "2.79"),
    ],
)
def test_a_hostname_is_asked_for_where_nova_takes_it(
    cinder, nova, asked, wanted, highest, hostname, version
):
    """Elsewhere the server comes all the same, and Nova chooses."""
    site = at_version(cinder, nova, highest)

    site.servers.create(wanted(hostname=hostname))

    body, at = asked()
    assert at == version
    told = body["server"].get("hostname")
    assert told == (None if version == "2.79" else hostname)


def test_user_data_is_encoded_and_never_logged(site, asked, wanted, caplog):
    """Nor shown with the request that it is part of."""
    caplog.set_level(logging.DEBUG)
    request = wanted(user_data=SECRET)

    site.servers.create(request)

    assert asked()[0]["server"]["user_data"] == ENCODED
    assert "hunter2" not in caplog.text + repr(request)
    assert ENCODED not in caplog.text


@pytest.mark.parametrize("of", ["server", "user_data"])
def test_what_nova_says_of_user_data_is_left_out(site, nova, wanted, of):
    """It repeats what it was sent; status and request id are kept."""
    value = ENCODED if of == "user_data" else f"{{'user_data': '{ENCODED}'}}"
    message = f"Invalid input for field/attribute {of}. Value: {value}."
    nova.refuse("POST", "/servers", 400, message)

    with pytest.raises(Unsupported, match=f"attribute {of}.*left out") as caught:
        site.servers.create(wanted(user_data=SECRET))

    assert ENCODED[:8] not in str(caught.value)
    assert (caught.value.status, caught.value.request_id) == (400, "req-42")
    assert caught.value.__suppress_context__


def test_a_server_that_ends_in_error_says_why(site, nova, wanted):
    """In Nova's own words."""
    nova.post("/servers", status=202, json={"server": {"id": "s1"}})
    fault = {"message": "No valid host was found.", "code": 500}
    nova.get("/servers/s1", **shown("BUILD"))
    nova.get("/servers/s1", **shown("ERROR", fault=fault))

    with pytest.raises(CloudError, match="'ERROR': No valid host was found"):
        site.servers.create(wanted())


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (shown("SHUTOFF"), CloudError, "is in status 'SHUTOFF'"),
        (shown("DELETED"), Gone, "was deleted"),
        ({"status": 404, "json": {}}, Gone, "s1"),
        (shown("BUILD"), WaitedTooLong, "not within 900 seconds"),
        (shown("REBOOT", **{"OS-EXT-STS:task_state": "x"}), WaitedTooLong, "900"),
    ],
    ids=["shut off", "deleted", "gone", "stuck", "busy"],
)
def test_no_server_is_waited_for_for_ever(site, nova, answer, error, words):
    """What will not come is told at once, what may come is given time."""
    nova.get("/servers/s1", **answer)

    with pytest.raises(error, match=words):
        site.servers.wait("s1")


def test_a_server_is_looked_for_among_all_and_by_its_metadata(site, nova):
    """Nova would take no notice of such a filter, and return all there are."""
    other = {"id": "s0", "metadata": {KEY: "r1:server:10"}}
    nova.get("/servers/detail", json={"servers": [other, {"id": "s2", "metadata": {}}]})

    assert site.servers.find("r1:server:1") is None

    (request,) = nova.requests("GET")
    assert request.params == {}
