"""What was asked for is wrong; nothing was touched."""

from collections.abc import Sequence

from vnfdr.errors.root import VnfdrError


class InputError(VnfdrError):
    """What was asked for is wrong; nothing was touched."""


class SeveralProblems(InputError):
    """Several things are wrong; all of them are told at once.

    Attributes:
        subject: what is wrong, as a phrase.
        problems: one sentence for each thing to mend.
    """

    def __init__(self, subject: str, problems: Sequence[str]) -> None:
        self.subject = subject
        self.problems = tuple(problems)
        super().__init__(f"{subject}: {'; '.join(self.problems)}")


class GroupError(SeveralProblems):
    """A group that cannot be a group: empty, or with a server twice."""


class GroupFileError(SeveralProblems):
    """A group file with mistakes, each with its line."""


class PlanError(SeveralProblems):
    """A plan that cannot run, or a text that is not a plan."""


class UnknownCloud(InputError):
    """There is no such cloud in clouds.yaml, or its credentials open nothing."""


class UnknownServer(InputError):
    """A name fits no server of the project, or fits several.

    Attributes:
        name: the name as it was given.
        candidates: what it may have meant, each ``name (id)``.
    """

    def __init__(self, name: str, candidates: Sequence[str], *, several: bool) -> None:
        self.name = name
        self.candidates = tuple(candidates)
        listed = ", ".join(candidates) or "there are none"
        what = (
            f"{name!r} is the name of {len(self.candidates)} servers; give an id: "
            if several
            else f"no server has the name or id {name!r}; servers of this project: "
        )
        super().__init__(what + listed)


class UnknownBackend(InputError):
    """No quiesce backend of that name is installed."""

    def __init__(self, name: str, installed: Sequence[str]) -> None:
        self.name = name
        self.installed = tuple(installed)
        super().__init__(
            f"no quiesce backend is named {name!r}; installed: {', '.join(installed)}"
        )


class UnknownRun(InputError):
    """The journal knows no such run."""


class UnknownPlace(InputError):
    """No installed package knows places for manifests with such a URL."""


class UnknownPoint(InputError):
    """There is no manifest of that name, or there are several."""


class NotProvisional(InputError):
    """A run that does not wait to be confirmed, or taken back, any more or at all."""


class Unprotectable(SeveralProblems):
    """Servers or volumes that cannot be protected as asked."""


class MappingError(SeveralProblems):
    """A mapping that does not fit a point and a site, or a file that is none."""


class Unrecoverable(SeveralProblems):
    """A recovery point that cannot be brought back as asked."""


class Unprunable(SeveralProblems):
    """Recovery points that cannot be removed as asked."""
