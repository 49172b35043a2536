"""What a step may ask of a site. Protocols with promises; no I/O here.

`vnfdr.openstack` keeps these promises for a real OpenStack. For every method:

* creating takes a *tag*, unique for all time, carried by what is created both as
  its name and as the metadata ``vnfdr-key``, so that a caller who died before
  reading the answer can still find it;
* creating is asked for once: no transport repeats it. When the answer is lost,
  `vnfdr.errors.AnswerLost` says so, and the caller looks;
* looking and deleting may be repeated, and are, while the API is briefly unwell;
* deleting what is already gone succeeds, and returns when it is gone;
* what OpenStack refuses comes out as a `vnfdr.errors.CloudError`;
* every wait has a bound;
* ``marked`` returns all of the project that carries a mark of ours, whole or in part.

The whole mark is set by the one request that creates: `KEY`, `POINT` and `GROUP` as
the metadata of a snapshot, a volume, a backup or a server. The first three have the
key as their name, too; a server has the name it is wanted by. A port has no metadata,
and its tags take a second request: its description is the key, after `KEY_SIGN`.
"""

from collections.abc import Mapping
from typing import Protocol

from attrs import frozen

from vnfdr.model import Backup, Marked, Server, Snapshot, Volume

KEY = "vnfdr-key"
"""The metadata that names the step an object belongs to."""

POINT = "vnfdr-point"
"""The metadata that names the recovery point an object belongs to."""

GROUP = "vnfdr-group"
"""The metadata that names the group an object belongs to."""

VERDICT = "vnfdr-verdict"
"""The metadata that says ``consistent``; absent means no."""


KEY_SIGN = "vnfdr-key="
"""What the description of a port begins with; its key comes after."""


@frozen
class Token:
    """Whose token it is, and how long it lives."""

    project_id: str
    seconds_left: float
    renewable: bool


@frozen
class Headroom:
    """How much more the project may have; ``None`` is without limit.

    Keys of ``by_name`` are Cinder's quota names: ``snapshots``, ``volumes``,
    ``gigabytes``, ``backups``, ``backup_gigabytes``, and each of the first three
    with ``_<volume type>`` behind it.
    """

    by_name: Mapping[str, int | None]


@frozen
class ActionResult:
    """How a server action went: ``message`` is Nova's, ``None`` while it runs."""

    finished: bool
    message: str | None


class Servers(Protocol):
    """Nova's servers."""

    def get(self, server_id: str) -> Server:
        """Return one server; raise `Gone` when there is none."""
        ...

    def named(self, name: str) -> tuple[Server, ...]:
        """Return the servers of the project that have exactly this name."""
        ...

    def names(self) -> tuple[str, ...]:
        """Return ``name (id)`` of every server of the project, sorted."""
        ...

    def act(self, server_id: str, action: str) -> str:
        """Ask for a parameterless server action; return the request's id.

        Raises `Unsupported` when the cloud knows no such action, and `Conflict`
        when the server is in the wrong state.
        """
        ...

    def action_result(self, server_id: str, request_id: str) -> ActionResult | None:
        """Tell how the action asked for by ``request_id`` went, once it is known."""
        ...

    def marked(self) -> tuple[Marked, ...]:
        """Return the servers that carry a mark."""
        ...

    def delete(self, server_id: str) -> None:
        """Delete a server."""
        ...


class Ports(Protocol):
    """Neutron's ports; none where the cloud has no Neutron."""

    def marked(self) -> tuple[Marked, ...]:
        """Return the ports of the project that carry a mark."""
        ...

    def delete(self, port_id: str) -> None:
        """Delete a port."""
        ...


class Volumes(Protocol):
    """Cinder's volumes."""

    def get(self, volume_id: str) -> Volume:
        """Return one volume; raise `Gone` when there is none."""
        ...

    def create(
        self, *, tag: str, snapshot_id: str, size_gib: int, metadata: Mapping[str, str]
    ) -> str:
        """Make a volume from a snapshot, wait until it is available, return its id."""
        ...

    def find(self, tag: str) -> Volume | None:
        """Return the volume that carries ``tag``."""
        ...

    def wait(self, volume_id: str) -> None:
        """Wait until a volume that was found half made is available."""
        ...

    def delete(self, volume_id: str) -> None:
        """Delete a volume, whatever became of its creation."""
        ...

    def marked(self) -> tuple[Marked, ...]:
        """Return the volumes that carry a mark."""
        ...


class Snapshots(Protocol):
    """Cinder's snapshots."""

    def request(self, volume_id: str, *, tag: str, metadata: Mapping[str, str]) -> str:
        """Ask for a snapshot of a volume in use, return its id; waits for nothing."""
        ...

    def look(self, point: str) -> tuple[Snapshot, ...]:
        """Return every snapshot whose metadata names this point. One request.

        This is what the window polls: it is cheap, and is not repeated on failure.
        """
        ...

    def find(self, tag: str) -> Snapshot | None:
        """Return the snapshot that carries ``tag``."""
        ...

    def stamp(self, snapshot_id: str, metadata: Mapping[str, str]) -> None:
        """Add metadata."""
        ...

    def delete(self, snapshot_id: str) -> None:
        """Delete a snapshot, waiting first for what holds it (creation, a backup)."""
        ...

    def marked(self) -> tuple[Marked, ...]:
        """Return the snapshots that carry a mark."""
        ...


@frozen
class BackupRequest:
    """A backup to be made; ``snapshot_id`` is empty for a backup of the volume."""

    tag: str
    volume_id: str
    snapshot_id: str
    incremental: bool
    metadata: Mapping[str, str]


class Backups(Protocol):
    """Cinder's backups."""

    def create(self, request: BackupRequest, *, timeout_seconds: float) -> str:
        """Make a backup, wait until it is available, return its id.

        What was asked for is made or refused: an incremental never turns into a
        full one silently.
        """
        ...

    def of_volume(self, volume_id: str) -> tuple[Backup, ...]:
        """Return the project's backups of one volume, oldest data first."""
        ...

    def find(self, tag: str) -> Backup | None:
        """Return the backup that carries ``tag``."""
        ...

    def delete(self, backup_id: str) -> None:
        """Delete a backup, waiting first for what works on it."""
        ...

    def marked(self) -> tuple[Marked, ...]:
        """Return the backups that carry a mark, or have a key for a name."""
        ...

    def wait(self, backup_id: str, *, timeout_seconds: float) -> None:
        """Wait until a backup that was found half made is available."""
        ...


class Site(Protocol):
    """One cloud, region and project."""

    @property
    def name(self) -> str:
        """What clouds.yaml calls it."""
        ...

    @property
    def settings(self) -> Mapping[str, object]:
        """The ``vnfdr`` section of its entry in clouds.yaml."""
        ...

    @property
    def servers(self) -> Servers: ...

    @property
    def volumes(self) -> Volumes: ...

    @property
    def snapshots(self) -> Snapshots: ...

    @property
    def backups(self) -> Backups: ...

    @property
    def ports(self) -> Ports: ...

    def token(self) -> Token:
        """Return what is known of the token in use, after making sure it is good."""
        ...

    def headroom(self) -> Headroom:
        """Return what the project's quotas in Cinder leave free."""
        ...

    def backup_service_up(self) -> bool | None:
        """Tell whether a cinder-backup is up; ``None`` when one may not ask."""
        ...

    def warm(self, connections: int) -> None:
        """Open this many connections to Cinder, so that the window need not."""
        ...
