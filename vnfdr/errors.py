"""Everything vnfdr raises on purpose, sorted by what the caller should do next.

* VnfdrError
  * InputError            correct what was asked for; nothing was touched
    * SeveralProblems     the same, of which there may be several
      x GroupError        the group is wrong in itself
      x GroupFileError    the group file is wrong; says where
      x PlanError         the plan is wrong, or is not a plan
      x Unprotectable     a server or volume cannot be protected as asked
    x UnknownCloud        no such cloud in clouds.yaml, or no way in
    x UnknownServer       no server, or more than one, answers to that name
    x UnknownBackend      no quiesce backend of that name is installed
    x UnknownRun          the journal knows no such run
  x PreflightFailed       mend what it lists and run again; nothing was touched
  * CloudError            OpenStack refused or failed
    x Retryable           try again later; nothing was done
    x Conflict            something is in a state that forbids this
    x QuotaExceeded       free something, or ask for more; waiting does not help
    x Forbidden           use credentials that may do this
    x Unsupported         this cloud does not offer that
    x Gone                it does not exist (any more)
    x AnswerLost          it may have been done: look before asking again
    x WaitedTooLong       it was accepted, and not finished in time
  * QuiesceError          a guest could not be held still
    x NotQuiescable       never like this: change the server or the policy
    x FreezeFailed        not frozen; look at the guest, then try again
    x FreezeUnclear       it may freeze yet: thaw it, and prove it
    x AlreadyFrozen       somebody else froze it: not ours to thaw
    x ThawFailed          it may still be frozen: thaw it, now
    x ThawedItself        not frozen; it let go too early: make the window shorter
  * JournalError          the durable record
    x JournalUnwritable   give it a place that can be written; nothing was touched
    x JournalDamaged      it cannot be trusted; nothing was undone blindly
    x JournalBusy         another process is carrying this run out
  x GroupBusy             wait for the run that it names, or resume that first
  x FailsafeFailed        mend what it says; without a failsafe nothing is frozen
  x FailsafeFired         find out why a process died, or hung; all was thawed
  x ListenerFailed        a listener of the caller's own raised; the run was undone
  x RunFailed             a run did not commit; raised only when asked for

An error that is not in this tree is a bug in vnfdr.
"""

from collections.abc import Sequence


class VnfdrError(Exception):
    """The root of every error that vnfdr raises on purpose."""


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


class Unprotectable(SeveralProblems):
    """Servers or volumes that cannot be protected as asked."""


class PreflightFailed(VnfdrError):
    """The plan would not work as things are now; nothing was touched.

    Attributes:
        problems: one sentence for each thing to mend.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"nothing was touched: {'; '.join(self.problems)}")


class CloudError(VnfdrError):
    """OpenStack refused, failed, or did not answer.

    Attributes:
        status: the HTTP status, 0 when there was no answer.
        request_id: what the operator of the cloud finds the request by, or "".
    """

    def __init__(self, message: str, *, status: int = 0, request_id: str = "") -> None:
        self.status = status
        self.request_id = request_id
        super().__init__(f"{message} [{request_id}]" if request_id else message)


class Retryable(CloudError):
    """The service is briefly unwell, and did nothing."""


class Conflict(CloudError):
    """Something is in a state that does not allow this."""


class QuotaExceeded(CloudError):
    """The project may not have more of this; waiting does not help."""


class Forbidden(CloudError):
    """These credentials may not do this."""


class Unsupported(CloudError):
    """This cloud does not offer that."""


class Gone(CloudError):
    """It does not exist, or does not exist any more."""


class AnswerLost(CloudError):
    """A request was sent and its answer never came: it may have been done."""


class WaitedTooLong(CloudError):
    """It was accepted, and was not finished in the time allowed."""


class QuiesceError(VnfdrError):
    """A guest could not be held still, or could not be let go."""


class NotQuiescable(QuiesceError):
    """This backend can never freeze this guest as things are set up."""


class FreezeFailed(QuiesceError):
    """The guest did not freeze."""


class FreezeUnclear(QuiesceError):
    """The guest may have frozen, or may do so yet."""


class AlreadyFrozen(QuiesceError):
    """Somebody else holds the guest frozen."""


class ThawFailed(QuiesceError):
    """The guest may still be frozen."""


class ThawedItself(QuiesceError):
    """The guest is thawed, and says that it could not hold until it was told to."""


class JournalError(VnfdrError):
    """The durable record of runs cannot be used."""


class JournalUnwritable(JournalError):
    """There is no writing there; nothing was touched."""


class JournalDamaged(JournalError):
    """The record of a run cannot be trusted; nothing was undone blindly."""


class JournalBusy(JournalError):
    """Another process is carrying this run out."""


class GroupBusy(VnfdrError):
    """Another run of the group, or of a server in it, is not over.

    Nothing was touched.

    Attributes:
        run: the name of that other run.
    """

    def __init__(self, message: str, *, run: str) -> None:
        self.run = run
        super().__init__(message)


class FailsafeFailed(VnfdrError):
    """Nobody would see to it that every guest is thawed."""


class FailsafeFired(VnfdrError):
    """The failsafe thawed the guests, in place of a process that died or hung."""


class ListenerFailed(VnfdrError):
    """A listener of the caller's own raised."""


class RunFailed(VnfdrError):
    """A run did not commit.

    Attributes:
        leftovers: what it left behind, each as a phrase.
    """

    def __init__(self, message: str, leftovers: Sequence[str] = ()) -> None:
        self.leftovers = tuple(leftovers)
        super().__init__(message)
