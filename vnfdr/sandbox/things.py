"""What a sandboxed site knows of its things. Plain values; no behaviour of services.

Times are whole seconds since 1970, for so are those of Cinder's and Nova's databases.
"""

from collections.abc import Callable
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
    source_metadata: dict[str, str] = Factory(dict)
    source_name: str = ""
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
