"""What Nova does to a server: pausing, what became of it, and what it refuses."""

import pytest

from tests.contract.cloud import NOBODY, assert_refused, content
from vnfdr.retry import wait_until

PAUSING = [("active", "pausing", 1), ("paused", None, 3)]
UNPAUSING = [("paused", "unpausing", 3), ("active", None, 1)]


@pytest.fixture
def act(cloud):
    """Ask for an action of the server, which in the end is active again."""

    def act(action, *, by=cloud.admin, server_id=cloud.server_id):
        return by.nova.post(f"/servers/{server_id}/action", json={action: None})

    yield act
    if states(cloud, lambda state: state[1] is None)[-1][0] == "paused":
        act("unpause")
        states(cloud, lambda state: state == UNPAUSING[-1])


def states(cloud, is_last):
    """Look at the server until its state is the last one; return all seen."""
    seen = []

    def look():
        server = content(cloud.nova.get(f"/servers/{cloud.server_id}"))
        names = ("vm_state", "task_state", "power_state")
        state = tuple(server[f"OS-EXT-STS:{name}"] for name in names)
        if state not in seen[-1:]:
            seen.append(state)
        return True if is_last(state) else None

    wait_until(
        look,
        what="a state of the server",
        seconds_max=60.0,
        first_wait_seconds=0.02,
        wait_seconds_max=0.2,
    )
    return seen


def is_way(seen, way):
    """Tell whether states are in order; a state may be too short to be seen."""
    return seen == way or seen == way[1:]


@pytest.mark.parametrize("who", ["admin", "member"])
def test_a_server_is_paused_and_goes_on(cloud, act, who):
    """Both are accepted at once and done later; anybody in the project may."""
    by = getattr(cloud, who)

    paused = act("pause", by=by)
    pausing = states(cloud, lambda state: state == PAUSING[-1])
    status = content(cloud.nova.get(f"/servers/{cloud.server_id}"))["status"]
    unpaused = act("unpause", by=by)
    unpausing = states(cloud, lambda state: state == UNPAUSING[-1])

    assert (paused.status_code, unpaused.status_code) == (202, 202)
    assert paused.content == unpaused.content == b""
    assert status == "PAUSED"
    assert is_way(pausing, PAUSING)
    assert is_way(unpausing, UNPAUSING)


def test_what_became_of_a_request_is_told(cloud, act):
    """By the id of the request, as soon as it is accepted."""
    request_id = act("pause").headers["x-openstack-request-id"]
    path = f"/servers/{cloud.server_id}/os-instance-actions/{request_id}"

    def finished():
        events = content(cloud.nova.get(path, microversion="2.84"))["events"]
        return next((event for event in events if event["finish_time"]), None)

    event = wait_until(finished, what="the end of the action", seconds_max=60.0)
    action = content(cloud.nova.get(path, microversion="2.84"))
    assert (action["action"], action["message"]) == ("pause", None)
    assert action["request_id"] == request_id
    assert (event["event"], event["result"]) == ("compute_pause_instance", "Success")
    assert {"details", "host", "hostId", "traceback"} <= event.keys()


def test_a_member_is_told_less_of_it(cloud, act):
    """Neither on which host it was, nor in which words it failed."""
    request_id = act("pause").headers["x-openstack-request-id"]
    path = f"/servers/{cloud.server_id}/os-instance-actions/{request_id}"

    def begun():
        answer = cloud.member.nova.get(path, microversion="2.84")
        return content(answer)["events"] or None

    (event,) = wait_until(begun, what="the begin of the action", seconds_max=60.0)
    told = {"event", "finish_time", "hostId", "result", "start_time"}
    assert event.keys() == told


def test_what_was_done_is_listed_newest_first(cloud, act):
    """The first thing that ever happened to a server is that it was created."""
    act("pause")
    path = f"/servers/{cloud.server_id}/os-instance-actions"

    for user in (cloud.admin, cloud.member):
        done = content(user.nova.get(path))

        assert (done[0]["action"], done[-1]["action"]) == ("pause", "create")
        assert done == sorted(done, key=lambda d: d["start_time"], reverse=True)


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("unpause", "Cannot 'unpause' instance .* while it is in vm_state active"),
        ("os-start", "Cannot 'start' instance .* while it is in vm_state active"),
    ],
)
def test_a_state_that_forbids_an_action_is_a_conflict(act, action, words):
    """Nova says which state it is."""
    assert_refused(act(action), 409, "conflictingRequest", words)


def test_what_is_paused_cannot_be_paused(cloud, act):
    """Who asked for it first cannot be told from this."""
    act("pause")
    states(cloud, lambda state: state == PAUSING[-1])

    words = "Cannot 'pause' instance .* while it is in vm_state paused"
    assert_refused(act("pause"), 409, "conflictingRequest", words)


@pytest.mark.parametrize("action", ["quiesce", "unquiesce"])
@pytest.mark.parametrize("who", ["admin", "member"])
def test_stock_nova_has_no_quiesce(cloud, act, action, who):
    """Nor does it look for the server first: that is how one finds out."""
    answer = act(action, by=getattr(cloud, who), server_id=NOBODY)

    assert_refused(answer, 400, "badRequest", f"There is no such action: {action}$")


def test_an_action_that_there_is_misses_the_server(act):
    """It is known, and so the server is looked for."""
    answer = act("pause", server_id=NOBODY)

    assert_refused(answer, 404, "itemNotFound", f"Instance {NOBODY} could not be")


@pytest.mark.parametrize(
    "body", [{}, {"pause": None, "unpause": None}, []], ids=["none", "two", "list"]
)
def test_what_is_no_single_action_is_malformed(cloud, body):
    """Nothing is done."""
    answer = cloud.nova.post(f"/servers/{cloud.server_id}/action", json=body)

    assert_refused(answer, 400, "badRequest", "Malformed request body")


def test_only_administrators_set_a_state(cloud):
    """It is what an operator does to a server that was left in error."""
    path, body = f"/servers/{cloud.server_id}/action", {"state": "active"}

    refused = cloud.member.nova.post(path, json={"os-resetState": body})
    wrong = cloud.nova.post(path, json={"os-resetState": {"state": "nonsense"}})

    words = "Policy doesn't allow os_compute_api:os-admin-actions:reset_state"
    assert_refused(refused, 403, "forbidden", words)
    assert_refused(wrong, 400, "badRequest", "'nonsense' is not one of")


def test_a_state_that_is_set_says_nothing_of_the_guest(cloud):
    """A server in error runs on, and is active again when it is said to be."""
    path = f"/servers/{cloud.server_id}"

    def reset(state):
        body = {"os-resetState": {"state": state}}
        assert cloud.nova.post(f"{path}/action", json=body).status_code == 202
        return content(cloud.nova.get(path))

    broken, whole = reset("error"), reset("active")

    told = [(s["status"], s["OS-EXT-STS:power_state"]) for s in (broken, whole)]
    assert told == [("ERROR", 1), ("ACTIVE", 1)]
