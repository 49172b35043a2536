"""Everything vnfdr raises on purpose, sorted by what the caller should do next.

* VnfdrError
  * InputError            correct what was asked for; nothing was touched
    * SeveralProblems     the same, of which there may be several
      x GroupError        the group is wrong in itself
      x GroupFileError    the group file is wrong; says where
      x PlanError         the plan is wrong, or is not a plan
      x Unprotectable     a server or volume cannot be protected as asked
      x MappingError      a mapping does not fit the point and the site, or is none
      x Unrecoverable     a point cannot be brought back as asked
      x Unprunable        points cannot be removed as asked
    x UnknownCloud        no such cloud in clouds.yaml, or no way in
    x UnknownServer       no server, or more than one, answers to that name
    x UnknownBackend      no quiesce backend of that name is installed
    x UnknownRun          the journal knows no such run
    x UnknownPlace        nothing installed knows such a place for manifests
    x UnknownPoint        no manifest, or more than one, answers to that name
    x NotProvisional      the run does not wait to be confirmed, or taken back
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
  x ProbeFailed           a recovered server did not answer as it should
  * ManifestError         the off-site record of recovery points
    x ManifestDamaged     it cannot be trusted, or is of a newer vnfdr
  * JournalError          the durable record
    x JournalUnwritable   give it a place that can be written; nothing was touched
    x JournalDamaged      it cannot be trusted; nothing was undone blindly
    x JournalBusy         another process is carrying this run out
  x GroupBusy             wait for the run that it names; or resume it, or confirm it
  x FailsafeFailed        mend what it says; without a failsafe nothing is frozen
  x FailsafeFired         find out why a process died, or hung; all was thawed
  x GateShut              a person said no, or nobody is there; the run was undone
  x ListenerFailed        a listener of the caller's own raised; the run was undone
  x RunFailed             a run did not commit; raised only when asked for

An error that is not in this tree is a bug in vnfdr.
"""

from vnfdr.errors.asking import (
    GroupError,
    GroupFileError,
    InputError,
    MappingError,
    NotProvisional,
    PlanError,
    SeveralProblems,
    UnknownBackend,
    UnknownCloud,
    UnknownPlace,
    UnknownPoint,
    UnknownRun,
    UnknownServer,
    Unprotectable,
    Unprunable,
    Unrecoverable,
)
from vnfdr.errors.cloud import (
    AnswerLost,
    CloudError,
    Conflict,
    Forbidden,
    Gone,
    QuotaExceeded,
    Retryable,
    Unsupported,
    WaitedTooLong,
)
from vnfdr.errors.guests import (
    AlreadyFrozen,
    FreezeFailed,
    FreezeUnclear,
    NotQuiescable,
    ProbeFailed,
    QuiesceError,
    ThawedItself,
    ThawFailed,
)
from vnfdr.errors.records import (
    JournalBusy,
    JournalDamaged,
    JournalError,
    JournalUnwritable,
    ManifestDamaged,
    ManifestError,
)
from vnfdr.errors.root import VnfdrError
from vnfdr.errors.runs import (
    FailsafeFailed,
    FailsafeFired,
    GateShut,
    GroupBusy,
    ListenerFailed,
    PreflightFailed,
    RunFailed,
)

__all__ = [
    "AlreadyFrozen",
    "AnswerLost",
    "CloudError",
    "Conflict",
    "FailsafeFailed",
    "FailsafeFired",
    "Forbidden",
    "FreezeFailed",
    "FreezeUnclear",
    "GateShut",
    "Gone",
    "GroupBusy",
    "GroupError",
    "GroupFileError",
    "InputError",
    "JournalBusy",
    "JournalDamaged",
    "JournalError",
    "JournalUnwritable",
    "ListenerFailed",
    "ManifestDamaged",
    "ManifestError",
    "MappingError",
    "NotProvisional",
    "NotQuiescable",
    "PlanError",
    "PreflightFailed",
    "ProbeFailed",
    "QuiesceError",
    "QuotaExceeded",
    "Retryable",
    "RunFailed",
    "SeveralProblems",
    "ThawFailed",
    "ThawedItself",
    "UnknownBackend",
    "UnknownCloud",
    "UnknownPlace",
    "UnknownPoint",
    "UnknownRun",
    "UnknownServer",
    "Unprotectable",
    "Unprunable",
    "Unrecoverable",
    "Unsupported",
    "VnfdrError",
    "WaitedTooLong",
]
