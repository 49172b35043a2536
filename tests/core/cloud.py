"""A site as one process sees it: `vnfdr.cloud`, straight over the sandbox's data."""

from collections.abc import Mapping

from attrs import field, frozen

from tests.core.cinder import CoreBackups, CoreSnapshots, CoreVolumes
from tests.core.shelf import Shelf
from vnfdr import cloud as promised
from vnfdr import model
from vnfdr.cloud import Headroom, Token
from vnfdr.errors import Gone, Unsupported
from vnfdr.sandbox.site import Site
from vnfdr.sandbox.things import Server


@frozen
class CoreSite:
    """A site as one process sees it."""

    shelf: Shelf
    settings: Mapping[str, object] = field(factory=dict)

    @property
    def name(self) -> str:
        return self.shelf.site.name

    @property
    def servers(self) -> "CoreServers":
        return CoreServers(self.shelf)

    @property
    def volumes(self) -> CoreVolumes:
        return CoreVolumes(self.shelf)

    @property
    def snapshots(self) -> CoreSnapshots:
        return CoreSnapshots(self.shelf)

    @property
    def backups(self) -> CoreBackups:
        return CoreBackups(self.shelf)

    def token(self) -> Token:
        token = Token(self.shelf.site.project_id, 3600.0, renewable=True)
        return self.shelf.process.call("token", lambda _: token)

    def headroom(self) -> Headroom:
        return self.shelf.process.call("headroom", lambda _: Headroom({}))

    def backup_service_up(self) -> bool | None:
        return self.shelf.process.call("services", lambda _: True)

    def warm(self, connections: int) -> None:
        self.shelf.process.call("warm", lambda _: None)


@frozen
class CoreServers:
    """Its servers."""

    shelf: Shelf

    def get(self, server_id: str) -> model.Server:
        def effect(_: object) -> model.Server:
            if server_id not in self.shelf.site.servers:
                raise Gone(f"no server {server_id!r}", status=404)
            return _server(self.shelf.site, self.shelf.site.servers[server_id])

        return self.shelf.process.call("show server", effect)

    def named(self, name: str) -> tuple[model.Server, ...]:
        there = self.shelf.site.servers.values()
        return self.shelf.process.call(
            "list servers",
            lambda _: tuple(
                _server(self.shelf.site, s) for s in there if s.name == name
            ),
        )

    def names(self) -> tuple[str, ...]:
        there = self.shelf.site.servers.values()
        return tuple(sorted(f"{s.name} ({s.id})" for s in there))

    def act(self, server_id: str, action: str) -> str:
        raise Unsupported(f"no action {action!r}", status=400)

    def action_result(
        self, server_id: str, request_id: str
    ) -> promised.ActionResult | None:
        return None


def _server(site: Site, server: Server) -> model.Server:
    return model.Server(
        server.id,
        server.name,
        site.project_id,
        host=server.host,
        attachments=tuple(
            model.Attachment(a.volume_id, a.device) for a in server.attachments
        ),
        incarnation=f"{len(server.actions)} actions",
    )
