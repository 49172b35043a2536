"""Servers on the wire."""

import pytest
import requests
from responses.matchers import json_params_matcher, query_param_matcher

from vnfdr.cloud import ActionResult
from vnfdr.errors import AnswerLost, Conflict, Gone, Retryable, Unsupported
from vnfdr.model import Attachment, Server

FLAVOR = {"vcpus": 1, "ram": 192, "disk": 0, "ephemeral": 0, "swap": 0}


def seen(**more):
    """What Nova says of a server."""
    return {
        "id": "i1",
        "name": "db-1",
        "status": "ACTIVE",
        "tenant_id": "p1",
        "hostId": "abc",
        "image": "",
        "flavor": FLAVOR,
        "OS-SRV-USG:launched_at": "2026-01-01T00:00:00.000000",
        "OS-EXT-STS:task_state": None,
        "OS-EXT-STS:power_state": 1,
        "OS-EXT-STS:vm_state": "active",
        **more,
    }


def action(name, request_id="req-1"):
    """What Nova says of something that was done to a server."""
    return {"action": name, "request_id": request_id}


@pytest.fixture
def answer(nova):
    """Answer all that is asked about one server."""

    def answer(server=None, attachments=(), actions=()):
        nova.get("/servers/i1", json={"server": server or seen()})
        attached = [{"volumeId": v, "device": d} for v, d in attachments]
        path = "/servers/i1/os-volume_attachments"
        nova.get(path, json={"volumeAttachments": attached})
        path = "/servers/i1/os-instance-actions"
        nova.get(path, json={"instanceActions": list(actions)})

    return answer


def test_a_server_is_read(site, nova, answer):
    """What a user sees of a server is there, and what only admins see is empty."""
    answer(attachments=[("v1", "/dev/vda")])

    server = site.servers.get("i1")

    assert server == Server(
        id="i1",
        name="db-1",
        project_id="p1",
        status="ACTIVE",
        attachments=(Attachment("v1", "/dev/vda"),),
        incarnation=server.incarnation,
        vm_state="active",
    )
    sent = nova.requests("GET")
    assert {r.headers["OpenStack-API-Version"] for r in sent} == {"compute 2.79"}


def test_an_administrator_sees_where_a_server_runs(site, answer):
    """The compute host is what the libvirt backend connects to."""
    where = {
        "OS-EXT-SRV-ATTR:host": "compute-a",
        "OS-EXT-SRV-ATTR:hypervisor_hostname": "compute-a.example",
        "OS-EXT-STS:task_state": "migrating",
    }
    answer(seen(**where))

    server = site.servers.get("i1")

    assert (server.host, server.hypervisor) == ("compute-a", "compute-a.example")
    assert server.task_state == "migrating"


def test_a_server_tells_what_it_runs_where_its_metadata_does(site, answer):
    """Who labels a server so is believed."""
    answer(seen(metadata={"os_type": "windows", "owner": "me"}))

    assert site.servers.get("i1").os == "windows"


def test_volumes_are_in_the_order_of_their_devices(site, answer):
    """Nova promises no order; the twenty-seventh disk comes after the second."""
    devices = ["/dev/vdaa", "/dev/vdb", None, "/dev/vda", "/dev/vdz"]
    answer(attachments=[(f"v{n}", device) for n, device in enumerate(devices)])

    attachments = site.servers.get("i1").attachments

    in_order = ["/dev/vda", "/dev/vdb", "/dev/vdz", "/dev/vdaa", ""]
    assert [attachment.device for attachment in attachments] == in_order


def test_disks_that_no_volume_holds_are_told_in_words(site, answer):
    """What would be lost is said as a person would say it."""
    flavor = FLAVOR | {"ephemeral": 5, "swap": 512}
    answer(seen(image={"id": "cirros"}, flavor=flavor))

    assert site.servers.get("i1").local_disks == (
        "an image-backed root disk",
        "an ephemeral disk of 5 GiB",
        "a swap disk of 512 MiB",
    )


