import pytest
from attrs import evolve
from openstack.exceptions import ConflictException

from vnfdr.sandbox import Effect, Fault, Latency
from vnfdr.sandbox.guests import Agent, AgentFaults

NO_SERVER = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def act(raw):
    """Ask for a server action."""

    def ask(server_id, action, value=None):
        path = f"/servers/{server_id}/action"
        return raw("POST", path, "2.79", service="compute", json={action: value})

    return ask


@pytest.fixture
def rests(until):
    """Wait until Nova is done with a server."""
    return lambda server: until(lambda: server.task_state is None)


def test_quiesce_holds_and_unquiesce_lets_go(act, server, rests):
    """Both are accepted at once and done later, as the spec says."""
    held = act(server.id, "quiesce")
    assert (held.status_code, held.content) == (202, b"")
    assert server.task_state in {"quiescing", None}
    rests(server)
    assert (server.vm_state, server.guest.status) == ("quiesced", "frozen")

    act(server.id, "unquiesce")
    rests(server)

    assert (server.vm_state, server.guest.status) == ("active", "thawed")


def test_a_second_quiesce_is_a_conflict(act, server, rests, message):
    """A server that is quiesced is in the wrong state to be quiesced."""
    act(server.id, "quiesce")
    rests(server)

    again = act(server.id, "quiesce")

    assert again.status_code == 409
    assert message(again) == (
        f"Cannot 'quiesce' instance {server.id} while it is in vm_state quiesced"
    )


def test_stock_nova_knows_no_such_action(a, act, server, message):
    """Switched off, the API is what it is in every released Nova."""
    a.offers_quiesce = False

    answer = act(server.id, "quiesce")

    assert answer.status_code == 400
    assert message(answer) == "There is no such action: quiesce"


def test_the_action_is_looked_up_before_the_server(a, act):
    """Whether the API is there can be found out without a server."""
    there = act(NO_SERVER, "unquiesce").status_code
    a.offers_quiesce = False

    assert (there, act(NO_SERVER, "unquiesce").status_code) == (404, 400)


def test_quiesce_is_for_administrators(member, server):
    """The spec's actions are not for everybody."""
    path, body = f"/servers/{server.id}/action", {"quiesce": None}

    assert member.compute.post(path, json=body).status_code == 403


def test_a_hypervisor_that_cannot_leaves_it_active(connection, act, server, rests):
    """The server is active as before, and the instance action says why."""
    server.can_quiesce = False
    request_id = act(server.id, "quiesce").headers["x-openstack-request-id"]
    rests(server)

    seen = connection.compute.get_server_action(request_id, server.id)

    assert (server.vm_state, server.guest.status) == ("active", "thawed")
    assert "not supported" in seen.events[0].details


def test_a_failed_quiesce_puts_the_server_in_error(connection, act, server, rests):
    """What went wrong is the server's fault, which runs on."""
    server.guest.faults = AgentFaults(agent=Agent.DEAD)
    act(server.id, "quiesce")
    rests(server)

    seen = connection.compute.get_server(server.id)

    assert (seen.status, server.guest.is_still) == ("ERROR", False)
    assert "QEMU guest agent is not connected" in seen.fault["message"]


def test_reset_state_does_not_thaw(connection, act, server, rests):
    """An administrator makes Nova call it active; its guest is not asked."""
    act(server.id, "quiesce")
    rests(server)

    connection.compute.reset_server_state(server.id, "active")

    assert (server.vm_state, server.guest.status) == ("active", "frozen")


def test_pause_and_unpause(connection, server, rests):
    """A paused guest stands still, and goes on."""
    connection.compute.pause_server(server.id)
    rests(server)
    assert (server.vm_state, server.guest.power.value) == ("paused", "paused")
    with pytest.raises(ConflictException, match="while it is in vm_state paused"):
        connection.compute.pause_server(server.id)

    connection.compute.unpause_server(server.id)
    rests(server)

    assert connection.compute.get_server(server.id).status == "ACTIVE"


def test_what_is_busy_is_not_acted_on(a, connection, server):
    """One thing at a time."""
    a.latency = evolve(Latency(), action=5.0)
    connection.compute.pause_server(server.id)

    with pytest.raises(ConflictException, match="task_state pausing"):
        connection.compute.pause_server(server.id)


def test_a_stopped_server_can_be_started(connection, server, rests):
    """A power cycle is a new life: Nova lists it, newest first."""
    connection.compute.stop_server(server.id)
    rests(server)
    assert server.guest.power.value == "off"

    connection.compute.start_server(server.id)
    rests(server)

    done = [seen.action for seen in connection.compute.server_actions(server.id)]
    assert done == ["start", "stop", "create"]
    assert server.guest.is_writing


def test_an_action_can_fail(a, act, server, rests):
    """A fault of the action leaves the server in error."""
    a.faults.add(Fault("pause server", Effect.ERROR, resource="db"))

    act(server.id, "pause")
    rests(server)

    assert server.vm_state == "error"


@pytest.mark.parametrize(("kind", "recovered"), [("SOFT", 0), ("HARD", 2)])
def test_a_reboot_is_gentle_or_not(connection, server, rests, until, kind, recovered):
    """A gentle one flushes what memory holds; the other pulls the plug."""
    until(lambda: server.guest.write_record() > 3)
    connection.compute.reboot_server(server.id, kind)
    rests(server)

    assert (server.vm_state, server.guest.boots) == ("active", 2)
    assert len(server.guest.recovered) == recovered


def test_a_paused_server_is_not_rebooted_gently(connection, server, rests):
    """Its guest could not hear of it."""
    connection.compute.pause_server(server.id)
    rests(server)

    with pytest.raises(ConflictException, match="while it is in vm_state paused"):
        connection.compute.reboot_server(server.id, "SOFT")


def test_a_reboot_has_a_type(act, server, message):
    """Whoever says nothing is refused."""
    answer = act(server.id, "reboot", {"type": "soft"})

    assert answer.status_code == 400
    assert "is not one of ['SOFT', 'HARD']" in message(answer)
