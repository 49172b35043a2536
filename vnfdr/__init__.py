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

from vnfdr.comeback import clone, recover, rehearse
from vnfdr.errors import InputError, VnfdrError
from vnfdr.journals import Journals, open_journals
from vnfdr.manifest import Manifest
from vnfdr.mapping import (
    AgentProbe,
    BootTier,
    CallProbe,
    HttpProbe,
    Judgement,
    ServerMapping,
    SiteMapping,
    TcpProbe,
)
from vnfdr.mappings import (
    dump_mapping,
    load_mapping,
    suggest_mapping,
    validate_mapping,
)
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
from vnfdr.points import KeptPoint, load_point, points
from vnfdr.provisional import confirm, take_back
from vnfdr.recovery import Recovered, recover_runs, resume, thaw
from vnfdr.report import Report, Stopwatch, report_of
from vnfdr.runs import connect, load_group, preflight, protect, run
from vnfdr.signals import stop_on_signals
from vnfdr.sweeping import Sweep
from vnfdr.tidying import retain, sweep

__all__ = [
    "AgentProbe",
    "BackupPolicy",
    "BootTier",
    "CallProbe",
    "Certificate",
    "Group",
    "HttpProbe",
    "InputError",
    "Journals",
    "Judgement",
    "Keep",
    "KeptPoint",
    "Level",
    "Manifest",
    "Member",
    "Outcome",
    "Plan",
    "Policy",
    "Recovered",
    "RecoveryPoint",
    "Report",
    "Retention",
    "ServerMapping",
    "SiteMapping",
    "Stopwatch",
    "Strategy",
    "Sweep",
    "TcpProbe",
    "Timings",
    "Verdict",
    "VnfdrError",
    "clone",
    "confirm",
    "connect",
    "dump_mapping",
    "dump_plan",
    "load_group",
    "load_mapping",
    "load_plan",
    "load_point",
    "open_journals",
    "points",
    "preflight",
    "protect",
    "recover",
    "recover_runs",
    "rehearse",
    "report_of",
    "resume",
    "retain",
    "run",
    "stop_on_signals",
    "suggest_mapping",
    "sweep",
    "take_back",
    "thaw",
    "validate_mapping",
]
