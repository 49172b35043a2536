"""A site that is connected to when it is first needed, and not before.

Whoever thaws guests has no time for a cloud that may be down, and may not need it.
"""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future

from attrs import define, field

from vnfdr.backends.bounded import begin
from vnfdr.cloud import (
    Backups,
    Catalogue,
    Headroom,
    Networks,
    Ports,
    Servers,
    Site,
    Snapshots,
    Token,
    Volumes,
)
from vnfdr.errors import CloudError, VnfdrError


@define
class LateSite:
    """A `vnfdr.cloud.Site` by its name; each use of it connects, or says why not.

    Args:
        name: the site's name.
    """

    name: str
    _connect: Callable[[str], Site]
    _asked: "Future[Site] | None" = field(default=None, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    @property
    def itself(self) -> Site:
        """The site.

        Raises:
            CloudError: it cannot be connected to. The next use tries again.
        """
        with self._lock:
            if self._asked is None or _has_failed(self._asked):
                self._asked = begin(lambda: self._connect(self.name))
            asked = self._asked
        try:
            return asked.result()
        except VnfdrError as error:
            raise CloudError(f"cloud {self.name!r} is out of reach: {error}") from error

    @property
    def settings(self) -> Mapping[str, object]:
        return self.itself.settings

    @property
    def servers(self) -> Servers:
        return self.itself.servers

    @property
    def volumes(self) -> Volumes:
        return self.itself.volumes

    @property
    def snapshots(self) -> Snapshots:
        return self.itself.snapshots

    @property
    def backups(self) -> Backups:
        return self.itself.backups

    @property
    def ports(self) -> Ports:
        return self.itself.ports

    @property
    def networks(self) -> Networks:
        return self.itself.networks

    @property
    def catalogue(self) -> Catalogue:
        return self.itself.catalogue

    def token(self) -> Token:
        return self.itself.token()

    def headroom(self) -> Headroom:
        return self.itself.headroom()

    def backup_service_up(self) -> bool | None:
        return self.itself.backup_service_up()

    def warm(self, connections: int) -> None:
        self.itself.warm(connections)


def _has_failed(asked: "Future[Site]") -> bool:
    return asked.done() and asked.exception() is not None
