"""One cloud as the contract sees it: two users, one server, and raw HTTP.

Nothing here knows which cloud it is, and nothing goes through vnfdr.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from attrs import frozen
from keystoneauth1.adapter import Adapter
from keystoneauth1.session import Session
from requests import Response

from vnfdr.retry import wait_until

CINDER, NOVA = "3.64", "2.79"
"""The microversions that vnfdr asks for."""

NOBODY = "00000000-0000-0000-0000-000000000000"
"""An id that nothing has."""

GONE = "gone"


@frozen
class User:
    """The services of a cloud, as one of its users meets them."""

    session: Session
    cinder: Adapter
    nova: Adapter
    neutron: Adapter
    swift: Adapter

    @classmethod
    def of(cls, session: Session, region: str) -> "User":
        """Let whoever a session belongs to speak to the services of a region."""

        def service(kind: str, version: str | None = None) -> Adapter:
            return Adapter(
                session,
                service_type=kind,
                region_name=region,
                default_microversion=version,
                raise_exc=False,
            )

        return cls(
            session,
            service("block-storage", CINDER),
            service("compute", NOVA),
            service("network"),
            service("object-store"),
        )


@frozen
class Cloud:
    """A cloud under contract.

    Args:
        region: its region.
        credentials: how its administrator signs in, as keystoneauth has them.
        admin: its administrator, in the project that has everything.
        member: somebody else in that project, who is no administrator.
        server_id: a server that is active.
        root_id: its first volume.
        data_id: its second one.
        backup_service_stopped: stops cinder-backup as long as the block runs.
    """

    region: str
    credentials: Mapping[str, str]
    admin: User
    member: User
    server_id: str
    root_id: str
    data_id: str
    backup_service_stopped: Callable[[], AbstractContextManager[None]]

    @property
    def cinder(self) -> Adapter:
        """Cinder, as the administrator meets it."""
        return self.admin.cinder

    @property
    def nova(self) -> Adapter:
        """Nova, as the administrator meets it."""
        return self.admin.nova

    @property
    def neutron(self) -> Adapter:
        """Neutron, as the administrator meets it."""
        return self.admin.neutron

    @property
    def keystone(self) -> str:
        """The URL of Keystone's version 3."""
        return self.credentials["auth_url"]

    @property
    def project_id(self) -> str:
        """The project that has everything."""
        return str(self.admin.session.get_project_id())


def identity(credentials: Mapping[str, str]) -> dict[str, Any]:
    """Return who wants to sign in, as Keystone wants to be told."""
    user = {
        "name": credentials["username"],
        "password": credentials["password"],
        "domain": {"name": credentials["user_domain_name"]},
    }
    return {"methods": ["password"], "password": {"user": user}}


def content(response: Response) -> Any:
    """Return what an answer wraps, links left out."""
    assert response.ok, response.text
    (inner,) = (v for k, v in response.json().items() if not k.endswith("_links"))
    return inner


def assert_refused(response: Response, status: int, kind: str, words: str) -> None:
    """Check that a request was refused in the way of Nova and Cinder.

    ``words`` is a pattern of what a program or an operator knows the refusal by.
    """
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"].startswith("application/json")
    assert response.headers["x-openstack-request-id"].startswith("req-")
    ((found, inner),) = response.json().items()
    assert (found, inner["code"]) == (kind, status)
    assert re.search(words, inner["message"]), inner["message"]


def follow(service: Adapter, path: str, last: str) -> list[str]:
    """Look at something until its status is the ``last`` one; return all seen."""
    seen: list[str] = []

    def look() -> bool | None:
        answer = service.get(path)
        status = GONE if answer.status_code == 404 else content(answer)["status"]
        if status not in seen[-1:]:
            seen.append(status)
        return True if status in {last, "error", GONE} else None

    wait_until(
        look,
        what=f"{path} {last}",
        seconds_max=300.0,
        first_wait_seconds=0.02,
        wait_seconds_max=0.3,
    )
    return seen


def made(service: Adapter, noun: str, /, **asked: Any) -> str:
    """Create something, wait until it is available, and return its id."""
    answer = service.post(f"/{noun}s", json={noun: asked})
    assert answer.status_code == 202, answer.text
    path = f"/{noun}s/{content(answer)['id']}"
    assert follow(service, path, "available")[-1] == "available"
    return path.rpartition("/")[2]


def removed(service: Adapter, noun: str, thing_id: str) -> None:
    """Delete something, and wait until it is gone."""
    assert service.delete(f"/{noun}s/{thing_id}").status_code == 202
    follow(service, f"/{noun}s/{thing_id}", GONE)
