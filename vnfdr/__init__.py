"""One consistent recovery point of a whole group of OpenStack servers.

    import vnfdr

    site = vnfdr.connect("site-a")
    group = vnfdr.Group.of("ims-core", ["db-1", "app-1", "lb-1"])
    plan = vnfdr.protect(site, group)
    outcome = vnfdr.run(plan, site)
    print(outcome.recovery_point.certificate)

Errors are in `vnfdr.errors`, what a mapping is made of in `vnfdr.mapping`, words of a
policy in `vnfdr.model`. Who writes steps, backends or sites of their own looks at
`vnfdr.plan`, `vnfdr.backends` and `vnfdr.cloud`, and tests them with `vnfdr.testing`.
"""

from vnfdr.comeback import clone, recover, rehearse
from vnfdr.errors import InputError, VnfdrError
from vnfdr.journals import open_journals
from vnfdr.manifest import Manifest
from vnfdr.mapping import SiteMapping
from vnfdr.mappings import (
    dump_mapping,
    load_mapping,
    suggest_mapping,
    validate_mapping,
)
from vnfdr.model import BackupPolicy, Group, Member, Retention
from vnfdr.plan import Outcome, Plan, Verdict, dump_plan, load_plan
from vnfdr.point import Certificate, RecoveryPoint
from vnfdr.points import load_point, points
from vnfdr.provisional import confirm, take_back
from vnfdr.recovery import recover_runs, resume, thaw
from vnfdr.report import Stopwatch, report_of
from vnfdr.runs import connect, load_group, preflight, protect, run
from vnfdr.signals import stop_on_signals
from vnfdr.tidying import retain, sweep

__all__ = [
    "BackupPolicy",
    "Certificate",
    "Group",
    "InputError",
    "Manifest",
    "Member",
    "Outcome",
    "Plan",
    "RecoveryPoint",
    "Retention",
    "SiteMapping",
    "Stopwatch",
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
