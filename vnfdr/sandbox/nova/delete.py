"""How servers go, and what goes with them."""

from vnfdr.sandbox.faults import Effect
from vnfdr.sandbox.nova.actions import begin, end
from vnfdr.sandbox.nova.ports import unplug
from vnfdr.sandbox.nova.servers import check_unlocked, server_of
from vnfdr.sandbox.rest import Answer, Call, Operation
from vnfdr.sandbox.site import Site, take
from vnfdr.sandbox.things import Attachment, Event, Server


def delete(call: Call) -> Answer:
    """Accept that a server is to go; to ask twice is no error."""
    server = server_of(call)
    check_unlocked(call, server)
    if not server.is_going:
        server.task_state = "deleting"
        event = begin(call, server, "delete", "compute_terminate_instance")
        call.site.later(_remove(call, server, event))
    return Answer(204)


def delete_at_once(call: Call) -> Answer:
    """Do the same, asked for as an action."""
    delete(call)
    return Answer(202)


async def _remove(call: Call, server: Server, event: Event) -> None:
    site = call.site
    await take(site.latency.delete, call.fate)
    if call.fate is Effect.ERROR:
        server.vm_state, server.task_state = "error", None
        server.fault = "The sandbox was told to fail."
        end(call, server, event, server.fault)
        return
    server.guest.pull_the_plug()
    site.network.remove(server.guest)
    for attached in server.attachments:
        _let_go(site, attached)
    unplug(site, server)
    for group in site.server_groups.values():
        group.members = [member for member in group.members if member != server.id]
    server.vm_state, server.task_state = "deleted", None
    site.servers.pop(server.id, None)


def _let_go(site: Site, attached: Attachment) -> None:
    """Detach a volume, and delete it if that is its fate and Cinder lets it go."""
    volume = site.volumes[attached.volume_id]
    volume.attachments = [a for a in volume.attachments if a is not attached]
    volume.status = "available"
    held = any(s.volume_id == volume.id for s in list(site.snapshots.values()))
    if attached.delete_on_termination and not (held or volume.group_id):
        if volume.disk is not None:
            site.disks.delete(volume.disk)
        site.volumes.pop(volume.id)


OPERATIONS = (Operation("DELETE", "/servers/{id}", "delete server", delete),)
