"""The mark that everything carries which a step created, and where it is carried.

`KEY`, `POINT` and `GROUP` are the metadata of a snapshot, a volume, a backup or a
server. The first three have the key as their name, too; a server has the name it is
wanted by. What Neutron has carries no metadata, and its tags take a second request:
its description is the key, after `KEY_SIGN`.
"""

from vnfdr.text import label

KEY = "vnfdr-key"
"""The metadata that names the step an object belongs to."""

POINT = "vnfdr-point"
"""The metadata that names the recovery point, or the run, an object belongs to."""

GROUP = "vnfdr-group"
"""The metadata that names the group an object belongs to."""

VERDICT = "vnfdr-verdict"
"""The metadata that says ``consistent``; absent means no."""

KEY_SIGN = "vnfdr-key="
"""What the description of a port or a network begins with; its key comes after."""


def mark_of(run: str, group: str) -> dict[str, str]:
    """Return the metadata of what a run makes for a group, but for its key."""
    return {POINT: run, GROUP: label(group)}
