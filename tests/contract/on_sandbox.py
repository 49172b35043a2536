"""The sandbox, opened for the contract."""

from collections.abc import Iterator
from contextlib import contextmanager

from openstack.config import OpenStackConfig

from tests.contract.cloud import Cloud, User
from vnfdr.sandbox import Latency, Site, two_sites

BACKUP_SECONDS = 1.0
"""How long a backup takes: time enough to try what is refused meanwhile."""


@contextmanager
def opened() -> Iterator[Cloud]:
    """Open a sandbox with one server of two volumes."""
    with two_sites(latency=Latency(backup=BACKUP_SECONDS)) as sites:
        site = sites.a
        # Stock Nova has no such actions.
        site.offers_quiesce = False
        server = site.add_server("contract")
        root, data = server.attachments
        config = OpenStackConfig([str(sites.clouds_yaml)], load_envvars=False)
        admin = config.get_one("site-a")
        member = config.get_one("site-a-member")
        yield Cloud(
            region=site.name,
            credentials=admin.get_auth_args() | {"auth_url": f"{site.url}/identity/v3"},
            admin=User.of(admin.get_session(), site.name),
            member=User.of(member.get_session(), site.name),
            server_id=server.id,
            root_id=root.volume_id,
            data_id=data.volume_id,
            backup_service_stopped=lambda: _no_backups(site),
        )


@contextmanager
def _no_backups(site: Site) -> Iterator[None]:
    site.backup_service_up = False
    try:
        yield
    finally:
        site.backup_service_up = True