@pytest.mark.parametrize(
    ("server", "actions"),
    [
        (seen(hostId="def"), []),
        (seen(**{"OS-SRV-USG:launched_at": "2026-02-02T00:00:00.000000"}), []),
        (seen(**{"OS-EXT-STS:power_state": 4}), []),
        (seen(), [action("reboot", "req-9")]),
        (seen(), [action("live-migration", "req-9")]),
        (seen(), [action("unlock", "req-10"), action("stop", "req-9")]),
    ],
)
def test_a_new_life_is_a_new_incarnation(site, nova, answer, server, actions):
    """A guest that was moved, rebuilt or power cycled is not the one we froze."""
    answer(actions=[action("create")])
    before = site.servers.get("i1").incarnation
    nova.wire.reset()
    answer(server, actions=[*actions, action("create")])

    assert site.servers.get("i1").incarnation != before


@pytest.mark.parametrize(
    ("server", "actions"),
    [
        (
            seen(**{"OS-EXT-STS:power_state": 3}, status="PAUSED"),
            [action("pause", "r")],
        ),
        (seen(), [action("attach_volume", "req-9"), action("quiesce", "req-8")]),
        (seen(name="new", **{"OS-EXT-STS:task_state": "image_snapshot"}), []),
    ],
)
def test_a_life_goes_on_through_what_does_not_end_it(
    site, nova, answer, server, actions
):
    """Holding a guest still must not look like losing it."""
    answer(actions=[action("create")])
    before = site.servers.get("i1").incarnation
    nova.wire.reset()
    answer(server, actions=[*actions, action("create")])

    assert site.servers.get("i1").incarnation == before


def test_a_history_that_may_not_be_read_is_no_error(site, nova):
    """Without it an incarnation knows less, and a server can still be read."""
    nova.get("/servers/i1", json={"server": seen()})
    nova.get("/servers/i1/os-volume_attachments", json={"volumeAttachments": []})
    nova.refuse("GET", "/servers/i1/os-instance-actions", 403, "Policy doesn't allow")

    assert "abc" in site.servers.get("i1").incarnation


@pytest.mark.parametrize("name", ["db-1", "a/b", "it's [b]one[/b]", "..", "100%?x=1#y"])
def test_a_name_that_is_not_an_id_is_gone(site, nova, name):
    """A name is tried as an id first, and reaches nothing but that server."""
    path = {
        "db-1": "/servers/db-1",
        "a/b": "/servers/a%2Fb",
        "it's [b]one[/b]": "/servers/it%27s%20%5Bb%5Done%5B%2Fb%5D",
        "..": "/",
        "100%?x=1#y": "/servers/100%25%3Fx%3D1%23y",
    }[name]
    nova.refuse("GET", path, 404, "The resource could not be found.")

    with pytest.raises(Gone):
        site.servers.get(name)


def test_a_name_that_means_something_in_a_url_is_not_an_id(site, nova):
    """A server may be called ``detail``, which lists all of them."""
    nova.get("/servers/detail", json={"servers": []})

    with pytest.raises(Gone, match="it is not the id of a server"):
        site.servers.get("detail")


@pytest.mark.parametrize(
    ("name", "pattern"),
    [("db-1", "^db-1$"), ("db.1 (old)+", "^db.*1.*old.*$"), ("日本'", "^.*$")],
)
def test_servers_are_found_by_their_exact_name(site, nova, answer, name, pattern):
    """Nova takes a name for a pattern; what fits the pattern only is left out."""
    listed = [{"id": "i1", "name": name}, {"id": "i2", "name": f"{name}0"}]
    match = [query_param_matcher({"name": pattern})]
    nova.get("/servers", json={"servers": listed}, match=match)
    answer(seen(name=name))

    found = site.servers.named(name)

    assert [(server.id, server.name) for server in found] == [("i1", name)]


def test_all_servers_of_the_project_are_named(site, nova):
    """Whoever mistypes a name sees what there is, all pages of it."""
    link = {"rel": "next", "href": "http://elsewhere/v2.1/servers?marker=i1"}
    first = {"servers": [{"id": "i1", "name": "lb-1"}], "servers_links": [link]}
    nova.get("/servers", json=first, match=[query_param_matcher({})])
    match = [query_param_matcher({"marker": "i1"})]
    nova.get("/servers", json={"servers": [{"id": "i2", "name": "db"}]}, match=match)

    assert site.servers.names() == ("db (i2)", "lb-1 (i1)")


