"""One cloud, region and project: what belongs to none of its servers and volumes."""

import math
import time
from collections.abc import Mapping

from attrs import field, frozen
from keystoneauth1 import identity
from keystoneauth1.session import Session
from openstack.connection import Connection

from vnfdr.cloud import (
    Backups,
    Catalogue,
    Headroom,
    Networks,
    Ports,
    Servers,
    Snapshots,
    Token,
    Volumes,
)
from vnfdr.errors import Forbidden
from vnfdr.openstack.api import Api, Json, at
from vnfdr.openstack.translation import repeatable
from vnfdr.retry import through_hiccups

CONNECTIONS_MAX = 64
"""How many connections to one service are kept open."""

FRESH_SECONDS_MIN = 600.0
"""A token with less than this left is exchanged while that delays nobody."""

NEEDS_A_PERSON = (
    identity.Token,
    identity.V2Token,
    identity.V3Token,
    identity.V3TOTP,
    identity.V3OidcAccessToken,
    identity.V3OidcAuthorizationCode,
)
"""Ways to sign in that do not work a second time by themselves."""


@frozen
class OpenStackSite:
    """A site reached through openstacksdk and cinderclient, over one session."""

    name: str
    settings: Mapping[str, object] = field(repr=False)
    servers: Servers = field(repr=False)
    volumes: Volumes = field(repr=False)
    snapshots: Snapshots = field(repr=False)
    backups: Backups = field(repr=False)
    ports: Ports = field(repr=False)
    networks: Networks = field(repr=False)
    catalogue: Catalogue = field(repr=False)
    cinder: Api = field(repr=False)
    connection: Connection = field(repr=False)

    @through_hiccups
    def token(self) -> Token:
        session = self.connection.session
        with repeatable("get a token"):
            token = _token(session)
            if token.renewable and token.seconds_left < FRESH_SECONDS_MIN:
                session.invalidate()
                token = _token(session)
        return token

    def headroom(self) -> Headroom:
        with repeatable("find out the project's id"):
            project_id = self.connection.session.get_project_id()
        answer = self.cinder.get(
            at("os-quota-sets", str(project_id)),
            "read the project's quotas",
            {"usage": "True"},
        )
        quotas = answer["quota_set"].items()
        return Headroom(
            {name: _free(q) for name, q in quotas if name not in {"id", _PER_VOLUME}}
        )

    def backup_service_up(self) -> bool | None:
        try:
            answer = self.cinder.get(
                at("os-services"), "list services", {"binary": "cinder-backup"}
            )
        except Forbidden:
            return None
        return any(
            service["state"] == "up" and service["status"] == "enabled"
            for service in answer["services"]
        )

    @through_hiccups
    def warm(self, connections: int) -> None:
        count = max(1, min(connections, CONNECTIONS_MAX))
        self.cinder.warm(at("snapshots"), {"limit": "1"}, count)


_PER_VOLUME = "per_volume_gigabytes"
"""A limit to the size of each volume, which nothing uses up."""


def _free(quota: Json) -> int | None:
    limit = int(quota["limit"])
    return None if limit < 0 else max(0, limit - quota["in_use"] - quota["reserved"])


def _token(session: Session) -> Token:
    session.get_token()
    auth = session.auth
    if not isinstance(auth, identity.BaseIdentityPlugin):
        return Token(session.get_project_id() or "", math.inf, renewable=False)
    access = auth.get_access(session)
    until = access.expires.timestamp() if access.expires else math.inf
    return Token(
        project_id=access.project_id or "",
        seconds_left=until - time.time(),
        renewable=auth.reauthenticate and not isinstance(auth, NEEDS_A_PERSON),
    )
