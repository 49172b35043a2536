"""One cloud, region and project: all that a step may ask of it."""

from collections.abc import Mapping
from typing import Protocol

from attrs import frozen

from vnfdr.cloud.catalogue import Catalogue
from vnfdr.cloud.networks import Networks, Ports
from vnfdr.cloud.servers import Servers
from vnfdr.cloud.volumes import Backups, Snapshots, Volumes


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

    @property
    def networks(self) -> Networks: ...

    @property
    def catalogue(self) -> Catalogue: ...

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
