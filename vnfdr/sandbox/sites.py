"""Two OpenStack sites in this process, and a clouds.yaml to find them by."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import yaml
from attrs import frozen

from vnfdr.sandbox.backups import BackupStore
from vnfdr.sandbox.directory import own_directory
from vnfdr.sandbox.faults import Latency
from vnfdr.sandbox.guests import GuestNetwork
from vnfdr.sandbox.serve import Serving
from vnfdr.sandbox.site import ADMIN, MEMBER, Site
from vnfdr.sandbox.things import Now


@frozen
class Sites:
    """Two sites that share nothing but their backup store.

    ``clouds_yaml`` has each of them twice: as itself, for an administrator, and with
    ``-member`` behind it for a user who is none.
    """

    a: Site
    b: Site
    directory: Path
    clouds_yaml: Path


@contextmanager
def two_sites(  # noqa: PLR0913 - each by its name, and none of them needed
    *,
    latency: Latency | None = None,
    seed: int = 0,
    pace_seconds: float = 0.05,
    directory: Path | None = None,
    port: int = 0,
    now: Now = time.time,
) -> Iterator[Sites]:
    """Serve two sites on loopback, ``site-a`` and ``site-b``, until the block ends.

    Args:
        latency: how slow they are.
        seed: what all that is random comes from.
        pace_seconds: how long a guest waits between two records.
        directory: where to put everything: it is new, or empty. What is put there is
            removed in the end.
        port: where site a is served; site b is at the next one. By default, the
            system chooses.
        now: the time of the wall, for what has a date.

    Raises:
        InputError: the directory is not empty or not to be written, or a port is
            somebody else's.
    """
    with ExitStack() as stack:
        place = stack.enter_context(own_directory(directory))
        store = BackupStore(place / "backups")
        sites = []
        for name in ("site-a", "site-b"):
            network = stack.enter_context(GuestNetwork(pace_seconds))
            site = Site(
                name, place / name, store, network, latency or Latency(), seed, now
            )
            stack.callback(site.close)
            sites.append(site)
        serving = Serving(sites, port)
        stack.callback(serving.stop)
        serving.start()
        a, b = sites
        yield Sites(a, b, place, _write_clouds(place / "clouds.yaml", sites))


def _write_clouds(path: Path, sites: list[Site]) -> Path:
    clouds: dict[str, object] = {}
    for site in sites:
        clouds[site.name] = _cloud(site, ADMIN)
        clouds[f"{site.name}-{MEMBER}"] = _cloud(site, MEMBER)
    path.write_text(yaml.safe_dump({"clouds": clouds}, sort_keys=False))
    return path


def _cloud(site: Site, user: str) -> dict[str, Any]:
    return {
        "auth": {
            "auth_url": f"{site.url}/identity",
            "username": user,
            "password": site.users[user].password,
            "project_name": site.name,
            "user_domain_name": "Default",
            "project_domain_name": "Default",
        },
        "region_name": site.name,
        "vnfdr": {"sandbox": {"control": f"{site.url}/control"}},
    }
