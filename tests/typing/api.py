"""What a type checker sees of the front door. Checked, never run."""

import vnfdr
from vnfdr.plan import Timings
from vnfdr.points import KeptPoint
from vnfdr.report import Report

site = vnfdr.connect("site-a")
group = vnfdr.Group.of("ims-core", ["db-1", ["app-1", vnfdr.Member("app-2")], "lb-1"])
plan: vnfdr.Plan = vnfdr.protect(site, group)
problems: tuple[str, ...] = vnfdr.preflight(plan, site)
seconds: float = plan.preview(Timings(freeze_seconds=0.3)).window_seconds
outcome: vnfdr.Outcome = vnfdr.run(plan, site, journal="/var/lib/vnfdr")
committed: bool = outcome.verdict is vnfdr.Verdict.COMMITTED
point: vnfdr.RecoveryPoint | None = outcome.recovery_point
same: vnfdr.Plan = vnfdr.load_plan(vnfdr.dump_plan(plan))
confirmed: vnfdr.Outcome = vnfdr.confirm(plan.id)
undone: vnfdr.Outcome = vnfdr.take_back(plan.id, site)
asked: vnfdr.Outcome = vnfdr.run(plan, site, gatekeeper=lambda question: True)
pruning: vnfdr.Plan = vnfdr.retain(site, group, policy=vnfdr.Retention(keep_last=7))
frozen: tuple[str, ...] = vnfdr.thaw(plan.id)
known: tuple[KeptPoint, ...] = vnfdr.points("/mnt/site-b", "ims-core")
manifest: vnfdr.Manifest = vnfdr.load_point("/mnt/site-b", "latest", "ims-core")
flaws: tuple[str, ...] = manifest.flaws
other = vnfdr.connect("site-b")
mapping: vnfdr.SiteMapping = vnfdr.load_mapping("site-b.yaml")
watch = vnfdr.Stopwatch()
rehearsal: vnfdr.Plan = vnfdr.rehearse(manifest, other, mapping)
tried: vnfdr.Outcome = vnfdr.run(rehearsal, other, listeners=(watch,))
report: Report = vnfdr.report_of(tried, rehearsal, watch)
rto: float | None = report.rto_seconds
recovery: vnfdr.Plan = vnfdr.recover(manifest, other, mapping, restores_at_once=8)
second: vnfdr.Plan = vnfdr.clone(manifest, site)
