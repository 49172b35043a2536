"""Values: what is protected, and what was found of it. No I/O happens here.

Sizes are in GiB as Cinder counts them, times in seconds. What `Group` and
`Member` say is the user's; `Server`, `Volume`, `Snapshot` and `Backup` are what
Nova and Cinder said of theirs, and a `Blueprint` is what it takes to have one again.
"""

from vnfdr.model.blueprint import (
    Address,
    AddressPair,
    Blueprint,
    Disk,
    Flavor,
    Nic,
    VolumeBlueprint,
)
from vnfdr.model.group import (
    BackupPolicy,
    Group,
    Keep,
    Level,
    Member,
    Policy,
    Strategy,
    System,
)
from vnfdr.model.limits import WINDOWS_HELD_SECONDS_MAX, Limits
from vnfdr.model.marked import Marked
from vnfdr.model.resources import (
    Attachment,
    Backup,
    BackupRecord,
    Guest,
    Server,
    Snapshot,
    Volume,
)
from vnfdr.model.retention import Retention

__all__ = [
    "WINDOWS_HELD_SECONDS_MAX",
    "Address",
    "AddressPair",
    "Attachment",
    "Backup",
    "BackupPolicy",
    "BackupRecord",
    "Blueprint",
    "Disk",
    "Flavor",
    "Group",
    "Guest",
    "Keep",
    "Level",
    "Limits",
    "Marked",
    "Member",
    "Nic",
    "Policy",
    "Retention",
    "Server",
    "Snapshot",
    "Strategy",
    "System",
    "Volume",
    "VolumeBlueprint",
]
