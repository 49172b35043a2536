"""What must be true of a site before anything is touched."""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from attrs import frozen

from vnfdr.errors import CloudError
from vnfdr.plan import Call, Requirement
from vnfdr.world import World


@frozen
class Quota(Requirement[World]):
    """The quotas leave room for everything the plan makes.

    Args:
        point: the recovery point.
        needs: how much of what, by Cinder's quota names; a backup is charged with
            the whole size of its volume, an incremental one too.
    """

    kind: ClassVar[str] = "quota"

    point: str
    needs: Mapping[str, int]

    @property
    def key(self) -> str:
        return f"{self.point}:quota"

    @property
    def title(self) -> str:
        wanted = ", ".join(f"{n} {name}" for name, n in self.needs.items())
        return f"quotas leave room for {wanted}"

    @property
    def calls(self) -> tuple[Call, ...]:
        return (Call("GET /os-quota-sets", "what is left free"),)

    def check(self, world: World) -> Iterator[str]:
        free = world.site.headroom().by_name
        for name, needed in self.needs.items():
            left = free.get(name)
            if left is not None and needed > left:
                yield (
                    f"the quota for {name} leaves {left} free and the plan needs"
                    f" {needed}; delete some, or have the quota raised"
                )


@frozen
class BackupService(Requirement[World]):
    """A cinder-backup is up.

    Cinder accepts backups without one, and then leaves the snapshots stuck.
    """

    kind: ClassVar[str] = "backup service"

    point: str

    @property
    def key(self) -> str:
        return f"{self.point}:backup-service"

    @property
    def title(self) -> str:
        return "a cinder-backup service is up"

    @property
    def calls(self) -> tuple[Call, ...]:
        return (Call("GET /os-services", "cinder-backup"),)

    def check(self, world: World) -> Iterator[str]:
        if world.site.backup_service_up() is False:
            yield ("no cinder-backup service is up: nothing is backed up, or restored")


@frozen
class TokenLife(Requirement[World]):
    """The token is of the servers' project, and lives long enough.

    Args:
        point: the recovery point.
        project_id: the project that the group's servers and volumes are in.
        seconds: how long the token must live, if it cannot be renewed.
    """

    kind: ClassVar[str] = "token"

    point: str
    project_id: str
    seconds: float

    @property
    def key(self) -> str:
        return f"{self.point}:token"

    @property
    def title(self) -> str:
        return f"the token is of project {self.project_id} and lives long enough"

    @property
    def calls(self) -> tuple[Call, ...]:
        return (Call("GET /auth/tokens", "project and remaining life"),)

    def check(self, world: World) -> Iterator[str]:
        try:
            token = world.site.token()
        except CloudError as error:
            yield f"the credentials are not accepted: {error}"
            return
        if token.project_id != self.project_id:
            yield (
                f"the credentials are of project {token.project_id}; the plan was made"
                f" for project {self.project_id}"
            )
        if not token.renewable and token.seconds_left < self.seconds:
            yield (
                f"the token lives for {token.seconds_left:.0f} s more and cannot be"
                f" renewed; the run may need {self.seconds:.0f} s"
            )
