"""Nova's servers: what is seen of one, by whom, and how they are found."""

import re

import pytest

from tests.contract.cloud import NOBODY, NOVA, assert_refused, content

EVERYBODY = {
    *("accessIPv4", "accessIPv6", "addresses", "config_drive", "created"),
    *("description", "flavor", "hostId", "id", "image", "key_name", "links", "locked"),
    *("locked_reason", "metadata", "name", "progress", "server_groups", "status"),
    *("tags", "tenant_id", "trusted_image_certificates", "updated", "user_id"),
    *("OS-DCF:diskConfig", "OS-EXT-AZ:availability_zone", "OS-EXT-STS:power_state"),
    *("OS-EXT-STS:task_state", "OS-EXT-STS:vm_state", "OS-SRV-USG:launched_at"),
    *("OS-SRV-USG:terminated_at", "os-extended-volumes:volumes_attached"),
}
PORTS = {"security_groups"}
"""What only servers with ports have; those here may have none."""

ADMINISTRATORS = {
    "host_status",
    *(
        f"OS-EXT-SRV-ATTR:{name}"
        for name in (
            *("host", "hostname", "hypervisor_hostname", "instance_name", "kernel_id"),
            *("launch_index", "ramdisk_id", "reservation_id", "root_device_name"),
            "user_data",
        )
    ),
}


@pytest.fixture
def name(cloud):
    """What the server is called."""
    return content(cloud.nova.get(f"/servers/{cloud.server_id}"))["name"]


@pytest.fixture
def listed(cloud):
    """List servers, in short; return their ids."""

    def listed(**query):
        return [s["id"] for s in content(cloud.nova.get("/servers", params=query))]

    return listed


def test_an_administrator_sees_where_a_server_runs(cloud):
    """All of it is there: the host, and what libvirt calls the guest."""
    seen = content(cloud.nova.get(f"/servers/{cloud.server_id}"))

    assert seen.keys() - PORTS == EVERYBODY | ADMINISTRATORS
    assert all(seen[f"OS-EXT-SRV-ATTR:{n}"] for n in ("host", "instance_name"))
    assert seen["OS-EXT-SRV-ATTR:root_device_name"] == "/dev/vda"
    assert seen["host_status"] == "UP"


def test_a_member_does_not(cloud):
    """What is left is the same, but for an opaque id of the host."""
    admin = content(cloud.nova.get(f"/servers/{cloud.server_id}"))
    member = content(cloud.member.nova.get(f"/servers/{cloud.server_id}"))

    assert member.keys() - PORTS == EVERYBODY
    assert member == {k: v for k, v in admin.items() if k not in ADMINISTRATORS}
    assert re.fullmatch("[0-9a-f]{56}", member["hostId"])


def test_a_running_server_says_so_in_four_ways(cloud):
    """Its status, its state, its power and that nothing is being done to it."""
    seen = content(cloud.nova.get(f"/servers/{cloud.server_id}"))

    assert seen["status"] == "ACTIVE"
    assert seen["OS-EXT-STS:vm_state"] == "active"
    assert seen["OS-EXT-STS:task_state"] is None
    assert seen["OS-EXT-STS:power_state"] == 1
    assert seen["tenant_id"] == cloud.project_id


def test_a_server_that_boots_from_a_volume_has_no_image(cloud):
    """And no disk of its own: the flavor is told within the server."""
    seen = content(cloud.nova.get(f"/servers/{cloud.server_id}"))

    assert seen["image"] == ""
    assert seen["description"] is None
    assert {"original_name", "vcpus", "extra_specs"} <= seen["flavor"].keys()
    assert [seen["flavor"][k] for k in ("disk", "ephemeral", "swap")] == [0, 0, 0]


def test_nova_writes_times_in_two_ways(cloud):
    """When it was made ends with a Z, and when it was launched does not."""
    seen = content(cloud.nova.get(f"/servers/{cloud.server_id}"))

    launched = seen["OS-SRV-USG:launched_at"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", seen["created"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000000", launched)


def test_a_server_is_linked_with_its_version_and_without(cloud):
    """Nova's links are made from what it takes for its own URL."""
    seen = content(cloud.nova.get(f"/servers/{cloud.server_id}"))

    own, bookmark = seen["links"]
    assert (own["rel"], bookmark["rel"]) == ("self", "bookmark")
    assert own["href"].endswith(f"/v2.1/servers/{cloud.server_id}")
    assert "/v2.1/" not in bookmark["href"]


