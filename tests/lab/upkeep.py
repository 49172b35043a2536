"""What tests leave behind, and what they break for a while."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from attrs import fields, frozen
from openstack.block_storage.v3.snapshot import Snapshot
from openstack.connection import Connection
from openstack.exceptions import HttpException

from tests.lab.place import lab, until


@frozen
class Inventory:
    """What a site holds at one moment, each by id, with its name."""

    servers: dict[str, str]
    backups: dict[str, str]
    snapshots: dict[str, str]
    volumes: dict[str, str]
    images: dict[str, str]

    def since(self, earlier: "Inventory") -> "Inventory":
        """Return what has come since ``earlier``."""
        return Inventory(
            *(
                {id_: name for id_, name in now.items() if id_ not in then}
                for now, then in zip(_kinds(self), _kinds(earlier), strict=True)
            )
        )


def _kinds(inventory: Inventory) -> list[dict[str, str]]:
    return [getattr(inventory, kind.name) for kind in fields(Inventory)]


def inventory(cloud: Connection) -> Inventory:
    """Look at everything a test may create in a site's project."""
    listings = (
        cloud.compute.servers(details=False),
        cloud.block_storage.backups(details=False),
        cloud.block_storage.snapshots(details=False),
        cloud.block_storage.volumes(details=False),
        cloud.image.images(),
    )
    return Inventory(*({r.id: r.name for r in listing} for listing in listings))


def leftovers(cloud: Connection, since: Inventory) -> list[str]:
    """Name everything that was not there at ``since``, as "snapshot 'name' (id)"."""
    new = inventory(cloud).since(since)
    return [
        f"{kind.name[:-1]} {name!r} ({id_})"
        for kind, found in zip(fields(Inventory), _kinds(new), strict=True)
        for id_, name in found.items()
    ]


def remove_leftovers(cloud: Connection, since: Inventory) -> None:
    """Delete everything that was not there at ``since``, and wait until it is gone.

    Not for a backup that was imported, while the site that made it still counts on
    it: deleting the one deletes the files of both.
    """
    until(lambda: _no_more(cloud, since))


def _no_more(cloud: Connection, since: Inventory) -> bool:
    """Ask for whatever can be deleted by now; what depends on it comes next time."""
    new = inventory(cloud).since(since)
    storage = cloud.block_storage
    deletes = (
        cloud.compute.delete_server,
        storage.delete_backup,
        storage.delete_snapshot,
        storage.delete_volume,
        cloud.image.delete_image,
    )
    for delete, found in zip(deletes, _kinds(new), strict=True):
        for id_ in found:
            # Busy, or something else depends on it.
            with suppress(HttpException):
                delete(id_)
    return not any(_kinds(new))


def remove_snapshots(cloud: Connection, volume_ids: Iterable[str]) -> None:
    """Delete all snapshots of these volumes, and wait until they are gone."""
    wanted = set(volume_ids)

    def left() -> list[Snapshot]:
        return [s for s in cloud.block_storage.snapshots() if s.volume_id in wanted]

    for snapshot in left():
        cloud.block_storage.delete_snapshot(snapshot.id)
    until(lambda: not left())


def remove_images(cloud: Connection, name: str) -> None:
    """Delete all images of this name."""
    for image in cloud.image.images(name=name):
        cloud.image.delete_image(image.id)


@contextmanager
def quota(cloud: Connection, **free: int) -> Iterator[None]:
    """Let Cinder's quotas of the project leave so much, such as ``snapshots=3``.

    An API that was killed leaves reserved what it had reserved.
    """
    path = f"/os-quota-sets/{cloud.current_project_id}"
    storage = cloud.block_storage
    before = storage.get(path, params={"usage": "true"}).json()["quota_set"]
    limits = {
        name: before[name]["in_use"] + before[name]["reserved"] + count
        for name, count in free.items()
    }
    storage.put(path, json={"quota_set": limits})
    try:
        yield
    finally:
        usual = {name: before[name]["limit"] for name in free}
        storage.put(path, json={"quota_set": usual})


@contextmanager
def stopped(daemon: str) -> Iterator[None]:
    """Stop a daemon of the lab, such as "cinder-backup-a", for a while."""
    lab("stop", daemon)
    try:
        yield
    finally:
        lab("start", daemon)


@contextmanager
def hanging(daemon: str) -> Iterator[None]:
    """Let a daemon of the lab, such as "cinder-volume-a", hang for a while."""
    lab("pause", daemon)
    try:
        yield
    finally:
        lab("resume", daemon)


def wait_for_service(cloud: Connection, binary: str) -> None:
    """Wait until Cinder hears from a service that was started again."""
    then = _heard_at(cloud, binary)
    until(lambda: _heard_at(cloud, binary) != then)


def _heard_at(cloud: Connection, binary: str) -> str:
    services = cloud.block_storage.services()
    return next(s.updated_at for s in services if s.binary == binary)
