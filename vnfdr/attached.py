"""See which volumes came to servers, or went, since a plan was made.

Nobody holds a server that came, and no snapshot is made of a volume that came.
"""

from collections.abc import Collection, Iterator

from vnfdr.model import Server, Volume


def changes_of_server(server: Server, planned: Collection[str]) -> Iterator[str]:
    """Yield which volumes came to a server, or went; ``planned`` are their ids."""
    now = {attachment.volume_id for attachment in server.attachments}
    for volume_id in sorted(now ^ {*planned}):
        change = "was attached to" if volume_id in now else "was detached from"
        yield f"volume {volume_id} {change} {server.name!r} since the plan was made"


def changes_of_volume(volume: Volume, planned: Collection[str]) -> Iterator[str]:
    """Yield which servers came to a volume, or went; ``planned`` are their ids."""
    for user in sorted({*volume.server_ids} ^ {*planned}):
        change = "attached to" if user in volume.server_ids else "detached from"
        yield f"volume {volume} was {change} {user} since the plan was made"