def test_a_server_whose_cell_is_down_is_asked_for_later(site, nova):
    """Nova answers all the same, with an id and little else."""
    little = {"id": "i1", "status": "UNKNOWN", "tenant_id": "p1"}
    nova.get("/servers/i1", json={"server": little})

    with pytest.raises(Retryable, match="'i1': its cell is down"):
        site.servers.get("i1")


def test_servers_whose_cell_is_down_are_in_nobodys_way(site, nova):
    """The others are named and found, and those are named as what they are."""
    listed = [{"id": "i1", "status": "UNKNOWN"}, {"id": "i2", "name": "db"}]
    nova.get("/servers", json={"servers": listed})

    assert site.servers.names() == ("a server whose cell is down (i1)", "db (i2)")
    assert site.servers.named("lb") == ()


@pytest.mark.parametrize("verb", ["pause", "unpause", "quiesce", "unquiesce"])
def test_an_action_is_asked_for(site, nova, verb):
    """The id that comes back is what the action is followed by."""
    match = [json_params_matcher({verb: None})]
    nova.post("/servers/i1/action", status=202, match=match)

    assert site.servers.act("i1", verb) == "req-42"


def test_an_action_that_no_nova_has_is_unsupported(site, nova):
    """A cloud without the quiesce API says so, whatever the server."""
    message = "There is no such action: quiesce"
    nova.refuse("POST", "/servers/i1/action", 400, message)

    with pytest.raises(Unsupported, match="cannot quiesce server 'i1': There is no"):
        site.servers.act("i1", "quiesce")


def test_an_action_in_the_wrong_state_is_a_conflict(site, nova):
    """A stopped server cannot be paused."""
    message = "Cannot 'pause' instance i1 while it is in vm_state stopped"
    nova.refuse("POST", "/servers/i1/action", 409, message)

    with pytest.raises(Conflict, match="while it is in vm_state stopped"):
        site.servers.act("i1", "pause")


def test_an_action_without_an_answer_may_have_happened(site, nova):
    """A pause that was not answered is not asked for again; somebody must look."""
    nova.post("/servers/i1/action", body=requests.ReadTimeout("Read timed out."))

    with pytest.raises(AnswerLost):
        site.servers.act("i1", "pause")


UNDER_WAY = {"result": None, "finish_time": None}
FINE = {"result": "Success", "finish_time": "2026-01-01"}
BROKEN = {"result": "Error", "finish_time": "2026-01-01", "details": "no agent"}


@pytest.mark.parametrize(
    ("message", "events", "result"),
    [
        (None, [], ActionResult(finished=False, message=None)),
        (None, [FINE, UNDER_WAY], ActionResult(finished=False, message=None)),
        (None, [FINE, FINE], ActionResult(finished=True, message="")),
        ("Error", [FINE, BROKEN], ActionResult(finished=True, message="no agent")),
        ("Error", [], ActionResult(finished=True, message="Error")),
        (
            "Error",
            [BROKEN | {"details": None}],
            ActionResult(finished=True, message="Error"),
        ),
    ],
)
def test_what_became_of_an_action_is_told(site, nova, message, events, result):
    """A guest that could not be quiesced is told from one that was not yet."""
    answer = {"instanceAction": {"message": message, "events": events}}
    nova.get("/servers/i1/os-instance-actions/req-42", json=answer)

    assert site.servers.action_result("i1", "req-42") == result
    version = nova.requests("GET")[-1].headers["OpenStack-API-Version"]
    assert version == "compute 2.84"


def test_an_action_that_is_not_recorded_yet_is_unknown(site, nova):
    """Nova writes an action down a moment after it was asked for."""
    path = "/servers/i1/os-instance-actions/req-42"
    nova.refuse("GET", path, 404, "Action for request_id req-42 not found")

    assert site.servers.action_result("i1", "req-42") is None
