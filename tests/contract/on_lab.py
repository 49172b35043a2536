"""The lab, opened for the contract: a project of its own at site a, removed after.

Its server boots from blank volumes, and does not get far: nothing looks inside.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import attrs
import pytest
from keystoneauth1.identity import v3
from keystoneauth1.session import Session
from openstack.connection import Connection
from openstack.exceptions import SDKException
from openstack.identity.v3.project import Project

from tests.contract.cloud import Cloud, User
from tests.lab import cloud as lab
from tests.lab.place import connect, until
from tests.lab.upkeep import inventory, quota, remove_leftovers, stopped

NAME = "contract"
PLENTY = dict.fromkeys(("volumes", "snapshots", "backups", "gigabytes"), 100_000)


@contextmanager
def opened() -> Iterator[Cloud]:
    """Open site a, in a project of its own."""
    operator = _connected()
    with _project(operator) as project, _member(operator, project):
        site = operator.connect_as_project(project)
        _empty(site)
        try:
            with quota(site, **PLENTY):
                yield _cloud(site)
        finally:
            _empty(site)


def _cloud(site: Connection) -> Cloud:
    root_id, data_id = lab.volume(site, NAME), lab.volume(site, NAME)
    site.block_storage.set_volume_bootable_status(root_id, bootable=True)
    server_id = lab.boot(site, NAME, [root_id, data_id], None, "none")
    region, credentials = site.config.region_name, _credentials(site)
    member = v3.Password(**credentials | {"username": NAME})
    return Cloud(
        region=region,
        credentials=credentials,
        admin=User.of(Session(v3.Password(**credentials)), region),
        member=User.of(Session(member), region),
        server_id=server_id,
        root_id=root_id,
        data_id=data_id,
        backup_service_stopped=lambda: _no_backups(site),
    )


def _connected() -> Connection:
    site = connect("site-a")
    try:
        site.authorize()
    except SDKException as error:
        pytest.fail(f"site-a is not up: run make lab ({error})", pytrace=False)
    return site


def _credentials(site: Connection) -> dict[str, str]:
    auth = site.config.get_auth_args()
    wanted = ("auth_url", "username", "password", "user_domain_name")
    project = {"project_name": NAME, "project_domain_name": "Default"}
    return {name: auth[name] for name in wanted} | project


@contextmanager
def _project(site: Connection) -> Iterator[Project]:
    """Make a project whose administrator is the site's."""
    identity = site.identity
    project = identity.find_project(NAME) or identity.create_project(
        name=NAME, domain_id="default"
    )
    role = identity.find_role("admin")
    identity.assign_project_role_to_user(project.id, site.current_user_id, role.id)
    try:
        yield project
    finally:
        identity.delete_project(project)


@contextmanager
def _member(site: Connection, project: Project) -> Iterator[None]:
    """Let somebody into the project, who may not do what administrators may."""
    identity = site.identity
    password = site.config.get_auth_args()["password"]
    user = identity.find_user(NAME) or identity.create_user(
        name=NAME, password=password, domain_id="default"
    )
    role = identity.find_role("member")
    identity.assign_project_role_to_user(project.id, user.id, role.id)
    try:
        yield
    finally:
        identity.delete_user(user)


def _empty(site: Connection) -> None:
    """Remove all that the project has. Images are seen, and are of other projects."""
    nothing = {key: {} for key in ("servers", "backups", "snapshots", "volumes")}
    remove_leftovers(site, attrs.evolve(inventory(site), **nothing))


@contextmanager
def _no_backups(site: Connection) -> Iterator[None]:
    with stopped("cinder-backup-a"):
        until(lambda: not _is_up(site))
        yield
    until(lambda: _is_up(site))


def _is_up(site: Connection) -> bool:
    services = site.block_storage.services()
    return next(s.state for s in services if s.binary == "cinder-backup") == "up"