def test_an_old_microversion_tells_less(cloud):
    """At 2.1 the flavor is only a link, and a volume only an id."""
    path = f"/servers/{cloud.server_id}"
    seen = content(cloud.nova.get(path, microversion="2.1"))

    volumes = seen["os-extended-volumes:volumes_attached"]
    assert {"id", "links"} == seen["flavor"].keys()
    assert {"id": cloud.root_id} in volumes
    assert "locked" not in seen
    assert "host_status" not in seen


@pytest.mark.parametrize(
    ("version", "fields"),
    [
        ("2.1", {"id", "device", "serverId", "volumeId"}),
        ("2.70", {"id", "device", "serverId", "volumeId", "tag"}),
        (
            NOVA,
            {"id", "device", "serverId", "volumeId", "tag", "delete_on_termination"},
        ),
        (
            "2.89",
            {"device", "serverId", "volumeId", "tag", "delete_on_termination"}
            | {"attachment_id", "bdm_uuid"},
        ),
    ],
)
def test_attachments_tell_the_volumes_and_their_devices(cloud, version, fields):
    """What else they tell depends on the microversion."""
    path = f"/servers/{cloud.server_id}/os-volume_attachments"

    for user in (cloud.admin, cloud.member):
        seen = content(user.nova.get(path, microversion=version))

        devices = {a["device"]: a["volumeId"] for a in seen}
        assert devices == {"/dev/vda": cloud.root_id, "/dev/vdb": cloud.data_id}
        assert all(a.keys() == fields for a in seen)


def test_servers_are_found_by_a_pattern(cloud, listed, name):
    """Nova takes a name for a regular expression, and ignores case."""
    for pattern in (f"^{name}$", name[1:-1], f"^{name.upper()}$"):
        assert cloud.server_id in listed(name=pattern)
    assert listed(name=f"^{name}-$") == []


def test_a_short_list_tells_names_only(cloud, name):
    """The long one tells all, but for the groups that a server is in."""
    query = {"name": f"^{name}$"}
    (short,) = content(cloud.nova.get("/servers", params=query))
    (long,) = content(cloud.nova.get("/servers/detail", params=query))

    assert short.keys() == {"id", "links", "name"}
    everything = EVERYBODY | ADMINISTRATORS
    assert long.keys() - PORTS == everything - {"server_groups"}


def test_servers_are_found_by_their_status(cloud, listed, name):
    """In whatever case; a word that is no status is refused."""
    refused = cloud.nova.get("/servers", params={"status": "nonsense"})

    for status in ("ACTIVE", "active"):
        assert listed(name=f"^{name}$", status=status) == [cloud.server_id]
    assert_refused(refused, 400, "badRequest", "Invalid status value")


def test_a_page_that_is_full_has_a_link_to_the_next(cloud, name):
    """It repeats the query, and names the last one seen."""
    query = {"name": f"^{name}$", "limit": "1"}

    page = cloud.nova.get("/servers", params=query).json()

    (link,) = page["servers_links"]
    assert link["rel"] == "next"
    assert f"marker={cloud.server_id}" in link["href"]
    assert "limit=1" in link["href"]
    assert "name=" in link["href"]


def test_after_the_last_one_there_are_none(cloud, listed, name):
    """A list goes on after its marker; without room for any it is empty."""
    assert listed(name=f"^{name}$", marker=cloud.server_id) == []
    assert listed(name=f"^{name}$", limit="0") == []


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"marker": NOBODY}, rf"marker \[{NOBODY}\] not found"),
        ({"limit": "-1"}, "query parameters limit.*does not match"),
        ({"limit": "many"}, "query parameters limit.*does not match"),
        ({"name": "*"}, "query parameters name.*is not a 'regex'"),
        ({"nonsense": "1"}, "'nonsense' does not match any of the regexes"),
    ],
    ids=str,
)
def test_what_nova_cannot_look_for_is_refused(cloud, query, words):
    """By whoever it is asked."""
    for user in (cloud.admin, cloud.member):
        answer = user.nova.get("/servers", params=query)

        assert_refused(answer, 400, "badRequest", words)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (f"/servers/{NOBODY}", f"Instance {NOBODY} could not be found"),
        ("/servers/nonsense", "Instance nonsense could not be found"),
        (f"/servers/{NOBODY}/os-volume_attachments", "could not be found"),
        (f"/servers/{NOBODY}/os-instance-actions", "could not be found"),
        ("/servers/{}/os-instance-actions/req-nonsense", "req-nonsense not found"),
        (
            f"/servers/{{}}/os-volume_attachments/{NOBODY}",
            f"is not attached to volume {NOBODY}",
        ),
    ],
)
def test_what_is_not_there_is_not_found(cloud, path, words):
    """Nova says what it looked for."""
    answer = cloud.nova.get(path.format(cloud.server_id))

    assert_refused(answer, 404, "itemNotFound", words)
    assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
