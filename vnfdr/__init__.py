"""One consistent recovery point of a whole group of OpenStack servers.

    import vnfdr

    site = vnfdr.connect("site-a")
    group = vnfdr.Group.of("ims-core", ["db-1", "app-1", "lb-1"])
    plan = vnfdr.protect(site, group)
    outcome = vnfdr.run(plan, site)
    print(outcome.recovery_point.certificate)

Errors are in `vnfdr.errors`; who writes steps, backends or sites of their own looks
at `vnfdr.plan`, `vnfdr.backends` and `vnfdr.cloud`, and tests them with
`vnfdr.testing`.
"""

from vnfdr.errors import InputError, VnfdrError
from vnfdr.journals import Journals, open_journals
from vnfdr.model import (
    BackupPolicy,
    Group,
    Keep,
    Level,
    Member,
    Policy,
    Retention,
    Strategy,
)
from vnfdr.plan import Outcome, Plan, Timings, Verdict, dump_plan, load_plan
from vnfdr.point import Certificate, RecoveryPoint
from vnfdr.recovery import Recovered, recover_runs, resume, thaw
from vnfdr.runs import connect, load_group, preflight, protect, retain, run, sweep
from vnfdr.signals import stop_on_signals
from vnfdr.sweeping import Sweep

__all__ = [
    "BackupPolicy",
    "Certificate",
    "Group",
    "InputError",
    "Journals",
    "Keep",
    "Level",
    "Member",
    "Outcome",
    "Plan",
    "Policy",
    "Recovered",
    "RecoveryPoint",
    "Retention",
    "Strategy",
    "Sweep",
    "Timings",
    "Verdict",
    "VnfdrError",
    "connect",
    "dump_plan",
    "load_group",
    "load_plan",
    "open_journals",
    "preflight",
    "protect",
    "recover_runs",
    "resume",
    "retain",
    "run",
    "stop_on_signals",
    "sweep",
    "thaw",
]
