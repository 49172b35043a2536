"""Boot servers from volumes that are there."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar

from attrs import field, frozen

from vnfdr.cloud import BootVolume, ServerRequest, mark_of
from vnfdr.errors import InputError
from vnfdr.plan import Call, Receipt, Receipts, Step
from vnfdr.world import World

USER_DATA_BYTES_MAX = 65_535 // 4 * 3
"""Nova takes so many characters of it, in base64."""


@frozen
class BootVolumeOf:
    """A volume that a server boots with: whose key is ``key``, with its device tag."""

    key: str
    tag: str = ""


@frozen
class BootServer(Step[World]):
    """Create a server from all its volumes at once, and wait until it is ACTIVE.

    Nova takes no wish for a device name: volumes that are there from the start have
    the same names as before, in the same order.

    Args:
        run: the run it is done for.
        group: the group's name.
        server_id: the server that comes back, by its id where it was.
        name: what it is called here.
        flavor_id: its flavor here.
        flavor: what people call that.
        volumes: its volumes in the order of their devices, the root first.
        port_keys: the keys of its ports, in the order of its interfaces.
        metadata: its own metadata.
        description: empty for none.
        hostname: what its guest is told it is called.
        tags: Nova's tags.
        availability_zone: empty for the site's default.
        key_name: its keypair, empty for none.
        server_group_id: the server group that places it, empty for none.
        config_drive: whether it has one.
        user_data: the path of the file with its user data, which is read when it
            boots and kept nowhere; empty for none.
    """

    kind: ClassVar[str] = "boot server"

    run: str
    group: str
    server_id: str
    name: str
    flavor_id: str
    flavor: str
    volumes: tuple[BootVolumeOf, ...]
    port_keys: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(factory=dict)
    description: str = ""
    hostname: str = ""
    tags: tuple[str, ...] = ()
    availability_zone: str = ""
    key_name: str = ""
    server_group_id: str = ""
    config_drive: bool = False
    user_data: str = ""

    @property
    def key(self) -> str:
        return f"{self.run}:server:{self.server_id}"

    @property
    def title(self) -> str:
        count = len(self.volumes)
        noun = "volume" if count == 1 else "volumes"
        return f"boot {self.name!r} as {self.flavor!r} from {count} {noun}"

    @property
    def sources(self) -> tuple[str, ...]:
        return (*(volume.key for volume in self.volumes), *self.port_keys)

    @property
    def calls(self) -> tuple[Call, ...]:
        return (Call("POST /servers", self.name),)

    def check(self, world: World) -> Iterator[str]:
        if not self.user_data:
            return
        try:
            self._user_data()
        except InputError as error:
            yield str(error)

    def do(self, world: World, done: Receipts) -> Receipt:
        request = ServerRequest(
            tag=self.key,
            name=self.name,
            flavor_id=self.flavor_id,
            volumes=tuple(
                BootVolume(done[volume.key].id, volume.tag) for volume in self.volumes
            ),
            port_ids=tuple(done[key].id for key in self.port_keys),
            metadata={**self.metadata, **mark_of(self.run, self.group)},
            description=self.description,
            hostname=self.hostname,
            tags=self.tags,
            availability_zone=self.availability_zone,
            key_name=self.key_name,
            server_group_id=self.server_group_id,
            config_drive=self.config_drive,
            user_data=self._user_data(),
        )
        return Receipt("server", world.site.servers.create(request))

    def find(self, world: World) -> Receipt | None:
        found = world.site.servers.find(self.key)
        return Receipt("server", found.id) if found else None

    def adopt(self, world: World, receipt: Receipt) -> None:
        world.site.servers.wait(receipt.id)

    def undo(self, world: World, receipt: Receipt) -> None:
        world.site.servers.delete(receipt.id)

    def _user_data(self) -> bytes:
        if not self.user_data:
            return b""
        try:
            found = Path(self.user_data).expanduser().read_bytes()
        except OSError as error:
            raise InputError(
                f"the user data of {self.name!r} cannot be read from"
                f" {self.user_data}: {error.strerror}"
            ) from error
        if len(found) > USER_DATA_BYTES_MAX:
            raise InputError(
                f"the user data of {self.name!r} in {self.user_data} has"
                f" {len(found)} bytes; Nova takes {USER_DATA_BYTES_MAX}"
            )
        return found
