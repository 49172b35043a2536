"""What a sandboxed site knows of its things. Plain values; no behaviour of services.

Times are whole seconds since 1970, for so are those of Cinder's and Nova's databases.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from attrs import Factory, define, frozen

from vnfdr.sandbox.disks import Disk, Image
from vnfdr.sandbox.guests import Guest


@frozen
class User:
    """Somebody who may sign in."""

    id: str
    name: str
    password: str
    admin: bool


@frozen
class Token:
    """Somebody who has signed in."""

    id: str
    user: User
    issued_at: float
    expires_at: float
    scoped: bool
    methods: tuple[str, ...] = ("password",)
    """How its user signed in, from the first token on."""


@define
class Attachment:
    """A volume at a server."""

    id: str
    volume_id: str
    server_id: str
    device: str
    tag: str | None = None
    delete_on_termination: bool = False


@define
class Volume:
    """A Cinder volume."""

    id: str
    name: str
    size_gib: int
    type: str
    created_at: int
    disk: Disk | None = None
    status: str = "creating"
    description: str | None = None
    metadata: dict[str, str] = Factory(dict)
    bootable: bool = False
    snapshot_id: str | None = None
    attachments: list[Attachment] = Factory(list)
    source_volid: str | None = None
    group_id: str | None = None
    image_metadata: dict[str, str] = Factory(dict)
    readonly: bool | None = None
    """What its users were told to do; ``None`` as long as nobody said anything."""
    user_id: str = ""


@define
class Snapshot:
    """A Cinder snapshot; its instant is when it gets its image."""

    id: str
    name: str
    volume_id: str
    size_gib: int
    created_at: int
    image: Image | None = None
    status: str = "creating"
    description: str | None = None
    metadata: dict[str, str] = Factory(dict)
    group_snapshot_id: str | None = None
    image_metadata: dict[str, str] = Factory(dict)
    user_id: str = ""


@define
class VolumeGroup:
    """A group of volumes in Cinder, which one may snapshot together."""

    id: str
    name: str
    created_at: int
    type_id: str
    volume_type_ids: list[str]
    status: str = "creating"
    description: str | None = None
    group_snapshot_id: str | None = None
    source_group_id: str | None = None
    user_id: str = ""


@define
class GroupSnapshot:
    """A snapshot of each volume of a group."""

    id: str
    name: str
    created_at: int
    group_id: str
    type_id: str
    status: str = "creating"
    description: str | None = None
    user_id: str = ""


@define
class Backup:
    """A Cinder backup."""

    id: str
    name: str
    volume_id: str
    snapshot_id: str | None
    parent_id: str | None
    size_gib: int
    created_at: int
    data_timestamp: int
    status: str = "creating"
    description: str | None = None
    metadata: dict[str, str] = Factory(dict)
    object_count: int = 0
    stored_bytes: int = 0
    fail_reason: str | None = None
    user_id: str = ""


@define
class Event:
    """One step of what Nova did to a server."""

    name: str
    start: int
    finish: int | None = None
    result: str | None = None
    details: str | None = None


@define
class Action:
    """What Nova was asked to do to a server."""

    name: str
    request_id: str
    start: int
    user_id: str
    message: str | None = None
    events: list[Event] = Factory(list)


@frozen
class Flavor:
    """What a server may use."""

    id: str
    name: str
    vcpus: int = 1
    ram: int = 512
    disk: int = 0
    ephemeral: int = 0
    swap: int = 0
    extra_specs: Mapping[str, str] = Factory(dict)


@define
class Server:
    """A Nova server, with the guest that runs in it."""

    id: str
    name: str
    guest: Guest
    flavor: Flavor
    host: str
    created_at: int
    instance_name: str
    attachments: list[Attachment] = Factory(list)
    metadata: dict[str, str] = Factory(dict)
    vm_state: str = "active"
    task_state: str | None = None
    power_state: int = 1
    launched_at: int = 0
    can_quiesce: bool = True
    fault: str | None = None
    actions: list[Action] = Factory(list)
    user_id: str = ""
    description: str | None = None
    hostname: str = ""
    tags: list[str] = Factory(list)
    key_name: str | None = None
    user_data: str | None = None
    config_drive: str = ""
    own_ports: set[str] = Factory(set)
    """The ids of the ports that Nova made for it, and deletes with it."""
    locked: bool = False
    locked_reason: str | None = None

    @property
    def is_going(self) -> bool:
        """Whether it is being deleted, or is deleted."""
        return self.task_state == "deleting" or self.vm_state == "deleted"


@define
class ServerGroup:
    """Servers that are to be on the same compute host, or on different ones."""

    id: str
    name: str
    user_id: str
    policy: str
    members: list[str] = Factory(list)
    """The ids of its servers."""


@frozen
class Keypair:
    """A public key of a user."""

    name: str
    user_id: str
    public_key: str
    fingerprint: str
    type: str
    created_at: int


@define
class Migration:
    """A server's way to another compute host."""

    id: int
    uuid: str
    server_id: str
    user_id: str
    source: str
    target: str | None
    created_at: int
    updated_at: int
    status: str = "queued"


@frozen
class Message:
    """Why something failed, for its user."""

    id: str
    resource_type: str
    resource_id: str
    request_id: str
    text: str
    created_at: int


Now = Callable[[], float]


def utc(seconds: float) -> datetime:
    """Return the time as the databases of OpenStack hold it: UTC, without saying so."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


def stamp(seconds: float) -> str:
    """Return a time as Cinder tells it."""
    return utc(seconds).isoformat(timespec="microseconds")


def zulu(seconds: float) -> str:
    """Return a time as Nova tells it."""
    return utc(seconds).isoformat(timespec="seconds") + "Z"
